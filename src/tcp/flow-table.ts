import { Connection } from '../model/connection.ts';
import type { SegmentView } from '../model/segment.ts';

/**
 * Finds the connection of a segment by its addresses and ports, in either direction: open addressing over an integer hash.
 * The seed differs per run, so that a hostile capture cannot choose collisions. Interfaces, VLANs and tunnels are not part
 * of the key: the same packet seen on two of them belongs to one connection.
 */
export class FlowTable {
  private readonly seed: number;
  private mask: number;
  /** Index of the newest connection of the pair plus one, 0 for an empty slot. */
  private slots: Int32Array;
  private hashes: Int32Array;
  private used = 0;
  /** By stream number. */
  readonly connections: Connection[] = [];
  private last: Connection | null = null;

  constructor(seed = (Math.random() * 0x100000000) | 0, capacity = 1024) {
    this.seed = seed;
    this.mask = capacity - 1;
    this.slots = new Int32Array(capacity);
    this.hashes = new Int32Array(capacity);
  }

  /** The newest connection between the two sockets, or null. */
  find(view: SegmentView): Connection | null {
    const last = this.last;
    if (last !== null && matches(last, view)) return last;
    const hash = this.hash(view);
    let i = hash & this.mask;
    for (let slot = this.slots[i]; slot !== 0; slot = this.slots[i]) {
      if (this.hashes[i] === hash) {
        const connection = this.connections[slot - 1];
        if (matches(connection, view)) {
          this.last = connection;
          return connection;
        }
      }
      i = (i + 1) & this.mask;
    }
    return null;
  }

  /** Opens a connection for the sockets of `view`, in place of an earlier incarnation. The sender becomes side `a`. */
  open(view: SegmentView): Connection {
    const hash = this.hash(view);
    let i = hash & this.mask;
    let previous: Connection | null = null;
    for (; this.slots[i] !== 0; i = (i + 1) & this.mask) {
      if (this.hashes[i] !== hash) continue;
      const candidate = this.connections[this.slots[i] - 1];
      if (!matches(candidate, view)) continue;
      previous = candidate;
      break;
    }
    const connection = new Connection(this.connections.length, view, previous);
    this.connections.push(connection);
    if (previous === null) this.used++;
    this.slots[i] = connection.id + 1;
    this.hashes[i] = hash;
    this.last = connection;
    if (this.used * 2 > this.mask) this.grow();
    return connection;
  }

  private grow(): void {
    const { slots, hashes } = this;
    const capacity = slots.length * 4;
    this.mask = capacity - 1;
    this.slots = new Int32Array(capacity);
    this.hashes = new Int32Array(capacity);
    for (let j = 0; j < slots.length; j++) {
      if (slots[j] === 0) continue;
      let i = hashes[j] & this.mask;
      while (this.slots[i] !== 0) i = (i + 1) & this.mask;
      this.slots[i] = slots[j];
      this.hashes[i] = hashes[j];
    }
  }

  /** Symmetric in the two sockets: each is mixed alone, the two results are added. */
  private hash(view: SegmentView): number {
    const source = this.mix(view.src0, view.src1, view.src2, view.src3, view.srcPort);
    const destination = this.mix(view.dst0, view.dst1, view.dst2, view.dst3, view.dstPort);
    return finish((source + destination) | 0);
  }

  private mix(w0: number, w1: number, w2: number, w3: number, port: number): number {
    // Mixed before it meets the address: ports and addresses that rise together would cancel each other out.
    let h = Math.imul(this.seed ^ port, 0x27d4eb2f);
    h ^= h >>> 13;
    h = Math.imul(h ^ w3, 0x85ebca6b);
    h ^= h >>> 15;
    if ((w0 | w1 | w2) !== 0) {
      h = Math.imul(h ^ w0, 0xc2b2ae35);
      h ^= h >>> 13;
      h = Math.imul(h ^ w1, 0x27d4eb2f);
      h ^= h >>> 15;
      h = Math.imul(h ^ w2, 0x165667b1);
      h ^= h >>> 13;
    }
    h = Math.imul(h, 0x9e3779b1);
    return h ^ (h >>> 16);
  }
}

function finish(h: number): number {
  h ^= h >>> 16;
  h = Math.imul(h, 0x7feb352d);
  h ^= h >>> 15;
  h = Math.imul(h, 0x846ca68b);
  return h ^ (h >>> 16);
}

function matches(connection: Connection, view: SegmentView): boolean {
  const { a, b } = connection;
  if (connection.ipVersion !== view.ipVersion) return false;
  if (a.port === view.srcPort && b.port === view.dstPort && a.w3 === view.src3 && b.w3 === view.dst3) {
    if (view.ipVersion === 4) return true;
    if (
      a.w0 === view.src0 &&
      a.w1 === view.src1 &&
      a.w2 === view.src2 &&
      b.w0 === view.dst0 &&
      b.w1 === view.dst1 &&
      b.w2 === view.dst2
    )
      return true;
  }
  return (
    a.port === view.dstPort &&
    b.port === view.srcPort &&
    a.w3 === view.dst3 &&
    b.w3 === view.src3 &&
    a.w0 === view.dst0 &&
    a.w1 === view.dst1 &&
    a.w2 === view.dst2 &&
    b.w0 === view.src0 &&
    b.w1 === view.src1 &&
    b.w2 === view.src2
  );
}

/** The side of `connection` that sent `view`. */
export function senderIsA(connection: Connection, view: SegmentView): boolean {
  const { a } = connection;
  return (
    a.port === view.srcPort && a.w3 === view.src3 && a.w0 === view.src0 && a.w1 === view.src1 && a.w2 === view.src2
  );
}
