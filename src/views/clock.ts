/** One packet at two vantages: its time at the first (ns of its clock), and how much later the second's clock showed it. */
export class TimePoints {
  length = 0;
  times = new Float64Array(64);
  lags = new Float64Array(64);

  add(time: number, lag: number): void {
    if (this.length === this.times.length) {
      const { times, lags } = this;
      this.times = new Float64Array(2 * this.length);
      this.lags = new Float64Array(2 * this.length);
      this.times.set(times);
      this.lags.set(lags);
    }
    this.times[this.length] = time;
    this.lags[this.length++] = lag;
  }
}

/**
 * The clock of a second vantage as the first's sees it: it shows `offset + drift * (t - at)` more than the first at the time t
 * of the first. All in nanoseconds; drift without unit (1e-6 is one part per million).
 *
 * Every packet that goes to the second vantage tells that the offset is not more than its lag, and every packet that comes
 * from it that the offset is not less. Between these bounds nothing in the captures tells one offset from another: the middle
 * is right where both directions take the same least time, and `uncertainty` is the distance to the bounds.
 */
export interface ClockFit {
  readonly at: number;
  readonly offset: number;
  readonly drift: number;
  /** Half of the least round trip between the two vantages; Infinity where packets of one direction only are in both. */
  readonly uncertainty: number;
  /** The error that remains where both directions take the same least time: how well the least times are known. */
  readonly symmetricUncertainty: number;
  /** What the drift may be wrong by. */
  readonly driftUncertainty: number;
  /** +1: the first vantage is passed first by packets of the forward direction; -1: the second; 0: not told. */
  readonly order: -1 | 0 | 1;
  /** Packets in both captures, by direction. */
  readonly forward: number;
  readonly backward: number;
  /** By how much the bounds contradict each other at the best line (a clock that was set or that runs unevenly); 0 if not. */
  readonly contradiction: number;
}

/** No packet tells how the clocks stand. */
const UNKNOWN_CLOCK: ClockFit = {
  at: 0,
  offset: 0,
  drift: 0,
  uncertainty: Number.POSITIVE_INFINITY,
  symmetricUncertainty: Number.POSITIVE_INFINITY,
  driftUncertainty: Number.POSITIVE_INFINITY,
  order: 0,
  forward: 0,
  backward: 0,
  contradiction: 0,
};

/** Two vantages that one clock serves: there is nothing to fit, and the times tell which of them is passed first. */
export function oneClock(forward: TimePoints, backward: TimePoints, at: number): ClockFit {
  if (forward.length + backward.length === 0) return UNKNOWN_CLOCK;
  let lead = 0;
  for (let i = 0; i < forward.length; i++) lead += Math.sign(forward.lags[i]);
  for (let i = 0; i < backward.length; i++) lead -= Math.sign(backward.lags[i]);
  return {
    ...UNKNOWN_CLOCK,
    at,
    uncertainty: 0,
    symmetricUncertainty: 0,
    driftUncertainty: 0,
    order: Math.sign(lead) as -1 | 0 | 1,
    forward: forward.length,
    backward: backward.length,
  };
}

/** Clocks do not drift more than this apart: 1 %. */
const MAX_DRIFT = 0.01;
const STEPS = 100;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
/** A least time counts as known to the difference between it and the value that this share of packets do not exceed. */
const NEAR_LEAST = 0.05;

/**
 * Fits the drift that leaves the offset the most room between the bounds of both directions (a wrong one makes early packets
 * of the one and late packets of the other come too close), and takes the middle of that room. Queues that fill up in one
 * direction look like a drift there, but leave no more room. The drift is taken for 0 where it cannot be told from that.
 *
 * `isOrdered`: +1 or -1 where the order of the vantages is known, 0 where the delays shall tell. `at`: the time for `offset`.
 */
export function fitClock(forward: TimePoints, backward: TimePoints, at: number, isOrdered: -1 | 0 | 1 = 0): ClockFit {
  if (forward.length + backward.length === 0) return UNKNOWN_CLOCK;
  if (isOrdered !== 0) return fitOrdered(forward, backward, at, isOrdered);
  const first = fitOrdered(forward, backward, at, 1);
  if (forward.length === 0 || backward.length === 0) return { ...first, order: 0 };
  const second = fitOrdered(forward, backward, at, -1);
  return first.contradiction <= second.contradiction ? first : second;
}

function fitOrdered(forward: TimePoints, backward: TimePoints, at: number, order: 1 | -1): ClockFit {
  // Lags that are not less than the offset, and lags that are not more.
  const above = new Bound(order > 0 ? forward : backward, at, 1);
  const below = new Bound(order > 0 ? backward : forward, at, -1);
  const isBoth = above.count > 0 && below.count > 0;
  const gap = (drift: number) => above.least(drift) - below.least(drift);
  // With one direction only: as near to all packets as can be (Moon, Skelly and Towsley, INFOCOM 1999).
  const cost = isBoth ? (drift: number) => -gap(drift) : (drift: number) => above.cost(drift) + below.cost(drift);
  const best = minimum(cost, -MAX_DRIFT, MAX_DRIFT);
  const noise = above.roughness(best) + below.roughness(best);
  const drift = cost(0) - cost(best) > noise ? best : 0;
  const upper = above.least(drift);
  const lower = below.least(drift);
  const symmetric = noise / 2;
  return {
    at,
    offset: isBoth ? (upper + lower) / 2 : above.count > 0 ? upper : lower,
    drift,
    uncertainty: isBoth ? Math.abs(upper - lower) / 2 + symmetric : Number.POSITIVE_INFINITY,
    symmetricUncertainty: isBoth ? symmetric : Number.POSITIVE_INFINITY,
    driftUncertainty: isBoth ? reachOf(cost, best, noise, drift) : Number.POSITIVE_INFINITY,
    order,
    forward: forward.length,
    backward: backward.length,
    contradiction: isBoth ? Math.max(0, lower - upper) : 0,
  };
}

/** How far from `drift` another one may be that costs less than `noise` more than the best. */
function reachOf(cost: (drift: number) => number, best: number, noise: number, drift: number): number {
  const limit = cost(best) + noise;
  const edge = (end: number) => {
    if (cost(end) <= limit) return end;
    let inside = best;
    for (let i = 0; i < STEPS / 2; i++) {
      const middle = (inside + end) / 2;
      if (cost(middle) <= limit) inside = middle;
      else end = middle;
    }
    return inside;
  };
  return Math.max(Math.abs(edge(MAX_DRIFT) - drift), Math.abs(edge(-MAX_DRIFT) - drift));
}

/** Where a convex function is least. */
function minimum(cost: (drift: number) => number, low: number, high: number): number {
  let left = high - GOLDEN * (high - low);
  let right = low + GOLDEN * (high - low);
  let costLeft = cost(left);
  let costRight = cost(right);
  for (let i = 0; i < STEPS; i++) {
    if (costLeft <= costRight) {
      high = right;
      right = left;
      costRight = costLeft;
      left = high - GOLDEN * (high - low);
      costLeft = cost(left);
    } else {
      low = left;
      left = right;
      costLeft = costRight;
      right = low + GOLDEN * (high - low);
      costRight = cost(right);
    }
  }
  return (low + high) / 2;
}

/** The points of one direction, as a bound of the offset from above (`sign` 1) or from below (-1). */
class Bound {
  readonly count: number;
  private readonly points: TimePoints;
  private readonly at: number;
  private readonly sign: 1 | -1;
  private readonly meanTime: number;
  private readonly meanLag: number;
  /** Indices of the points on the hull, in the order of time. */
  private readonly hull: Int32Array;

  constructor(points: TimePoints, at: number, sign: 1 | -1) {
    this.points = points;
    this.at = at;
    this.sign = sign;
    this.count = points.length;
    const { times, lags, length } = points;
    const order = orderOfTime(points);
    let sumTime = 0;
    let sumLag = 0;
    const base = length === 0 ? 0 : lags[0];
    for (let i = 0; i < length; i++) {
      sumTime += times[i] - at;
      sumLag += lags[i] - base;
    }
    this.meanTime = length === 0 ? 0 : sumTime / length;
    this.meanLag = length === 0 ? 0 : base + sumLag / length;
    const hull = new Int32Array(length);
    let size = 0;
    for (const i of order) {
      while (size >= 2 && !turns(points, hull[size - 2], hull[size - 1], i, sign)) size--;
      hull[size++] = i;
    }
    this.hull = hull.subarray(0, size);
  }

  /** The bound at the time `at`, in the direction of the offset. */
  least(drift: number): number {
    const { points, hull, sign, at } = this;
    let least = Number.POSITIVE_INFINITY;
    for (const i of hull) least = Math.min(least, sign * (points.lags[i] - drift * (points.times[i] - at)));
    return sign * least;
  }

  /** Mean distance of the points to the bound; 0 without points. */
  cost(drift: number): number {
    if (this.count === 0) return 0;
    return this.sign * (this.meanLag - drift * this.meanTime - this.least(drift));
  }

  /** How well the least time is known: few points, or points that differ, tell it badly. */
  roughness(drift: number): number {
    if (this.count === 0) return 0;
    const excess = this.excess(drift);
    return excess[Math.min(excess.length - 1, Math.max(1, Math.ceil(excess.length * NEAR_LEAST)))];
  }

  private excess(drift: number): Float64Array {
    const { points, sign, at, count } = this;
    const least = sign * this.least(drift);
    const excess = new Float64Array(count);
    for (let i = 0; i < count; i++) excess[i] = sign * (points.lags[i] - drift * (points.times[i] - at)) - least;
    return excess.sort();
  }
}

function orderOfTime({ times, length }: TimePoints): Int32Array {
  const order = new Int32Array(length);
  let isSorted = true;
  for (let i = 0; i < length; i++) {
    order[i] = i;
    if (i > 0 && times[i] < times[i - 1]) isSorted = false;
  }
  return isSorted ? order : order.sort((a, b) => times[a] - times[b]);
}

/** Does the path from `a` over `b` to `c` turn outwards, so that `b` is on the hull? */
function turns({ times, lags }: TimePoints, a: number, b: number, c: number, sign: number): boolean {
  const before = (lags[b] - lags[a]) * (times[c] - times[a]);
  const after = (lags[c] - lags[a]) * (times[b] - times[a]);
  return sign * (after - before) > 0;
}
