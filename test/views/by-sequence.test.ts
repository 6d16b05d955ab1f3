import { describe, expect, it } from 'vitest';
import { BySequence, MAX_SPAN, MAX_TRIED } from '../../src/views/by-sequence.ts';
import { areOfOneSending } from '../../src/views/offload.ts';
import { MAX_OVERLAPS, SeenPacket } from '../../src/views/seen-packet.ts';

const packet = (seq: number, length: number, side: 0 | 1 = 0) =>
  new SeenPacket(null as never, side, { seq, ack: 0, length, flags: 0x10, ipId: 1, window: 1, tsVal: -1 });

describe('packets by the sequence numbers that they take', () => {
  it('are found by any byte, and by none beside', () => {
    const index = new BySequence();
    const one = packet(100_000, 40_000);
    index.add(one);
    expect(index.overlapping(0, 99_000, 100_000)).toEqual([]);
    expect(index.overlapping(0, 99_000, 100_001)).toEqual([one]);
    expect(index.overlapping(0, 139_999, 150_000)).toEqual([one]);
    expect(index.overlapping(0, 140_000, 150_000)).toEqual([]);
    expect(index.overlapping(1, 100_000, 140_000)).toEqual([]);
    expect(index.overlapping(0, 100_000, 140_000)).toEqual([one]);
    const after = packet(131_000, 100);
    index.add(after);
    expect(index.overlapping(0, 90_000, 150_000)).toEqual([one, after]);
    index.remove(after);
    index.remove(one);
    expect(index.overlapping(0, 100_000, 140_000)).toEqual([]);
  });

  it('are found across the end of the sequence numbers', () => {
    const index = new BySequence();
    const across = packet(-1000, 3000);
    index.add(across);
    expect(index.overlapping(0, 1999, 5000)).toEqual([across]);
    expect(index.overlapping(0, 2000, 5000)).toEqual([]);
    expect(index.overlapping(0, -1001, -1000)).toEqual([]);
    expect(index.overlapping(0, -1001, -999)).toEqual([across]);
  });

  it('are left out where they take more than any link carries, or none', () => {
    const index = new BySequence();
    index.add(packet(0, MAX_SPAN + 1));
    index.add(packet(0, 0));
    expect(index.overlapping(0, 0, 10)).toEqual([]);
    const largest = packet(0, MAX_SPAN);
    index.add(largest);
    expect(index.overlapping(0, 0, 10)).toEqual([largest]);
  });

  it('are looked at up to a bound, the latest ones', () => {
    const index = new BySequence();
    const all = Array.from({ length: MAX_TRIED + 1 }, () => packet(5, 10));
    for (const one of all.slice(0, MAX_TRIED)) index.add(one);
    expect(index.overlapping(0, 5, 6)).toHaveLength(MAX_TRIED);
    index.add(all[MAX_TRIED]);
    const found = index.overlapping(0, 5, 6);
    expect(found).toHaveLength(MAX_TRIED);
    expect(found).not.toContain(all[0]);
    expect(found).toContain(all[MAX_TRIED]);
  });
});

it('a packet notes overlaps up to a bound', () => {
  const whole = packet(0, 60_000);
  for (let i = 0; i < MAX_OVERLAPS; i++) expect(whole.overlap(packet(i, 1), i, i + 1)).toBe(true);
  expect(whole.overlap(packet(MAX_OVERLAPS, 1), MAX_OVERLAPS, MAX_OVERLAPS + 1)).toBe(false);
  expect(whole.overlaps).toHaveLength(MAX_OVERLAPS);
});

it.each([
  [{ ack: 5, tsVal: 7 }, { ack: 5, tsVal: 7 }, true],
  [{ ack: 5, tsVal: 7 }, { ack: 6, tsVal: 7 }, false],
  [{ ack: 5, tsVal: 7 }, { ack: 5, tsVal: 8 }, false],
  [{ ack: 5, tsVal: 7 }, { ack: 5, tsVal: -1 }, true],
])('%o and %o are of one sending: %s', (a, b, isOne) => {
  expect(areOfOneSending(a, b)).toBe(isOne);
});
