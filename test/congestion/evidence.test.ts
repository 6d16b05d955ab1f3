import { describe, expect, it } from 'vitest';
import { Evidence } from '../../src/congestion/evidence.ts';
import { Round } from '../../src/congestion/round.ts';
import { Counting, SIGNATURES } from '../../src/congestion/signatures.ts';
import { ALGORITHM_NAMES, Algorithm } from '../../src/model/congestion.ts';

const RTT = 40e6;

/** A round that was limited by a window of `peak` segments, with `perAck` segments for each ACK. */
function roundOf(peak: number, perAck = 1): Round {
  const round = new Round();
  round.peak = round.first = round.sent = peak;
  round.duration = RTT;
  for (let left = peak; left > 0; left -= perAck) round.hears(Math.min(perAck, left), true, false, RTT);
  return round;
}

/** A sender whose window is `before`, then a loss, then `after` and what follows, a round trip each. */
function shown(
  before: number,
  after: readonly number[],
  perAck = 1,
  sack = true,
  counting: number = Counting.UNKNOWN,
): Evidence {
  const evidence = new Evidence(SIGNATURES, sack);
  evidence.counting = counting;
  let now = 0;
  const show = (window: number) => {
    now += RTT;
    evidence.round(roundOf(window, perAck), true, true, now);
  };
  show(before);
  evidence.loses(before - 1, before, before - 1, before);
  now += RTT;
  evidence.recovers(now, 0);
  for (const window of after) show(window);
  evidence.endGrowth();
  return evidence;
}

/** Squared distance of what an algorithm foretold, NaN where nothing was counted. */
function deviation(evidence: Evidence, name: string): number {
  const tally = evidence.tallies.find(({ signature }) => ALGORITHM_NAMES[signature.algorithm] === name)!;
  return tally.reductions + tally.growths === 0 ? Number.NaN : tally.deviation;
}

describe('a reduction', () => {
  // What is uncertain of 100 segments: 0.75 and 2 % of them.
  it.each([
    ['reno', 50, 0],
    ['cubic', 70, 0],
    ['bic', 80, 0],
    ['scalable', 87, (0.5 / 2.75) ** 2],
    ['reno', 47, (3 / 2.75) ** 2],
    ['cubic', 74, ((74 - 70) / 2.75) ** 2],
  ])('fits %s when 100 segments become %i', (name, after, expected) => {
    expect(deviation(shown(100, [after]), name)).toBeCloseTo(expected, 5);
  });

  it('of DCTCP is by half of the share of marked data, which begins with one (RFC 8257 section 3.3)', () => {
    const before = (unmarked: number) => {
      const evidence = new Evidence(SIGNATURES, true);
      for (let i = 1; i <= unmarked; i++) evidence.round(roundOf(100), true, true, i * RTT);
      evidence.loses(100, 100, 100, 100);
      evidence.recovers((unmarked + 1) * RTT, 0);
      return evidence;
    };
    const becomes = (unmarked: number, after: number) => {
      const evidence = before(unmarked);
      evidence.round(roundOf(after), true, true, (unmarked + 2) * RTT);
      return deviation(evidence, 'dctcp');
    };
    expect(becomes(0, 50)).toBe(0);
    expect(becomes(0, 60)).toBeGreaterThan(1);
    // Sixteen rounds without marks leave (15/16)^16 = 0.356 of it: 100 become 82.
    expect(becomes(16, 82)).toBeLessThan(0.1);
    expect(becomes(16, 50)).toBe(9);
  });

  it('of fewer than six segments tells nothing', () => {
    expect(deviation(shown(6, [3]), 'reno')).toBe(0);
    expect(deviation(shown(5, [2]), 'reno')).toBeNaN();
  });

  it('tells for nobody where the window after it lies anywhere within a quarter of that before', () => {
    const first = (after: number) => {
      const evidence = new Evidence(SIGNATURES, true);
      evidence.loses(100, 100, 100, 100);
      evidence.recovers(RTT, 0);
      const round = roundOf(74);
      round.first = after;
      evidence.round(round, true, true, 2 * RTT);
      return [deviation(evidence, 'cubic'), deviation(evidence, 'vegas')];
    };
    expect(first(49)).toEqual([0, 9]);
    // Against those who would have left more it still does.
    expect(first(48)).toEqual([Number.NaN, 9]);
  });

  it('is one observation, however far it is from what was foretold', () => {
    expect(deviation(shown(100, [95]), 'reno')).toBe(9);
    expect(deviation(shown(100, [99]), 'reno')).toBe(9);
  });

  it('says nothing where the window was not used, was not shown, or everything began again', () => {
    const silent = (act: (evidence: Evidence) => void) => {
      const evidence = new Evidence(SIGNATURES, true);
      act(evidence);
      evidence.endGrowth();
      return evidence.isMeasured;
    };
    const answers = (outstanding: number, cwnd: number, shows: boolean) => (evidence: Evidence) => {
      evidence.loses(outstanding, outstanding, outstanding, cwnd);
      evidence.recovers(RTT, 0);
      for (let i = 1; i <= 2; i++) evidence.round(roundOf(30), shows, true, (i + 1) * RTT);
    };
    expect(silent(answers(80, 100, true))).toBe(true);
    expect(silent(answers(79, 100, true))).toBe(false);
    // 30 of the 40 that Reno allows are no evidence for it, and none against it.
    const unshown = new Evidence(SIGNATURES, true);
    answers(80, 80, false)(unshown);
    expect(deviation(unshown, 'reno')).toBeNaN();
    expect(
      silent((evidence) => {
        evidence.loses(80, 80, 80, 80);
        evidence.restarts();
        evidence.recovers(RTT, 0);
        evidence.round(roundOf(40), true, true, 2 * RTT);
      }),
    ).toBe(false);
  });

  it('counts against who would have left less than is in flight, shown in full or not', () => {
    const evidence = new Evidence(SIGNATURES, true);
    evidence.loses(100, 100, 100, 100);
    evidence.recovers(RTT, 0);
    evidence.loses(68, 70, 68, 70);
    expect(deviation(evidence, 'reno')).toBe(9);
    // It comes up to the 70 of CUBIC and not beyond.
    expect(deviation(evidence, 'cubic')).toBe(0);
  });
});

describe('a window that is seen while losses are repaired', () => {
  /** 100 segments, and a recovery in which the window lies between `least` and `most`. */
  function held(least: number, most: number, sack = true, before = 100): Evidence {
    const evidence = new Evidence(SIGNATURES, sack);
    evidence.loses(before, before, before, before);
    evidence.holds(least, most);
    return evidence;
  }
  const running = (evidence: Evidence, algorithm: number) => evidence.of(algorithm)!.distance;

  it('may be inflated by three segments, and three may not be taken for lost', () => {
    // What is uncertain of 100 segments: 0.75 and 2 % of them.
    expect([46, 47, 53, 54].map((window) => running(held(window, window), Algorithm.RENO))).toEqual([
      (1 / 2.75) ** 2,
      0,
      0,
      (1 / 2.75) ** 2,
    ]);
    expect(running(held(50, 50), Algorithm.CUBIC)).toBe(9);
    expect(running(held(69, 71), Algorithm.CUBIC)).toBe(0);
  });

  it('counts at once, and in the end where nothing else shows the window', () => {
    const evidence = held(50, 50);
    expect(evidence.of(Algorithm.RENO)).toMatchObject({ observations: 1, hasReduced: true, reductions: 0 });
    evidence.restarts();
    expect(evidence.of(Algorithm.RENO)).toMatchObject({ observations: 1, hasReduced: true, reductions: 1 });
  });

  it('gives way to the window that shows after the repair, unless that is told less exactly', () => {
    const shows = (first: number) => {
      const evidence = held(50, 50);
      evidence.recovers(RTT, 0);
      const round = roundOf(70);
      round.first = first;
      evidence.round(round, true, true, 2 * RTT);
      expect(evidence.of(Algorithm.RENO)!.reductions).toBe(1);
      return [deviation(evidence, 'cubic'), deviation(evidence, 'reno')];
    };
    // Six segments lie between the bounds while losses are repaired.
    expect(shows(64)).toEqual([0, 9]);
    expect(shows(63)).toEqual([9, 0]);
  });

  it('begins only with a sender that is known to have SACK, be it by the first block', () => {
    const evidence = held(50, 50, false);
    expect(evidence.of(Algorithm.RENO)!.observations).toBe(0);
    evidence.learnsSack();
    evidence.holds(50, 50);
    expect(evidence.of(Algorithm.RENO)!.observations).toBe(1);
  });

  it('may tell for one of the rare algorithms, as any other may', () => {
    const evidence = held(88, 88);
    evidence.restarts();
    expect(evidence.of(Algorithm.SCALABLE)).toMatchObject({ reductions: 1, deviation: 0, telling: 1 });
  });

  it('stays where the repair is followed by less than the window', () => {
    const evidence = held(50, 50);
    evidence.recovers(RTT, 0);
    for (let i = 2; i <= 3; i++) evidence.round(roundOf(46), false, true, i * RTT);
    expect(evidence.of(Algorithm.CUBIC)!.distance).toBe(9);
    evidence.loses(46, 46, 46, 46);
    expect(evidence.of(Algorithm.CUBIC)).toMatchObject({ reductions: 1, deviation: 9 });
  });

  it('tells nothing of a loss that was none, without SACK, or where it is known to no better than a quarter', () => {
    const excused = held(50, 50);
    excused.excuses(RTT);
    expect(excused.of(Algorithm.RENO)!.observations).toBe(0);
    expect(held(50, 50, false).of(Algorithm.RENO)!.observations).toBe(0);
    expect(held(40, 59).of(Algorithm.RENO)!.observations).toBe(1);
    expect(held(40, 60).of(Algorithm.RENO)!.observations).toBe(0);
    // Not even against those who are far from it.
    expect(held(80, 99).of(Algorithm.RENO)!.observations).toBe(1);
    expect(held(80, 100).of(Algorithm.RENO)!.observations).toBe(0);
    expect(held(3, 3, true, 5).of(Algorithm.RENO)!.observations).toBe(0);
    const unused = new Evidence(SIGNATURES, true);
    unused.loses(79, 79, 79, 100);
    unused.holds(40, 40);
    expect(unused.of(Algorithm.RENO)!.observations).toBe(0);
  });
});

describe('the ACK that ends a repair', () => {
  /** 100 segments were in flight, and after the repair `window`; the last ACK acknowledged `acked` segments. */
  const ended = (window: number, acked: number, counting: number = Counting.UNKNOWN) => {
    const evidence = new Evidence(SIGNATURES, true);
    evidence.counting = counting;
    evidence.round(roundOf(100), true, true, RTT);
    evidence.loses(99, 100, 99, 100);
    evidence.recovers(2 * RTT, acked);
    evidence.round(roundOf(window), true, true, 3 * RTT);
    return deviation(evidence, 'reno');
  };

  it('may open the window by a segment for each window that it acknowledges (RFC 3465 section 2.1)', () => {
    expect([ended(50, 0), ended(51, 0)]).toEqual([0, (1 / 2.75) ** 2]);
    expect([ended(51, 51), ended(52, 52), ended(52, 104)]).toEqual([0, (1 / 2.75) ** 2, 0]);
  });

  it('does not where the sender counts ACKs', () => {
    expect(ended(52, 104, Counting.ACKS)).toBeCloseTo((2 / 2.75) ** 2, 10);
    expect(ended(52, 104, Counting.SEGMENTS)).toBe(0);
  });
});

describe('growth', () => {
  const rounds = (from: number, step: number, count: number) =>
    Array.from({ length: count + 1 }, (_, i) => Math.floor(from + i * step));

  it.each([
    ['a segment a round trip', 1, 1],
    ['half a segment, of a receiver that acknowledges every other one', 0.5, 2],
  ])('%s is Reno', (_, step, perAck) => {
    expect(deviation(shown(100, rounds(50, step, 12), perAck), 'reno')).toBeLessThan(0.1);
  });

  it.each([
    ['none', 0],
    ['three segments', 3],
  ])('%s is not', (_, step) => {
    expect(deviation(shown(100, rounds(50, step, 12)), 'reno')).toBeGreaterThan(3);
  });

  it.each([
    ['each ACK, as slow start does', Counting.ACKS, 0.5, true],
    ['each segment, though slow start counts ACKs', Counting.ACKS, 1, false],
    ['each ACK, though slow start counts segments', Counting.SEGMENTS, 0.5, false],
  ])('by %s', (_, counting, step, isReno) => {
    const evidence = shown(100, rounds(50, step, 20), 2, true, counting);
    expect(deviation(evidence, 'reno') < 0.5).toBe(isReno);
  });

  it('is not judged by fewer than three rounds, or three segments', () => {
    const growths = (count: number, step: number) =>
      shown(100, rounds(50, step, count)).tallies.find(({ signature }) => signature.algorithm === 2)!.growths;
    expect([growths(2, 2), growths(3, 1)]).toEqual([0, 1]);
  });
});

describe('growth after a timeout', () => {
  /** The window was 10 and begins with one: slow start as long as `isLevel` says no, and then what is shown. */
  function restarted(windows: readonly (readonly [window: number, isLevel: boolean])[], isOver = true): Evidence {
    const evidence = new Evidence(SIGNATURES, true);
    evidence.loses(10, 10, 10, 10);
    evidence.restarts();
    windows.forEach(([window, isLevel], i) => void evidence.round(roundOf(window), true, isLevel, (i + 1) * RTT));
    if (isOver) evidence.endGrowth();
    return evidence;
  }
  const slowStart = [1, 2, 4].map((window) => [window, false] as const);
  const level = (from: number, step: number, rounds = 6) =>
    Array.from({ length: rounds + 1 }, (_, i) => [from + i * step, true] as const);

  it('is one segment in a round trip for Reno, and not less than 0.53 for CUBIC, whose curve nobody knows', () => {
    const grown = (step: number, rounds?: number) => {
      const evidence = restarted([...slowStart, ...level(5, step, rounds)]);
      return [deviation(evidence, 'reno'), deviation(evidence, 'cubic')];
    };
    expect(grown(1)).toEqual([0, 0]);
    expect(grown(10)).toEqual([9, 0]);
    const least = (3 * 0.3) / 1.7;
    // Round trips in which the window stays as it is: what is uncertain is one segment and a tenth of the growth.
    expect(grown(0, 4)[0]).toBeCloseTo((4 / (1 + 0.1 * 4)) ** 2, 5);
    expect(grown(0)[1]).toBeCloseTo(((6 * least) / (1 + 0.1 * 6 * least)) ** 2, 5);
  });

  it('does not count what slow start adds', () => {
    expect(deviation(restarted(slowStart), 'reno')).toBeNaN();
    expect(deviation(restarted([...slowStart, ...level(5, 1)]), 'reno')).toBe(0);
  });

  it.each([true, false])('speaks for or against an algorithm when it is over (%s) or not', (isOver) => {
    const evidence = restarted([...slowStart, ...level(5, 0, 4)], isOver);
    const far = (4 / (1 + 0.1 * 4)) ** 2;
    const reno = evidence.of(Algorithm.RENO)!;
    expect(reno.mean).toBeCloseTo(far, 5);
    expect([reno.observations, reno.growths]).toEqual([1, isOver ? 1 : 0]);
    expect(evidence.of(Algorithm.TAHOE)).toBeNull();
  });
});
