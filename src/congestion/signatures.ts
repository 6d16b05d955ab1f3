import { Algorithm } from '../model/congestion.ts';
import { DUP_THRESH } from '../model/tcp-constants.ts';
import { CUBIC_C } from './cubic.ts';

/** What opens the window of a sender: each ACK (RFC 5681 section 3.1), or each segment that is acknowledged (RFC 3465). */
export const Counting = { UNKNOWN: 0, ACKS: 1, SEGMENTS: 2 } as const;

/** One answer of a sender to a loss or a congestion mark, as the wire showed it. Windows in segments, times in ns. Reused. */
export class Reduction {
  /** The window before lies between these: what was in flight, and what was outstanding. */
  beforeLow = Number.NaN;
  beforeHigh = Number.NaN;
  /** The window after it lies between these; `afterHigh` is infinite where not all of it was seen in use. */
  afterLow = Number.NaN;
  afterHigh = Number.NaN;
  /** Round trips since the reduction before: shortest, longest, and the mean of the latest round; NaN unknown. */
  shortestRtt = Number.NaN;
  longestRtt = Number.NaN;
  latestRtt = Number.NaN;
  /** Shortest and longest of all. */
  baseRtt = Number.NaN;
  worstRtt = Number.NaN;
  /** Segments delivered in a nanosecond during the latest round. */
  rate = Number.NaN;
  /** The sender knows by SACK which segments have arrived. */
  sack = true;
  /** Before it the window did not grow as in slow start. */
  isLevel = false;
  /** The share of marked data as RFC 8257 smooths it (DCTCP.Alpha). */
  alpha = Number.NaN;
}

/** How a window grew between two reductions. Windows in segments, times in ns. Reused. */
export class Growth {
  /** Before the reduction that it follows (NaN unknown: after a timeout), and at both ends of the growth. */
  before = Number.NaN;
  from = Number.NaN;
  to = Number.NaN;
  rounds = 0;
  /** How far one segment for each acknowledged window goes: when every ACK counts as one segment, and when segments count. */
  byAcks = 0;
  bySegments = 0;
  /** What the sender counts, as its slow start has shown. One of `Counting`. */
  counting: number = Counting.UNKNOWN;
  /** From the end of the repair to the latest round, and a round trip. */
  duration = 0;
  rtt = Number.NaN;
}

export interface Range {
  readonly least: number;
  readonly most: number;
}

/**
 * What an algorithm does at a loss and between losses: what it can be recognised by. An algorithm may have several answers to
 * the same loss; none means that nothing is predicted.
 */
export interface Signature {
  readonly algorithm: number;
  reduced(reduction: Reduction): readonly Range[];
  grown(growth: Growth): Range | null;
}

const NOTHING: readonly Range[] = [];

/** The window is multiplied by `factor`. */
function multiplied({ beforeLow, beforeHigh }: Reduction, factor: number): Range {
  return { least: beforeLow * factor, most: beforeHigh * factor };
}

/** RFC 5681 equation 3, by ACKs or by segments: a sender counts in avoidance what it counts in slow start. */
function additive({ byAcks, bySegments, counting }: Growth): Range {
  return {
    least: counting === Counting.SEGMENTS ? bySegments : byAcks,
    most: counting === Counting.ACKS ? byAcks : bySegments,
  };
}

/**
 * RFC 5681 equations 3 and 4. Without SACK the window is inflated by three duplicate ACKs (section 3.2 step 3), and not every
 * sender takes that back in the end (step 6).
 */
const reno: Signature = {
  algorithm: Algorithm.RENO,
  reduced(r) {
    const half = multiplied(r, 1 / 2);
    return r.sack ? [half] : [half, { least: half.least + DUP_THRESH, most: half.most + DUP_THRESH }];
  },
  grown: (g) => additive(g),
};

const CUBIC_BETA = 0.7;
/** RFC 8312 section 4.2: growth of the window that Reno would have, 3 (1 - beta) / (1 + beta). */
const CUBIC_ALPHA = (3 * (1 - CUBIC_BETA)) / (1 + CUBIC_BETA);

/** RFC 8312 sections 4.1, 4.2, 4.5 and 4.6: the curve with and without fast convergence, and what Reno would have. */
const cubic: Signature = {
  algorithm: Algorithm.CUBIC,
  reduced: (r) => [multiplied(r, CUBIC_BETA)],
  grown(g) {
    // Where the curve leads to is not known, but it is never slower than Reno's window would grow.
    if (Number.isNaN(g.before)) return { least: CUBIC_ALPHA * g.byAcks, most: Number.POSITIVE_INFINITY };
    const plain = onCurve(g, g.before);
    const converging = onCurve(g, (g.before * (1 + CUBIC_BETA)) / 2);
    return {
      least: Math.min(plain, converging),
      most: Math.max(plain, converging, CUBIC_ALPHA * g.bySegments),
    };
  },
};

/** RFC 8312 equation 1 from `from` on, looked ahead by one round trip. */
function onCurve({ from, duration, rtt }: Growth, maximum: number): number {
  const origin = Math.max(maximum, from);
  const k = Math.cbrt((origin - from) / CUBIC_C);
  return origin + CUBIC_C * ((duration + rtt) / 1e9 - k) ** 3 - from;
}

/** BIC (Xu, Harfoush, Rhee 2004; Linux' tcp_bic): beta 0.8 above a low window of 14; the search takes at most 16 segments a round. */
const BIC_LOW_WINDOW = 14;
const BIC_BETA = 0.8;
const BIC_MAX_INCREMENT = 16;
const bic: Signature = {
  algorithm: Algorithm.BIC,
  reduced: (r) => (r.beforeLow <= BIC_LOW_WINDOW ? NOTHING : [multiplied(r, BIC_BETA)]),
  grown: (g) => ({ least: 0, most: BIC_MAX_INCREMENT * g.rounds }),
};

/** Scalable TCP (Kelly 2003): seven eighths; for each ACK 0.01 of a segment (Linux), or 0.02. */
const SCALABLE_BETA = 7 / 8;
const SCALABLE_STEP = 0.02;
const SCALABLE_LOW_WINDOW = 16;
const scalable: Signature = {
  algorithm: Algorithm.SCALABLE,
  reduced: (r) => (r.beforeLow <= SCALABLE_LOW_WINDOW ? NOTHING : [multiplied(r, SCALABLE_BETA)]),
  grown: (g) => ({
    least: (SCALABLE_STEP / 2) * g.from * g.byAcks,
    most: Math.max(SCALABLE_STEP * g.to, 1) * g.bySegments,
  }),
};

/** RFC 3649. */
const LOW_WINDOW = 38;
const HIGH_WINDOW = 83000;
const HIGH_DECREASE = 0.1;
function highSpeedDecrease(w: number): number {
  const share = Math.log(Math.max(w, LOW_WINDOW) / LOW_WINDOW) / Math.log(HIGH_WINDOW / LOW_WINDOW);
  return 0.5 - (0.5 - HIGH_DECREASE) * Math.min(share, 1);
}
function highSpeedIncrease(w: number): number {
  if (w <= LOW_WINDOW) return 1;
  const b = highSpeedDecrease(w);
  return (w ** 0.8 * 0.078 * 2 * b) / (2 - b);
}
const highSpeed: Signature = {
  algorithm: Algorithm.HIGHSPEED,
  reduced: ({ beforeLow, beforeHigh }) => [
    { least: beforeLow * (1 - highSpeedDecrease(beforeLow)), most: beforeHigh * (1 - highSpeedDecrease(beforeHigh)) },
  ],
  grown: (g) => ({ least: highSpeedIncrease(g.from) * g.byAcks, most: highSpeedIncrease(g.to) * g.bySegments }),
};

/**
 * H-TCP (Leith, Shorten 2004; Linux' tcp_htcp): beta is the ratio of the shortest to the longest round trip since the latest loss,
 * between 0.5 and 0.8, or 0.5 after the rate has changed; alpha grows with the time since that loss once a second has passed.
 */
const HTCP_LEAST_BETA = 0.5;
const HTCP_MOST_BETA = 0.8;
const htcp: Signature = {
  algorithm: Algorithm.HTCP,
  reduced(r) {
    const beta = Math.min(Math.max(r.shortestRtt / r.longestRtt, HTCP_LEAST_BETA), HTCP_MOST_BETA);
    return Number.isNaN(beta) ? NOTHING : [multiplied(r, beta), multiplied(r, HTCP_LEAST_BETA)];
  },
  grown(g) {
    const late = Math.max(g.duration / 1e9 - 1, 0);
    return { least: 0.4 * g.byAcks, most: (1 + 10 * late + (late / 2) ** 2) * g.bySegments };
  },
};

/** Westwood+ (Grieco, Mascolo 2004): the rate that was delivered times the shortest round trip. */
const WESTWOOD_ERROR = 0.07;
/** Without a queue that is the window as it was, and in slow start the rate is an old one. */
const WESTWOOD_REDUCED = 0.9;
const westwood: Signature = {
  algorithm: Algorithm.WESTWOOD,
  reduced({ rate, baseRtt, beforeLow, isLevel }) {
    const bdp = rate * baseRtt;
    return isLevel && bdp > 0 && bdp < WESTWOOD_REDUCED * beforeLow
      ? [{ least: bdp * (1 - WESTWOOD_ERROR), most: bdp * (1 + WESTWOOD_ERROR) }]
      : NOTHING;
  },
  grown: (g) => additive(g),
};

/**
 * Illinois (Liu, Basar, Srikant 2006; Linux' tcp_illinois): beta from 1/8 to 1/2 with the queueing delay, between a tenth and eight
 * tenths of the longest; alpha from 0.3 to 10 the other way round. Below 15 segments it does as Reno does.
 */
const ILLINOIS_WINDOW = 15;
const illinois: Signature = {
  algorithm: Algorithm.ILLINOIS,
  reduced(r) {
    if (r.beforeLow < ILLINOIS_WINDOW) return NOTHING;
    const share = (r.latestRtt - r.baseRtt) / (r.worstRtt - r.baseRtt);
    if (!(share >= 0)) return NOTHING;
    const decrease = 1 / 8 + (3 / 8) * Math.min(Math.max((share - 0.1) / 0.7, 0), 1);
    return [multiplied(r, 1 - decrease)];
  },
  grown: (g) => ({ least: 0.3 * g.byAcks, most: 10 * g.bySegments }),
};

/** Vegas (Brakmo, Peterson 1995): at most one segment a round trip up or down; the rate, not a loss, decides. */
const vegas: Signature = {
  algorithm: Algorithm.VEGAS,
  reduced: ({ beforeLow, beforeHigh }) => [{ least: beforeLow - 2, most: beforeHigh }],
  grown: (g) => ({ least: -g.rounds, most: g.rounds }),
};

/** RFC 8257: by half of the share of marked data; a loss halves the window, or counts as a mark (ns-3). */
const dctcp: Signature = {
  algorithm: Algorithm.DCTCP,
  reduced: (r) => [multiplied(r, 1 - r.alpha / 2)],
  grown: (g) => additive(g),
};

/** What systems use unless they are told otherwise; all others have more to prove. */
export function isCommon({ algorithm }: Signature): boolean {
  return algorithm === Algorithm.CUBIC || algorithm === Algorithm.RENO;
}

/** The common ones first. */
export const SIGNATURES: readonly Signature[] = [
  cubic,
  reno,
  dctcp,
  westwood,
  htcp,
  illinois,
  vegas,
  bic,
  scalable,
  highSpeed,
];
