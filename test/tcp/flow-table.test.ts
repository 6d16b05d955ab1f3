import { describe, expect, it } from 'vitest';
import { KeyedHash } from '../../src/model/keyed-hash.ts';
import { SegmentView } from '../../src/model/segment.ts';
import { FlowTable } from '../../src/tcp/flow-table.ts';

const FLOWS = 1 << 15;
const MANY_FLOWS = 1 << 18;
const WORDS_OF_A_FLOW = 9;

/** Remembers what it was asked for. */
class RecordingHash extends KeyedHash {
  readonly seen: number[] = [];

  override hash(length: number): number {
    const hash = super.hash(length);
    this.seen.push(hash);
    return hash;
  }
}

/** Opens so many connections, finds them again in both directions, and returns their hashes. */
function hashesOf(flows: number, fill: (view: SegmentView, i: number) => void): number[] {
  const keyed = new RecordingHash(WORDS_OF_A_FLOW, [0x2545f491, 0x1b873593]);
  const table = new FlowTable(undefined, keyed);
  const view = new SegmentView();
  for (let i = 0; i < flows; i++) {
    fill(view, i);
    table.open(view);
  }
  const hashes = keyed.seen.splice(0);
  for (const turned of [false, true]) {
    for (let i = 0; i < flows; i++) {
      fill(view, i);
      if (turned) turn(view);
      if (table.find(view)?.id !== i) throw new Error(`flow ${i} was not found`);
    }
  }
  return hashes;
}

function turn(view: SegmentView): void {
  [view.src0, view.dst0] = [view.dst0, view.src0];
  [view.src1, view.dst1] = [view.dst1, view.src1];
  [view.src2, view.dst2] = [view.dst2, view.src2];
  [view.src3, view.dst3] = [view.dst3, view.src3];
  [view.srcPort, view.dstPort] = [view.dstPort, view.srcPort];
}

/** How many of the hashes share their place in a table of twice as many, at the most. */
function fullest(hashes: readonly number[]): number {
  const places = new Uint32Array(2 * hashes.length);
  for (const hash of hashes) places[hash & (places.length - 1)]++;
  return places.reduce((most, n) => Math.max(most, n));
}

function ipv4(view: SegmentView, source: number, port: number): void {
  view.ipVersion = 4;
  view.src3 = source | 0;
  view.dst3 = 0x0a000002;
  view.srcPort = port & 0xffff;
  view.dstPort = 80;
}

/** Address `i` of a family of 8 whose differences cancel out in a hash that only multiplies and shifts to the right. */
function cancelling(i: number, base: number): [number, number, number, number] {
  const high = 1 << 31;
  const [one, two, three] = [i & 1, (i >> 1) & 1, (i >> 2) & 1];
  const w3 = base ^ (one * high);
  const w0 = 0x20010db8 ^ (one * (high | (1 << 16))) ^ (two * high);
  const w1 = (two * (high | (1 << 18))) ^ (three * high);
  const w2 = 1 ^ (three * (high | (1 << 16)));
  return [w0 | 0, w1 | 0, w2 | 0, w3 | 0];
}

/** 64 flows for each base, between families of 8 addresses. */
function chosen(view: SegmentView, i: number): void {
  view.ipVersion = 6;
  [view.src0, view.src1, view.src2, view.src3] = cancelling(i & 7, i >> 6);
  [view.dst0, view.dst1, view.dst2, view.dst3] = cancelling((i >> 3) & 7, 0x5a5a5a5a);
  view.srcPort = 40000;
  view.dstPort = 443;
}

/** Such a hash: the seed meets the port only. */
function multiplying(seed: number, [w0, w1, w2, w3]: readonly number[], port: number): number {
  let h = Math.imul(seed ^ port, 0x27d4eb2f);
  h ^= h >>> 13;
  h = Math.imul(h ^ w3, 0x85ebca6b);
  h ^= h >>> 15;
  h = Math.imul(h ^ w0, 0xc2b2ae35);
  h ^= h >>> 13;
  h = Math.imul(h ^ w1, 0x27d4eb2f);
  h ^= h >>> 15;
  h = Math.imul(h ^ w2, 0x165667b1);
  return h ^ (h >>> 13);
}

// In a table that is half full, 8 or 9 of 262,144 random hashes share a place at the most; 16 in one table of 10^8.
describe('the flow table spreads', () => {
  it.each([
    ['random addresses and ports', (i: number) => [Math.imul(i + 1, 0x9e3779b1), Math.imul(i, 7919)]],
    ['addresses and ports that rise together, as those of scanners', (i: number) => [0x0b000000 + i, 1024 + i]],
    ['addresses that rise while ports fall', (i: number) => [0x0b000000 + i, -i]],
    ['addresses that differ in their high bits', (i: number) => [i << 14, 1024]],
  ])('%s', (_name, socket) => {
    const hashes = hashesOf(FLOWS, (view, i) => {
      const [address, port] = socket(i);
      ipv4(view, address, port);
    });
    expect(fullest(hashes)).toBeLessThan(16);
  });

  it('IPv6 addresses that are chosen to collide whatever the seed', () => {
    for (const seed of [0, 1, 0x9e3779b1, -77]) {
      const hashes = Array.from({ length: 8 }, (_, i) => multiplying(seed, cancelling(i, 1), 40000));
      expect(new Set(hashes).size).toBe(1);
    }
    const hashes = hashesOf(MANY_FLOWS, chosen);
    expect(fullest(hashes)).toBeLessThan(16);
    // Of 2^18 random ones 8 pairs are equal in all 32 bits.
    expect(new Set(hashes).size).toBeGreaterThan(MANY_FLOWS - 40);
  });
});
