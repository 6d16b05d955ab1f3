/** The constants of the congestion models, each with an example one unit on either side. */
import { describe, expect, it } from 'vitest';
import { Told, Usage } from '../../src/congestion/controller.ts';
import { Heard, HeardQueue } from '../../src/congestion/heard.ts';
import { HyStart } from '../../src/congestion/hystart.ts';
import { NewRenoController } from '../../src/congestion/newreno.ts';
import { ProportionalRate } from '../../src/congestion/prr.ts';
import { Round } from '../../src/congestion/round.ts';
import { Counting, Growth, type Range, Reduction, SIGNATURES } from '../../src/congestion/signatures.ts';
import { Silences } from '../../src/congestion/silences.ts';
import { Undo } from '../../src/congestion/undo.ts';
import { WindowObserver } from '../../src/congestion/window-observer.ts';
import { Algorithm } from '../../src/model/congestion.ts';

const MS = 1e6;
const S = 1e9;

describe('undo', () => {
  const heard = (fields: Partial<Heard>) => Object.assign(new Heard(), fields);
  const dsack = (dsackEnd: number) => heard({ dsack: true, dsackEnd });
  /** An episode from 100 on, with so many retransmissions. */
  const episode = (retransmissions: number, tsVal = -1) => {
    const undo = new Undo();
    undo.begin(100, 0);
    for (let i = 0; i < retransmissions; i++) undo.repeats(100, 200 + i, tsVal < 0 ? -1 : tsVal + i);
    return undo;
  };

  it('takes a D-SACK for each retransmission (RFC 3708), and happens once', () => {
    const undo = episode(2);
    expect(undo.isNeedless(dsack(150), true, false, 300, 0)).toBe(false);
    expect(undo.isNeedless(dsack(150), true, false, 300, 0)).toBe(true);
    expect(undo.isNeedless(dsack(150), true, false, 300, 0)).toBe(false);
    const none = new Undo();
    none.begin(100, 0);
    expect(none.isNeedless(dsack(150), true, false, 300, 0)).toBe(false);
  });

  it('D-SACKs below the marker speak of earlier episodes', () => {
    expect(episode(1).isNeedless(dsack(100), true, false, 300, 0)).toBe(false);
    expect(episode(1).isNeedless(dsack(101), true, false, 300, 0)).toBe(true);
  });

  it('retransmissions of an earlier episode have to be reported too', () => {
    const undo = new Undo();
    undo.begin(100, 1);
    undo.repeats(100, 200, -1);
    expect(undo.isNeedless(dsack(150), true, false, 300, 0)).toBe(false);
    expect(undo.isNeedless(dsack(150), true, false, 300, 0)).toBe(true);
  });

  it('Eifel: the echo is older than the first retransmission (RFC 3522 section 3.2)', () => {
    const echo = (tsEcr: number, fields: Partial<Heard> = {}, repairing = true) =>
      episode(2, 500).isNeedless(heard({ advances: true, ack: 150, tsEcr, ...fields }), repairing, true, 300, 0);
    expect([echo(499), echo(500), echo(501)]).toEqual([true, false, false]);
    expect(echo(499, { advances: false })).toBe(false);
    expect(echo(499, {}, false)).toBe(false);
    expect(episode(1, 0).isNeedless(heard({ advances: true, ack: 150, tsEcr: 0xffffffff }), true, true, 300, 0)).toBe(
      true,
    );
    // What it acknowledges below that may have been sent again before the capture began.
    expect([echo(499, { ack: 101 }), echo(499, { ack: 100 })]).toEqual([true, false]);
  });

  it('F-RTO: after a timeout what was not sent again is acknowledged (RFC 5682 section 2.1)', () => {
    const ack = (number: number, fields: Partial<Heard> = {}, afterTimeout = true, highSacked = 0) =>
      episode(1).isNeedless(heard({ ack: number, advances: true, ...fields }), true, afterTimeout, 300, highSacked);
    expect([ack(200), ack(201), ack(300), ack(301)]).toEqual([false, true, true, false]);
    expect(ack(201, {}, false)).toBe(false);
    expect(ack(201, { advances: false })).toBe(false);
    const sacked = (high: number, newlySacked: number) => ack(100, { advances: false, newlySacked }, true, high);
    expect([sacked(200, 1), sacked(201, 1), sacked(201, 0)]).toEqual([false, true, false]);
  });

  it('is forbidden where the reduction had another reason', () => {
    const undo = episode(1);
    undo.forbid();
    expect(undo.isNeedless(dsack(150), true, false, 300, 0)).toBe(false);
  });
});

describe('HyStart as in Linux', () => {
  /** Whether slow start ends by ACKs of one round, which come at these times with these round trips. */
  const ends = (cwnd: number, delayMin: number, acks: [number, number][]) => {
    const hystart = new HyStart();
    const told = new Told();
    told.now = 0;
    told.sndNxt = 100;
    hystart.begin(told);
    return acks.some(([now, rtt]) => {
      Object.assign(told, { now, rtt, una: 50 });
      return hystart.leaves(told, delayMin, cwnd);
    });
  };
  const train = (count: number, gap: number): [number, number][] =>
    Array.from({ length: count }, (_, i) => [(i + 1) * gap, 100 * MS]);
  const apart = (count: number, rtt: number): [number, number][] =>
    Array.from({ length: count }, (_, i) => [(i + 1) * 3 * MS, rtt]);

  it('a train of ACKs is as long as half the shortest round trip, and a half millisecond', () => {
    // (100 ms + 1 ms) / 2 = 50.5 ms
    expect(ends(16, 100 * MS, train(50, MS))).toBe(false);
    expect(ends(16, 100 * MS, train(51, MS))).toBe(true);
  });

  it('ACKs that are 2 ms apart belong to one train, a little more do not', () => {
    expect(ends(16, 100 * MS, train(60, 2 * MS))).toBe(true);
    expect(ends(16, 100 * MS, train(60, 2 * MS + 1))).toBe(false);
  });

  it('does nothing below 16 segments', () => {
    expect(ends(15, 100 * MS, train(60, MS))).toBe(false);
  });

  it('nor before eight samples', () => {
    expect(ends(16, 80 * MS, apart(8, 91 * MS))).toBe(false);
    expect(ends(16, 80 * MS, apart(9, 91 * MS))).toBe(true);
  });

  it.each([
    [80, 10],
    [32, 4],
    [16, 4],
    [128, 16],
    [200, 16],
  ])('with a shortest round trip of %i ms the increase has to be more than %i ms', (delayMin, increase) => {
    expect(ends(16, delayMin * MS, apart(9, (delayMin + increase) * MS))).toBe(false);
    expect(ends(16, delayMin * MS, apart(9, (delayMin + increase) * MS + 1))).toBe(true);
  });

  it('a window that goes on growing contradicts it at the third time', () => {
    const hystart = new HyStart();
    const told = new Told();
    told.now = 0;
    hystart.begin(told);
    expect(hystart.contradicted()).toBe(false);
    for (const [now, rtt] of train(60, MS)) hystart.leaves(Object.assign(told, { now, rtt, una: 0 }), 100 * MS, 16);
    expect([hystart.contradicted(), hystart.contradicted(), hystart.contradicted()]).toEqual([false, false, true]);
  });
});

describe('ACKs on their way to the sender', () => {
  it('keep their order, however many there are', () => {
    const queue = new HeardQueue();
    expect(queue.oldest).toBeNull();
    const taken: number[] = [];
    let next = 0;
    const put = (n: number) => {
      for (let i = 0; i < n; i++) queue.add().frame = next++;
    };
    const take = (n: number) => {
      for (let i = 0; i < n; i++) {
        taken.push(queue.oldest!.frame);
        queue.drop();
      }
    };
    put(3);
    take(2);
    put(9);
    take(5);
    put(20);
    take(25);
    expect(queue.oldest).toBeNull();
    expect(taken).toEqual(Array.from({ length: 32 }, (_, i) => i));
  });
});

describe('RFC 6937 section 3', () => {
  it('sndcnt = CEIL(prr_delivered * ssthresh / RecoverFS) - prr_out while pipe is above ssthresh', () => {
    const rate = new ProportionalRate();
    rate.begin(20);
    expect(rate.acknowledged(3, 11, 10)).toBe(2);
    rate.sent(2);
    expect(rate.acknowledged(1, 11, 10)).toBe(0);
    expect(rate.acknowledged(1, 11, 10)).toBe(1);
  });

  it('at ssthresh nothing more than what brings pipe there', () => {
    const rate = new ProportionalRate();
    rate.begin(20);
    expect(rate.acknowledged(3, 10, 10)).toBe(0);
    expect(rate.acknowledged(3, 9, 10)).toBe(1);
  });
});

describe('a window', () => {
  const controller = (cwnd: number, ssthresh: number) => {
    const c = new NewRenoController(10, ssthresh);
    c.cwnd = cwnd;
    return c;
  };
  const usage = (fields: Partial<Usage>) => Object.assign(new Usage(), { rto: S, ...fields });

  it('that was not used for an RTO moves halfway towards what was used (RFC 2861 section 3.1)', () => {
    const after = (now: number) => {
      const c = controller(100, 40);
      c.used(usage({ now: 0, inFlight: 20, outstanding: 20, una: 0, sndNxt: 20 }));
      c.used(usage({ now, inFlight: 20, outstanding: 20, una: 20, sndNxt: 40 }));
      return [c.cwnd, c.ssthresh];
    };
    expect(after(S - 1)).toEqual([100, 40]);
    // (100 + 20) / 2; three quarters of 100 are remembered.
    expect(after(S)).toEqual([60, 75]);
  });

  it('never moves below the initial one so', () => {
    const c = controller(12, 5);
    c.used(usage({ now: 0, inFlight: 2, outstanding: 2, una: 0, sndNxt: 2 }));
    c.used(usage({ now: S, inFlight: 2, outstanding: 2, una: 2, sndNxt: 4 }));
    expect(c.cwnd).toBe(11);
  });

  it('that idled for an RTO is halved only after it, once for each (RFC 2861)', () => {
    const after = (idle: number) => {
      const c = controller(80, 40);
      c.resumed(idle, S);
      return c.cwnd;
    };
    expect([after(S), after(S + 1), after(2 * S), after(2 * S + 1)]).toEqual([80, 40, 40, 20]);
  });

  it('at a loss that an ACK told of, is what it was before that ACK', () => {
    const told = Object.assign(new Told(), { delivered: 1, pipe: 0, byAck: true });
    const c = controller(10, 100);
    c.used(usage({ now: 0, inFlight: 10, outstanding: 10, una: 0, sndNxt: 10 }));
    c.acknowledged(told);
    expect(c.cwnd).toBe(11);
    c.lossDetected(told);
    expect(c.ssthresh).toBe(5);
    c.undone();
    expect(c.cwnd).toBe(10);
  });

  it('grows by ACKs where the sender counts them', () => {
    const grown = (countsAcks: boolean) => {
      const c = controller(10, 100);
      c.used(usage({ now: 0, inFlight: 10, outstanding: 10, una: 0, sndNxt: 10 }));
      c.acknowledged(Object.assign(new Told(), { delivered: 2, countsAcks }));
      return c.cwnd;
    };
    expect([grown(false), grown(true)]).toEqual([12, 11]);
  });

  it('passes ssthresh by what is left of the ACK, in congestion avoidance', () => {
    const c = controller(10, 11);
    c.used(usage({ now: 0, inFlight: 10, outstanding: 10, una: 0, sndNxt: 10 }));
    c.acknowledged(Object.assign(new Told(), { delivered: 12 }));
    expect(c.cwnd).toBe(12);
  });
});

describe('a round', () => {
  it('sums what its ACKs told', () => {
    const round = new Round();
    round.begin(5);
    round.hears(2, true, false, 30);
    round.hears(3, false, true, 10);
    round.hears(1, true, true, Number.NaN);
    expect(round).toMatchObject({
      start: 5,
      delivered: 6,
      acks: 2,
      marked: 4,
      samples: 2,
      rttSum: 40,
      shortestRtt: 10,
      longestRtt: 30,
    });
    round.begin(9);
    expect(round).toMatchObject({
      start: 9,
      delivered: 0,
      acks: 0,
      marked: 0,
      samples: 0,
      rttSum: 0,
      longestRtt: 0,
      free: true,
    });
  });
});

describe('the window that a round shows', () => {
  /** A round of so many ACKs, 1 ms apart, each answered after `delay`, with so many in flight before each. */
  const shown = (
    acks: number,
    { delay = 100e3, full = acks, inFlight = (_: number): number => 10, free = true } = {},
  ) => {
    const observer = new WindowObserver();
    const usage = Object.assign(new Usage(), { isFree: true });
    observer.next({ now: 0, sndNxt: 100 });
    for (let i = 0; i <= acks; i++) {
      const isLast = i === acks;
      Object.assign(usage, { now: (i + 1) * MS, inFlight: inFlight(i), una: isLast ? 100 : 50, isFree: free });
      observer.hears(usage);
      observer.sends({ time: (i + 1) * MS + delay }, i < full);
    }
    return { isOver: observer.isRoundOver, shows: observer.showsRound, window: observer.shown };
  };

  it('is its peak, where ACKs are answered within 300 us', () => {
    expect(shown(6)).toEqual({ isOver: true, shows: true, window: 10 });
    expect(shown(6, { delay: 300e3 }).shows).toBe(true);
    expect(shown(6, { delay: 300e3 + 1 }).shows).toBe(false);
  });

  it('is none where something else stopped the sender', () => {
    expect(shown(6, { free: false })).toEqual({ isOver: true, shows: false, window: 0 });
  });

  it('is none where the flight sagged by more than two segments too often', () => {
    expect(shown(6, { inFlight: (i) => (i === 3 ? 8 : 10) }).shows).toBe(true);
    expect(shown(6, { inFlight: (i) => (i === 3 ? 7 : 10) }).shows).toBe(false);
  });

  /** Rounds of one batch of ACKs each, 40 ms apart, answered by two segments; in flight before each: `flights`. */
  const batches = (flights: readonly number[], { first = true, last = true, wait = 100e3 } = {}) => {
    const observer = new WindowObserver();
    const usage = Object.assign(new Usage(), { isFree: true });
    return flights.map((inFlight, i) => {
      const now = i * 40 * MS;
      Object.assign(usage, { now, inFlight, una: i * 10, sndNxt: i * 10 + 10 });
      observer.hears(usage);
      if (observer.isRoundOver) observer.next(usage);
      observer.sends({ time: now + wait }, first);
      observer.sends({ time: now + wait + 10 }, last);
      return observer.showsRound;
    });
  };

  it('is told by a single batch of ACKs, where nothing but full segments answers it', () => {
    expect(batches([10, 10, 10]).at(-1)).toBe(true);
    expect(batches([10, 10, 10], { first: false }).at(-1)).toBe(false);
    expect(batches([10, 10, 10], { last: false }).at(-1)).toBe(false);
    expect(batches([10, 10, 10], { wait: 300e3 + 1 }).at(-1)).toBe(false);
  });

  it('is not told by a single batch that finds less in flight than the one before', () => {
    expect(batches([10, 10, 10, 11]).at(-1)).toBe(true);
    expect(batches([10, 10, 10, 9]).at(-1)).toBe(false);
  });
});

describe('a window that does not grow as in slow start', () => {
  /** Rounds of so many ACKs each, all answered at once by full segments: two with the one flight, one with the other. */
  const isLevel = (acks: number, before: number, after: number) => {
    const observer = new WindowObserver();
    const usage = Object.assign(new Usage(), { isFree: true });
    observer.next({ now: 0, sndNxt: 1 });
    const ends: boolean[] = [];
    let now = 0;
    for (const inFlight of [before, before, after]) {
      for (let i = 1; i <= acks; i++) {
        now += MS;
        Object.assign(usage, { now, inFlight, una: i === acks ? 1 : 0, sndNxt: 1 });
        observer.hears(usage);
        if (observer.isRoundOver) {
          ends.push(observer.isLevelRound);
          observer.next(usage);
        }
        observer.round.hears(1, true, false, Number.NaN);
        observer.sends({ time: now + 1000 }, true);
      }
    }
    return ends.at(-1);
  };

  it('gains less than two fifths of what it was', () => {
    expect([isLevel(20, 10, 13), isLevel(20, 10, 14)]).toEqual([true, false]);
  });

  it('and less than three fifths of a segment for each ACK (RFC 5681 section 3.1: up to one)', () => {
    expect([isLevel(12, 20, 27), isLevel(12, 20, 28)]).toEqual([true, false]);
    // Exactly three for five ACKs are not less.
    expect([isLevel(5, 20, 22), isLevel(5, 20, 23)]).toEqual([true, false]);
  });

  it('where few ACKs come: less than one and a half segments', () => {
    expect([isLevel(2, 20, 21), isLevel(2, 20, 22)]).toEqual([true, false]);
    expect([isLevel(3, 20, 21), isLevel(3, 20, 22)]).toEqual([true, false]);
  });
});

describe('the end at which a capture was made', () => {
  /** After so many silences the ACK comes first and data 300 us later; after so many others data comes first. */
  const silences = (answered: number, broken: number, { silence = 3e6, delay = 300e3 } = {}) => {
    const seen = new Silences();
    let now = 0;
    seen.sends(now);
    for (let i = 0; i < answered; i++) {
      now += silence;
      seen.hears(now);
      now += delay;
      seen.sends(now);
    }
    for (let i = 0; i < broken; i++) {
      now += silence;
      seen.sends(now);
    }
    return seen.areAnswered;
  };

  it('is the sender, where ACKs break five silences of 3 ms and are answered within 300 us', () => {
    expect([silences(5, 0), silences(4, 0)]).toEqual([true, false]);
    expect(silences(5, 0, { silence: 3e6 - 1 })).toBe(false);
    expect(silences(5, 0, { delay: 300e3 + 1 })).toBe(false);
  });

  it('is not, where data breaks more than a fourth as many', () => {
    expect([silences(8, 2), silences(8, 3)]).toEqual([true, false]);
    expect(silences(8, 3, { silence: 3e6 - 1 })).toBe(false);
  });
});

describe('what each algorithm foretells of both ends of what the window may have been', () => {
  it('HighSpeed: half of 38 segments, and a tenth less of 83000 (RFC 3649)', () => {
    const signature = SIGNATURES.find(({ algorithm }) => algorithm === Algorithm.HIGHSPEED)!;
    const [range] = signature.reduced(Object.assign(new Reduction(), { beforeLow: 38, beforeHigh: 83_000 }));
    expect([range.least, Math.round(range.most)]).toEqual([19, 74_700]);
  });
});

describe('what each algorithm foretells', () => {
  const of = (algorithm: number) => SIGNATURES.find((signature) => signature.algorithm === algorithm)!;
  const reduced = (algorithm: number, fields: Partial<Reduction>) =>
    of(algorithm)
      .reduced(Object.assign(new Reduction(), { beforeLow: 100, beforeHigh: 110 }, fields))
      .map(rounded);
  const grown = (algorithm: number, fields: Partial<Growth>) =>
    rounded(of(algorithm).grown(Object.assign(new Growth(), { rounds: 10, byAcks: 5, bySegments: 10 }, fields))!);
  const rounded = ({ least, most }: Range) => [Math.round(least * 1e4) / 1e4, Math.round(most * 1e4) / 1e4];

  it('Reno: half, and a segment for each window (RFC 5681 equations 3 and 4)', () => {
    expect(reduced(Algorithm.RENO, {})).toEqual([[50, 55]]);
    expect(grown(Algorithm.RENO, {})).toEqual([5, 10]);
  });

  it('Reno counts in avoidance what it counts in slow start', () => {
    expect(grown(Algorithm.RENO, { counting: Counting.ACKS })).toEqual([5, 5]);
    expect(grown(Algorithm.RENO, { counting: Counting.SEGMENTS })).toEqual([10, 10]);
  });

  it('Reno without SACK may keep the three segments by which it inflated the window (RFC 5681 section 3.2)', () => {
    expect(reduced(Algorithm.RENO, { sack: false })).toEqual([
      [50, 55],
      [53, 58],
    ]);
  });

  it('CUBIC: 0.7, and W(t) = 0.4 (t - K)^3 + W_max (RFC 8312 sections 4.1 and 4.5)', () => {
    expect(reduced(Algorithm.CUBIC, {})).toEqual([[70, 77]]);
    // W_max 100, K = cbrt(30 / 0.4) = 4.2172 s: at K the window is back at 100.
    const k = Math.cbrt(30 / 0.4) * S;
    const [, most] = grown(Algorithm.CUBIC, { before: 100, from: 70, duration: k - 0.1 * S, rtt: 0.1 * S });
    expect(most).toBe(30);
    // Two seconds later: 0.4 * 8 = 3.2 more. Fast convergence: W_max is 85 then, which is passed sooner.
    const late = grown(Algorithm.CUBIC, { before: 100, from: 70, duration: k + 1.9 * S, rtt: 0.1 * S });
    const sooner = Math.cbrt(15 / 0.4);
    const converging = 15 + 0.4 * (Math.cbrt(30 / 0.4) + 2 - sooner) ** 3;
    expect(late).toEqual([33.2, converging].sort((a, b) => a - b).map((x) => Math.round(x * 1e4) / 1e4));
    // Never slower than Reno would be: 3 * 0.3 / 1.7 = 0.5294 segments a round.
    expect(grown(Algorithm.CUBIC, { before: 10, from: 7, duration: 0, rtt: 0, bySegments: 100 })[1]).toBe(52.9412);
  });

  it('BIC: 0.8 above 14 segments, and 16 segments a round at the most', () => {
    expect(reduced(Algorithm.BIC, {})).toEqual([[80, 88]]);
    expect(reduced(Algorithm.BIC, { beforeLow: 14 })).toEqual([]);
    expect(reduced(Algorithm.BIC, { beforeLow: 15, beforeHigh: 15 })).toEqual([[12, 12]]);
    expect(grown(Algorithm.BIC, {})).toEqual([0, 160]);
  });

  it('Scalable: seven eighths above 16 segments, 0.01 or 0.02 for each ACK', () => {
    expect(reduced(Algorithm.SCALABLE, {})).toEqual([[87.5, 96.25]]);
    expect(reduced(Algorithm.SCALABLE, { beforeLow: 16 })).toEqual([]);
    expect(reduced(Algorithm.SCALABLE, { beforeLow: 17, beforeHigh: 17 })).toEqual([[14.875, 14.875]]);
    expect(grown(Algorithm.SCALABLE, { from: 100, to: 200 })).toEqual([5, 40]);
    expect(grown(Algorithm.SCALABLE, { from: 20, to: 40 })).toEqual([1, 10]);
  });

  it('HighSpeed: the table of RFC 3649 (appendix B)', () => {
    // Window, a(w), 1 - b(w).
    for (const [w, a, b] of [
      [38, 1, 0.5],
      [118, 2, 0.44],
      [221, 3, 0.41],
      [1058, 8, 0.33],
      [10661, 30, 0.21],
      [83981, 70, 0.1],
    ]) {
      const [[least]] = reduced(Algorithm.HIGHSPEED, { beforeLow: w, beforeHigh: w });
      expect(Math.abs(1 - least / w - b)).toBeLessThan(0.006);
      const [increase] = grown(Algorithm.HIGHSPEED, { from: w, to: w, byAcks: 1, bySegments: 1 });
      expect(Math.abs(increase - a)).toBeLessThan(0.1 + 0.04 * a);
    }
  });

  it.each([37, 38, 39, 40, 1000, 82_999, 83_000, 90_000])(
    'HighSpeed: the equations of RFC 3649 (section 5) at %i',
    (w) => {
      // b(w) falls from 0.5 at 38 segments to 0.1 at 83,000; a(w) = w^2 p(w) 2 b(w) / (2 - b(w)), where p(w) = 0.078 / w^1.2.
      const share = (Math.log(w) - Math.log(38)) / (Math.log(83_000) - Math.log(38));
      const b = w <= 38 ? 0.5 : w >= 83_000 ? 0.1 : 0.5 + (0.1 - 0.5) * share;
      const a = w <= 38 ? 1 : (w ** 2 * (0.078 / w ** 1.2) * 2 * b) / (2 - b);
      const [[least, most]] = reduced(Algorithm.HIGHSPEED, { beforeLow: w, beforeHigh: 2 * w });
      expect(least).toBeCloseTo(w * (1 - b), 3);
      expect(most).toBeGreaterThan(w);
      const [slow, fast] = grown(Algorithm.HIGHSPEED, { from: w, to: w, byAcks: 3, bySegments: 5 });
      expect([slow, fast]).toEqual([3 * a, 5 * a].map((x) => Math.round(x * 1e4) / 1e4));
    },
  );

  it('H-TCP: the ratio of the round trips between 0.5 and 0.8, or 0.5; faster once a second has passed', () => {
    const beta = (shortestRtt: number, longestRtt: number) =>
      reduced(Algorithm.HTCP, { shortestRtt, longestRtt })[0]?.[0];
    expect([beta(40, 100), beta(60, 100), beta(90, 100)]).toEqual([50, 60, 80]);
    expect(reduced(Algorithm.HTCP, { shortestRtt: 60, longestRtt: 100 })[1]).toEqual([50, 55]);
    expect(reduced(Algorithm.HTCP, {})).toEqual([]);
    expect(grown(Algorithm.HTCP, { duration: S })).toEqual([2, 10]);
    // 1 + 10 (t - 1) + ((t - 1) / 2)^2 for t = 3: 22.
    expect(grown(Algorithm.HTCP, { duration: 3 * S })).toEqual([2, 220]);
    expect(grown(Algorithm.HTCP, { duration: 5 * S })).toEqual([2, 450]);
    expect(grown(Algorithm.HTCP, { duration: S / 2 })).toEqual([2, 10]);
  });

  it('Westwood+: the delivered rate times the shortest round trip, in congestion avoidance', () => {
    const at = (rate: number, isLevel = true) => reduced(Algorithm.WESTWOOD, { rate, baseRtt: 1, isLevel });
    expect(at(50)).toEqual([[46.5, 53.5]]);
    expect(at(89.9)).toHaveLength(1);
    expect([at(90), at(0), at(50, false)]).toEqual([[], [], []]);
    expect(at(0.5)).toEqual([[0.465, 0.535]]);
  });

  it('Illinois: an eighth to a half with the queueing delay, from 15 segments on', () => {
    const at = (latestRtt: number, beforeLow = 80) =>
      reduced(Algorithm.ILLINOIS, { latestRtt, baseRtt: 100, worstRtt: 200, beforeLow, beforeHigh: beforeLow });
    expect([at(100), at(110), at(145), at(180), at(200)].map(([[least]]) => least)).toEqual([70, 70, 55, 40, 40]);
    expect([at(180, 14), at(180, 15)]).toEqual([[], [[7.5, 7.5]]]);
    expect(at(Number.NaN)).toEqual([]);
    expect(grown(Algorithm.ILLINOIS, {})).toEqual([1.5, 100]);
  });

  it('Vegas: one segment a round up or down', () => {
    expect(reduced(Algorithm.VEGAS, {})).toEqual([[98, 110]]);
    expect(grown(Algorithm.VEGAS, {})).toEqual([-10, 10]);
  });

  it('DCTCP: cwnd * (1 - alpha / 2) (RFC 8257 section 3.3)', () => {
    expect(reduced(Algorithm.DCTCP, { alpha: 1 })).toEqual([[50, 55]]);
    expect(reduced(Algorithm.DCTCP, { alpha: 0.2 })).toEqual([[90, 99]]);
    expect(grown(Algorithm.DCTCP, {})).toEqual([5, 10]);
  });
});
