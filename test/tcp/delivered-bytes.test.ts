import { describe, expect, it } from 'vitest';
import { DeliveredBytes } from '../../src/tcp/delivered-bytes.ts';
import { randomNumbers } from '../support/random.ts';

const LIMIT = 1 << 14;

/** `frame: start-end`, and whether the bytes are those that were given, of every stretch that is remembered of `[start, end)`. */
function within(delivered: DeliveredBytes, start: number, end: number): string[] {
  const found: string[] = [];
  delivered.within(start, end, (at, bytes, { frame }) => {
    const isSame = bytes.every((byte, i) => byte === byteAt(at + i, frame));
    found.push(`${frame}: ${at}-${at + bytes.length}${isSame ? '' : ' of others'}`);
  });
  return found;
}

const byteAt = (offset: number, frame: number) => (offset * 31 + frame * 7) & 255;

function add(delivered: DeliveredBytes, start: number, length: number, frame: number): void {
  const bytes = Uint8Array.from({ length }, (_, i) => byteAt(start + i, frame));
  delivered.add(start, bytes, { frame, time: frame * 10, ttl: 64, ipId: 1 });
}

describe('delivered bytes', () => {
  it('are what was delivered, as far back as is promised', () => {
    const random = randomNumbers(9);
    for (let round = 0; round < 80; round++) {
      const delivered = new DeliveredBytes(LIMIT);
      const runs: { start: number; end: number; frame: number }[] = [];
      let at = random(2) * random(100_000);
      const longest = [40, 3000, 20_000][random(3)];
      for (let frame = 1; frame <= 20; frame++) {
        at += random(2) * random(longest);
        const length = 1 + random(longest);
        add(delivered, at, length, frame);
        runs.push({ start: at, end: at + length, frame });
        at += length;
        if (random(3) > 0) continue;
        const edge = runs[random(runs.length)];
        const start = Math.max(0, edge.start + random(3) - 1 - random(2) * random(longest));
        const end = edge.end + random(3) - 1 + random(2) * random(longest);
        const expected = runs.flatMap((run) => {
          const from = Math.max(run.start, start, at - LIMIT);
          const to = Math.min(run.end, end);
          return from < to ? [`${run.frame}: ${from}-${to}`] : [];
        });
        expect(within(delivered, start, end)).toEqual(expected);
      }
    }
  });

  it('are those of the latest 2048 runs', () => {
    const delivered = new DeliveredBytes(LIMIT);
    for (let i = 0; i < 2048; i++) add(delivered, 2 * i, 1, i);
    expect([within(delivered, 0, 2), within(delivered, 0, 3)]).toEqual([['0: 0-1'], ['0: 0-1', '1: 2-3']]);
    for (let i = 2048; i < 2050; i++) add(delivered, 2 * i, 1, i);
    expect([within(delivered, 0, 3), within(delivered, 4, 5)]).toEqual([[], ['2: 4-5']]);
    expect(within(delivered, 0, 5000)).toHaveLength(2048);
  });

  it('are none before any', () => {
    expect(within(new DeliveredBytes(LIMIT), 0, 10)).toEqual([]);
  });
});
