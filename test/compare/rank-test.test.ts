import { describe, expect, test } from 'vitest';
import { adjusted, rankTest } from '../../src/compare/rank-test.ts';

const from = (start: number, count: number) => Array.from({ length: count }, (_, i) => start + i);

describe('the rank test', () => {
  // Of all C(n + m, n) orders one has every value of one sample before the other's, and one the other way round.
  test.each([
    [3, 3, 2 / 20],
    [4, 4, 2 / 70],
    [5, 5, 2 / 252],
    [3, 10, 2 / 286],
  ])('samples of %i and %i that do not overlap: p is 2 in all orders', (n, m, p) => {
    const result = rankTest(from(0, n), from(100, m));
    expect(result.p).toBeCloseTo(p, 12);
    expect(result.leastP).toBeCloseTo(p, 12);
    expect(result.effect).toBe(1);
    expect(rankTest(from(100, m), from(0, n)).effect).toBe(-1);
  });

  test('one pair exchanged: four orders are as extreme', () => {
    // 0 1 2 4 | 3 5 6 7: U is 15 of 16; U of 0 and 1 can each come about in one way, on either side.
    expect(rankTest([0, 1, 2, 4], [3, 5, 6, 7]).p).toBeCloseTo(4 / 70, 12);
  });

  test('equal samples are no evidence of anything', () => {
    const values = from(0, 10);
    expect(rankTest(values, values).p).toBe(1);
    expect(rankTest(values, values).effect).toBe(0);
    expect(rankTest([1, 1, 1], [1, 1, 1]).p).toBe(1);
    expect(rankTest([], [1]).p).toBe(1);
  });

  test('exact and approximate agree where both can be had', () => {
    const first = from(0, 20).map((i) => i * 1.5);
    const second = from(0, 20).map((i) => i * 1.5 + 6.2);
    const exact = rankTest(first, second).p;
    // One more value, far from all others and in both, leaves hardly a difference and is a tie.
    const approximate = rankTest([...first, -99], [...second, -99]).p;
    expect(Math.abs(exact - approximate)).toBeLessThan(0.02);
  });

  test('the normal approximation: 30 of 30 that do not overlap', () => {
    // z = (450 - 0.5) / sqrt(900 * 61 / 12) = 6.645
    expect(rankTest(from(0, 30), from(100, 30)).p).toBeLessThan(1e-9);
  });

  test('the shift is the median of all differences', () => {
    expect(rankTest([1, 2, 3], [11, 12, 13]).shift).toBe(10);
    expect(rankTest([1, 2], [4, 9]).shift).toBe(5);
  });

  test('chance alone rarely looks like a difference', () => {
    let state = 1;
    const next = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
    let significant = 0;
    for (let i = 0; i < 400; i++) {
      const sample = () => Array.from({ length: 12 }, next);
      if (rankTest(sample(), sample()).p < 0.05) significant++;
    }
    expect(significant).toBeGreaterThan(4);
    expect(significant).toBeLessThan(40);
  });
});

test("Holm's adjustment", () => {
  // 0.01 * 3, 0.02 * 2, 0.04 * 1, never less than one before
  const result = adjusted([0.04, 0.01, 0.02]);
  [0.04, 0.03, 0.04].forEach((p, i) => {
    expect(result[i]).toBeCloseTo(p, 12);
  });
  expect(adjusted([0.6, 0.7])).toEqual([1, 1]);
});
