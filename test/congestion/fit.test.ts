import { describe, expect, it } from 'vitest';
import { CubicController } from '../../src/congestion/cubic.ts';
import { Fit } from '../../src/congestion/fit.ts';
import { Models, NOTHING_GIVEN } from '../../src/congestion/models.ts';
import { NewRenoController } from '../../src/congestion/newreno.ts';
import { RenoController } from '../../src/congestion/reno.ts';
import { Round } from '../../src/congestion/round.ts';
import { Counting } from '../../src/congestion/signatures.ts';
import { TahoeController } from '../../src/congestion/tahoe.ts';
import { Algorithm } from '../../src/model/congestion.ts';

/** A sum of logarithms with which 0.05 more is a little less than that. */
const ROUNDED = 0.1 + 0.2;

/** Both with windows of 100 segments, which the wire shows to be others. */
function fit(shown: { cubic?: number; reno?: number }): Fit {
  const fit = new Fit([new CubicController(100, 50), new NewRenoController(100, 50)], true);
  if (shown.cubic !== undefined) fit.correct(0, shown.cubic, false);
  if (shown.reno !== undefined) fit.correct(1, shown.reno, false);
  return fit;
}

describe('the model that was corrected least', () => {
  it('is named, with the next and a confidence that grows with the lead', () => {
    const clear = fit({ cubic: 150 });
    expect(clear).toMatchObject({
      algorithm: Algorithm.RENO,
      runnerUp: Algorithm.CUBIC,
      isTelling: true,
      isCertain: true,
    });
    const less = fit({ cubic: 120 });
    expect(less).toMatchObject({ algorithm: Algorithm.RENO, isTelling: true, isCertain: false });
    expect(less.confidence).toBeLessThan(clear.confidence);
  });

  it('is a guess while both explain the sender, and none when CUBIC has lost its advance', () => {
    expect(fit({})).toMatchObject({ algorithm: Algorithm.CUBIC, isTelling: false, isLikely: true });
    // The advance is a correction by 5 %.
    expect(fit({ cubic: 105 })).toMatchObject({ isTelling: false, isLikely: false });
    expect(fit({ cubic: 107 })).toMatchObject({ isTelling: false, isLikely: false });
  });
});

describe('the models side by side, at these costs', () => {
  /** CUBIC, NewReno, Reno and Tahoe; each cost is set as it is, and all are compared. */
  const at = (costs: number[], sack = false) => {
    const models = [new CubicController(100, 50), new NewRenoController(100, 50)];
    const old = [new RenoController(100, 50), new TahoeController(100, 50)];
    const side = new Fit(costs.length === 2 ? models : [...models, ...old], sack);
    for (const [i, cost] of costs.entries()) side.cost[i] = cost;
    side.correct(0, 100, false);
    return side;
  };

  it('the first in order wins a tie, for the first place and for the second', () => {
    expect(at([0.1, 0.1, 0.1, 0.1]).best).toBe(0);
    expect(at([0.2, 0.1, 0.1, 0.2]).best).toBe(1);
    expect(at([0.2, 0.1, 0.1, 0.2]).runnerUp).toBe(Algorithm.CUBIC);
    expect(at([0.3, 0.1, 0.1, 0.2]).runnerUp).toBe(Algorithm.TAHOE);
    expect(at([0.1, 0.2, 0.2, 0.2]).runnerUp).toBe(Algorithm.RENO);
  });

  it('a lead of 0.08 tells, one of 0.3 is certain, and the handicap of CUBIC alone makes it likely', () => {
    const lead = (cost: number) => at([0, cost], true);
    expect([lead(0.08).isTelling, lead(0.0799).isTelling]).toEqual([true, false]);
    expect([lead(0.3).isCertain, lead(0.2999).isCertain]).toEqual([true, false]);
    // What sums of logarithms lose by rounding is allowed for.
    expect([lead(0.05 - 0.8e-9).isLikely, lead(0.05 - 1.5e-9).isLikely]).toEqual([true, false]);
    expect(at([ROUNDED, 0.05 + ROUNDED], true).isLikely).toBe(true);
  });

  it('NewReno leads Reno by 0.08 before it is called so', () => {
    expect([at([1, 0, 0.08, 1]).algorithm, at([1, 0, 0.0799, 1]).algorithm]).toEqual([
      Algorithm.NEWRENO,
      Algorithm.RENO,
    ]);
  });
});

describe('what opens the window of a sender', () => {
  /** So many rounds of slow start in which 10 ACKs acknowledged 20 segments and the window grew by `gain`. */
  const counting = (rounds: number, gain: number, { acks = 10, delivered = 20 } = {}) => {
    const models = new Models(10, true, NOTHING_GIVEN);
    for (let i = 0; i < rounds; i++) models.count(gain, Object.assign(new Round(), { acks, delivered }));
    return models.counting;
  };

  it('is told by two rounds, by three quarters of the segments or by the ACKs', () => {
    expect([counting(2, 20), counting(1, 20)]).toEqual([Counting.SEGMENTS, Counting.UNKNOWN]);
    expect([counting(2, 10), counting(1, 10)]).toEqual([Counting.ACKS, Counting.UNKNOWN]);
    expect([counting(2, 15), counting(2, 14)]).toEqual([Counting.SEGMENTS, Counting.UNKNOWN]);
    expect([counting(2, 13.5), counting(2, 13.6)]).toEqual([Counting.ACKS, Counting.UNKNOWN]);
    expect([counting(2, 6.5), counting(2, 6.4)]).toEqual([Counting.ACKS, Counting.UNKNOWN]);
  });

  it('is not told where as many rounds speak for the one as for the other', () => {
    const mixed = (bySegments: number, byAcks: number) => {
      const models = new Models(10, true, NOTHING_GIVEN);
      const round = Object.assign(new Round(), { acks: 10, delivered: 20 });
      for (let i = 0; i < bySegments; i++) models.count(20, round);
      for (let i = 0; i < byAcks; i++) models.count(10, round);
      return models.counting;
    };
    expect([mixed(2, 2), mixed(3, 2), mixed(2, 3)]).toEqual([Counting.UNKNOWN, Counting.SEGMENTS, Counting.ACKS]);
  });

  it('is not told where ACKs acknowledge fewer than one and a half segments each', () => {
    expect([counting(2, 15, { delivered: 15 }), counting(2, 14, { delivered: 14 })]).toEqual([
      Counting.SEGMENTS,
      Counting.UNKNOWN,
    ]);
  });
});
