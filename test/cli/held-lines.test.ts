import { describe, expect, it } from 'vitest';
import { HeldLines } from '../../src/cli/held-lines.ts';
import { randomNumbers } from '../render/packets.ts';

/** Compares with an array of copies: `lines` that wait at most, each of up to `most` bytes. */
function compare(seed: number, steps: number, lines: number, most: number): void {
  const random = randomNumbers(seed);
  const held = new HeldLines();
  const copies: (string | null)[] = [];
  const shift = () => {
    const line = held.shift();
    expect(line === null ? null : Buffer.from(line).toString('hex')).toBe(copies.shift());
  };
  for (let i = 0; i < steps; i++) {
    const isFilling = Math.floor(i / lines) % 2 === 0;
    if (copies.length === 0 || (copies.length < lines && random(4) < (isFilling ? 3 : 1))) {
      const line = random(10) === 0 ? null : Buffer.from(Array.from({ length: random(most + 1) }, () => random(256)));
      held.push(line);
      copies.push(line?.toString('hex') ?? null);
    } else shift();
  }
  while (copies.length > 0) shift();
}

describe('lines that wait for their turn', () => {
  it('come in their order, each whole, empty ones and none too', () => {
    compare(1, 20_000, 300, 40);
  });

  it('come so where more of them wait than there was memory for', () => {
    compare(2, 20_000, 4000, 3);
    compare(3, 3000, 400, 2000);
  });

  it('may be longer than all the memory that there was', () => {
    const held = new HeldLines();
    const long = new Uint8Array(300_000).fill(7);
    held.push(Uint8Array.of(1));
    held.push(long);
    held.push(Uint8Array.of(2));
    expect([...held.shift()!]).toEqual([1]);
    expect(held.shift()).toEqual(long);
    expect([...held.shift()!]).toEqual([2]);
  });
});
