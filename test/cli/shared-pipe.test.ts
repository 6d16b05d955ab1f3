import { describe, expect, it } from 'vitest';
import type { CaptureSource } from '../../src/capture/source.ts';
import { handedOn, handingOn, leave, pipeMemory } from '../../src/cli/shared-pipe.ts';

const WATCH = { mayRead: async () => true, taken: () => {}, onStop: () => {} };
const PIECE = 0x10000;
const PIECES = 256;

/** Whole pieces, each of its number, so many of them. */
function pieces(count: number): CaptureSource {
  let given = 0;
  return {
    name: 'pipe',
    rewinds: false,
    open: async () => ({
      read: async (buffer, offset, length) => {
        if (given === count) return 0;
        buffer.fill(given++, offset, offset + length);
        return length;
      },
      close: async () => {},
    }),
  };
}

describe('a pipe that is handed on', () => {
  it('gives every reader all bytes, whatever it asks for at once', async () => {
    const memory = pipeMemory(2);
    const first = await handingOn(pieces(3), memory).open();
    const buffer = new Uint8Array(2 * PIECE);
    for (let i = 0; i < 3; i++) expect(await first.read(buffer, 0, buffer.length)).toBe(PIECE);
    expect(await first.read(buffer, 0, 9)).toBe(0);
    for (const [reader, length] of [
      [0, PIECE],
      [1, 1000],
    ]) {
      const other = await handedOn('pipe', memory, reader, WATCH).open();
      const sums = [0, 0, 0];
      for (let taken = 0; ; ) {
        const part = await other.read(buffer, 5, length);
        if (part === 0) break;
        expect(part).toBeLessThanOrEqual(length);
        const isOfItsPiece = buffer.subarray(5, 5 + part).every((byte, i) => byte === Math.floor((taken + i) / PIECE));
        expect(isOfItsPiece, `${part} bytes from ${taken} on`).toBe(true);
        sums[Math.floor(taken / PIECE)] += part;
        taken += part;
      }
      expect(sums).toEqual([PIECE, PIECE, PIECE]);
    }
  });

  it('waits where the slowest reader has a piece to take, and not for one that has gone', async () => {
    const memory = pipeMemory(2);
    const first = await handingOn(pieces(PIECES + 2), memory).open();
    const other = await handedOn('pipe', memory, 0, WATCH).open();
    const buffer = new Uint8Array(PIECE);
    for (let i = 0; i < PIECES; i++) await first.read(buffer, 0, PIECE);
    let isRead = false;
    const next = first.read(buffer, 0, PIECE).then(() => {
      isRead = true;
    });
    await other.read(new Uint8Array(PIECE), 0, PIECE);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isRead).toBe(false);
    leave(memory, 1);
    await next;
    expect(isRead).toBe(true);
  });

  it('ends for the others where the first stops reading', async () => {
    const memory = pipeMemory(1);
    const first = await handingOn(pieces(9), memory).open();
    await first.read(new Uint8Array(10), 0, 10);
    await first.close();
    const other = await handedOn('pipe', memory, 0, WATCH).open();
    const buffer = new Uint8Array(PIECE);
    expect(await other.read(buffer, 0, PIECE)).toBe(10);
    expect(await other.read(buffer, 0, PIECE)).toBe(0);
  });
});
