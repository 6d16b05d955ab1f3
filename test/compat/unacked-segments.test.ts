import { describe, expect, it } from 'vitest';
import { UnackedSegments } from '../../src/compat/unacked-segments.ts';
import { randomNumbers } from '../render/packets.ts';

/** The list as it is told of Wireshark: plainly, looked through from end to end. */
class PlainList {
  entries: { start: number; end: number; frame: number }[] = [];
  matched = 0;

  add(start: number, end: number, frame: number): void {
    this.entries.push({ start, end, frame });
  }

  acknowledge(ack: number): void {
    const isBeyond = (x: number): boolean => ((ack - x) | 0) < 0;
    this.matched = this.entries.find(({ end }) => end === ack)?.frame ?? 0;
    this.entries = this.entries.filter(({ end }) => isBeyond(end));
    for (const entry of this.entries) if (!isBeyond(entry.start) && entry.start !== ack) entry.start = ack;
  }

  span(base: number): number {
    const low = Math.min(...this.entries.map(({ start }) => (start - base) >>> 0));
    const high = Math.max(...this.entries.map(({ end }) => (end - base) >>> 0));
    return (high - low) >>> 0;
  }
}

/** To call `expect` for each of a hundred thousand numbers takes forty times as long as to compare them. */
function expectSame(what: string, ours: number, theirs: number): void {
  if (ours !== theirs) expect(ours, what).toBe(theirs);
}

describe('unacknowledged segments', () => {
  it.each([1, 2, 3, 4, 5, 6])('are those of a plain list, seed %i', (seed) => {
    const below = randomNumbers(seed);
    const base = [0, 1000, 0xffffff00, 0x7fffff00, 0x80000000, 0xfffffff0][seed - 1];
    const segments = new UnackedSegments();
    const plain = new PlainList();
    let next = base;
    let acked = base;
    for (let frame = 1; frame <= 20_000; frame++) {
      const place = below(10);
      if (place < 6) {
        // Mostly in order, for a while not at all, and now and then something sent again.
        const isUnruly = frame % 4000 < 500;
        const start = (isUnruly && below(3) === 0 ? next - below(200) : next) >>> 0;
        const end = (start + 1 + below(100)) >>> 0;
        segments.add(start, end, frame, frame * 10);
        plain.add(start, end, frame);
        if (((end - next) | 0) > 0) next = end;
      } else {
        const distance = (next - acked) >>> 0;
        const ack = below(200) === 0 ? below(0x100000000) : (acked + below(distance + 2)) >>> 0;
        segments.acknowledge(ack);
        plain.acknowledge(ack);
        expectSame('match', segments.matchedFrame, plain.matched);
        if (segments.matchedFrame > 0)
          expectSame('time of the match', segments.matchedTime, segments.matchedFrame * 10);
        if (((ack - acked) | 0) > 0 && ((next - ack) | 0) >= 0) acked = ack;
      }
      expectSame('length', segments.length, plain.entries.length);
      if (segments.length === 0) continue;
      expectSame('oldest', segments.oldestFrame, plain.entries[0].frame);
      expectSame('time of the oldest', segments.oldestTime, plain.entries[0].frame * 10);
      const from = below(1000) === 0 ? below(0x100000000) : base;
      expectSame('span', segments.span(from), plain.span(from));
    }
  });

  it('are no more than 10,000', () => {
    const segments = new UnackedSegments();
    for (let i = 0; i < 10_050; i++) segments.add(i * 10, i * 10 + 10, i + 1, i);
    expect(segments.length).toBe(10_000);
    expect(segments.span(0)).toBe(100_000);
    segments.acknowledge(100_010);
    expect(segments.matchedFrame).toBe(0);
    expect(segments.length).toBe(0);
  });
});
