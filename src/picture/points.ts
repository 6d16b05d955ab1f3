/** Most points that a series keeps; beyond it the series is thinned. */
export const MAX_POINTS = 1 << 18;

/**
 * Points of a graph: time, value, and a second value where the point is a stroke or an interval. Bounded: of a series that
 * grows beyond `MAX_POINTS`, every second point is dropped, and from then on only every second one is taken, and so on.
 */
export class Points {
  length = 0;
  /** One of so many points is kept. */
  stride = 1;
  private values = new Float64Array(3 * 64);
  private skipped = 0;

  /** `to`: the other end of a stroke; the value itself for a plain point. */
  add(time: number, value: number, to = value): void {
    if (++this.skipped < this.stride) return;
    this.skipped = 0;
    if (this.length === MAX_POINTS) this.thin();
    if (3 * this.length === this.values.length) {
      const grown = new Float64Array(2 * this.values.length);
      grown.set(this.values);
      this.values = grown;
    }
    this.values.set([time, value, to], 3 * this.length++);
  }

  time(i: number): number {
    return this.values[3 * i];
  }

  value(i: number): number {
    return this.values[3 * i + 1];
  }

  to(i: number): number {
    return this.values[3 * i + 2];
  }

  /** Those from one time to another, both included. */
  within(from: number, to: number): Points {
    const points = new Points();
    for (let i = 0; i < this.length; i++)
      if (this.time(i) >= from && this.time(i) <= to) points.add(this.time(i), this.value(i), this.to(i));
    points.stride = this.stride;
    return points;
  }

  private thin(): void {
    for (let i = 0; 2 * i < this.length; i++) this.values.copyWithin(3 * i, 6 * i, 6 * i + 3);
    this.length = Math.ceil(this.length / 2);
    this.stride *= 2;
  }
}

/** Sums over equal stretches of time. The stretches double when there would be too many: memory is constant. */
export class Bins {
  private static readonly COUNT = 4096;
  private readonly sums = new Float64Array(Bins.COUNT);
  /** Nanoseconds of a stretch. */
  width = 1e6;
  private used = 0;

  add(time: number, amount: number): void {
    while (time >= this.width * Bins.COUNT) this.double();
    const i = Math.max(Math.floor(time / this.width), 0);
    this.sums[i] += amount;
    this.used = Math.max(this.used, i + 1);
  }

  /** Amount per second, for about `wanted` stretches from one time to another. */
  rates(wanted: number, start = 0, end = Number.POSITIVE_INFINITY): Points {
    const first = Math.floor(start / this.width);
    const last = Math.min(this.used, Math.floor(end / this.width) + 1);
    const merged = Math.max(1, Math.ceil((last - first) / wanted));
    const points = new Points();
    const seconds = (this.width * merged) / 1e9;
    for (let from = first; from < last; from += merged) {
      let sum = 0;
      for (let i = from; i < Math.min(from + merged, last); i++) sum += this.sums[i];
      points.add((from + merged / 2) * this.width, sum / seconds);
    }
    return points;
  }

  private double(): void {
    const { sums } = this;
    for (let i = 0; i < Bins.COUNT / 2; i++) sums[i] = sums[2 * i] + sums[2 * i + 1];
    sums.fill(0, Bins.COUNT / 2);
    this.width *= 2;
    this.used = Math.ceil(this.used / 2);
  }
}
