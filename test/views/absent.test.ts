import { describe, expect, test } from 'vitest';
import { Absent } from '../../src/views/absent.ts';
import { random } from './journey.ts';

interface Case {
  from: number[];
  to: number[];
  time: number[];
}

describe('packets that a vantage does not hold', () => {
  const all = (absent: Absent) => absent.overlapping(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 1e9);

  test('begins and ends: one byte on either side', () => {
    const absent = new Absent([4], [0, 0, 0, 0, 100], [0, 0, 0, 0, 110], [0, 0, 0, 0, 7]);
    expect(absent.overlapping(0, 100, 7)).toEqual([]);
    expect(absent.overlapping(0, 101, 7)).toEqual([4]);
    expect(absent.overlapping(109, 200, 7)).toEqual([4]);
    expect(absent.overlapping(110, 200, 7)).toEqual([]);
    expect(absent.overlapping(0, 200, 6)).toEqual([]);
  });

  test('none at all, and none without bytes', () => {
    expect(all(new Absent([], [], [], []))).toEqual([]);
    expect(all(new Absent([0], [5], [5], [0]))).toEqual([]);
  });

  test('finds what a look at each of them finds, also when some were removed', () => {
    const next = random(7);
    for (let round = 0; round < 60; round++) {
      const one: Case = { from: [], to: [], time: [] };
      const count = Math.floor(next() * 70);
      for (let k = 0; k < count; k++) {
        const from = Math.floor(next() * 40);
        one.from.push(from);
        one.to.push(from + Math.floor(next() * 12));
        one.time.push(Math.floor(next() * 20));
      }
      let left = one.from.map((_, k) => k);
      const absent = new Absent(left, one.from, one.to, one.time);
      for (let look = 0; look < 20; look++) {
        const from = Math.floor(next() * 45);
        const to = from + 1 + Math.floor(next() * 15);
        const time = Math.floor(next() * 22);
        const expected = left
          .filter((k) => one.to[k] > one.from[k] && one.from[k] < to && one.to[k] > from && one.time[k] <= time)
          .sort((x, y) => one.from[x] - one.from[y] || x - y);
        expect(absent.overlapping(from, to, time)).toEqual(expected);
        const gone = Math.floor(next() * count);
        absent.remove(gone);
        left = left.filter((k) => k !== gone);
      }
    }
  });

  test('very many with the same bytes are looked at once each', () => {
    const count = 200_000;
    const same = (value: number) => new Array<number>(count).fill(value);
    const order = Array.from({ length: count }, (_, k) => k);
    const absent = new Absent(order, same(1), same(1001), order);
    for (const k of order) {
      expect1(absent.overlapping(500, 1500, k), k);
      absent.remove(k);
    }
    expect(all(absent)).toEqual([]);
  });
});

/** Without the cost of an assertion for each of very many. */
function expect1(found: readonly number[], k: number): void {
  if (found.length !== 1 || found[0] !== k) expect(found).toEqual([k]);
}
