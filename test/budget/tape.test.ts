import { describe, expect, it } from 'vitest';
import { Tape } from '../../src/budget/tape.ts';

/** What is read of these numbers, and how many bytes they took. */
function written(numbers: readonly number[]): { read: number[]; bytes: number } {
  const tape = new Tape();
  for (const number of numbers) tape.put(number);
  const bytes = new DataView(new ArrayBuffer(tape.length + 3));
  tape.copyTo(bytes, 3);
  tape.open(bytes, 3);
  return { read: numbers.map(() => tape.next()), bytes: tape.length };
}

describe('a tape', () => {
  it.each([
    ['small integers', [0, 1, -1, -8, 231], 1],
    ['what is no number', [Number.NaN, Number.POSITIVE_INFINITY], 1],
    ['integers of 16 bits', [-9, 232, -(2 ** 15), 2 ** 15 - 1], 3],
    ['integers of 32 bits', [-(2 ** 15) - 1, 2 ** 15, -(2 ** 31), 2 ** 31 - 1], 5],
    ['integers of 48 bits', [-(2 ** 31) - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, -(2 ** 47), 2 ** 47 - 1], 7],
    ['longer integers', [-(2 ** 47) - 1, 2 ** 47, 2 ** 53, Number.MAX_VALUE], 9],
    ['other numbers', [0.5, -0.5, 1e-300, Number.EPSILON, Number.NEGATIVE_INFINITY], 9],
  ])('gives back %s, each of them in as few bytes as it needs', (_, numbers, bytes) => {
    expect(written(numbers)).toEqual({ read: numbers, bytes: numbers.length * bytes });
  });

  it('grows with what is written', () => {
    const numbers = Array.from({ length: 10_000 }, (_, i) => i / 3);
    expect(written(numbers).read).toEqual(numbers);
  });

  it('takes the next numbers after those before were cleared away', () => {
    const tape = new Tape();
    tape.put(1.5);
    tape.clear();
    expect(tape.length).toBe(0);
    tape.put(7);
    const bytes = new DataView(new ArrayBuffer(tape.length));
    tape.copyTo(bytes, 0);
    tape.open(bytes, 0);
    expect(tape.next()).toBe(7);
  });
});
