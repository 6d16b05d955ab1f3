/** What the clocks of a sender tell, also where one of their numbers is 0 or wraps, and where they began later: `clocks.ts`. */

import { describe, expect, it } from 'vitest';
import { ACK, SYN } from '../../src/model/flags.ts';
import { NEVER } from '../../src/model/packed.ts';
import { Option, type SegmentView } from '../../src/model/segment.ts';
import { sentEarlier } from '../../src/model/sending-order.ts';
import {
  echoAge,
  elapsed,
  namesPacket,
  SenderClocks,
  senderSilence,
  sentBefore,
  stampedSilence,
  wentBack,
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

describe("the sender's clocks", () => {
  const ids = (...of: number[]) => {
    const clocks = new SenderClocks();
    for (const ipId of of) clocks.note(view({ ipVersion: 4, ipId }));
    return clocks;
  };
  const packet = (ipId: number) => view({ ipVersion: 4, ipId });

  it('an IP ID that rises by 128 at the most is a counter', () => {
    expect(ids(10, 138)).toMatchObject({ idRises: 1, idBreaks: 0 });
    expect(ids(10, 139)).toMatchObject({ idRises: 0, idBreaks: 1, maxIpId: 139 });
    expect(ids(200, 72)).toMatchObject({ idRises: 0, idBreaks: 0, maxIpId: 200 });
    expect(ids(200, 71)).toMatchObject({ idRises: 0, idBreaks: 1, maxIpId: 71 });
    expect(ids(7, 7)).toMatchObject({ idRises: 0, idBreaks: 1, idRepeats: 1 });
    expect(ids(65535, 0)).toMatchObject({ idRises: 1, idBreaks: 0, maxIpId: 0 });
  });

  it('those of SYNs and of IPv6 count for nothing: many hosts send a SYN with 0', () => {
    const clocks = new SenderClocks();
    clocks.note(view({ ipVersion: 4, ipId: 5, flags: SYN }));
    clocks.note(view({ ipVersion: 6, ipId: 5, flags: ACK }));
    expect(clocks.maxIpId).toBe(-1);
  });

  it('IP IDs order packets from the third rise on', () => {
    expect(sentEarlier(packet(812), null, ids(1010, 1011, 1012))).toBe(-1);
    expect(sentEarlier(packet(812), null, ids(1010, 1011, 1012, 1013))).toBe(1);
    expect(sentEarlier(packet(1014), null, ids(1010, 1011, 1012, 1013))).toBe(-1);
  });

  it('an IP ID at most 128 below another was given before it, from the first rise on', () => {
    expect(sentEarlier(packet(1011 - 128), null, ids(1010, 1011))).toBe(1);
    expect(sentEarlier(packet(1011 - 129), null, ids(1010, 1011))).toBe(-1);
    expect(sentEarlier(packet(1009), null, ids(1010))).toBe(-1);
    expect(sentEarlier(packet(1009), null, ids(1010, 1010, 1011))).toBe(-1);
  });

  it('IP IDs order nothing where one in eight is no rise, nor over 4096', () => {
    const rising = Array.from({ length: 10 }, (_, i) => 1000 + i);
    expect(sentEarlier(packet(1), null, ids(1000 - 500, ...rising))).toBe(1);
    expect(sentEarlier(packet(1), null, ids(1000 - 500, ...rising.slice(1)))).toBe(-1);
    const clocks = ids(5000, 5001, 5002, 5003);
    expect(sentEarlier(packet(5003 - 4095), null, clocks)).toBe(1);
    expect(sentEarlier(packet(5003 - 4096), null, clocks)).toBe(-1);
  });

  it('timestamps order packets, around 2^32 too; equal ones do not (RFC 7323 section 5.2)', () => {
    const clocks = new SenderClocks();
    clocks.note(stamped(0xffffffff));
    clocks.note(stamped(1));
    expect(clocks.maxTsVal).toBe(1);
    clocks.note(stamped(0));
    expect(clocks.maxTsVal).toBe(1);
    const of = (tsVal: number, other: number) => sentEarlier(stamped(tsVal), { tsVal: other, ipId: -1 }, clocks);
    expect([of(5, 6), of(6, 5), of(5, 5), of(0xffffffff, 0)]).toEqual([1, -1, 0, 1]);
    expect(sentEarlier(view({}), { tsVal: 5, ipId: -1 }, clocks)).toBe(0);
    expect(sentEarlier(view({}), null, clocks)).toBe(-1);
  });

  it('what fills a hole with the stamp of its edge is late when it is two ticks older than the latest', () => {
    const clocks = new SenderClocks();
    clocks.note(stamped(100));
    const of = (tsVal: number) => sentBefore(stamped(tsVal), { tsVal, ipId: -1 }, clocks);
    expect([of(98), of(99), of(100)]).toEqual([1, 0, 0]);
    expect(sentBefore(view({}), { tsVal: -1, ipId: -1 }, clocks)).toBe(0);
  });

  it('IDs name a packet where fewer than a quarter repeat the one before, and not 0', () => {
    const clocks = ids(7, 7);
    expect([namesPacket(packet(7), clocks, 5), namesPacket(packet(7), clocks, 4)]).toEqual([true, false]);
    expect([namesPacket(packet(0), clocks, 5), namesPacket(view({ ipVersion: 6, ipId: 7 }), clocks, 5)]).toEqual([
      false,
      false,
    ]);
  });

  it('ticks are milliseconds: a delay on the way is no silence', () => {
    const clocks = new SenderClocks();
    clocks.note(stamped(100));
    const silence = (tsVal: number, lastDataTime = 0) =>
      senderSilence(stamped(tsVal, { time: 50 * MS }), { clocks, lastDataTime, lastSentTime: 0 });
    expect([silence(120), silence(150), silence(151)]).toEqual([20 * MS, 50 * MS, 50 * MS]);
    expect([silence(120, NEVER), silence(120, -1)]).toEqual([0, 20 * MS]);
    expect(senderSilence(view({ time: 50 * MS }), { clocks, lastDataTime: 0, lastSentTime: 0 })).toBe(50 * MS);
  });

  it('a clock that ticked twice as fast as milliseconds over 20 ms counts something else', () => {
    const of = (firstTicks: number, seen: number, ticks: number) => {
      const clocks = new SenderClocks();
      clocks.note(stamped(1000));
      clocks.note(stamped(1000 + firstTicks, { time: seen }));
      const times = { clocks, lastDataTime: seen, lastSentTime: seen };
      return stampedSilence(stamped(1000 + firstTicks + ticks, { time: seen + MS }), times);
    };
    expect(of(60, 30 * MS, 10)).toBe(10 * MS);
    expect(of(61, 30 * MS, 10)).toBe(-1);
    // In 20 ms the rate cannot be told: a millisecond of 2000 ticks or more would be one of microseconds at the least.
    expect(of(61, 20 * MS, 2000)).toBe(2000 * MS);
    expect(of(61, 20 * MS, 1999)).toBe(-1);
    expect(stampedSilence(view({}), { clocks: new SenderClocks(), lastDataTime: 0, lastSentTime: 0 })).toBe(-1);
  });
});

describe('a timestamp of 0', () => {
  const begun = () => {
    const clocks = new SenderClocks();
    clocks.note(stamped(0, { time: 7 }));
    return clocks;
  };

  it('is the first of its sender', () => {
    const clocks = begun();
    clocks.note(stamped(5, { time: 9 }));
    expect(clocks).toMatchObject({ firstTsVal: 0, firstTsTime: 7, maxTsVal: 5 });
  });

  it('orders packets', () => {
    expect([sentEarlier(stamped(0xffffffff), null, begun()), sentEarlier(stamped(1), null, begun())]).toEqual([1, -1]);
    expect(sentEarlier(stamped(1), { tsVal: 0, ipId: -1 }, begun())).toBe(-1);
    expect(sentBefore(stamped(0xfffffffe), { tsVal: 0xfffffffe, ipId: -1 }, begun())).toBe(1);
  });

  it('measures silences', () => {
    const times = { clocks: begun(), lastDataTime: 0, lastSentTime: 0 };
    expect(senderSilence(stamped(20, { time: 50 * MS }), times)).toBe(20 * MS);
    const { clocks } = times;
    clocks.note(stamped(30, { time: 30 * MS }));
    const later = { clocks, lastDataTime: 30 * MS, lastSentTime: 30 * MS };
    expect(stampedSilence(stamped(50, { time: 80 * MS }), later)).toBe(20 * MS);
  });

  it('takes an IP ID with it, unless the segment is late', () => {
    const ids = (tsVal: number) => {
      const clocks = begun();
      clocks.note(stamped(0, { ipVersion: 4, ipId: 5 }));
      clocks.note(stamped(tsVal, { ipVersion: 4, ipId: 6 }));
      return clocks.maxIpId;
    };
    expect([ids(0), ids(1), ids(0xffffffff)]).toEqual([6, 6, 5]);
  });
});

describe('an IP ID of 0', () => {
  it('is counted from', () => {
    const clocks = new SenderClocks();
    for (const ipId of [0, 1, 2, 3]) clocks.note(view({ ipVersion: 4, ipId }));
    expect(clocks).toMatchObject({ idRises: 3, idBreaks: 0, maxIpId: 3 });
    expect(sentEarlier(view({ ipVersion: 4, ipId: 0 }), null, clocks)).toBe(1);
    expect(sentEarlier(view({ ipVersion: 4, ipId: 1 }), { tsVal: -1, ipId: 0 }, clocks)).toBe(-1);
    expect(sentEarlier(view({ ipVersion: 6, ipId: 0 }), null, clocks)).toBe(-1);
  });
});

describe('the age of what is echoed (RFC 7323)', () => {
  const age = (ticks: number, seen: number, ecr: number, first = 0) => {
    const clocks = new SenderClocks();
    clocks.note(stamped(first, { time: 0 }));
    clocks.note(stamped(first + ticks, { time: seen }));
    const echo = view({ options: Option.TIMESTAMPS, tsEcr: ecr >>> 0, time: seen + 3 * MS });
    return echoAge(echo, { clocks, lastSentTime: seen, lastDataTime: seen });
  };

  it('is the time since that was sent, by the clock of its sender', () => {
    // A tick each 5 ms.
    expect([age(8, 40 * MS, 8), age(8, 40 * MS, 6), age(8, 40 * MS, 6 + 100, 100)]).toEqual([3 * MS, 13 * MS, 13 * MS]);
  });

  it('is not known by fewer than eight ticks, in 20 ms, of the future, or without a clock', () => {
    expect([age(7, 40 * MS, 6), age(8, 20 * MS, 6), age(8, 40 * MS, 9)]).toEqual([-1, -1, -1]);
    expect(age(8, 20 * MS + 1, 8)).toBe(3 * MS);
    const nothing = { clocks: new SenderClocks(), lastSentTime: 0, lastDataTime: 0 };
    expect(echoAge(stamped(1), nothing)).toBe(-1);
    expect(echoAge(view({}), nothing)).toBe(-1);
  });
});

describe('a clock of the capture that was set', () => {
  /** The sender's ticks are milliseconds; its latest segment passed at `sent` (ms), with timestamp 1000. */
  const since = (from: number, now: number, tsVal: number, { sent = 1000, first = 0 } = {}) => {
    const clocks = new SenderClocks();
    clocks.note(stamped(first, { time: first * MS }));
    clocks.note(stamped(1000, { time: sent * MS }));
    const times = { clocks, lastDataTime: sent * MS, lastSentTime: sent * MS };
    return elapsed(from * MS, stamped(tsVal, { time: now * MS }), times) / MS;
  };

  it("set forward by a second, gives way to the sender's own, to a tick", () => {
    // 1010: 10 ticks later, 11 at the most.
    expect([since(1000, 2010.9, 1010), since(1000, 2011, 1010)]).toEqual([1010.9, 11]);
    expect(since(990, 2011, 1010)).toBe(21);
    // What passed after the sender's latest segment passed before or after the step.
    expect([since(2001, 2011, 1010), since(2000, 2011, 1010), since(1005, 2011, 1010)]).toEqual([10, 11, 11]);
  });

  it("set back by 10 ms, gives way to the sender's own", () => {
    expect([since(1000, 990, 1010), since(1000, 990.1, 1010)]).toEqual([11, 0]);
    expect(since(995, 990, 1010)).toBe(16);
  });

  it('is all there is where the sender shows none, or too little of it: no time goes back', () => {
    expect([since(1000, 3000, 999), since(1000, 3000, 1000, { first: 980 })]).toEqual([2000, 2000]);
    expect(since(1000, 3000, 1000, { first: 979 })).toBe(1);
    const times = { clocks: new SenderClocks(), lastDataTime: 0, lastSentTime: 5 };
    expect(elapsed(5, view({ time: 4 }), times)).toBe(0);
    expect(elapsed(3, view({ time: 4 }), times)).toBe(1);
  });

  it('begins to tell the rate of the other anew', () => {
    const clocks = clocksAfter(stamped(100, { time: 5 }), stamped(200, { time: 100 * MS }));
    clocks.restart();
    const times = { clocks, lastDataTime: 0, lastSentTime: 100 * MS };
    // Nothing tells when 200 was, by the clock that was set.
    expect(elapsed(0, stamped(1200, { time: 50 * MS }), times)).toBe(50 * MS);
    clocks.note(stamped(10_200, { time: 60 * MS }));
    expect(clocks).toMatchObject({ firstTsVal: 10_200, firstTsTime: 60 * MS, maxTsVal: 10_200 });
  });

  it('was set back where time goes back by 10 ms', () => {
    expect([wentBack(10 * MS, 0), wentBack(10 * MS, 1), wentBack(0, 10 * MS)]).toEqual([true, false, false]);
  });
});
