import { describe, expect, it } from 'vitest';
import { isCount, isPlainNumber, isSaying, listOf, listOfAll, MOST_LEVELS, objectOf } from '../../src/shard/shape.ts';

describe('the form of what was read', () => {
  it('a count is a whole number that can be counted to', () => {
    for (const value of [0, 1, Number.MAX_SAFE_INTEGER]) expect(isCount(value)).toBe(true);
    for (const value of [-1, 0.5, Number.MAX_SAFE_INTEGER + 1, Number.NaN, '1', null])
      expect(isCount(value)).toBe(false);
  });

  it('a number that JSON has no form for is one of three texts', () => {
    for (const value of [1.5, 'NaN', 'Infinity', '-Infinity']) expect(isPlainNumber(value)).toBe(true);
    for (const value of ['1', '', 'Inf', null, true, []]) expect(isPlainNumber(value)).toBe(false);
  });

  it('lists and objects hold what they have to', () => {
    expect(listOf(isCount)([1, 2])).toBe(true);
    expect(listOf(isCount)([1, -2])).toBe(false);
    expect(listOf(isCount)({ length: 0 })).toBe(false);
    const pair = listOfAll([isCount, isPlainNumber]);
    expect([pair([1, 'NaN']), pair([1]), pair([1, 2, 3]), pair(['NaN', 1])]).toEqual([true, false, false, false]);
    const shape = objectOf({ count: isCount });
    expect([shape({ count: 1, more: 2 }), shape({}), shape(null), shape([])]).toEqual([true, false, false, false]);
  });

  it('what a detector says is no deeper than a bound', () => {
    const nested = (levels: number) => JSON.parse(`${'{"x":'.repeat(levels)}1${'}'.repeat(levels)}`);
    expect(isSaying(nested(MOST_LEVELS))).toBe(true);
    expect(isSaying(nested(MOST_LEVELS + 1))).toBe(false);
    expect(isSaying(nested(1000))).toBe(false);
    expect([isSaying([]), isSaying(null), isSaying('x')]).toEqual([false, false, false]);
  });
});
