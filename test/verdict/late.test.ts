/** Signs that a segment is late: each condition of `late.ts` with an example on either side. */
import { describe, expect, it } from 'vitest';
import { Option, type SegmentView } from '../../src/model/segment.ts';
import { CAUSE_NAMES, Excuse } from '../../src/model/verdict.ts';
import { answersReport, isStampedEarlier, wasEchoed } from '../../src/verdict/late.ts';
import { Outbound } from '../../src/verdict/outbound.ts';
import { TransmissionPool } from '../../src/verdict/transmission.ts';
import { analyseScenario } from '../support/analyze.ts';
import { view } from '../support/segments.ts';

const outbound = () => new Outbound(new TransmissionPool());
const bare = (tsVal: number): SegmentView => Object.assign(view({}), { tsVal, options: 0 });
const withStamp = (tsVal: number, tsEcr = 0): SegmentView =>
  Object.assign(view({}), { tsVal, tsEcr, options: Option.TIMESTAMPS });

it('sends data again that came with a SYN and was not taken, as the SYN,ACK shows', () => {
  const { rows } = analyseScenario(`
    0.000 > S  0:100(100) win 65535 <mss 1460,nop,nop,TS val 10 ecr 0>
    0.020 < S. seq 0 ack 1 win 65535 <mss 1460,nop,nop,TS val 70 ecr 10>
    0.021 > .  1:101(100) ack 1 <nop,nop,TS val 31 ecr 70>
    0.041 < .  ack 101 <nop,nop,TS val 91 ecr 31>`);
  const { cause, confidence, excuse, evidence, spurious } = rows[2].verdict!;
  expect([CAUSE_NAMES[cause], confidence, excuse, evidence, spurious]).toEqual([
    ...['fast', 0.95, Excuse.SYN_DATA_REFUSED, [2], false],
  ]);
});

describe('a segment whose timestamp the other end has echoed', () => {
  const echoed = (lastEcho: number, segment: SegmentView) => {
    const sender = outbound();
    sender.feedback.lastEcho = lastEcho;
    return wasEchoed(segment, sender);
  };

  it('was heard where the echo is its own, or of a later one', () => {
    expect([99, 100, 101].map((echo) => echoed(echo, withStamp(100)))).toEqual([false, true, true]);
    expect([echoed(5, withStamp(0xffffffff)), echoed(-1, withStamp(0xffffffff))]).toEqual([true, false]);
  });

  it('was not where nothing but 0 was echoed, or it has no timestamp', () => {
    expect([0, 1].map((echo) => echoed(echo, withStamp(0)))).toEqual([false, true]);
    expect(echoed(100, bare(99))).toBe(false);
  });
});

describe('a segment with an older timestamp than its sender has sent since', () => {
  const earlier = (maxTsVal: number, segment: SegmentView) => {
    const sender = outbound();
    sender.clocks.maxTsVal = maxTsVal;
    return isStampedEarlier(segment, sender);
  };

  it('is one by a tick, also across 2^32', () => {
    expect([100, 101].map((most) => earlier(most, withStamp(100)))).toEqual([false, true]);
    expect(earlier(0, withStamp(0xffffffff))).toBe(true);
  });

  it('is none without timestamps of both', () => {
    expect([earlier(-1, withStamp(0xfffffff0)), earlier(100, bare(99))]).toEqual([false, false]);
  });
});

it('answers a report that bears the timestamp 0, and none that bears no timestamp', () => {
  const answers = (toldTsVal: number, segment: SegmentView) => {
    const sender = outbound();
    Object.assign(sender.feedback, { toldTsVal, toldFrom: 1, toldTo: 101 });
    return answersReport({ seq: 1, end: 101 } as Parameters<typeof answersReport>[0], segment, sender);
  };
  expect([0, -1].map((told) => answers(told, withStamp(9, 0)))).toEqual([true, false]);
  expect(answers(0, bare(9))).toBe(false);
});
