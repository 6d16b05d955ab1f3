/** What the clocks of a sender tell where one of their numbers is 0 or wraps, and where they began later: `clocks.ts`. */
import { describe, expect, it } from 'vitest';
import { ACK } from '../../src/model/flags.ts';
import type { SegmentView } from '../../src/model/segment.ts';
import {
  echoAge,
  SenderClocks,
  senderSilence,
  sentBefore,
  sentEarlier,
  stampedSilence,
} from '../../src/verdict/clocks.ts';
import { stamped, view } from '../support/segments.ts';

const MS = 1e6;
const clocksAfter = (...segments: SegmentView[]) => {
  const clocks = new SenderClocks();
  for (const segment of segments) clocks.note(segment);
  return clocks;
};
const packet = (ipId: number, fields: Partial<SegmentView> = {}) => view({ ipVersion: 4, flags: ACK, ipId, ...fields });
const both = (tsVal: number, ipId: number, time = 0) => stamped(tsVal, { ipVersion: 4, flags: ACK, ipId, time });

describe('the timestamps of a sender', () => {
  it('begin with the first, 0 or any, and rise by one at the least', () => {
    expect(clocksAfter(stamped(0, { time: 5 }), stamped(7, { time: 9 }))).toMatchObject({
      ...{ firstTsVal: 0, firstTsTime: 5, maxTsVal: 7 },
    });
    expect([clocksAfter(stamped(6), stamped(7)).maxTsVal, clocksAfter(stamped(0), stamped(1)).maxTsVal]).toEqual([
      7, 1,
    ]);
    expect(clocksAfter(stamped(0), stamped(0xffffffff)).maxTsVal).toBe(0);
    expect(clocksAfter(stamped(5), view({ tsVal: 9 })).maxTsVal).toBe(5);
    expect(clocksAfter(view({ tsVal: 9 })).maxTsVal).toBe(-1);
  });

  it('show which IP IDs are out of their order: those tell nothing', () => {
    const idAfter = (first: number, second: number) => clocksAfter(both(first, 10), both(second, 5000)).maxIpId;
    expect([idAfter(100, 99), idAfter(100, 100), idAfter(100, 101)]).toEqual([10, 5000, 5000]);
    expect([idAfter(0, 0xffffffff), idAfter(0, 1)]).toEqual([10, 5000]);
    expect(clocksAfter(both(100, 10), packet(5000)).maxIpId).toBe(5000);
  });
});

describe('IP IDs', () => {
  it('may begin with 0', () => {
    expect(clocksAfter(packet(0), packet(5))).toMatchObject({ maxIpId: 5, idRises: 1, idBreaks: 0 });
  });

  it('order two packets, one apart or more, where both have one', () => {
    const clocks = clocksAfter(...[10, 11, 12, 13].map((id) => packet(id)));
    const order = (ipId: number, other: number, fields: Partial<SegmentView> = {}) =>
      sentEarlier(packet(ipId, fields), { tsVal: -1, ipId: other }, clocks);
    expect([order(4, 5), order(6, 5), order(5, 5)]).toEqual([1, -1, 0]);
    expect([order(1, 0), order(65535, 0), order(0, 65535)]).toEqual([-1, 1, -1]);
    expect(order(4, -1)).toBe(0);
    expect(order(4, 5, { ipVersion: 6 })).toBe(0);
  });

  it('order nothing where they have not risen three times, unless they lie close', () => {
    const order = (ipId: number, ...ids: number[]) =>
      sentEarlier(packet(ipId), { tsVal: -1, ipId: 205 }, clocksAfter(...ids.map((id) => packet(id))));
    expect([order(4, 1, 2, 3), order(4, 1, 2, 3, 4)]).toEqual([0, 1]);
    expect([order(204, 1), order(204, 1, 2), order(206, 1, 2)]).toEqual([0, 1, 0]);
  });
});

describe('what fills a hole', () => {
  it('is late when it is two ticks older than a clock that stands at 0', () => {
    const clocks = clocksAfter(stamped(0));
    const order = (tsVal: number) => sentBefore(stamped(tsVal), { tsVal, ipId: -1 }, clocks);
    expect([order(0xfffffffe), order(0xffffffff), order(0)]).toEqual([1, 0, 0]);
    expect(sentBefore(stamped(5), { tsVal: -1, ipId: -1 }, new SenderClocks())).toBe(0);
  });
});

describe('a silence', () => {
  const times = (lastSentTime: number, ...segments: SegmentView[]) => ({
    ...{ clocks: clocksAfter(...segments), lastSentTime, lastDataTime: lastSentTime },
  });

  it('lasts from the latest data on', () => {
    const since = times(30 * MS, stamped(0, { time: 30 * MS }));
    expect(senderSilence(view({ time: 50 * MS }), since)).toBe(20 * MS);
    expect([15, 20, 25].map((tsVal) => senderSilence(stamped(tsVal, { time: 50 * MS }), since) / MS)).toEqual([
      15, 20, 20,
    ]);
    expect(senderSilence(view({ time: 50 * MS }), times(0))).toBe(50 * MS);
    expect(senderSilence(stamped(1, { time: 50 * MS }), times(30 * MS))).toBe(20 * MS);
  });

  it('by the clock of the sender counts from when that was seen first', () => {
    const silence = (ticked: number, seen: number) =>
      stampedSilence(
        stamped(ticked + 10, { time: (100 + seen) * MS }),
        times((100 + seen) * MS, stamped(0, { time: 100 * MS }), stamped(ticked, { time: (100 + seen) * MS })),
      );
    // Two ticks a millisecond, and one more.
    expect([silence(60, 30), silence(61, 30)]).toEqual([10 * MS, -1]);
    expect([silence(30, 30), silence(1, 30)]).toEqual([10 * MS, 10 * MS]);
    expect(stampedSilence(stamped(5), times(0))).toBe(-1);
    // In so short a time it may count microseconds, unless two for each of them have passed.
    const soon = (tsVal: number) => stampedSilence(stamped(tsVal, { time: MS }), times(0, stamped(0)));
    expect([soon(1999), soon(2000)]).toEqual([-1, 2000 * MS]);
    expect(stampedSilence(view({ time: MS, tsVal: 5 }), times(0, stamped(0)))).toBe(-1);
  });
});

describe('the age of what is echoed', () => {
  /** The clock of the sender ticked so often from 100 ms on; then, 5 ms after its latest segment, that tick is echoed. */
  const age = (ticked: number, seen: number, echoed: number, options?: number) => {
    const lastSentTime = (100 + seen) * MS;
    const clocks = clocksAfter(stamped(0, { time: 100 * MS }), stamped(ticked, { time: lastSentTime }));
    const fields = { tsEcr: echoed, time: lastSentTime + 5 * MS };
    const segment = options === undefined ? stamped(0, fields) : view({ options, ...fields });
    const result = echoAge(segment, { clocks, lastSentTime, lastDataTime: lastSentTime });
    return result < 0 ? null : result / MS;
  };

  it('is by the rate of that clock', () => {
    expect([age(40, 40, 40), age(40, 40, 30), age(80, 40, 60), age(10, 40, 9)]).toEqual([5, 15, 15, 9]);
  });

  it('is unknown before the clock was seen for more than 20 ms, and for eight ticks', () => {
    expect([age(40, 20, 40), age(40, 20.001, 40)]).toEqual([null, 5]);
    expect([age(7, 40, 7), age(8, 40, 8), age(9, 40, 9)]).toEqual([null, 5, 5]);
  });

  it('is unknown of what was not sent yet, and without timestamps', () => {
    expect([age(40, 40, 41), age(40, 40, 39), age(40, 40, 40, 0)]).toEqual([null, 6, null]);
    expect(
      echoAge(stamped(0, { tsEcr: 1 }), { clocks: new SenderClocks(), lastSentTime: 900 * MS, lastDataTime: 0 }),
    ).toBe(-1);
  });
});
