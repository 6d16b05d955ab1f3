import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PIECE_COST, type Piece, WaitingBytes } from '../../src/tcp/waiting-bytes.ts';

function piece(start: number, length: number): Piece {
  const origin = { start, end: start + length, frame: 1, time: 0, ttl: 64, ipId: 1, syn: false };
  return { start, end: start + length, bytes: new Uint8Array(length), origin };
}

function starts(waiting: WaitingBytes): number[] {
  const found: number[] = [];
  waiting.seek(Number.NEGATIVE_INFINITY);
  for (let current = waiting.current; current !== null; current = waiting.current) {
    found.push(current.start);
    waiting.next();
  }
  return found;
}

describe('pieces that wait', () => {
  it('stand in order whatever is put in and taken out', () => {
    // Each step: a place, and whether the piece there goes or comes.
    const steps = fc.array(fc.tuple(fc.nat(3000), fc.boolean()), { minLength: 1, maxLength: 1500 });
    fc.assert(
      fc.property(steps, (all) => {
        const waiting = new WaitingBytes();
        const model = new Set<number>();
        for (const [place, leaves] of all) {
          const start = place * 10;
          waiting.seek(start);
          if (model.has(start)) {
            expect(waiting.current?.start).toBe(start);
            if (!leaves) continue;
            waiting.remove();
            model.delete(start);
          } else {
            waiting.insert(piece(start, 10));
            model.add(start);
          }
          const after = [...model].filter((other) => other > start).sort((a, b) => a - b)[0];
          expect(waiting.current?.start).toBe(after);
        }
        const sorted = [...model].sort((a, b) => a - b);
        expect(starts(waiting)).toEqual(sorted);
        expect(waiting.head?.start).toBe(sorted[0]);
        expect(waiting.cost).toBe(sorted.length * (PIECE_COST + 10));
      }),
      { numRuns: 40 },
    );
  });

  it('are found by any byte of theirs, and from a hole the next one is', () => {
    const waiting = new WaitingBytes();
    for (let start = 0; start < 20_000; start += 20) {
      waiting.seek(start);
      waiting.insert(piece(start, 10));
    }
    for (const [offset, start] of [
      [0, 0],
      [9, 0],
      [10, 20],
      [19, 20],
      [12_355, 12_360],
      [12_365, 12_360],
      [19_989, 19_980],
    ]) {
      waiting.seek(offset);
      expect(waiting.current?.start).toBe(start);
    }
    waiting.seek(19_990);
    expect(waiting.current).toBeNull();
  });

  it('do not keep the memory of what was cut off them', () => {
    const waiting = new WaitingBytes();
    const large = piece(0, 60_000);
    waiting.insert(large);
    waiting.trim(large, 59_999, 60_000);
    expect(large.bytes!.buffer.byteLength).toBe(1);
    expect(waiting.cost).toBe(PIECE_COST + 1);
  });

  it.each([1, 1000])('keep the memory of half of it at the least: from %i', (start) => {
    const left = (length: number) => {
      const waiting = new WaitingBytes();
      const one = piece(start, 100);
      waiting.insert(one);
      one.bytes!.set(Uint8Array.from({ length: 100 }, (_, i) => i));
      waiting.trim(one, start + 3, start + 3 + length);
      expect(waiting.cost).toBe(PIECE_COST + length);
      expect([one.start, one.end, one.bytes![0], one.bytes!.length]).toEqual([
        start + 3,
        start + 3 + length,
        3,
        length,
      ]);
      return one.bytes!.buffer.byteLength;
    };
    expect([left(50), left(49)]).toEqual([100, 49]);
  });

  it.each<[string, (i: number, count: number) => number]>([
    ['in order', (i) => i],
    ['backwards', (i, count) => count - 1 - i],
    ['from both ends', (i, count) => (i % 2 === 0 ? i / 2 : count - (i + 1) / 2)],
    ['in any order', (i, count) => (i * 1777) % count],
  ])('stand in order when they come %s', (_, placeOf) => {
    const waiting = new WaitingBytes();
    const count = 2000;
    for (let i = 0; i < count; i++) {
      const start = 10 * placeOf(i, count);
      waiting.seek(start);
      waiting.insert(piece(start, 10));
    }
    expect(starts(waiting)).toEqual(Array.from({ length: count }, (_, i) => 10 * i));
    for (let i = 0; i < count; i++) {
      expect(waiting.head?.start).toBe(10 * i);
      waiting.removeHead();
    }
    expect([waiting.head, waiting.current, waiting.cost]).toEqual([null, null, 0]);
  });

  it('have no cost for bytes that were cut off', () => {
    const waiting = new WaitingBytes();
    waiting.insert({ ...piece(0, 10), bytes: null });
    expect(waiting.cost).toBe(PIECE_COST);
  });
});
