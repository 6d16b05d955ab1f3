import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TimeOrigin, TimeScale } from '../../src/capture/time.ts';

/** The definition, in unlimited integers: floor(units * 10^9 / units per second). */
function nanoseconds(units: bigint, resolution: number): bigint {
  const exponent = BigInt(resolution & 0x7f);
  return (units * 1_000_000_000n) / (resolution & 0x80 ? 2n ** exponent : 10n ** exponent);
}

function split(units: bigint, resolution: number, offset = 0): bigint {
  const scale = new TimeScale(resolution, offset);
  scale.split(Number(units >> 32n), Number(units & 0xffffffffn));
  return BigInt(scale.seconds) * 1_000_000_000n + BigInt(scale.nanoseconds);
}

/** Units for times from 1970 to the year 2900, of which every resolution can hold its part. */
const counts = (resolution: number) => {
  const perSecond = resolution & 0x80 ? 2n ** BigInt(resolution & 0x7f) : 10n ** BigInt(resolution & 0x7f);
  const most = perSecond * 30_000_000_000n;
  return fc.bigInt({ min: 0n, max: most < 2n ** 64n ? most : 2n ** 64n - 1n });
};

describe('TimeScale', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 18, 19, 20])('10^-%d is exact', (resolution) => {
    fc.assert(fc.property(counts(resolution), (units) => split(units, resolution) === nanoseconds(units, resolution)));
  });

  it.each([0, 1, 8, 9, 10, 20, 30, 31, 32, 33, 34, 40, 41, 42, 50, 52, 60, 63, 64, 70])(
    '2^-%d is exact',
    (exponent) => {
      const resolution = exponent | 0x80;
      fc.assert(
        fc.property(counts(resolution), (units) => split(units, resolution) === nanoseconds(units, resolution)),
      );
    },
  );

  it('finds the right second at its borders', () => {
    for (const second of [0n, 1n, 1_340_954_905n, 4_294_967_295n, 4_294_967_296n, 9_000_000_000n]) {
      for (const delta of [-1n, 0n, 1n]) {
        for (const resolution of [3, 6, 9]) {
          const units = second * 10n ** BigInt(resolution) + delta;
          if (units >= 0n) expect(split(units, resolution)).toBe(nanoseconds(units, resolution));
        }
      }
    }
  });

  it('adds if_tsoffset', () => {
    expect(split(5_000_001n, 6, 1000)).toBe(1005_000_001_000n);
    expect(split(5_000_001n, 6, -10)).toBe(-5n * 1_000_000_000n + 1000n);
  });

  it('names its resolution', () => {
    expect(new TimeScale(6, 0).resolution).toBe('1e-6');
    expect(new TimeScale(0x8a, 0).resolution).toBe('2^-10');
  });

  it('stays finite for resolutions beyond all sense', () => {
    for (const resolution of [21, 40, 127, 0x80 | 100, 0xff]) {
      expect(split(2n ** 64n - 1n, resolution)).toBeLessThan(200_000_000n);
    }
  });
});

describe('TimeOrigin', () => {
  it('is exact to the nanosecond within 104 days on both sides', () => {
    const second = fc.integer({ min: -8_900_000, max: 8_900_000 });
    const nano = fc.integer({ min: 0, max: 999_999_999 });
    fc.assert(
      fc.property(nano, second, nano, (n0, seconds, n1) => {
        const origin = new TimeOrigin(null);
        expect(origin.since(1_700_000_000, n0)).toBe(0);
        const expected = BigInt(seconds) * 1_000_000_000n + BigInt(n1) - BigInt(n0);
        expect(BigInt(origin.since(1_700_000_000 + seconds, n1))).toBe(expected);
        expect(origin.first).toBe(1_700_000_000n * 1_000_000_000n + BigInt(n0));
      }),
    );
  });
});
