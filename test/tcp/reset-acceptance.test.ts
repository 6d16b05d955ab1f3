/** Bounds of `reset-acceptance.ts` that whole connections hardly meet. What overtakes a reset: `detect/bounds-of-claims.test.ts`. */
import { expect, it } from 'vitest';
import { ACK, RST } from '../../src/model/flags.ts';
import type { SegmentView } from '../../src/model/segment.ts';
import { State } from '../../src/model/state.ts';
import type { TrackedSegment } from '../../src/model/tracked.ts';
import { Reset } from '../../src/model/transition.ts';
import { judgeReset, wasOvertaken } from '../../src/tcp/reset-acceptance.ts';

const view = (flags: number) => ({ flags }) as SegmentView;

it('any number resets an end that has acknowledged nothing; one that acknowledged the number before the SYN has said what it expects', () => {
  const judged = (lastAck: number) => {
    const receiver = { state: State.ESTABLISHED, lastAck, windowEdge: 1000 };
    const sender = { sndNxt: 5 };
    return judgeReset({ sender, receiver, seq: 77, ack: -1 } as unknown as TrackedSegment, view(RST));
  };
  expect([judged(-1), judged(0)]).toEqual([Reset.ACCEPTED, Reset.CHALLENGED]);
});

it('an ACK in SYN-SENT is of the SYN, and of no more than was sent (RFC 9293 section 3.10.7.3)', () => {
  const judged = (ack: number) => {
    const receiver = { state: State.SYN_SENT, lastAck: -1, sndNxt: 4 };
    const sender = { sndNxt: 0, hasIss: false };
    return judgeReset({ sender, receiver, seq: 0, ack } as unknown as TrackedSegment, view(RST | ACK));
  };
  expect([0, 1, 4, 5].map(judged)).toEqual([Reset.OUT_OF_WINDOW, Reset.ACCEPTED, Reset.ACCEPTED, Reset.OUT_OF_WINDOW]);
});

it('nothing was overtaken by a reset of an end of which nothing is known', () => {
  expect(wasOvertaken({ time: 5 } as SegmentView, { outbound: null, rstTime: 5 } as never)).toBe(false);
});
