/** What a sender had been told when it sent something again, one unit on either side: `told.ts`. */

import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../src/model/endpoint.ts';
import { NEVER } from '../../src/model/packed.ts';
import { Option } from '../../src/model/segment.ts';
import type { TrackedSegment } from '../../src/model/tracked.ts';
import type { Outbound } from '../../src/verdict/outbound.ts';
import { couldHaveHeard, mayHaveBeenTold, wasTold } from '../../src/verdict/told.ts';
import { view } from '../support/segments.ts';

interface Sending {
  time: number;
  frame: number;
}

/** What the rules ask of a sender. Nothing was told where nothing is given; offset 1000 was sent once, in frame 7 at 100 ns. */
interface Given {
  sent?: (Sending & { copies?: Sending[] }) | null;
  highSacked?: number;
  latestArrived?: number;
  soundFrom?: number;
  feedback?: Partial<
    Record<'dupAcks' | 'duplicateUna' | 'duplicatesThere' | 'lastHeard' | 'reportTsVal' | 'beforeReport', number>
  >;
  firstTsVal?: number;
}

/** What comes after it in the stream, and left at another time. */
const NEXT: Sending = { time: 1e9, frame: 0 };

/** The byte at 1000, where that was sent, or the byte after it. */
function firstIn(sent: Sending | null, start: number, end: number): Sending | null {
  const covers = (offset: number) => start <= offset && offset < end;
  if (sent !== null && covers(1000)) return sent;
  return covers(1001) ? NEXT : null;
}

function senderWith({ sent = { time: 100, frame: 7 }, ...given }: Given): Outbound {
  const feedback = {
    ...{ dupAcks: 0, duplicateUna: -1, duplicatesThere: 0, lastHeard: NEVER, reportTsVal: -1, beforeReport: -1 },
    ...given.feedback,
  };
  return {
    scoreboard: {
      highSacked: given.highSacked ?? -1,
      firstIn: (start: number, end: number) => firstIn(sent, start, end),
    },
    latestArrived: given.latestArrived ?? 0,
    rtt: { soundFrom: given.soundFrom ?? 0 },
    feedback,
  } as unknown as Outbound;
}

const AT_1000 = { seq: 1000 } as TrackedSegment;
const echo = (tsEcr: number, options: number = Option.TIMESTAMPS) => view({ options, tsEcr });

describe('a sender was told of a loss', () => {
  const told = (given: Given, segment = view({})) => {
    const sender = { peer: { outbound: { clocks: { firstTsVal: given.firstTsVal ?? -1 } } } } as unknown as Endpoint;
    return wasTold(senderWith(given), sender, AT_1000, segment);
  };

  it('by SACK of anything above, by one duplicate ACK, or by two at the same edge before', () => {
    expect(told({})).toBe(false);
    expect([told({ highSacked: 1000 }), told({ highSacked: 1001 })]).toEqual([false, true]);
    expect(told({ feedback: { dupAcks: 1 } })).toBe(true);
    const there = (duplicateUna: number, duplicatesThere: number) =>
      told({ feedback: { duplicateUna, duplicatesThere } });
    expect([there(1000, 1), there(1000, 2), there(999, 2), there(1001, 2)]).toEqual([false, true, false, false]);
  });

  it('by the arrival of what left later than its latest copy (RFC 8985 section 6.2)', () => {
    expect([7, 8].map((latestArrived) => told({ latestArrived }))).toEqual([false, true]);
    const sent = { time: 100, frame: 7, copies: [{ time: 200, frame: 9 }] };
    expect([8, 9, 10].map((latestArrived) => told({ latestArrived, sent }))).toEqual([false, false, true]);
    expect(told({ latestArrived: 8, sent: null })).toBe(false);
    // 0: nothing has arrived yet, whatever the frame.
    expect(told({ latestArrived: 0, sent: { time: 0, frame: -1 } })).toBe(false);
    expect(told({ latestArrived: 1, sent: { time: 0, frame: 0 } })).toBe(true);
  });

  it('when it echoes the report or something later, not one tick less', () => {
    const feedback = { dupAcks: 1, reportTsVal: 50 };
    expect([49, 50, 51].map((tsEcr) => told({ feedback }, echo(tsEcr)))).toEqual([false, true, true]);
    // A clock that wrapped, and one that stood at 0.
    expect(told({ feedback: { dupAcks: 1, reportTsVal: 0xffffffff } }, echo(0))).toBe(true);
    expect([0xffffffff, 0].map((tsEcr) => told({ feedback: { dupAcks: 1, reportTsVal: 0 } }, echo(tsEcr)))).toEqual([
      false,
      true,
    ]);
  });

  it('by an ACK that the capture lacks: later than the last before the report', () => {
    const heard = (beforeReport: number, tsEcr: number) =>
      told({ feedback: { dupAcks: 1, reportTsVal: 50, beforeReport } }, echo(tsEcr));
    expect([heard(40, 40), heard(40, 41), heard(-1, 41)]).toEqual([false, true, false]);
    // The ACK before the report may carry 0.
    expect([heard(0, 0), heard(0, 1)]).toEqual([false, true]);
  });

  it('by an ACK of before the beginning of the capture, unless its clock was set back', () => {
    const feedback = { dupAcks: 1, reportTsVal: 50 };
    const heard = (firstTsVal: number, tsEcr: number, soundFrom = 0) =>
      told({ feedback, firstTsVal, soundFrom }, echo(tsEcr));
    expect([heard(30, 29), heard(30, 30), heard(-1, 29)]).toEqual([true, false, false]);
    expect([heard(0, 0xffffffff), heard(0, 0)]).toEqual([true, false]);
    expect(heard(30, 29, 1)).toBe(false);
  });
});

describe('a sender could have heard the report', () => {
  it('where nothing shows that it had not: no timestamps, or bytes that it misses itself', () => {
    const sender = senderWith({ feedback: { reportTsVal: 50 } });
    expect(couldHaveHeard(sender, echo(49))).toBe(false);
    expect(couldHaveHeard(sender, echo(49, 0))).toBe(true);
    expect(couldHaveHeard(sender, echo(49, Option.TIMESTAMPS | Option.SACK))).toBe(true);
    expect(couldHaveHeard(senderWith({}), echo(49))).toBe(true);
  });
});

describe('a sender may have been told', () => {
  const may = (lastHeard: number, since: number, sent?: Given['sent']) =>
    mayHaveBeenTold(
      senderWith(sent === undefined ? { feedback: { lastHeard } } : { sent, feedback: { lastHeard } }),
      AT_1000,
      since,
    );

  it('by an ACK that came at the time asked for or later', () => {
    expect([may(299, 300), may(300, 300)]).toEqual([false, true]);
  });

  it('and after the latest copy left, not at the same time', () => {
    expect([may(100, 0), may(101, 0)]).toEqual([false, true]);
    const copied = { time: 100, frame: 7, copies: [{ time: 200, frame: 9 }] };
    expect([may(199, 0, copied), may(200, 0, copied), may(201, 0, copied)]).toEqual([false, false, true]);
    expect(may(50, 0, null)).toBe(true);
  });
});
