import { describe, expect, it } from 'vitest';
import { RestingConnections } from '../../src/tcp/resting.ts';
import { randomNumbers } from '../support/random.ts';

const BLANK = Int32Array.from({ length: 70 }, (_, i) => i - 35);

/** `changed`: how many of its words differ from those of a new connection. */
function wordsOf(changed: number, seed: number): Int32Array {
  const words = BLANK.slice();
  const below = randomNumbers(seed);
  for (let i = 0; i < changed; i++) words[(i * 13) % 70] = below(2 ** 32) | 0;
  return words;
}

describe('connections that rest', () => {
  it('are read as they were written, the first and the last word among them', () => {
    const records = new RestingConnections(BLANK);
    const read = Int32Array.from(BLANK);
    for (const changed of [[], [0], [31], [32], [63], [64], [69], [0, 31, 32, 63, 64, 69]]) {
      const words = BLANK.slice();
      for (const i of changed) words[i] = -(2 ** 31) + i;
      records.read(records.add(words, 0, 0, 0), read);
      expect(read).toEqual(words);
    }
  });

  it('are told by number, standing and the time of the latest packet', () => {
    const records = new RestingConnections(BLANK);
    const place = records.add(wordsOf(9, 1), 77, 3, 1e17 + 16);
    const other = records.add(wordsOf(9, 1), 78, 1, -5.5);
    expect([records.idOf(place), records.standingOf(place), records.latestOf(place)]).toEqual([77, 3, 1e17 + 16]);
    expect([records.idOf(other), records.standingOf(other), records.latestOf(other)]).toEqual([78, 1, -5.5]);
    expect(records.length).toBe(2);
  });

  it('come and go, and take no more memory than those that are there at once', () => {
    const records = new RestingConnections(BLANK);
    const below = randomNumbers(3);
    const there = new Map<number, Int32Array>();
    const read = BLANK.slice();
    let most = 0;
    for (let i = 0; i < 20_000; i++) {
      if (there.size > 500 || (there.size > 0 && below(2) === 0)) {
        const [place, words] = [...there][below(there.size)];
        records.read(place, read);
        // `expect` takes thirty times as long, for each of some ten thousand.
        if (read.some((word, at) => word !== words[at])) expect(read).toEqual(words);
        records.remove(place);
        there.delete(place);
      } else {
        const words = wordsOf(below(71), i);
        const place = records.add(words, i, 0, 0);
        if (there.has(place)) expect.unreachable(`place ${place} was taken`);
        there.set(place, words);
        most = Math.max(most, place);
      }
      if (records.length !== there.size) expect(records.length).toBe(there.size);
    }
    // Each has 80 words at the most.
    expect(most).toBeLessThan(2 * 501 * 80);
    for (const place of there.keys()) records.remove(place);
    expect(records.add(wordsOf(70, 1), 1, 0, 0)).toBe(0);
  });
});
