/** What shows a token bucket with a queue, with an example on either side of each condition. Bytes are those of segments of 1000. */
import { describe, expect, it } from 'vitest';
import { LEAST, type Sample, tokenBucketOf } from '../../src/detect/token-bucket.ts';

const MS = 1e6;
const SEGMENT = 1000;

interface Step {
  /** Segments that arrive, and in how many milliseconds. */
  segments: number;
  ms: number;
}

interface Course {
  /** Segments of the burst, how long it takes (ms), and whether there is a queue before it (ms). */
  burst?: number;
  taken?: number;
  before?: number;
  /** How long data waits afterwards (ms). */
  queued?: number;
  steps: readonly Step[];
}

/** So many steps of 40 segments, one in a millisecond unless something else is said. */
const steady = (count: number, segments = 40, ms = segments): Step[] =>
  Array.from({ length: count }, () => ({ segments, ms }));

/** A burst, and what follows it. */
function course({ burst = 30, taken = 0, before = 0, queued = 10, steps }: Course): Sample[] {
  const start: Sample = { time: 0, frame: 1, delivered: 0, queued: before * MS, bytes: 0, since: 0, next: 0 };
  const first = { ...start, time: taken * MS, frame: 2, delivered: burst * SEGMENT, queued: queued * MS };
  const samples = [start, { ...first, bytes: burst * SEGMENT }];
  for (const { segments, ms } of steps) {
    const { time, frame, delivered } = samples[samples.length - 1];
    const at = { time: time + ms * MS, frame: frame + 1, delivered: delivered + segments * SEGMENT };
    samples.push({ ...at, queued: queued * MS, bytes: 0, since: 0, next: 0 });
  }
  return samples;
}

const told = (of: Course) => tokenBucketOf(course(of), SEGMENT);
const isTold = (of: Course) => told(of) !== null;

describe('a token bucket', () => {
  it('is told by its rate, by what passed faster, and by where that ended', () => {
    // A segment of 1000 bytes in a millisecond is a byte in a microsecond.
    expect(told({ steps: steady(12) })).toMatchObject({
      rate: expect.closeTo(1e-3, 12),
      burst: 30_000,
      since: { frame: 2 },
    });
  });

  it('is told from twelve steps of 40 segments on', () => {
    expect([isTold({ steps: steady(11) }), isTold({ steps: steady(12) })]).toEqual([false, true]);
    // Two of 39 are one of 78.
    expect(isTold({ steps: steady(12, 39) })).toBe(false);
    expect(LEAST).toBe(480);
  });

  it('keeps its rate in three quarters of what is delivered', () => {
    const slow = (count: number) => isTold({ steps: [...steady(12), ...steady(count, 40, 80)] });
    expect([slow(4), slow(5)]).toEqual([true, false]);
  });

  it('is faster in a twentieth at the most', () => {
    const fast = (exact: number) => isTold({ burst: 100, steps: [...steady(exact), ...steady(1, 40, 20)] });
    expect([fast(18), fast(19)]).toEqual([false, true]);
  });

  it('keeps its rate within 3 percent and four segments', () => {
    const slow = (segments: number, ms: number) =>
      isTold({ burst: 100, steps: [...steady(5, segments, ms), ...steady(12, segments)] });
    // s (1 - s / t) = 0.03 s + 4: between two rates of s / s and s / t neither is within reach of the other.
    expect([slow(40, 45.97), slow(40, 45.99)]).toEqual([true, false]);
    expect([slow(100, 107.52), slow(100, 107.53)]).toEqual([true, false]);
  });

  it('has a queue of two milliseconds', () => {
    // Four segments take 0.4 ms.
    const queued = (ms: number) => isTold({ queued: ms, steps: steady(12, 40, 4) });
    expect([queued(1.999), queued(2)]).toEqual([false, true]);
  });

  it('has a queue of four segments', () => {
    const queued = (ms: number) => isTold({ queued: ms, steps: steady(12) });
    expect([queued(3.999), queued(4)]).toEqual([false, true]);
  });

  it('lets eight segments pass at once', () => {
    const burst = (segments: number) => isTold({ burst: segments, steps: steady(12) });
    expect([burst(7.999), burst(8)]).toEqual([false, true]);
  });

  it('is full when there was no queue before', () => {
    const before = (ms: number) => isTold({ before: ms, steps: steady(12) });
    expect([before(3.999), before(4)]).toEqual([true, false]);
  });

  it('lets them pass half as fast again', () => {
    // Above 1.03 segments a millisecond, half a segment a millisecond: 20 * 1.53.
    const burst = (segments: number) => isTold({ burst: segments, taken: 20, steps: steady(12) });
    expect([burst(30.59), burst(30.61)]).toEqual([false, true]);
  });

  it('lets them pass in a quarter of the time', () => {
    // 480 ms follow.
    const taken = (ms: number) => isTold({ burst: 500, taken: ms, steps: steady(12) });
    expect([taken(160), taken(160.01)]).toEqual([true, false]);
  });

  it('lets three times as much pass as comes together later', () => {
    const bunched = (segments: number) => {
      const samples = course({ steps: steady(12) });
      const last = samples[samples.length - 1];
      const { time } = last;
      const together = { ...last, bytes: segments * SEGMENT, since: time };
      const before = { ...last, delivered: last.delivered - segments * SEGMENT };
      return tokenBucketOf([...samples.slice(0, -1), before, together], SEGMENT) !== null;
    };
    expect([bunched(10), bunched(10.001)]).toEqual([true, false]);
  });

  it('may be full again later, when the queue was empty: what passes then is no bunch', () => {
    const refilled = (before: number, after: number) => {
      const samples = course({ steps: steady(13) });
      const last = samples[samples.length - 1];
      const empty = { ...last, time: last.time + 200 * MS, queued: before * MS };
      const delivered = last.delivered + 12 * SEGMENT;
      const again = { ...empty, delivered, bytes: 12 * SEGMENT, since: empty.time, queued: after * MS };
      return tokenBucketOf([...samples, empty, again], SEGMENT) !== null;
    };
    expect([refilled(3.999, 4), refilled(4, 3.999), refilled(4, 4)]).toEqual([true, true, false]);
  });

  it('is judged by when something can have arrived', () => {
    const burst = (of: Partial<Sample>, next = 0) => {
      const [start, first, ...rest] = course({ burst: 20, taken: 50, steps: steady(12) });
      return tokenBucketOf([{ ...start, next: next * MS }, { ...first, ...of }, ...rest], SEGMENT)?.burst;
    };
    // All of it since 50 ms; or at any time since the start, at 1.03 segments a millisecond.
    expect([burst({ since: 50 * MS }), burst({})]).toEqual([20_000, undefined]);
    // The first fifteen since 45 ms, the last five since 50 ms: 15 - 5 * 1.03 + 5.
    expect(burst({ bytes: 5000, since: 50 * MS }, 45)).toBeCloseTo(14_850, 6);
    // The first of them at any time: only the last five are known to have come together, and they are too few.
    expect(burst({ bytes: 5000, since: 50 * MS })).toBeUndefined();
  });

  it('is not seen where nothing waits, or in nothing', () => {
    expect(isTold({ queued: 0, steps: steady(12) })).toBe(false);
    expect(tokenBucketOf(course({ steps: [] }), SEGMENT)).toBeNull();
  });
});
