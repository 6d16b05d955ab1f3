import type { TimePoints } from './clock.ts';
import type { Expectation } from './match.ts';

/** Packets on either side of the time in question that say what is usual. */
const NEIGHBOURS = 3;
/** The least limit, in nanoseconds, and how many times what neighbours differ by. */
const LEAST_LIMIT = 20e6;
const TIMES = 4;

/** What packets that were near in time took from one vantage to another, by the lags of sure pairs. */
export class UsualDelay implements Expectation {
  readonly limit: number;
  /** By so much neighbours differ now and then: it tells nothing. */
  private readonly tolerance: number;
  private readonly times: Float64Array;
  private readonly lags: Float64Array;

  constructor(points: TimePoints) {
    const order = Array.from({ length: points.length }, (_, i) => i).sort((a, b) => points.times[a] - points.times[b]);
    this.times = Float64Array.from(order, (i) => points.times[i]);
    this.lags = Float64Array.from(order, (i) => points.lags[i]);
    const steps = this.lags.slice(1).map((lag, i) => Math.abs(lag - this.lags[i]));
    steps.sort();
    this.tolerance = steps[Math.floor(steps.length * 0.95)] ?? 0;
    this.limit = Math.max(LEAST_LIMIT, TIMES * this.tolerance);
  }

  deviation(timeA: number, timeB: number): number {
    const { times, lags } = this;
    if (times.length === 0) return 0;
    const lag = timeB - timeA;
    const place = this.placeOf(timeA);
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let i = Math.max(0, place - NEIGHBOURS); i < Math.min(lags.length, place + NEIGHBOURS); i++) {
      low = Math.min(low, lags[i]);
      high = Math.max(high, lags[i]);
    }
    return Math.max(0, (lag < low ? low - lag : lag - high) - this.tolerance);
  }

  /** The lag that is usual at the time; 0 without any. */
  at(timeA: number): number {
    const { times, lags } = this;
    if (times.length === 0) return 0;
    const place = this.placeOf(timeA);
    const near = lags.slice(Math.max(0, place - NEIGHBOURS), place + NEIGHBOURS).sort();
    return near[near.length >> 1];
  }

  /** The first of the points that is not before the time. */
  private placeOf(time: number): number {
    let low = 0;
    let high = this.times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.times[middle] < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
