import { describe, expect, it } from 'vitest';
import { RoundTrips } from '../../src/model/round-trips.ts';

function of(samples: readonly number[]): RoundTrips {
  const roundTrips = new RoundTrips();
  for (const sample of samples) roundTrips.add(sample);
  return roundTrips;
}

/** A sequence without pattern, the same in every run (Park and Miller). */
function scattered(n: number, largest: number): number[] {
  let x = 42;
  return Array.from({ length: n }, () => {
    x = (x * 48271) % 2147483647;
    return 1 + Math.floor((x / 2147483647) * largest);
  });
}

describe('round trips of a direction', () => {
  it('have quantiles by nearest rank', () => {
    // The example of the nearest-rank method: 15, 20, 35, 40, 50.
    const roundTrips = of([35, 20, 15, 50, 40]);
    expect([0.05, 0.3, 0.4, 0.5, 1].map((share) => roundTrips.quantile(share))).toEqual([15, 20, 20, 35, 50]);
    expect([roundTrips.count, roundTrips.min, roundTrips.max]).toEqual([5, 15, 50]);
  });

  it('are none without samples', () => {
    expect(of([]).quantile(0.5)).toBeNaN();
  });

  it.each([512, 513, 20_000])('are within 1.1 %% of the exact quantile with %i samples', (n) => {
    const samples = scattered(n, 300e6);
    const sorted = [...samples].sort((a, b) => a - b);
    const roundTrips = of(samples);
    for (const share of [0.01, 0.5, 0.95, 0.99]) {
      const exact = sorted[Math.ceil(share * n) - 1];
      expect(Math.abs(roundTrips.quantile(share) / exact - 1)).toBeLessThan(n > 512 ? 0.011 : 1e-12);
    }
    expect([roundTrips.min, roundTrips.max]).toEqual([sorted[0], sorted[n - 1]]);
  });
});
