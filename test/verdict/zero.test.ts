/** Numbers that may be 0 beside -1 for none: a timestamp, an IP ID, a round trip, the time of the first packet. And what one ACK changes. */
import { describe, expect, it } from 'vitest';
import { Option } from '../../src/model/segment.ts';
import {
  echoAge,
  SenderClocks,
  senderSilence,
  sentBefore,
  sentEarlier,
  stampedSilence,
} from '../../src/verdict/clocks.ts';
import { RttEstimator } from '../../src/verdict/rtt-estimator.ts';
import { analyse } from '../support/analyze.ts';
import { scenario } from '../support/scenario.ts';
import { stamped, view } from '../support/segments.ts';

const MS = 1e6;

describe('a round trip of 0', () => {
  it('is the first sample (RFC 6298 section 2.2), and the shortest', () => {
    const rtt = new RttEstimator();
    rtt.take(0, false);
    rtt.take(800, false);
    // 0 + 800 / 8, and 0 + (800 - 0) / 4.
    expect([rtt.srtt, rtt.rttvar, rtt.min]).toEqual([100, 200, 0]);
    rtt.noteAnswer(5);
    expect(rtt.min).toBe(0);
  });

  it('is not known before', () => {
    const rtt = new RttEstimator();
    rtt.noteAnswer(5);
    expect(rtt.min).toBe(-1);
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

describe('what an ACK changes', () => {
  const OPEN = `0.000 > S seq 0 win 9000 <mss 1000,sackOK>
    0.020 < S. seq 0 ack 1 win 9000 <mss 1000,sackOK>
    0.021 > . ack 1
    1.000 > . 1:1001(1000) ack 1
    1.000 > . 1001:2001(1000) ack 1
    1.000 > . 2001:3001(1000) ack 1`;
  const effect = (...acks: string[]) => {
    let last: object = {};
    const lines = acks.map((ack, i) => `${(1.02 + i / 1000).toFixed(3)} < ${ack}`);
    const { analyzer } = analyse(scenario({}, `${OPEN}\n${lines.join('\n')}`).pcap, {
      onSegment: ({ effect: { advanced, newlySacked, duplicate, dsack, unseen, frame } }) => {
        last = { advanced, newlySacked, duplicate, dsack, unseen, frame };
      },
    });
    return { ...last, feedback: (analyzer.connections[0].client.outbound as unknown as { feedback: object }).feedback };
  };

  it('is by how far it moves the left edge, and whose arrival shows', () => {
    expect(effect('. ack 1001')).toMatchObject({
      advanced: 1000,
      newlySacked: 0,
      duplicate: false,
      unseen: false,
      frame: 4,
    });
    expect(effect('. ack 1001', '. ack 3001')).toMatchObject({ advanced: 2000, frame: 6 });
    expect(effect('. ack 1001', '. ack 1001')).toMatchObject({ advanced: 0, duplicate: true, frame: 0 });
    expect(effect('. ack 1500')).toMatchObject({ advanced: 1499 });
  });

  it('is what it newly reports, and whether it acknowledges what was not seen', () => {
    expect(effect('. ack 1 <nop,nop,sack 1001:3001>')).toMatchObject({
      advanced: 0,
      newlySacked: 2000,
      duplicate: true,
    });
    expect(effect('. ack 1 <nop,nop,sack 1001:2001>', '. ack 1 <nop,nop,sack 1001:3001>')).toMatchObject({
      newlySacked: 1000,
    });
    expect([effect('. ack 3001'), effect('. ack 3002')]).toMatchObject([{ unseen: false }, { unseen: true }]);
  });

  it('tells of something missing where it reports, repeats, or says nothing new', () => {
    const first = 1.02e9;
    const reported = (ack: string) => (effect(ack).feedback as { lastReport: number }).lastReport;
    expect(reported('P. 1:2(1) ack 1 <nop,nop,sack 1001:2001>')).toBe(first);
    expect(reported('. ack 1 win 9000')).toBe(first);
    expect([reported('. ack 1001'), reported('. ack 1 win 8000'), reported('P. 1:2(1) ack 1')]).toEqual([-1, -1, -1]);
  });

  it('has an effect where it moves or reports something, or is a duplicate', () => {
    const lastEffect = (ack: string) => (effect(ack).feedback as { lastEffect: number }).lastEffect;
    expect([lastEffect('. ack 1001'), lastEffect('. ack 1 <nop,nop,sack 1001:2001>')]).toEqual([1.02e9, 1.02e9]);
    // The latest before is the SYN,ACK.
    expect(lastEffect('. ack 1 win 8000')).toBe(0.02e9);
  });
});
