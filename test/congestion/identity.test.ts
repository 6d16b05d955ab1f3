/** What names an algorithm: each figure of `identity.ts` and `figures.ts` with an example on either side. */
import { describe, expect, it } from 'vitest';

import { SenderFigures } from '../../src/congestion/figures.ts';
import type { Fit } from '../../src/congestion/fit.ts';
import { Identity } from '../../src/congestion/identity.ts';
import type { Models } from '../../src/congestion/models.ts';
import { SIGNATURES } from '../../src/congestion/signatures.ts';
import { Tally } from '../../src/congestion/tally.ts';
import { Algorithm, Phase, Vantage } from '../../src/model/congestion.ts';
import { Ca } from '../../src/model/outbound.ts';

const { CUBIC, RENO, NEWRENO, TAHOE, BBR, VEGAS, BIC, HTCP, UNKNOWN } = Algorithm;

/** What was held against one algorithm. */
function tally(algorithm: number, fields: Partial<Tally> = {}): Tally {
  const signature = SIGNATURES.find((one) => one.algorithm === algorithm)!;
  return Object.assign(new Tally(signature), fields);
}

interface Case {
  tallies?: Tally[];
  fit?: Partial<Fit> | null;
  countsAcks?: boolean;
  rateBased?: object;
  segments?: number;
  losses?: number;
  isAtSender?: boolean;
  largest?: number;
}

const CUBIC_FIT = {
  algorithm: CUBIC,
  runnerUp: RENO,
  misfit: 0,
  confidence: 0.6,
  isTelling: true,
  isLikely: true,
  isCertain: true,
  renoName: NEWRENO,
};

function judged({
  tallies = [],
  fit = {},
  countsAcks = false,
  rateBased = {},
  segments = 1000,
  losses = 1,
  isAtSender = true,
  largest = 100,
}: Case) {
  const identity = new Identity(true);
  Object.assign(identity.evidence, { tallies, largest });
  Object.assign(identity, { rateBased: { isRecognised: false, confidence: 0.7, paced: false, ...rateBased } });
  const models = { fit: fit === null ? null : { ...CUBIC_FIT, ...fit }, countsAcks } as unknown as Models;
  identity.judge(models, segments, losses, isAtSender);
  const { algorithm, runnerUp, confidence } = identity;
  return { algorithm, runnerUp, confidence };
}

const NOBODY = { algorithm: UNKNOWN, runnerUp: UNKNOWN, confidence: 0 };
/** Two reductions as CUBIC's, and Reno far from them. */
const AS_CUBIC = { tallies: [tally(CUBIC, { reductions: 2 }), tally(RENO, { reductions: 2, deviation: 18 })] };
/** The fit says nothing. */
const NO_FIT = { isTelling: false, isLikely: false, isCertain: false, algorithm: RENO };

describe('named by what the wire showed', () => {
  it('is the algorithm that fits, with the next one', () => {
    expect(judged(AS_CUBIC)).toMatchObject({ algorithm: CUBIC, runnerUp: NEWRENO });
    expect(judged({ ...AS_CUBIC, tallies: AS_CUBIC.tallies.toReversed() })).toMatchObject({
      algorithm: CUBIC,
      runnerUp: NEWRENO,
    });
    const [cubic, reno] = AS_CUBIC.tallies;
    const third = tally(BIC, { reductions: 3, telling: 2, deviation: 30 });
    expect(judged({ tallies: [cubic, third, reno], fit: NO_FIT }).runnerUp).toBe(NEWRENO);
    expect(judged({ tallies: [cubic, reno, third], fit: NO_FIT }).runnerUp).toBe(NEWRENO);
    expect(judged({ tallies: [cubic], fit: NO_FIT }).runnerUp).toBe(UNKNOWN);
  });

  it('has a confidence that grows with the lead, the fit and the number of observations', () => {
    const of = (reductions: number, deviation: number, lead: number) =>
      judged({
        tallies: [
          tally(CUBIC, { reductions, deviation }),
          tally(RENO, { reductions, deviation: deviation + 2 * lead }),
        ],
        fit: NO_FIT,
      }).confidence;
    // Of Reno, and of one of which nothing is known: e to the third less likely, and as far as chance would bring.
    const share = (reno: number, count: number) => 1 / (1 + Math.exp(-reno) + Math.exp(-3 - count / 2));
    expect(of(2, 0, 3)).toBeCloseTo((share(3, 2) * 2) / 2.3, 10);
    expect(of(4, 0, 3)).toBeCloseTo((share(3, 4) * 4) / 4.3, 10);
    expect(of(2, 0, 9)).toBeCloseTo((share(9, 2) * 2) / 2.3, 10);
    const far = 1 / (1 + Math.exp(-3) + Math.exp(1 - 3 - 2));
    expect(of(4, 2, 3)).toBeCloseTo((far * Math.exp(-0.25) * 4) / 4.3, 10);
  });

  it('without another candidate leads one of which nothing is known', () => {
    expect(judged({ tallies: [tally(CUBIC, { reductions: 2 })], fit: NO_FIT }).confidence).toBeCloseTo(
      (1 / (1 + Math.exp(-4)) / 2.3) * 2,
      10,
    );
  });

  it('leads all others together, which are as far as chance would bring from what they do not foretell', () => {
    const of = (...others: Tally[]) =>
      judged({ tallies: [tally(CUBIC, { reductions: 4 }), ...others], fit: NO_FIT }).confidence;
    const confidence = (rest: number) => ((1 / (1 + rest + Math.exp(-5))) * 4) / 4.3;
    const [bic, htcp] = [BIC, HTCP].map((algorithm) => tally(algorithm, { reductions: 4 }));
    expect(of(bic)).toBeCloseTo(confidence(Math.exp(-3)), 10);
    expect(of(bic, htcp)).toBeCloseTo(confidence(2 * Math.exp(-3)), 10);
    expect(of(tally(BIC, { reductions: 3 }))).toBeCloseTo(confidence(Math.exp(-3.5)), 10);
    expect(of(tally(BIC, { reductions: 5 }))).toBeCloseTo(confidence(Math.exp(-3)), 10);
    // Growths alone are no rival.
    expect(of(tally(BIC, { growths: 4 }))).toBeCloseTo(confidence(0), 10);
  });

  it('is none where the mean squared distance is above 0.8', () => {
    const of = (deviation: number) =>
      judged({ tallies: [tally(CUBIC, { reductions: 5, deviation })], fit: NO_FIT }).algorithm;
    expect([of(4), of(4.001)]).toEqual([CUBIC, UNKNOWN]);
  });

  it('is none where the next is not less likely by e', () => {
    const of = (deviation: number) =>
      judged({
        tallies: [tally(CUBIC, { reductions: 4 }), tally(RENO, { reductions: 4, deviation })],
        fit: NO_FIT,
      }).algorithm;
    // exp(-d / 2) and exp(-3 - 4 / 2) are 1 / e together.
    const least = -2 * Math.log(Math.exp(-1) - Math.exp(-5));
    expect([of(least + 0.001), of(least - 0.001)]).toEqual([CUBIC, UNKNOWN]);
  });

  it('takes two observations: reductions, growths, and a model of the same name that was hardly corrected', () => {
    const of = (fields: Partial<Tally>, fit: Partial<Fit>, more: Case = {}) =>
      judged({ tallies: [tally(CUBIC, fields)], fit: { ...NO_FIT, ...fit }, ...more }).algorithm;
    expect(of({ reductions: 1 }, {})).toBe(UNKNOWN);
    expect(of({ reductions: 2 }, {})).toBe(CUBIC);
    expect(of({ reductions: 1, growths: 1 }, {})).toBe(CUBIC);
    expect(of({ reductions: 1 }, { algorithm: CUBIC, misfit: 0.15 })).toBe(CUBIC);
    expect(of({ reductions: 1 }, { algorithm: CUBIC, misfit: 0.1501 })).toBe(UNKNOWN);
    // 0.15 for each loss, and for one at the least.
    expect(of({ reductions: 1 }, { algorithm: CUBIC, misfit: 0.3 }, { losses: 2 })).toBe(CUBIC);
    expect(of({ reductions: 1 }, { algorithm: CUBIC, misfit: 0.15 }, { losses: 0 })).toBe(CUBIC);
    expect(of({ reductions: 1 }, { algorithm: CUBIC }, { countsAcks: true })).toBe(UNKNOWN);
    expect(of({ reductions: 0, growths: 2 }, {})).toBe(UNKNOWN);
  });

  it('is Reno by the name that the models give it', () => {
    expect(judged({ tallies: [tally(RENO, { reductions: 2 })] })).toMatchObject({ algorithm: NEWRENO });
    expect(judged({ tallies: [tally(RENO, { reductions: 2 })], fit: { renoName: RENO } }).algorithm).toBe(RENO);
  });

  it('of a rare algorithm takes three reductions, two that no common one foretells, and a mean of 0.4', () => {
    const of = (fields: Partial<Tally>, algorithm: number = BIC) =>
      judged({ tallies: [tally(algorithm, { reductions: 3, telling: 2, ...fields })], fit: NO_FIT }).algorithm;
    expect([of({}), of({ reductions: 2 }), of({ telling: 1 })]).toEqual([BIC, UNKNOWN, UNKNOWN]);
    const many = { reductions: 10 };
    expect([of({ ...many, deviation: 4 }), of({ ...many, deviation: 4.001 })]).toEqual([BIC, UNKNOWN]);
    expect(of({}, HTCP)).toBe(HTCP);
    // Vegas also has to show how it grows.
    expect([of({ growths: 2 }, VEGAS), of({ growths: 1 }, VEGAS)]).toEqual([VEGAS, UNKNOWN]);
  });

  it('a rare one has to be more likely than a common one by e to the third, and again by e', () => {
    const of = (deviation: number) =>
      judged({
        tallies: [tally(CUBIC, { reductions: 12, deviation }), tally(BIC, { reductions: 12, telling: 12 })],
        fit: NO_FIT,
      }).algorithm;
    // Half the deviation of the common one against three, with the one of which nothing is known.
    const other = Math.exp(-3 - 6);
    const rare = -2 * Math.log(Math.exp(-4) - other);
    const common = -2 * Math.log(Math.E * (Math.exp(-3) + other));
    expect([of(rare + 0.001), of(rare - 0.001)]).toEqual([BIC, UNKNOWN]);
    expect([of(common - 0.001), of(common + 0.001)]).toEqual([CUBIC, UNKNOWN]);
  });
});

describe('a sender that is rate-based', () => {
  const rateBased = { isRecognised: true };

  it('is BBR, seen at its own end', () => {
    expect(judged({ rateBased })).toEqual({ algorithm: BBR, runnerUp: CUBIC, confidence: 0.7 });
    expect(judged({ rateBased, isAtSender: false })).toMatchObject({ algorithm: CUBIC, confidence: 0.6 });
  });

  it('is not, where reductions fit', () => {
    expect(judged({ ...AS_CUBIC, rateBased }).algorithm).toBe(CUBIC);
  });
});

describe('named by the model that was corrected least', () => {
  const of = (of: Case) => judged(of).algorithm;

  it('is a sender of which nothing could be measured', () => {
    expect(judged({})).toEqual({ algorithm: CUBIC, runnerUp: RENO, confidence: 0.6 });
    expect(judged({ fit: null })).toEqual(NOBODY);
  });

  it('not where the model had to be corrected by more than 0.15 for each loss', () => {
    expect([of({ fit: { misfit: 0.15 } }), of({ fit: { misfit: 0.151 } })]).toEqual([CUBIC, UNKNOWN]);
    expect([of({ fit: { misfit: 0.3 }, losses: 2 }), of({ fit: { misfit: 0.301 }, losses: 2 })]).toEqual([
      CUBIC,
      UNKNOWN,
    ]);
  });

  it('not of a sender that counts ACKs, of which models know little', () => {
    expect(of({ countsAcks: true })).toBe(UNKNOWN);
  });

  it('not of fewer than eight segments in flight', () => {
    expect([of({ largest: 8 }), of({ largest: 7 })]).toEqual([CUBIC, UNKNOWN]);
  });

  it('not where something was measured at the sender, unless that is too little against a certain model, or Tahoe', () => {
    // Two observations do not fit together, so that the evidence names nobody.
    const torn = (cubic: Partial<Tally>) => ({
      tallies: [tally(CUBIC, { reductions: 1, deviation: 0, ...cubic }), tally(RENO, { reductions: 1, deviation: 0 })],
    });
    expect(of({ ...torn({}) })).toBe(CUBIC);
    expect(of({ ...torn({}), fit: { isCertain: false } })).toBe(UNKNOWN);
    expect(of({ ...torn({ growths: 1 }) })).toBe(UNKNOWN);
    expect(of({ ...torn({ growths: 1 }), isAtSender: false })).toBe(CUBIC);
    expect(of({ ...torn({ growths: 1 }), fit: { algorithm: TAHOE, isCertain: false } })).toBe(TAHOE);
    // What is known of Reno is held against NewReno.
    const reno = (growths: number) => ({
      tallies: [tally(CUBIC, { reductions: 1, deviation: 0 }), tally(RENO, { reductions: 1, growths, deviation: 0 })],
      fit: { algorithm: NEWRENO },
    });
    expect([of(reno(0)), of(reno(1))]).toEqual([NEWRENO, UNKNOWN]);
  });

  it('not where what was measured at the sender is farther from it than 0.8', () => {
    const against = (deviation: number, more: Case = {}) =>
      of({ tallies: [tally(CUBIC, { growths: 1, deviation })], ...more });
    expect([against(0.8), against(0.801), against(0.801, { isAtSender: false })]).toEqual([CUBIC, UNKNOWN, CUBIC]);
    expect(of({ tallies: [tally(RENO, { growths: 1, deviation: 0.801 })], fit: { algorithm: NEWRENO } })).toBe(UNKNOWN);
  });

  it('where all models explain it, is CUBIC from 100 segments on', () => {
    const fit = { isTelling: false, isCertain: false };
    expect([of({ fit, segments: 100 }), of({ fit, segments: 99 })]).toEqual([CUBIC, UNKNOWN]);
    expect(of({ fit: { ...fit, isLikely: false } })).toBe(UNKNOWN);
    expect(of({ fit: { isCertain: false }, segments: 99 })).toBe(CUBIC);
  });

  it('not of a paced sender, unless the model is certain', () => {
    const rateBased = { paced: true };
    expect([of({ rateBased }), of({ rateBased, fit: { isCertain: false } })]).toEqual([CUBIC, UNKNOWN]);
  });
});

describe('where a sender stands', () => {
  interface Stand {
    peak?: number;
    inFlight?: number;
    isAtEdge?: boolean;
    ca?: number;
    algorithm?: number;
    cwnd?: number;
    ssthresh?: number;
    vantage?: number;
    identity?: object | null;
    areAnswered?: boolean;
    given?: number;
    isHeard?: boolean;
    isConcluded?: boolean;
    sawHandshake?: boolean;
    hasReplay?: boolean;
    min?: number;
    others?: object[];
    pipe?: number;
  }

  const figures = ({
    peak = 0,
    inFlight = 0,
    isAtEdge = false,
    ca = Ca.OPEN,
    algorithm = CUBIC,
    cwnd = 100,
    ssthresh = 50,
    vantage = Vantage.SENDER,
    identity = null,
    areAnswered = false,
    given = UNKNOWN,
    isHeard = true,
    isConcluded = false,
    sawHandshake = true,
    hasReplay = true,
    min = 20e6,
    others = [],
    pipe = 7,
  }: Stand) => {
    const end = { outbound: { rtt: { min } }, peer: { seen: isHeard, outbound: { rtt: { min: 5e6 } } } };
    const best = { algorithm, cwnd, ssthresh };
    const replay = {
      models: { all: [best, ...others], best },
      observer: { round: { peak }, silences: { areAnswered } },
    };
    const sender = Object.create(SenderFigures.prototype);
    Object.assign(sender, {
      endpoint: { ...end, connection: { sawHandshake }, dataPackets: 10, peer: { ...end.peer, peer: end } },
      view: { pipe: () => pipe, inFlight, reachesEdge: () => isAtEdge },
      losses: { ca, recover: 0 },
      replay: hasReplay ? replay : null,
      identity,
      initialWindow: 10,
      isConcluded,
      vantage,
      given,
      episodes: [{}],
      stalls: [{}],
      bottleneckRate: 5,
    });
    sender.refresh();
    return sender as SenderFigures;
  };
  const named = (confidence: number, algorithm: number = RENO) => ({
    algorithm,
    runnerUp: CUBIC,
    confidence,
    judge() {},
    rateBased: { answersAtOnce: false, window: (rtt: number) => rtt / 1e6 },
  });

  it('is limited by the application below half of the window, in the round and now, away from the edge', () => {
    const of = (stand: Stand) => figures(stand).phase;
    expect(of({ peak: 49, inFlight: 49 })).toBe(Phase.APP_LIMITED);
    expect(of({ peak: 1, inFlight: 0 })).toBe(Phase.APP_LIMITED);
    expect(of({ peak: 50, inFlight: 49 })).toBe(Phase.CONGESTION_AVOIDANCE);
    expect(of({ peak: 49, inFlight: 50 })).toBe(Phase.CONGESTION_AVOIDANCE);
    expect(of({ peak: 0, inFlight: 0 })).toBe(Phase.CONGESTION_AVOIDANCE);
    expect(of({ peak: 49, inFlight: 49, isAtEdge: true })).toBe(Phase.CONGESTION_AVOIDANCE);
  });

  it('is in slow start below ssthresh (RFC 5681 section 3.1), and in recovery as long as that lasts', () => {
    const of = (stand: Stand) => figures(stand).phase;
    expect([of({ cwnd: 49 }), of({ cwnd: 50 })]).toEqual([Phase.SLOW_START, Phase.CONGESTION_AVOIDANCE]);
    expect(of({ ca: Ca.RECOVERY })).toBe(Phase.FAST_RECOVERY);
    expect(of({ ca: Ca.RECOVERY, algorithm: TAHOE })).toBe(Phase.CONGESTION_AVOIDANCE);
    expect(of({ ca: Ca.LOSS })).toBe(Phase.LOSS_RECOVERY);
    expect(of({ ca: Ca.CWR })).toBe(Phase.CONGESTION_AVOIDANCE);
  });

  it('begun in the middle, is judged as one of which little was seen', () => {
    const segments: number[] = [];
    const identity = { ...named(0.5), judge: (_: Models, count: number) => segments.push(count) };
    figures({ identity });
    figures({ identity, sawHandshake: false });
    expect(segments).toEqual([10, 0]);
  });

  it('before its window can matter has the initial one', () => {
    expect(figures({ hasReplay: false })).toMatchObject({ cwnd: 10, phase: Phase.APP_LIMITED, confidence: 0 });
    expect(figures({ hasReplay: false, isAtEdge: true }).phase).toBe(Phase.SLOW_START);
  });

  it('is known less from elsewhere: 0.6 on the path or without round trips, half at the receiver', () => {
    const of = (vantage: number) => figures({ vantage, identity: named(0.5) }).confidence;
    expect([Vantage.SENDER, Vantage.PATH, Vantage.UNKNOWN, Vantage.RECEIVER].map(of)).toEqual([0.5, 0.3, 0.3, 0.25]);
  });

  it('begun in the middle, tells where it was captured by what it answers', () => {
    const at = (stand: Stand) => figures({ vantage: Vantage.UNKNOWN, ...stand }).vantage;
    expect([at({}), at({ areAnswered: true })]).toEqual([Vantage.UNKNOWN, Vantage.SENDER]);
    const prompt = { ...named(0.5), rateBased: { answersAtOnce: true, window: () => 0 } };
    expect(at({ identity: prompt })).toBe(Vantage.SENDER);
    expect(at({ vantage: Vantage.PATH, areAnswered: true, identity: prompt })).toBe(Vantage.PATH);
  });

  it('has the window of the algorithm that is given, and the shortest round trip of both ways', () => {
    const reno = { algorithm: RENO, cwnd: 60, ssthresh: 90 };
    expect(figures({ given: RENO, others: [reno], identity: named(0.5, CUBIC) })).toMatchObject({
      algorithm: RENO,
      cwnd: 60,
      ssthresh: 90,
      minRtt: 25e6,
      flightSize: 7,
    });
    expect(figures({ others: [reno], identity: named(0.5, CUBIC) })).toMatchObject({ algorithm: CUBIC, cwnd: 100 });
    expect([figures({ min: -1 }).minRtt, figures({ min: 0 }).minRtt]).toEqual([Number.NaN, 5e6]);
    expect(figures({ pipe: -1 }).flightSize).toBe(0);
  });

  it('that is rate-based has twice the bandwidth-delay product for a window, and no ssthresh', () => {
    for (const stand of [{ identity: named(0.5, BBR) }, { identity: named(0.5), given: BBR }])
      expect(figures(stand)).toMatchObject({ algorithm: BBR, cwnd: 25, ssthresh: Number.POSITIVE_INFINITY });
    expect(figures({ given: BBR })).toMatchObject({ algorithm: BBR, cwnd: 100 });
  });

  it('is not known without one packet of the other end', () => {
    const unheard = figures({ isHeard: false, identity: named(0.5) });
    expect(unheard).toMatchObject({ cwnd: Number.NaN, phase: Phase.UNKNOWN, algorithm: UNKNOWN, confidence: 0 });
    expect([unheard.bottleneckRate, unheard.episodes.length]).toEqual([5, 1]);
    const concluded = figures({ isHeard: false, isConcluded: true });
    expect([concluded.bottleneckRate, concluded.episodes.length, concluded.stalls.length]).toEqual([Number.NaN, 0, 0]);
  });
});
