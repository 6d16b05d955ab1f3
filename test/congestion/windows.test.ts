/** Windows by the RFCs' equations, and from when on a sender is replayed: `window.ts`, `cubic.ts`, `newreno.ts`, `reno.ts`, `fit.ts`, `stage.ts`, with an example on either side. */
import { describe, expect, it } from 'vitest';
import { Told, Usage } from '../../src/congestion/controller.ts';
import { CubicController } from '../../src/congestion/cubic.ts';
import { Fit } from '../../src/congestion/fit.ts';
import { NewRenoController } from '../../src/congestion/newreno.ts';
import { RenoController } from '../../src/congestion/reno.ts';
import { congestionOf } from '../../src/congestion/stage.ts';
import { TahoeController } from '../../src/congestion/tahoe.ts';
import type { WindowController } from '../../src/congestion/window.ts';
import { Algorithm } from '../../src/model/congestion.ts';
import { analyseScenario } from '../support/analyze.ts';

const MS = 1e6;
const S = 1e9;
const told = (fields: Partial<Told> = {}) => Object.assign(new Told(), { now: 0, srtt: 100 * MS, ...fields });
const usage = (fields: Partial<Usage> = {}) => Object.assign(new Usage(), { now: 0, rto: S, isFree: true, ...fields });
/** What the tests look at beside the window. */
interface Inside {
  peak: number;
  limited: boolean;
  credit: number;
  maximum: number;
  k: number;
  origin: number;
}
const inside = (model: WindowController) => model as unknown as Inside;
/** One whose window is in full use. */
function full<T extends WindowController>(model: T): T {
  model.used(usage({ inFlight: model.cwnd, outstanding: model.cwnd, sndNxt: 1000 }));
  return model;
}

describe('a loss', () => {
  const ssthresh = (model: WindowController) => {
    model.lossDetected(told());
    return model.ssthresh;
  };

  it('halves the window of NewReno, to two segments at the least (RFC 5681 equation 4)', () => {
    expect([2, 3, 5, 6, 100, 101].map((cwnd) => ssthresh(new NewRenoController(cwnd, 1)))).toEqual([
      2, 2, 2, 3, 50, 50,
    ]);
  });

  it('leaves CUBIC seven tenths, as Linux rounds them, two segments at the least (RFC 8312 section 4.5)', () => {
    expect([2, 3, 4, 5, 10, 100].map((cwnd) => ssthresh(new CubicController(cwnd, 1)))).toEqual([2, 2, 2, 3, 7, 70]);
  });

  it('below the last maximum lowers W_max by more: fast convergence (RFC 8312 section 4.6)', () => {
    const second = (cwnd: number) => {
      const model = new CubicController(100, 1);
      model.lossDetected(told());
      model.cwnd = cwnd;
      model.lossDetected(told());
      return inside(model).maximum;
    };
    const beta = 717 / 1024;
    expect(second(80)).toBeCloseTo((80 * (1 + beta)) / 2, 10);
    expect(second(99)).toBeCloseTo((99 * (1 + beta)) / 2, 10);
    expect([second(100), second(120)]).toEqual([100, 120]);
  });

  it('of a timer leaves what is in flight and one segment, and reduces once', () => {
    const model = new NewRenoController(100, 1);
    model.timedOut(told({ pipe: 3 }), false);
    expect([model.cwnd, model.ssthresh]).toEqual([4, 50]);
    model.timedOut(told({ pipe: -1 }), true);
    expect([model.cwnd, model.ssthresh]).toEqual([1, 50]);
  });

  it('that was none gives back what was there before (RFC 4015 section 3.2)', () => {
    const model = new NewRenoController(100);
    model.lossDetected(told());
    model.undone();
    expect([model.cwnd, model.ssthresh]).toEqual([100, Number.POSITIVE_INFINITY]);
    const above = new NewRenoController(100, 200);
    above.lossDetected(told());
    above.cwnd = 130;
    above.undone();
    expect([above.cwnd, above.ssthresh]).toEqual([130, 200]);
  });

  it('of several segments ends fast recovery of Reno at the first, and reduces again (RFC 5681 section 3.2 step 6)', () => {
    const both = [new RenoController(40, 1), new NewRenoController(40, 1)];
    for (const model of both) {
      model.lossDetected(told({ pipe: 30 }));
      model.acknowledgedInRecovery(told({ pipe: 20, delivered: 1 }), true);
      model.lossRepeated(told());
    }
    expect(both.map(({ ssthresh: threshold }) => threshold)).toEqual([10, 20]);
    const [reno] = both;
    reno.recovered(told());
    expect(reno.cwnd).toBe(reno.ssthresh);
    // Before that a further segment belongs to the same loss.
    const early = new RenoController(40, 1);
    early.lossDetected(told());
    early.lossRepeated(told());
    expect(early.ssthresh).toBe(20);
  });

  it('of Tahoe has no fast recovery: one segment', () => {
    const tahoe = new TahoeController(40, 1);
    tahoe.lossDetected(told());
    expect(tahoe.ssthresh).toBe(20);
    expect(tahoe.cwnd).toBeLessThan(20);
  });
});

describe('growth', () => {
  it('by a segment for each acknowledged one below ssthresh, and what is left counts above it', () => {
    const model = full(new NewRenoController(10, 12));
    model.acknowledged(told({ delivered: 2 }));
    expect([model.cwnd, inside(model).credit]).toEqual([12, 0]);
    const past = full(new NewRenoController(10, 12));
    past.acknowledged(told({ delivered: 3 }));
    expect([past.cwnd, inside(past).credit]).toEqual([12, 1]);
  });

  it('by a segment for each window of them from ssthresh on (RFC 5681 equation 3)', () => {
    const grown = (delivered: number) => {
      const model = full(new NewRenoController(10, 10));
      model.acknowledged(told({ delivered }));
      return model.cwnd;
    };
    expect([grown(9), grown(10), grown(19), grown(20)]).toEqual([10, 11, 11, 12]);
  });

  it('of a window that was not used is none', () => {
    const model = new NewRenoController(10, 10);
    model.used(usage({ inFlight: 9, outstanding: 9, sndNxt: 100 }));
    model.acknowledged(told({ delivered: 20 }));
    expect(model.cwnd).toBe(10);
    // In slow start half of it is enough.
    const slow = (outstanding: number) => {
      const opening = new NewRenoController(10);
      opening.used(usage({ inFlight: outstanding, outstanding, sndNxt: 100 }));
      opening.acknowledged(told({ delivered: 1 }));
      return opening.cwnd;
    };
    expect([slow(5), slow(6)]).toEqual([10, 11]);
  });

  it('of CUBIC begins at K: C * K^3 is what the loss took (RFC 8312 equation 2)', () => {
    const model = full(new CubicController(100, 1));
    model.lossDetected(told());
    model.recovered(told());
    full(model);
    model.acknowledged(told({ delivered: 1, now: 5 * S }));
    expect([model.cwnd, inside(model).origin]).toEqual([70, 100]);
    expect(inside(model).k).toBeCloseTo(Math.cbrt(30 / 0.4), 10);
    const above = full(new CubicController(100, 1));
    above.acknowledged(told({ delivered: 1, now: S }));
    expect([inside(above).k, inside(above).origin]).toEqual([0, 100]);
  });
});

describe('how much of the window was used', () => {
  it('is the most of a round, or of the time since the window was full', () => {
    const after = (fields: Partial<Usage>) => {
      const model = new NewRenoController(10, 1);
      model.used(usage({ inFlight: 5, outstanding: 5, una: 0, sndNxt: 50 }));
      model.used(usage({ inFlight: 4, ...fields }));
      return [inside(model).peak, inside(model).limited];
    };
    expect(after({ outstanding: 4, una: 49, sndNxt: 60 })).toEqual([5, false]);
    expect(after({ outstanding: 4, una: 50, sndNxt: 60 })).toEqual([4, false]);
    expect(after({ outstanding: 6, una: 49, sndNxt: 60 })).toEqual([6, false]);
    expect(after({ outstanding: 9, inFlight: 10, una: 49, sndNxt: 60 })).toEqual([9, true]);
    expect(after({ outstanding: 9, inFlight: 9, una: 49, sndNxt: 60 })).toEqual([9, false]);
  });

  it('stays full for the round, though less is in flight later', () => {
    const model = full(new NewRenoController(10, 1));
    model.used(usage({ inFlight: 5, outstanding: 20, una: 999, sndNxt: 1100 }));
    expect([inside(model).limited, inside(model).peak]).toEqual([true, 10]);
    model.used(usage({ inFlight: 5, outstanding: 5, una: 1000, sndNxt: 1100 }));
    expect(inside(model).limited).toBe(false);
  });
});

describe('the fit of models', () => {
  /** CUBIC had to be corrected by so much (natural logarithm); the other has its handicap of 0.05. */
  const fit = (cost: number) => {
    const all = new Fit([new CubicController(100, 50), new NewRenoController(100, 50)], true);
    if (cost > 0) all.correct(0, 100 * Math.exp(cost), false);
    return all;
  };

  it('is telling from a lead of 0.08 on, and certain from 0.3', () => {
    expect([0.13 - 1e-6, 0.13 + 1e-6].map((cost) => fit(cost).isTelling)).toEqual([false, true]);
    expect([0.35 - 1e-6, 0.35 + 1e-6].map((cost) => fit(cost).isCertain)).toEqual([false, true]);
  });

  it('has a confidence of one half at a lead of 0.15', () => {
    expect(fit(0.2).confidence).toBeCloseTo(0.5, 10);
    expect(fit(0.5).confidence).toBeCloseTo(0.75, 10);
    expect(fit(0).confidence).toBeCloseTo(0.25, 10);
  });

  it('names the best, the next of another family, and what the best was corrected by', () => {
    expect([fit(0).algorithm, fit(0).runnerUp, fit(0).misfit]).toEqual([Algorithm.CUBIC, Algorithm.RENO, 0]);
    expect([fit(0.04).algorithm, fit(0.06).algorithm]).toEqual([Algorithm.CUBIC, Algorithm.RENO]);
    expect(fit(0.5).misfit).toBeCloseTo(0.05, 10);
    const alone = new Fit([new CubicController(100, 50)], true);
    expect([alone.runnerUp, alone.isTelling, alone.isLikely, alone.confidence]).toEqual([
      Algorithm.UNKNOWN,
      false,
      false,
      0,
    ]);
  });

  it('without SACK tells NewReno from Reno by 0.08', () => {
    const name = (cost: number) => {
      const all = new Fit(
        [new CubicController(100, 50), new NewRenoController(100, 50), new RenoController(100, 50)],
        false,
      );
      all.correct(2, 100 * Math.exp(cost), false);
      return all.renoName;
    };
    expect([name(0.08 - 1e-6), name(0.08 + 1e-6)]).toEqual([Algorithm.RENO, Algorithm.NEWRENO]);
  });
});

describe('a sender is replayed', () => {
  const sent = (segments: number, more = '', syns = 1) => {
    const lines = Array.from({ length: syns }, (_, i) => `${i} > S seq 0 win 60000 <mss 1000>`);
    lines.push('10 < S. seq 0 ack 1 win 60000 <mss 1000>', '10.01 > . ack 1');
    for (let i = 0; i < segments; i++)
      lines.push(`${11 + i} > P. ${1 + 100 * i}:${101 + 100 * i}(100) ack 1`, `${11 + i}.01 < . ack ${101 + 100 * i}`);
    return congestionOf(analyseScenario(`${lines.join('\n')}\n${more}`).analyzer.connections[0].client);
  };

  it('from six segments of data on, or from the first that is sent again', () => {
    expect([sent(5), sent(6) === null]).toEqual([null, false]);
    expect(sent(2, '20 > P. 101:201(100) ack 1')).not.toBeNull();
    // A keep-alive repeats nothing that counts.
    expect(sent(2, '20 > . 200:201(1) ack 1')).toBeNull();
  });

  it('from the initial window of ten segments, or one where two SYNs were lost (RFC 5681 section 3.1, Linux)', () => {
    expect([sent(6)!.cwnd, sent(6, '', 2)!.cwnd]).toEqual([10, 10]);
    expect(sent(6, '', 3)!.cwnd).toBeLessThan(10);
  });
});
