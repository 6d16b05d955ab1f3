/** The constants of the units under the verdicts, each with an example one unit on either side. */

import { describe, expect, it } from 'vitest';
import type { Hole } from '../../src/model/ack-effect.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import { ACK, RST, SYN } from '../../src/model/flags.ts';
import { Ca } from '../../src/model/outbound.ts';
import { NEVER } from '../../src/model/packed.ts';
import { Question } from '../../src/model/row.ts';
import { ChecksumStatus, Option, type SegmentView } from '../../src/model/segment.ts';
import { State } from '../../src/model/state.ts';
import type { TrackedSegment } from '../../src/model/tracked.ts';
import { Cause, Fate, Verdict } from '../../src/model/verdict.ts';
import { Acceptance } from '../../src/verdict/acceptable.ts';
import { CaState } from '../../src/verdict/ca-state.ts';
import { DsackWaits, lastAnswerable, type Sending, unseenSending } from '../../src/verdict/dsack-waits.ts';
import { Feedback } from '../../src/verdict/feedback.ts';
import { Holes, holeBefore } from '../../src/verdict/holes.ts';
import { isTooBig, quotesOutstanding } from '../../src/verdict/path-mtu.ts';
import { RttEstimator } from '../../src/verdict/rtt-estimator.ts';
import { SackedRuns } from '../../src/verdict/sacked-runs.ts';
import { Scoreboard } from '../../src/verdict/scoreboard.ts';
import { TransmissionPool } from '../../src/verdict/transmission.ts';
import { analyseScenario } from '../support/analyze.ts';
import { stamped, view } from '../support/segments.ts';

const MS = 1e6;

describe('RFC 6298 section 2', () => {
  const after = (...samples: number[]) => {
    const rtt = new RttEstimator();
    for (const sample of samples) rtt.take(sample * MS, false);
    return { srtt: rtt.srtt / MS, rttvar: rtt.rttvar / MS, rto: rtt.rto / MS, min: rtt.min / MS, samples: rtt.samples };
  };

  it('trusts half of a single round trip, and the shortest of several', () => {
    const trusted = (...samples: number[]) => {
      const rtt = new RttEstimator();
      for (const sample of samples) rtt.take(sample * MS, false);
      return rtt.trusted / MS;
    };
    expect([trusted(800), trusted(800, 1600), trusted(800, 640)]).toEqual([400, 800, 640]);
  });

  it('(2.1) takes one second before the first sample', () => {
    expect(new RttEstimator()).toMatchObject({ rto: 1000 * MS, srtt: -1, min: -1 });
  });

  it('(2.2) SRTT = R, RTTVAR = R/2, RTO = SRTT + 4 RTTVAR', () => {
    expect(after(800)).toEqual({ srtt: 800, rttvar: 400, rto: 2400, min: 800, samples: 1 });
  });

  it("(2.3) RTTVAR = 3/4 RTTVAR + 1/4 |SRTT - R'| with the old SRTT, then SRTT = 7/8 SRTT + 1/8 R'", () => {
    expect(after(800, 1600)).toEqual({ srtt: 900, rttvar: 500, rto: 2900, min: 800, samples: 2 });
    expect(after(800, 640)).toEqual({ srtt: 780, rttvar: 340, rto: 2140, min: 640, samples: 2 });
  });

  it('the deviation counts for 200 ms at the least, as in Linux, and the timer runs for 120 s at the most', () => {
    expect([1, 49, 50, 51].map((sample) => after(sample).rto)).toEqual([201, 249, 250, 251]);
    expect([100, 101].map((sample) => after(sample).rto)).toEqual([300, 303]);
    expect([39_000, 40_000, 41_000].map((sample) => after(sample).rto)).toEqual([117_000, 120_000, 120_000]);
  });

  it('keeps the samples where they are asked for', () => {
    const rtt = new RttEstimator();
    rtt.take(5, false);
    expect(rtt.roundTrips).toBeNull();
    rtt.take(6, true);
    rtt.take(7, true);
    expect(rtt.roundTrips).toMatchObject({ count: 2, min: 6, max: 7 });
  });
});

describe('RFC 6675 section 4, IsLost: DupThresh runs above, or more than (DupThresh - 1) * SMSS bytes', () => {
  const isLost = (blocks: [number, number][], offset = 100) => {
    const runs = new SackedRuns();
    for (const [start, end] of blocks) runs.add(start, end);
    return runs.isLost(offset, 1000);
  };

  it('three runs, not two', () => {
    expect(
      isLost([
        [200, 201],
        [300, 301],
      ]),
    ).toBe(false);
    expect(
      isLost([
        [200, 201],
        [300, 301],
        [400, 401],
      ]),
    ).toBe(true);
  });

  it('one byte more than two segments, not two segments', () => {
    expect(isLost([[200, 2200]])).toBe(false);
    expect(isLost([[200, 2201]])).toBe(true);
    expect(
      isLost([
        [200, 1200],
        [1300, 2300],
      ]),
    ).toBe(false);
    expect(
      isLost([
        [200, 1200],
        [1300, 2301],
      ]),
    ).toBe(true);
  });

  it('what was reported below does not count', () => {
    const blocks: [number, number][] = [
      [200, 5200],
      [5300, 5301],
      [5400, 5401],
    ];
    expect(isLost(blocks, 201)).toBe(false);
    expect(isLost(blocks, 200)).toBe(true);
  });
});

describe('runs of SACK blocks', () => {
  const added = (blocks: [number, number][]) => {
    const runs = new SackedRuns();
    for (const [start, end] of blocks) runs.add(start, end);
    return { gaps: [...runs.gaps], merged: [runs.mergedStart, runs.mergedEnd], runs };
  };

  it('a block that touches a run continues it, one byte farther on it does not', () => {
    expect(
      added([
        [100, 200],
        [200, 300],
      ]),
    ).toMatchObject({ gaps: [200, 300], merged: [100, 300] });
    expect(
      added([
        [100, 200],
        [201, 300],
      ]),
    ).toMatchObject({ gaps: [201, 300], merged: [201, 300] });
    expect(
      added([
        [200, 300],
        [100, 200],
      ]),
    ).toMatchObject({ gaps: [100, 200], merged: [100, 300] });
    expect(
      added([
        [200, 300],
        [100, 199],
      ]),
    ).toMatchObject({ gaps: [100, 199], merged: [100, 199] });
  });

  it('only what no block held before is new', () => {
    expect(
      added([
        [100, 200],
        [300, 400],
        [50, 450],
      ]),
    ).toMatchObject({ gaps: [50, 100, 200, 300, 400, 450] });
    expect(
      added([
        [100, 200],
        [120, 180],
      ]),
    ).toMatchObject({ gaps: [], merged: [100, 200] });
    expect(
      added([
        [100, 200],
        [300, 400],
        [150, 350],
      ]),
    ).toMatchObject({ gaps: [200, 300], merged: [100, 400] });
  });

  it('hold what lies in one of them, and forget what the cumulative acknowledgment covers', () => {
    const { runs } = added([
      [100, 200],
      [300, 400],
    ]);
    expect([runs.holds(100, 200), runs.holds(99, 200), runs.holds(100, 201), runs.holds(150, 350)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    runs.dropBelow(199);
    expect(runs.holds(150, 200)).toBe(true);
    runs.dropBelow(200);
    expect(runs.holds(150, 200)).toBe(false);
    runs.dropBelow(400);
    expect(runs.holds(300, 301)).toBe(false);
  });
});

describe('recovery', () => {
  const recovering = (state: number = Ca.RECOVERY) => {
    const ca = new CaState();
    ca.enter(state, 1000, 5);
    return ca;
  };

  it('ends with the ACK of all that was outstanding when it began (RFC 6582, recover), not one byte sooner', () => {
    const ca = recovering();
    ca.acknowledged(999, 7);
    expect(ca).toMatchObject({ state: Ca.RECOVERY, isRecovering: true, episodeStart: 5, episodeEnd: NEVER });
    ca.acknowledged(1000, 8);
    expect(ca).toMatchObject({ state: Ca.OPEN, isRecovering: false, endedState: Ca.RECOVERY, episodeEnd: 8 });
  });

  it('is fast recovery or what follows a timeout, neither disorder nor a reduced window', () => {
    const is = [Ca.OPEN, Ca.DISORDER, Ca.CWR, Ca.RECOVERY, Ca.LOSS].map((state) => recovering(state).isRecovering);
    expect(is).toEqual([false, false, false, true, true]);
  });

  // RFC 5681 section 2 says what a duplicate ACK is; Linux calls the sender's state Disorder from the first one on.
  it('is open, in disorder while ACKs are repeated, and in recovery from the retransmission on', () => {
    const begin = `0.00 > S seq 0 win 9000 <mss 100,sackOK>
      0.01 < S. seq 0 ack 1 win 9000 <mss 100,sackOK>
      0.02 > . ack 1 win 9000
      0.030 > . 1:101(100) ack 1 win 9000
      0.031 > . 101:201(100) ack 1 win 9000
      0.032 > . 201:301(100) ack 1 win 9000
      0.033 > . 301:401(100) ack 1 win 9000
      0.034 > . 401:501(100) ack 1 win 9000
      0.040 < . ack 101 win 9000\n`;
    const stateAfter = (text: string) => analyseScenario(begin + text).analyzer.connections[0].client.outbound!.caState;
    const once = '0.041 < . ack 101 win 9000 <sack 201:301>\n';
    const thrice = `${once}0.042 < . ack 101 win 9000 <sack 201:401>\n0.043 < . ack 101 win 9000 <sack 201:501>\n`;
    const again = `${thrice}0.044 > . 101:201(100) ack 1 win 9000\n`;
    expect(stateAfter('')).toBe(Ca.OPEN);
    expect(stateAfter(once)).toBe(Ca.DISORDER);
    expect(stateAfter(`${once}0.045 < . ack 501 win 9000`)).toBe(Ca.OPEN);
    expect(stateAfter(thrice)).toBe(Ca.DISORDER);
    expect(stateAfter(again)).toBe(Ca.RECOVERY);
    expect(stateAfter(`${again}0.054 < . ack 501 win 9000`)).toBe(Ca.OPEN);
  });

  it('a probe is answered by the ACK of its last byte', () => {
    const ca = new CaState();
    ca.tlpEnd = 500;
    ca.acknowledged(499, 1);
    expect(ca.tlpEnd).toBe(500);
    ca.acknowledged(500, 1);
    expect(ca.tlpEnd).toBe(-1);
  });

  it('counts timeouts until there is progress', () => {
    const ca = recovering(Ca.LOSS);
    ca.timeouts = 2;
    ca.acknowledged(10, 1);
    expect(ca.timeouts).toBe(0);
  });

  // RFC 3708: all that the timeout sent again is reported by D-SACK, or it was needed.
  it.each([
    [1, 100, 101, true],
    [1, 99, 200, true],
    [1, 101, 200, false],
    [1, 90, 100, false],
    [2, 100, 200, false],
  ])('after %i retransmissions a D-SACK of %i to %i undoes a timeout of 100: %s', (sent, start, end, undone) => {
    const ca = recovering(Ca.LOSS);
    ca.timeoutStart = 100;
    ca.undoRetrans = sent;
    ca.repeatReported(start, end, 9);
    expect(ca.state === Ca.OPEN).toBe(undone);
  });

  it('neither D-SACK nor Eifel (RFC 3522) undo a fast recovery here: they undo a timeout', () => {
    const fast = recovering();
    fast.timeoutStart = 100;
    fast.undoRetrans = 1;
    fast.repeatReported(100, 200, 9);
    fast.originalArrived(9);
    expect(fast.state).toBe(Ca.RECOVERY);
    const loss = recovering(Ca.LOSS);
    loss.originalArrived(9);
    expect(loss).toMatchObject({ state: Ca.OPEN, endedState: Ca.LOSS, episodeEnd: 9 });
  });

  it('a timeout within it does not begin the count of retransmissions anew, a new episode does', () => {
    const ca = recovering();
    ca.undoRetrans = 3;
    ca.enter(Ca.LOSS, 1000, 6);
    expect(ca.undoRetrans).toBe(3);
    ca.end(7);
    ca.enter(Ca.RECOVERY, 2000, 8);
    expect(ca.undoRetrans).toBe(0);
  });
});

describe('duplicate ACKs', () => {
  it('are counted in a row and where they stand; the first tells of the hole', () => {
    const feedback = new Feedback();
    feedback.duplicates(100, stamped(7, { frame: 4 }), -1);
    feedback.duplicates(100, stamped(8, { frame: 5 }), -1);
    expect(feedback).toMatchObject({
      dupAcks: 2,
      duplicateUna: 100,
      duplicatesThere: 2,
      reportTsVal: 7,
      reportFrame: 4,
    });
    feedback.dupAcks = 0;
    feedback.reportTsVal = -1;
    feedback.duplicates(200, stamped(9, { frame: 6 }), -1);
    expect(feedback).toMatchObject({
      dupAcks: 1,
      duplicateUna: 200,
      duplicatesThere: 1,
      reportTsVal: 9,
      reportFrame: 6,
    });
    feedback.duplicates(300, stamped(10, { frame: 7 }), -1);
    expect(feedback).toMatchObject({ reportTsVal: 9, reportFrame: 6 });
  });

  it('without timestamps say by their frame only when they came', () => {
    const feedback = new Feedback();
    feedback.reports(view({ tsVal: 77, frame: 9 }), 100, -1);
    expect(feedback).toMatchObject({ reportTsVal: -1, reportFrame: 9 });
  });
});

describe('an answer can hardly come sooner than 85 % of the shortest RTT', () => {
  const sendings = [{ time: 0 }, { time: MS }];
  it.each([
    [1_850_000, 1],
    [1_849_999, 0],
    [1_000_000, 0],
    [9_999_999, 1],
  ])('at %i the copy that may be answered is number %i', (answered, index) => {
    expect(lastAnswerable(sendings, answered, MS)).toBe(index);
  });

  it('unless a host takes as long: within 100 µs its load decides', () => {
    expect([lastAnswerable(sendings, MS, 100e3), lastAnswerable(sendings, MS, 100e3 + 1)]).toEqual([1, 0]);
  });

  it('without an RTT any may be, the first always', () => {
    expect([lastAnswerable(sendings, MS + 1, -1), lastAnswerable(sendings, MS, -1)]).toEqual([1, 1]);
    expect(lastAnswerable(sendings, 1, 5 * MS)).toBe(0);
    expect(lastAnswerable([{ time: 0 }, { time: MS }, { time: 2 * MS }], 2_849_999, MS)).toBe(1);
  });
});

describe('waiting for a D-SACK (RFC 2883)', () => {
  const sending = (time: number, fields: Partial<Verdict> = {}, tsVal = -1): Sending => ({
    frame: time + 1,
    time,
    tsVal,
    row: null,
    verdict: Object.assign(new Verdict(), fields),
  });
  const wait = (...sendings: Sending[]) => {
    const waits = new DsackWaits();
    waits.add(100, 200, 1000, sendings, false);
    return waits;
  };

  it('ends 200 ms after the answer was due; then a needless copy of which nobody told was lost', () => {
    const copy = sending(1, { spurious: true });
    const waits = wait(sending(0), copy);
    waits.expire(1000 + 200e6, true);
    expect(waits.length).toBe(1);
    expect(copy.verdict.fate).toBe(Fate.UNKNOWN);
    waits.expire(1001 + 200e6, true);
    expect(waits.length).toBe(0);
    expect(copy.verdict.fate).toBe(Fate.LOST);
  });

  it('is kept for a first copy that still comes: 64 of those whose time is over', () => {
    const waits = new DsackWaits();
    for (let i = 0; i < 300; i++) waits.add(100 * i, 100 * i + 100, i, [sending(i), sending(i)], false);
    expect(waits.with(0, 1).length).toBe(1);
    waits.expire(1e9, false);
    expect(waits.length).toBe(0);
    const kept = (i: number) => waits.with(100 * i, 100 * i + 1).length;
    expect([235, 236, 299].map(kept)).toEqual([0, 1, 1]);
    // Bytes that lie beside it.
    expect(
      [waits.with(29_900, 30_000), waits.with(30_000, 30_100), waits.with(29_700, 29_900)].map(({ length }) => length),
    ).toEqual([1, 0, 2]);
  });

  it.each([
    [1999, Fate.LOST],
    [2000, Fate.UNKNOWN],
  ])(
    'waits no longer for earlier copies where the latest was answered in less than two of the shortest round trips: %i ns of 1,000',
    (after, fate) => {
      const [early, late] = [sending(1, { spurious: true }), sending(5000, { spurious: true })];
      const waits = new DsackWaits();
      waits.add(100, 200, 1e9, [sending(0, { fate: Fate.DELIVERED }), early, late], false);
      waits.repeatReported(100, 200, 5000 + after, 9, 1000);
      waits.expire(5000 + after + 200e6, true);
      expect([waits.length, early.verdict.fate]).toEqual([1, Fate.UNKNOWN]);
      waits.expire(5001 + after + 200e6, true);
      expect([early.verdict.fate, late.verdict.fate]).toEqual([fate, Fate.DELIVERED]);
    },
  );

  it('says nothing of receivers that do not report repeats, and of needed copies', () => {
    const [needless, needed] = [sending(1, { spurious: true }), sending(1)];
    wait(sending(0), needless).expire(1e12, false);
    wait(sending(0), needed).expire(1e12, true);
    expect([needless.verdict.fate, needed.verdict.fate]).toEqual([Fate.UNKNOWN, Fate.UNKNOWN]);
  });

  it('gives up the oldest beyond 4096', () => {
    const waits = new DsackWaits();
    for (let i = 0; i < 4096; i++) waits.add(i, i + 1, 1000, [], false);
    expect(waits.expire(1000, true)).toBe(0);
    waits.add(4096, 4097, 1000, [], false);
    expect(waits.expire(1000, true)).toBe(1);
    expect([waits.length, waits.at(0).start, waits.latest?.start]).toEqual([4096, 1, 4096]);
    waits.add(4097, 4098, 1000, [], false);
    // Not expired: a D-SACK could come just now.
    expect([waits.expire(1000 + 200e6, true), waits.length]).toEqual([1, 4096]);
  });

  it('goes in the order of the acknowledgments, however many there were', () => {
    const waits = new DsackWaits();
    let [added, gone] = [0, 0];
    for (const [more, fewer] of [
      ...[
        [10, 10],
        [64, 64],
        [65, 65],
        [130, 65],
        [5, 1],
        [300, 200],
        [1, 168],
      ],
    ]) {
      for (let i = 0; i < more; i++, added++) waits.add(added, added + 1, added, [], false);
      gone += fewer;
      expect(waits.expire(gone + 200e6, true)).toBe(0);
      gone = Math.min(gone, added);
      expect(waits.length).toBe(added - gone);
      expect(Array.from({ length: waits.length }, (_, i) => waits.at(i).start)).toEqual(
        Array.from({ length: added - gone }, (_, i) => gone + i),
      );
      expect(waits.latest?.start).toBe(added === gone ? undefined : added - 1);
    }
  });

  it('closes all questions at the end of the input, and says nothing of copies that were not reported', () => {
    const waits = new DsackWaits();
    const released: number[] = [];
    const copies = [0, 1, 2].map((i) => ({
      ...sending(i, { spurious: true }),
      row: Object.assign(new Question(), { release: () => released.push(i) }),
    }));
    for (const [i, copy] of copies.entries()) waits.add(i, i + 1, 0, [copy], false);
    waits.conclude();
    expect([released, waits.length, waits.latest]).toEqual([[0, 1, 2], 0, null]);
    expect(copies.map(({ verdict }) => verdict.fate)).toEqual([Fate.UNKNOWN, Fate.UNKNOWN, Fate.UNKNOWN]);
  });

  it('a receiver that is gone reports nothing: what was taken for lost is not known', () => {
    const waits = new DsackWaits();
    const fates = [Fate.LOST, Fate.DELIVERED, Fate.LOST].map((fate, i) => {
      const of = sending(i, { fate });
      waits.add(i, i + 1, 0, [of], false);
      return of;
    });
    waits.receiverIsGone();
    expect(fates.map(({ verdict }) => verdict.fate)).toEqual([Fate.UNKNOWN, Fate.DELIVERED, Fate.UNKNOWN]);
  });

  it('a round trip that turns out to be shorter makes an answer of what had come too soon for one: from 0.85 of it on', () => {
    const asked = (minRtt: number, of: { answered?: number; repeats?: number; after?: number } = {}) => {
      const waits = new DsackWaits();
      const sendings = [
        sending(0, { fate: Fate.DELIVERED }),
        sending(100 * MS, { spurious: true }),
        sending(400 * MS, { spurious: true }),
      ];
      waits.add(1, 2, 0, sendings, false, 500 * MS, of.answered ?? 500 * MS);
      waits.latest!.repeats = of.repeats ?? 0;
      for (let i = 0; i < (of.after ?? 0); i++) waits.add(3 + i, 4 + i, 0, [], false);
      waits.reconsider(minRtt * MS);
      return sendings.map(({ verdict }) => (verdict.spurious ? 'spare' : verdict.fate));
    };
    const [as, second, third] = [
      [Fate.DELIVERED, 'spare', 'spare'],
      [Fate.UNKNOWN, Fate.DELIVERED, 'spare'],
      [Fate.UNKNOWN, Fate.UNKNOWN, Fate.DELIVERED],
    ];
    expect([asked(471), asked(470), asked(118), asked(117)]).toEqual([as, second, second, third]);
    // An echo had named the copy, or the receiver reported one.
    expect([asked(10, { answered: NEVER }), asked(10, { repeats: 1 })]).toEqual([as, as]);
    expect([asked(10, { after: 15 }), asked(10, { after: 16 })]).toEqual([third, as]);
  });

  it('a block reports a repeat of each range in it, of one range once, and of the latest that can be it', () => {
    const spurious = (block: [number, number], ...ranges: [number, number, copies: number][]) => {
      const waits = new DsackWaits();
      const all = ranges.map(([start, end, copies], i) => {
        const sendings = Array.from({ length: 1 + copies }, (_, j) => sending(10 * i + j));
        waits.add(start, end, 1000, sendings, false);
        return sendings;
      });
      waits.repeatReported(...block, 5000, 9, -1);
      return all.map((sendings) => sendings.filter(({ verdict }) => verdict.spurious).length);
    };
    expect(spurious([100, 300], [100, 200, 1], [200, 300, 1])).toEqual([1, 1]);
    expect(spurious([100, 200], [100, 200, 1], [100, 200, 1])).toEqual([0, 1]);
    expect(spurious([100, 200], [100, 200, 1], [100, 200, 0])).toEqual([1, 0]);
    expect(spurious([100, 200], [100, 150, 1], [150, 200, 1], [150, 200, 0])).toEqual([1, 1, 0]);
  });

  it('too soon for any repeat says that none was needed, once', () => {
    const told = (now: number, blocks = 1, copies = 1) => {
      const sendings = Array.from({ length: 1 + copies }, (_, i) => sending(100 * MS * i, { fate: Fate.LOST }));
      const waits = wait(...sendings);
      for (let i = 0; i < blocks; i++) waits.repeatReported(100, 200, now * MS, 9 + i, 1000 * MS);
      return sendings.map(({ verdict: { spurious, fate, evidence } }) => [spurious, fate, evidence.join()]);
    };
    // It may be answered from 850 after it was sent.
    expect(told(949)).toEqual([
      [false, Fate.DELIVERED, ''],
      [true, Fate.LOST, '9'],
    ]);
    expect(told(950)).toEqual([
      [false, Fate.DELIVERED, ''],
      [true, Fate.DELIVERED, '9'],
    ]);
    expect(told(949, 2)).toEqual(told(949));
    expect(told(949, 1, 2).map(([spurious]) => spurious)).toEqual([false, true, true]);
    expect(told(949, 1, 0)).toEqual([[false, Fate.LOST, '']]);
  });

  it('tells which of several copies arrived, by as many D-SACKs as there were', () => {
    const sure = { cause: Cause.FAST, confidence: 0.95 };
    const told = (blocks: number, ...sendings: Sending[]) => {
      const waits = wait(...sendings);
      for (let i = 0; i < blocks; i++) waits.repeatReported(100, 200, 5000, 9 + i, -1);
      return sendings
        .map(
          ({ verdict }) =>
            `${verdict.fate === Fate.DELIVERED ? 'D' : verdict.fate === Fate.LOST ? 'L' : '?'}${verdict.spurious ? 's' : ''}`,
        )
        .join(' ');
    };
    // The first that arrived is known: all after it were needless, arrived or not.
    const known = (...fates: number[]) => told(1, ...fates.map((fate, i) => sending(i, { fate })));
    const [D, L, U] = [Fate.DELIVERED, Fate.LOST, Fate.UNKNOWN];
    expect([known(D, U, U), known(L, D, U, U), known(L, L, D, U)]).toEqual(['D ?s Ds', 'L D ?s Ds', 'L L D Ds']);
    // It is not: the only one before that which is reported did, or the latest sure repair of what was told to be missing.
    const repaired = (blocks: number) => told(blocks, sending(0), sending(1, sure), sending(2, sure), sending(3));
    expect([1, 2, 3, 4].map(repaired)).toEqual(['L L D Ds', 'L D Ds Ds', 'D Ds Ds Ds', 'D Ds Ds Ds']);
    expect(told(1, sending(0), sending(1, sure), sending(2, sure))).toBe('L D Ds');
    expect(told(1, sending(0), sending(1), sending(2, sure), sending(3))).toBe('? ? ? Ds');
    // Of several others one did, and nothing tells which: a second block does.
    const unsure = (blocks: number) => told(blocks, sending(0), sending(1), sending(2));
    expect([1, 2].map(unsure)).toEqual(['? ? Ds', 'D Ds Ds']);
    expect(told(1, sending(0), sending(1))).toBe('D Ds');
    // What the capture has not seen has no fate.
    expect(told(1, unseenSending(), sending(1, sure), sending(2))).toBe('? D Ds');
  });

  it('an echo names a copy that was not needed, where it is the only one with that timestamp (RFC 7323 section 4.3)', () => {
    const echo = (
      tsEcr: number,
      tsVals: number[],
      fields: Partial<Verdict> = { spurious: true },
      options: number = Option.TIMESTAMPS,
    ) => {
      const sendings = tsVals.map((tsVal, i) => sending(i, { ...fields, evidence: [1] }, tsVal));
      const isNamed = wait(...sendings).readEcho(view({ options, tsEcr, frame: 9 }));
      expect(sendings.map(({ verdict }) => verdict.evidence.includes(9)).includes(true)).toBe(isNamed);
      return sendings.map(({ verdict }) => verdict.fate === Fate.DELIVERED).indexOf(true);
    };
    expect([5, 6, 7, 8].map((tsEcr) => echo(tsEcr, [5, 6, 7]))).toEqual([-1, 1, 2, -1]);
    expect([echo(6, [5, 6, 6]), echo(6, [6, 6, 7]), echo(6, [5, 6, 7], {}), echo(6, [5, 6, 7], undefined, 0)]).toEqual([
      ...[-1, -1, -1, -1],
    ]);
    expect(new DsackWaits().readEcho(view({ options: Option.TIMESTAMPS, tsEcr: 6 }))).toBe(false);
  });

  it.each([
    [199, 200, true],
    [200, 201, false],
    [99, 100, false],
    [100, 101, true],
    [50, 101, true],
  ])('a block of %i to %i reports a repeat of 100 to 200: %s', (start, end, reports) => {
    const copy = sending(1);
    wait(sending(0), copy).repeatReported(start, end, 5000, 9, -1);
    expect(copy.verdict.spurious).toBe(reports);
  });

  it('one block reports one repeat, and a second block the copy before', () => {
    const [first, second, third] = [sending(0), sending(1), sending(2)];
    const waits = wait(first, second, third);
    waits.repeatReported(100, 200, 5000, 9, -1);
    expect([first, second, third].map(({ verdict }) => [verdict.spurious, verdict.fate])).toEqual([
      [false, Fate.UNKNOWN],
      [false, Fate.UNKNOWN],
      [true, Fate.DELIVERED],
    ]);
    expect(third.verdict.evidence).toEqual([9]);
    waits.repeatReported(100, 200, 6000, 10, -1);
    expect(second.verdict).toMatchObject({ spurious: true, fate: Fate.DELIVERED, evidence: [10] });
    waits.repeatReported(100, 200, 7000, 11, -1);
    expect(first.verdict.spurious).toBe(false);
  });

  it('what the receiver told to be missing did not arrive: a sure repair of it did', () => {
    const of = (confidence: number) => {
      const [first, repair, again] = [sending(0), sending(1, { cause: Cause.FAST, confidence }), sending(2)];
      wait(first, repair, again).repeatReported(100, 200, 5000, 9, -1);
      return [first, repair, again].map(({ verdict }) => verdict.fate);
    };
    expect(of(0.97)).toEqual([Fate.LOST, Fate.DELIVERED, Fate.DELIVERED]);
    expect(of(0.9)).toEqual([Fate.UNKNOWN, Fate.UNKNOWN, Fate.DELIVERED]);
  });

  it('an echo of the copy alone shows that it arrived (RFC 7323 section 4.3)', () => {
    const read = (stamps: [number, number], tsEcr: number, fields: Partial<Verdict> = { spurious: true }) => {
      const copy = sending(1, fields, stamps[1]);
      const found = wait(sending(0, {}, stamps[0]), copy).readEcho(
        view({ options: Option.TIMESTAMPS, tsEcr, frame: 5 }),
      );
      expect(copy.verdict.fate === Fate.DELIVERED).toBe(found);
      return found;
    };
    expect(read([7, 8], 8)).toBe(true);
    expect(read([7, 8], 7)).toBe(false);
    expect(read([8, 8], 8)).toBe(false);
    expect(read([7, 8], 8, {})).toBe(false);
    expect(read([7, 8], 8, { spurious: true, fate: Fate.LOST })).toBe(false);
    expect(wait(sending(0), sending(1, { spurious: true }, 0)).readEcho(view({ tsEcr: 0 }))).toBe(false);
  });
});

describe('what the capture has not seen', () => {
  const holes = (...ranges: [number, number][]) => {
    const all = new Holes();
    for (const [start, end] of ranges) all.open(holeBefore(start, end, view({}), 0, 0, false));
    return all;
  };

  it('is filled where a segment lies, to the byte', () => {
    const all = holes([100, 200], [300, 400]);
    expect(all.fill(50, 100, true)).toEqual([]);
    expect(all.fill(200, 300, true)).toEqual([]);
    expect(all.fill(150, 310, true)).toEqual([
      { start: 150, end: 200 },
      { start: 300, end: 310 },
    ]);
    expect([all.in(99, 101)?.end, all.in(150, 310), all.in(310, 311)?.start]).toEqual([150, null, 310]);
    expect(all.fill(120, 130, true)).toEqual([{ start: 120, end: 130 }]);
    expect([all.in(100, 120)?.end, all.in(120, 130), all.in(100, 150)?.start]).toEqual([120, null, 130]);
  });

  it('was received where it lies within what was acknowledged, and is told once', () => {
    const shown = (all: Holes, start: number, end: number, low: number, high: number) => {
      const found: Hole[] = [];
      all.acknowledge(start, end, low, high, found);
      return found.map((hole) => hole.start);
    };
    const all = holes([100, 200]);
    expect(shown(all, 150, 300, 101, 300)).toEqual([]);
    expect(shown(all, 150, 199, 100, 199)).toEqual([]);
    expect(shown(all, 200, 300, 100, 300)).toEqual([]);
    expect(shown(all, 150, 200, 100, 200)).toEqual([100]);
    expect(shown(all, 150, 200, 100, 200)).toEqual([]);
  });

  it('is remembered for 4096 places', () => {
    const all = new Holes();
    const open = (i: number) => all.open(holeBefore(10 * i, 10 * i + 5, view({}), 0, 0, false));
    for (let i = 0; i < 4096; i++) expect(open(i)).toBe(true);
    expect(open(4096)).toBe(false);
    expect([all.in(0, 5), all.in(10, 15)?.start]).toEqual([null, 10]);
  });

  it('is known by what the segment after it shows of its clocks', () => {
    const hole = (fields: Partial<SegmentView>) =>
      holeBefore(0, 1, view({ tsVal: 7, ipId: 9, ...fields }), 0, 0, false);
    expect(hole({ ipVersion: 4, options: Option.TIMESTAMPS })).toMatchObject({ tsVal: 7, ipId: 9 });
    expect(hole({ ipVersion: 6, options: 0 })).toMatchObject({ tsVal: -1, ipId: -1 });
  });
});

describe('a checksum that is wrong', () => {
  const end = { outbound: null, peer: { outbound: null } };
  const SOMEWHERE = {
    connection: { client: end, server: end },
    receiver: { role: 'client' },
  } as unknown as TrackedSegment;
  const last = (...statuses: number[]) => {
    const acceptance = new Acceptance();
    const isCorrupted = (tcpChecksumStatus: number) => acceptance.isCorrupted(SOMEWHERE, view({ tcpChecksumStatus }));
    return statuses.map(isCorrupted).at(-1);
  };
  const good = (n: number) => Array.from({ length: n }, () => ChecksumStatus.GOOD);

  it('is damage where more than four times as many are right, else the card fills them in', () => {
    expect(last(...good(4), ChecksumStatus.BAD)).toBe(false);
    expect(last(...good(5), ChecksumStatus.BAD)).toBe(true);
    expect(last(...good(8), ChecksumStatus.BAD, ChecksumStatus.BAD)).toBe(false);
    expect(last(...good(9), ChecksumStatus.BAD, ChecksumStatus.BAD)).toBe(true);
    expect(last(...good(9), ChecksumStatus.OFFLOAD)).toBe(false);
    expect(last(...good(9))).toBe(false);
  });
});

describe('a segment that its sender cannot have sent', () => {
  /** The receiver's window of 1000 bytes ends at 5000, and all up to 3000 was sent. */
  const receiver = { windowShift: 0, windowEdge: 5000, window: 1000, state: State.ESTABLISHED, timestamps: true };
  const segment = (seq: number, of: object = {}, sender: object = {}) =>
    ({
      seq,
      end: seq + 10,
      ack: 1,
      previousSndNxt: 3000,
      sender: { timestamps: true, ...sender },
      receiver: { ...receiver, ...of },
    }) as unknown as TrackedSegment;
  const refused = (t: TrackedSegment, fields: Partial<SegmentView> = {}, acceptance = new Acceptance()) =>
    acceptance.isUnacceptable(t, view({ flags: ACK, ...fields }));

  it('lies more than the largest window without a scale beyond the window, or more than the window', () => {
    expect([refused(segment(5000 + 65535)), refused(segment(5000 + 65536))]).toEqual([false, true]);
    const large = { window: 100_000 };
    expect([refused(segment(105_000, large)), refused(segment(105_001, large))]).toEqual([false, true]);
  });

  it('is not known where the scale or the edge of the window is not', () => {
    expect(refused(segment(200_000))).toBe(true);
    expect(refused(segment(200_000, { windowShift: -1 }))).toBe(false);
    expect(refused(segment(200_000, { windowEdge: -1 }))).toBe(false);
    // All up to 3000 was sent: beyond such an edge its own stream went on.
    expect(refused(segment(200_000, { windowEdge: 2999 }))).toBe(false);
    expect(refused(segment(200_000, { windowEdge: 3000 }))).toBe(true);
    expect(refused(segment(3000, { windowEdge: -70_000 }))).toBe(false);
  });

  it('is not known where the ACK of the handshake is not in the capture', () => {
    const first = (lastAck: number, ack: number) =>
      refused({ ...segment(200_000, {}, { lastAck }), ack } as TrackedSegment);
    expect([first(0, 1), first(1, 1), first(0, 0)]).toEqual([false, true, true]);
  });

  it('has no timestamps though they were agreed, where its options were read to their end', () => {
    const bare = (options: number) => {
      const acceptance = new Acceptance();
      const of = segment(3000, { timestamps: true });
      refused(of, { options: Option.TIMESTAMPS }, acceptance);
      return refused(of, { options }, acceptance);
    };
    expect([0, Option.TIMESTAMPS, Option.CUT, Option.MALFORMED].map(bare)).toEqual([true, false, false, false]);
  });

  it('counts once another follows it there', () => {
    const acceptance = new Acceptance();
    expect(refused(segment(200_000), {}, acceptance)).toBe(true);
    expect(refused(segment(200_011), {}, acceptance)).toBe(true);
    expect(refused(segment(200_021), {}, acceptance)).toBe(false);
  });

  it('lacks the timestamps that its sender has sent before, where they are agreed (RFC 7323 section 3.2)', () => {
    const stampedFirst = () => {
      const acceptance = new Acceptance();
      refused(segment(3000), { options: Option.TIMESTAMPS }, acceptance);
      return acceptance;
    };
    expect(refused(segment(3000), {}, stampedFirst())).toBe(true);
    expect(refused(segment(3000))).toBe(false);
    expect(refused(segment(3000, { timestamps: false }), {}, stampedFirst())).toBe(false);
    expect(refused(segment(3000, {}, { timestamps: false }), {}, stampedFirst())).toBe(false);
    expect(refused(segment(3000), { flags: SYN }, stampedFirst())).toBe(false);
    expect(refused(segment(3000), { flags: RST }, stampedFirst())).toBe(false);
  });

  it('acknowledges in SYN-SENT what was not sent, a megabyte and more from it (RFC 9293 section 3.10.7.3)', () => {
    const opening = { state: State.SYN_SENT, hasIss: true, sndNxt: 1 };
    const acks = (ack: number, of: object = {}, flags = ACK) =>
      refused({ ...segment(3000, { ...opening, ...of }), ack } as TrackedSegment, { flags });
    expect([acks(1), acks(0), acks(-1)]).toEqual([false, true, true]);
    expect([acks(1 + (1 << 20)), acks(2 + (1 << 20))]).toEqual([false, true]);
    expect(acks(-1, { state: State.ESTABLISHED })).toBe(false);
    expect(acks(-1, { hasIss: false })).toBe(false);
    expect(acks(-1, {}, 0)).toBe(false);
  });
});

describe('a packet that is too big', () => {
  it('is reported by ICMP 3/4 (RFC 792) and ICMPv6 2 (RFC 4443)', () => {
    const of = (ipVersion: number, icmpType: number, icmpCode: number) =>
      isTooBig(view({ ipVersion, icmpType, icmpCode } as Partial<SegmentView>));
    expect([of(4, 3, 4), of(4, 3, 3), of(4, 3, 5), of(4, 2, 4), of(4, 4, 4)]).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
    expect([of(6, 2, 0), of(6, 1, 0), of(6, 3, 4)]).toEqual([true, false, false]);
  });

  it('counts where the quoted segment is outstanding (RFC 5927 section 4.1)', () => {
    const sender = { hasBase: true, base: 1000, sndUna: 100, sndNxt: 200 } as unknown as Endpoint;
    const of = (offset: number) => quotesOutstanding(view({ seq: 1000 + offset }), sender);
    expect([98, 99, 100, 200, 201].map(of)).toEqual([false, true, true, true, false]);
    expect(quotesOutstanding(view({ seq: 5 }), { hasBase: false } as unknown as Endpoint)).toBe(true);
  });
});

describe('the scoreboard', () => {
  const sent = (scoreboard: Scoreboard, pool: TransmissionPool, start: number, end: number) => {
    const o = pool.take();
    Object.assign(o, { start, end, time: start });
    scoreboard.add(o);
    return o;
  };
  const sink = { sacks: () => {} };
  const three = () => {
    const pool = new TransmissionPool();
    const scoreboard = new Scoreboard(pool);
    for (const start of [0, 100, 200]) sent(scoreboard, pool, start, start + 100);
    return { pool, scoreboard };
  };

  it('a segment is acknowledged in part, and gives way to the next one when it is taken out', () => {
    const { scoreboard } = three();
    scoreboard.advance(99);
    expect(scoreboard).toMatchObject({ outstanding: 201, oldestTime: 0 });
    expect(scoreboard.drop(scoreboard.oldest!)?.start).toBe(100);
    expect(scoreboard).toMatchObject({ outstanding: 200, oldestTime: 100 });
  });

  it('a segment is selectively acknowledged by a block that holds all of it, and by two that touch', () => {
    const { scoreboard } = three();
    expect(scoreboard.sack(100, 199, 5, sink)).toBe(0);
    expect(scoreboard.sack(199, 200, 6, sink)).toBe(100);
    expect(scoreboard.sack(100, 200, 7, sink)).toBe(0);
    expect(scoreboard).toMatchObject({ outstanding: 200, highSacked: 200 });
    expect(scoreboard.sack(201, 300, 8, sink)).toBe(0);
    expect(scoreboard.highSacked).toBe(300);
  });

  it('a block around what is known acknowledges what lies on both sides of it', () => {
    const { scoreboard } = three();
    expect(scoreboard.sack(100, 200, 5, sink)).toBe(100);
    expect(scoreboard.sack(0, 300, 6, sink)).toBe(200);
    expect(scoreboard.outstanding).toBe(0);
  });

  it('what is sent where a block had reported it is no longer outstanding', () => {
    const { pool, scoreboard } = three();
    scoreboard.sack(300, 400, 5, sink);
    expect(sent(scoreboard, pool, 300, 400).sackedAt).toBe(300);
    expect(sent(scoreboard, pool, 400, 401).sackedAt).toBe(NEVER);
    expect(scoreboard.outstanding).toBe(301);
  });

  it('a copy belongs to every first sending of which it holds a byte', () => {
    const { pool, scoreboard } = three();
    const copies = (start: number, end: number) => scoreboard.addCopy(Object.assign(pool.take(), { start, end }));
    expect([copies(0, 100), copies(99, 101), copies(100, 100), copies(0, 300), copies(300, 400)]).toEqual([
      1, 2, 0, 3, 0,
    ]);
  });

  it('follows 32 copies of one segment', () => {
    const { pool, scoreboard } = three();
    for (let i = 0; i < 32; i++) scoreboard.addCopy(Object.assign(pool.take(), { start: 0, end: 100 }));
    expect(scoreboard).toMatchObject({ forgotten: 0 });
    scoreboard.addCopy(Object.assign(pool.take(), { start: 0, end: 100 }));
    expect(scoreboard).toMatchObject({ forgotten: 1 });
    expect(scoreboard.oldest?.copies).toHaveLength(32);
  });

  it('follows one copy for 2048 segments', () => {
    const pool = new TransmissionPool();
    const scoreboard = new Scoreboard(pool);
    for (let i = 0; i < 2049; i++) sent(scoreboard, pool, i, i + 1);
    scoreboard.addCopy(Object.assign(pool.take(), { start: 0, end: 2048 }));
    expect(scoreboard.forgotten).toBe(0);
    scoreboard.addCopy(Object.assign(pool.take(), { start: 0, end: 2049 }));
    expect(scoreboard.forgotten).toBe(1);
  });
});
