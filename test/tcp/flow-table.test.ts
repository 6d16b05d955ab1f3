import { describe, expect, it } from 'vitest';
import type { Connection } from '../../src/model/connection.ts';
import { ACK, SYN } from '../../src/model/flags.ts';
import { KeyedHash } from '../../src/model/keyed-hash.ts';
import { SegmentView } from '../../src/model/segment.ts';
import { FlowTable } from '../../src/tcp/flow-table.ts';
import { randomNumbers } from '../support/random.ts';

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

/** The hash of a pair of sockets is given by its higher port. */
class GivenHash extends KeyedHash {
  private readonly hashOf: (port: number) => number;

  constructor(hashOf: (port: number) => number) {
    super(WORDS_OF_A_FLOW, [1, 2]);
    this.hashOf = hashOf;
  }

  override hash(): number {
    return this.hashOf(this.words[0] & 0xffff);
  }
}

/** A segment between the sockets of pair `i`, from the client unless `turned`. Of two pairs each the sums of addresses and ports are alike. */
function pair(i: number, flags = SYN, turned = false): SegmentView {
  const view = Object.assign(new SegmentView(), { ipVersion: 4, flags, frame: 1 + i, seq: i });
  Object.assign(view, { src3: 1 ^ i, dst3: 2 ^ i, srcPort: 1000 + 2 * i, dstPort: 1000 - 2 * i });
  if (turned) turn(view);
  return view;
}

describe('the connections of a table', () => {
  it('are found, opened anew, woken, and known again when they had left', () => {
    const PAIRS = 90;
    const random = randomNumbers(3);
    for (let round = 0; round < 4; round++) {
      const woken: [number, number, number][] = [];
      // All hashes lie at the same few places of a table that is small at first.
      const keyed = new GivenHash((port) => (port % 3) * 0x10000 + port * 64);
      const table = new FlowTable((connection, syn, serial) => woken.push([connection.id, syn.seq, serial]), keyed, 4);
      const newest = new Map<number, Connection>();
      const waits = new Map<number, { row: number; id: number }>();
      const left = new Map<number, number>();
      let opened = 0;
      const there: Connection[] = [];
      /** What `find` has to say, and does to those that wait. */
      const find = (i: number): Connection | null => {
        const found = table.find(pair(i, ACK, random(2) === 0));
        const waiting = waits.get(i);
        if (waiting !== undefined) {
          expect(woken.pop()).toEqual([waiting.id, i, 7000 + i]);
          expect([found?.id, found?.firstFrame, found?.a.port]).toEqual([waiting.id, 1 + i, 1000 + 2 * i]);
          waits.delete(i);
          newest.set(i, found!);
          there.push(found!);
        } else expect(found).toBe(newest.get(i) ?? null);
        expect(woken).toEqual([]);
        return found;
      };
      for (let step = 0; step < 500; step++) {
        const i = random(PAIRS);
        const what = random(12);
        if (what < 4) find(i);
        else if (what < 7) {
          if (find(i) !== null) continue;
          const row = table.wait(pair(i));
          expect(row >= 0).toBe(!left.has(i));
          if (row < 0) continue;
          table.waiting.setSerial(row, 7000 + i);
          waits.set(i, { row, id: opened++ });
        } else if (what < 11) {
          const previous = find(i);
          const flags = random(2) === 0 ? SYN : ACK;
          const connection = table.open(pair(i, flags, random(2) === 0));
          expect(connection.id).toBe(opened++);
          expect(connection.previous).toBe(previous);
          const before = previous === null ? (left.get(i) ?? -1) : -1;
          expect([connection.previousId, connection.continues]).toEqual([
            previous === null ? before : previous.id,
            flags === SYN ? -1 : before,
          ]);
          newest.set(i, connection);
          there.push(connection);
        } else {
          for (const [j, connection] of newest) {
            if (random(3) > 0) continue;
            connection.hasLeft = true;
            newest.delete(j);
            left.set(j, connection.id);
          }
          table.evict();
          const rows = [...waits].filter(() => random(3) === 0);
          table.evictWaiting(rows.map(([, { row }]) => row));
          for (const [j, { id }] of rows) {
            waits.delete(j);
            left.set(j, id);
          }
        }
        const known = there.filter(({ hasLeft }) => !hasLeft).map(({ id }) => id);
        expect([table.size, table.opened]).toEqual([known.length + waits.size, opened]);
        if (step % 10 > 0) continue;
        expect(table.connections.map(({ id }) => id)).toEqual(known.sort((one, other) => one - other));
        expect(table.connections.every(({ previous }) => !previous?.hasLeft)).toBe(true);
      }
      table.wakeAll();
      expect(woken.map(([id]) => id)).toEqual([...waits.values()].map(({ id }) => id));
      for (const [i, connection] of newest) expect(table.find(pair(i))).toBe(connection);
    }
  });

  it('that waited stand where they belong, however many came after them', () => {
    for (const after of [0, 1, 31, 32, 33, 40]) {
      const table = new FlowTable();
      table.find(pair(0));
      const row = table.wait(pair(0));
      for (let i = 1; i <= after; i++) table.open(pair(i));
      table.wake(row);
      expect(table.connections.map(({ id }) => id)).toEqual(Array.from({ length: after + 1 }, (_, id) => id));
    }
  });

  it('that left are known again as long as no other takes the place of their hash: 2^18 places', () => {
    const knownAgain = (step: number) => {
      const table = new FlowTable(undefined, new GivenHash((port) => (port - 1000) * step));
      for (const i of [1, 2]) {
        table.open(pair(i)).hasLeft = true;
        table.evict();
      }
      return [1, 2].map((i) => table.open(pair(i)).previousId);
    };
    // The ports differ by two.
    expect([knownAgain(2 ** 16), knownAgain(2 ** 17)]).toEqual([
      [0, 1],
      [-1, 1],
    ]);
  });

  it('that left are not taken for others whose hash is the same', () => {
    const other = Object.assign(pair(1), { src3: 77, srcPort: 4000 });
    for (const waits of [false, true]) {
      const table = new FlowTable(undefined, new GivenHash(() => 5));
      table.find(pair(1));
      if (waits) table.evictWaiting([table.wait(pair(1))]);
      else {
        table.open(pair(1)).hasLeft = true;
        table.evict();
      }
      table.find(other);
      expect(table.wait(other)).toBeGreaterThanOrEqual(0);
      expect(table.open(Object.assign(pair(1), { src3: 78 })).previousId).toBe(-1);
      expect(table.open(pair(1)).previousId).toBe(0);
    }
  });
});
