/** So many samples are kept as they are; beyond, they are counted in buckets. */
const EXACT = 512;
/** Buckets to a doubling: each is about 1.1 % wide. */
const PER_OCTAVE = 64;
/** From 1 ns to a day. */
const OCTAVES = 47;

/** The samples as plain data: as they are, or places and counts of the buckets in turn. */
export interface RoundTripsFacts {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly samples: readonly number[];
  readonly buckets: readonly number[] | null;
}

/** All round trips of one direction: exact while they are few, within 1 % in bounded memory however many there are. */
export class RoundTrips {
  count = 0;
  min = Number.POSITIVE_INFINITY;
  max = 0;
  private exact: number[] = [];
  private buckets: Uint32Array | null = null;

  /** Those that another counted. */
  static of({ count, min, max, samples, buckets }: RoundTripsFacts): RoundTrips {
    const made = new RoundTrips();
    made.count = count;
    if (count > 0) made.min = min;
    made.max = max;
    made.exact = [...samples];
    if (buckets === null) return made;
    made.buckets = new Uint32Array(OCTAVES * PER_OCTAVE);
    for (let i = 0; i < buckets.length; i += 2) made.buckets[buckets[i]] = buckets[i + 1];
    return made;
  }

  get facts(): RoundTripsFacts {
    const { count, max, exact: samples, buckets } = this;
    const places = buckets === null ? null : Array.from(buckets, (n, i) => (n === 0 ? [] : [i, n])).flat();
    return { count, min: count === 0 ? 0 : this.min, max, samples, buckets: places };
  }

  /** One sample, in nanoseconds. */
  add(sample: number): void {
    this.count++;
    if (sample < this.min) this.min = sample;
    if (sample > this.max) this.max = sample;
    if (this.buckets !== null) this.buckets[bucketOf(sample)]++;
    else if (this.exact.push(sample) > EXACT) this.fold();
  }

  private fold(): void {
    const buckets = new Uint32Array(OCTAVES * PER_OCTAVE);
    for (const sample of this.exact) buckets[bucketOf(sample)]++;
    this.buckets = buckets;
    this.exact = [];
  }

  /** The sample than which `share` (0..1) of all are not larger (nearest rank); NaN without any. */
  quantile(share: number): number {
    if (this.count === 0) return Number.NaN;
    const rank = Math.max(Math.ceil(share * this.count), 1);
    const { buckets } = this;
    if (buckets === null) return this.exact.toSorted((a, b) => a - b)[rank - 1];
    let i = 0;
    for (let seen = buckets[0]; seen < rank; seen += buckets[++i]);
    return Math.min(Math.max(middleOf(i), this.min), this.max);
  }
}

function bucketOf(sample: number): number {
  const i = Math.floor(Math.log2(Math.max(sample, 1)) * PER_OCTAVE);
  return Math.min(i, OCTAVES * PER_OCTAVE - 1);
}

function middleOf(bucket: number): number {
  return 2 ** ((bucket + 0.5) / PER_OCTAVE);
}
