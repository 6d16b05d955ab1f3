import { describe, expect, it } from 'vitest';
import { RowLines } from '../../src/cli/row-lines.ts';
import { TextBytes } from '../../src/render/text-bytes.ts';
import { randomNumbers } from '../render/packets.ts';

/** Rows that are their text already. */
function textLines(): RowLines<string> {
  const out = new TextBytes();
  const add = (row: string) => {
    for (let i = 0; i < row.length; i++) out.byte(row.charCodeAt(i));
  };
  return new RowLines({ out, add });
}

function told(line: Uint8Array | null): string | null {
  return line === null ? null : Buffer.from(line).toString('latin1');
}

/** Compares with an array of copies: `lines` that wait at most, each of up to `most` bytes, and others in between. */
function compare(seed: number, steps: number, lines: number, most: number): void {
  const random = randomNumbers(seed);
  const rows = textLines();
  const copies: (string | null)[] = [];
  const shift = () => {
    expect(told(rows.shift())).toBe(copies.shift());
  };
  const text = () => String.fromCharCode(...Array.from({ length: random(most + 1) }, () => random(256)));
  for (let i = 0; i < steps; i++) {
    const isFilling = Math.floor(i / lines) % 2 === 0;
    if (copies.length === 0 || (copies.length < lines && random(4) < (isFilling ? 3 : 1))) {
      const row = random(10) === 0 ? null : text();
      rows.push(row);
      copies.push(row === null ? null : `${row}\n`);
    } else shift();
    if (random(4) === 0) {
      const row = text();
      expect(told(rows.line(row))).toBe(`${row}\n`);
    }
  }
  while (copies.length > 0) shift();
}

describe('lines that wait for their turn', () => {
  it('come in their order, each whole, empty ones and none too, whatever is written in between', () => {
    compare(1, 20_000, 300, 40);
  });

  it('come so where more of them wait than there was memory for', () => {
    compare(2, 20_000, 4000, 3);
    compare(3, 3000, 400, 2000);
  });

  it('may be longer than all the memory that there was', () => {
    const rows = textLines();
    const long = 'a'.repeat(300_000);
    for (const row of ['b', long, 'c']) rows.push(row);
    expect(told(rows.shift())).toBe('b\n');
    expect(told(rows.shift())).toBe(`${long}\n`);
    expect(told(rows.shift())).toBe('c\n');
  });

  it('leave memory that is used again: it grows by what waits, not by what came', () => {
    const out = new TextBytes();
    const rows = new RowLines<number>({ out, add: (row) => out.digits(row, 9) });
    for (let i = 0; i < 100; i++) rows.push(i);
    for (let i = 0; i < 1_000_000; i++) {
      rows.push(i);
      rows.shift();
    }
    expect(out.bytes.length).toBeLessThan(0x100000);
  });
});
