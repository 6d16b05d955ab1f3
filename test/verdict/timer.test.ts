/** Times and conditions of `timer.ts`, each with an example on either side, where those of `assign-cause.test.ts` do not meet them. */
import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../src/model/endpoint.ts';
import { NEVER } from '../../src/model/packed.ts';
import { Option, SegmentView } from '../../src/model/segment.ts';
import type { TrackedSegment } from '../../src/model/tracked.ts';
import { Outbound } from '../../src/verdict/outbound.ts';
import { hasTimerExpired, longestProbe, timerRan, waitOf } from '../../src/verdict/timer.ts';
import { TransmissionPool } from '../../src/verdict/transmission.ts';

const MS = 1e6;
const NOW = 100_000 * MS;

interface Case {
  /** Shortest answers (ms) of the peer, and of the sender itself; -1 unknown. */
  peerAnswers?: number;
  ownAnswers?: number;
  /** For how long (ns) the timer had run; -1 unknown. */
  ran?: number;
  /** The latest timestamp of the peer less the one that is echoed; its clock ticks once a millisecond. */
  echoed?: number;
  /** How long ago (ns) the latest segment of the peer passed, with that latest timestamp. */
  peerSent?: number;
  /** When the sender echoed that first (ns ago). */
  echoTime?: number;
  rtt?: object;
  /** How long (ns) the slowest repair of this recovery took. */
  slowestRepair?: number;
}

function connection({
  peerAnswers = 100,
  ownAnswers = 0,
  ran = 0,
  echoed,
  echoTime = 0,
  peerSent = MS,
  rtt = {},
  slowestRepair = 0,
}: Case) {
  const outbound = new Outbound(new TransmissionPool());
  outbound.ca.repaired(slowestRepair);
  outbound.timerStart = ran < 0 ? NEVER : NOW - ran;
  Object.assign(outbound.rtt, { min: peerAnswers < 0 ? -1 : peerAnswers * MS, ...rtt });
  const heard = new Outbound(new TransmissionPool());
  heard.rtt.min = ownAnswers < 0 ? -1 : ownAnswers * MS;
  heard.lastSentTime = NOW - peerSent;
  heard.feedback.echoTime = NOW - echoTime;
  Object.assign(heard.clocks, { firstTsVal: 0, firstTsTime: NOW - peerSent - 1000 * MS, maxTsVal: 1000 });
  const sender = { outbound };
  const peer = { outbound: heard, peer: sender };
  Object.assign(sender, { peer });
  const stamp = echoed === undefined ? {} : { options: Option.TIMESTAMPS, tsEcr: 1000 - echoed };
  return {
    outbound,
    sender: sender as unknown as Endpoint,
    view: Object.assign(new SegmentView(), { time: NOW, ...stamp }),
    t: { seq: 1 } as unknown as TrackedSegment,
  };
}

function expired(of: Case, quiet = 0) {
  const { outbound, sender, view, t } = connection(of);
  return hasTimerExpired(outbound, sender, view, t, quiet, true);
}

describe('beside the sender, a timer has expired', () => {
  it('after 180 ms, and after SRTT with half of it or four times RTTVAR', () => {
    const after = (ran: number, srtt: number, rttvar: number) => expired({ ran, rtt: { srtt, rttvar } });
    expect([after(180 * MS - 1, 0, 0), after(180 * MS, 0, 0)]).toEqual([false, true]);
    expect([after(300 * MS - 1, 200 * MS, 0), after(300 * MS, 200 * MS, 0)]).toEqual([false, true]);
    expect([after(400 * MS - 1, 200 * MS, 50 * MS), after(400 * MS, 200 * MS, 50 * MS)]).toEqual([false, true]);
  });

  it('not where no round trip was measured', () => {
    expect([-1, 0].map((srtt) => expired({ ran: 180 * MS, rtt: { srtt, rttvar: 0 } }))).toEqual([false, true]);
  });

  it('after 180 ms beyond SRTT where its echoes alone show that it had not heard what passed', () => {
    // It echoes what passed 10 ms before the latest segment, that is 11 ms ago, and did so first some time ago.
    const after = (ran: number, echoTime: number) =>
      expired({ ran, ownAnswers: -1, echoed: 10, echoTime, rtt: { srtt: 200 * MS, rttvar: 0 } });
    const unheard = 1;
    expect([after(380 * MS + unheard, 11 * MS - unheard), after(380 * MS + 2 * unheard, 11 * MS - unheard)]).toEqual([
      false,
      true,
    ]);
    expect([after(300 * MS - 1, 11 * MS), after(300 * MS, 11 * MS)]).toEqual([false, true]);
    expect([after(300 * MS - 1, 12 * MS), after(300 * MS, 12 * MS)]).toEqual([false, true]);
  });
});

describe('beside the receiver, a timer must have expired', () => {
  /** The sender answers after 100 ms: of the time since its timer was started, so much was spent on the way. */
  const far = { peerAnswers: 0, ownAnswers: 100 };
  const after = (ran: number, quiet: number, of: Case = {}) => expired({ ...far, ran: ran + 100 * MS, ...of }, quiet);

  it('after 180 ms and a silence of 45 ms', () => {
    expect([after(180 * MS - 1, 45 * MS), after(180 * MS, 45 * MS)]).toEqual([false, true]);
    expect([after(180 * MS, 45 * MS - 1), after(180 * MS, 45 * MS)]).toEqual([false, true]);
  });

  it('where that is one and a half round trips', () => {
    const of = { ownAnswers: 200 };
    const slow = (ran: number) => expired({ ...far, ...of, ran: ran + 200 * MS }, 45 * MS);
    expect([slow(300 * MS - 1), slow(300 * MS)]).toEqual([false, true]);
  });

  it('without a silence, after four times what it takes to answer, which its echo tells', () => {
    // It echoes what passed 100 ms ago, a round trip.
    const echoing = (ran: number) => after(ran, 0, { echoed: 99 });
    expect([echoing(400 * MS - 1), echoing(400 * MS)]).toEqual([false, true]);
    const soon = (ran: number) => after(ran, 0, { echoed: 0 });
    expect([soon(180 * MS - 1), soon(180 * MS)]).toEqual([false, true]);
    expect(after(1000 * MS, 0)).toBe(false);
    // The way had been longer in the same recovery.
    const slower = (ran: number) => after(ran, 0, { echoed: 99, slowestRepair: 120 * MS });
    expect([slower(480 * MS - 1), slower(480 * MS)]).toEqual([false, true]);
    // It cannot echo what passes at the same moment.
    expect([0, 1].map((peerSent) => after(180 * MS, 0, { echoed: 0, peerSent }))).toEqual([false, true]);
  });
});

describe('how long the timer ran', () => {
  it('is unknown where it never started, and never less than nothing', () => {
    const ran = (of: Case) => {
      const { outbound, sender, view, t } = connection(of);
      return timerRan(outbound, sender, view, t);
    };
    expect([ran({ ran: -1 }), ran({ ran: 0 }), ran({ ran: 7 })]).toEqual([-1, 0, 7]);
    // Beside the receiver less a round trip.
    const far = { peerAnswers: 0, ownAnswers: 100 };
    expect([ran({ ...far, ran: 100 * MS - 1 }), ran({ ...far, ran: 100 * MS + 7 })]).toEqual([0, 7]);
  });

  it('begins when the segment itself was sent, where that is later: RFC 6298 section 5.1', () => {
    const ran = (seq: number) => {
      const { outbound, sender, view } = connection({ ran: 500 * MS });
      outbound.scoreboard.add(
        Object.assign(new TransmissionPool().take(), { start: 11, end: 21, time: NOW - 300 * MS }),
      );
      return timerRan(outbound, sender, view, { seq } as unknown as TrackedSegment);
    };
    expect([ran(10), ran(11)]).toEqual([500 * MS, 300 * MS]);
  });
});

describe('how long the timer had been set to', () => {
  /** `sinceNew`: nanoseconds since the latest new data, where no ACK came after it the whole silence. */
  const wait = (quiet: number, ran: number, rtt: object, more: object = {}, sinceNew = quiet, told = false) => {
    const { outbound, view } = connection({ rtt: { rto: 200 * MS, ...rtt } });
    const latest = NOW - sinceNew;
    Object.assign(outbound, { lastNewTime: latest, lastDataTime: latest, lastSentTime: latest, ...more });
    return waitOf(outbound, view, quiet, ran, told);
  };

  it('is that since the latest data where it may have been a probe: two round trips after the one before', () => {
    const srtt = 50 * MS;
    expect([wait(190 * MS, 290 * MS - 1, { srtt }), wait(190 * MS, 290 * MS, { srtt })]).toEqual([
      290 * MS - 1,
      190 * MS,
    ]);
    expect(wait(190 * MS, 290 * MS, { srtt }, { lastNewTime: 4 })).toBe(290 * MS);
    // Its sender was told of a loss: it sends no probe.
    expect(wait(190 * MS, 290 * MS, { srtt }, {}, 190 * MS, true)).toBe(290 * MS);
    // An ACK of nothing new came after it: that does not start the timer again (RFC 6298 section 5.3).
    expect([
      wait(190 * MS, 290 * MS, { srtt }, {}, 190 * MS + 1),
      wait(90 * MS, 290 * MS, { srtt }, {}, 190 * MS),
    ]).toEqual([290 * MS, 190 * MS]);
  });

  it('is told so from a round trip that was measured only, be it nothing', () => {
    expect([wait(190 * MS, 290 * MS, { srtt: -1 }), wait(190 * MS, 290 * MS, { srtt: 0 })]).toEqual([
      290 * MS,
      190 * MS,
    ]);
  });
});

describe('the longest time of a tail loss probe', () => {
  const longest = (round: number, rtt: object, ownAnswers = 0) => {
    const { outbound, sender } = connection({ ownAnswers, rtt });
    return longestProbe(outbound, sender, round);
  };

  it('is three round trips and 350 ms for the delayed ACK', () => {
    expect(longest(500 * MS, { srtt: -1, rto: 200 * MS })).toBe(1850 * MS);
    expect(longest(10 * MS, { srtt: 10 * MS, rto: 1000 * MS })).toBe(380 * MS);
  });

  it('and one and a half of the retransmission timer where a round trip was measured, be it nothing', () => {
    expect(longest(500 * MS, { srtt: 0, rto: 200 * MS })).toBe(300 * MS);
    // That is seen from here, with the time that the sender takes to answer.
    expect(longest(500 * MS, { srtt: 0, rto: 200 * MS }, 20)).toBe(330 * MS);
    expect(longest(500 * MS, { srtt: 0, rto: 200 * MS }, -1)).toBe(300 * MS);
  });
});
