import { Connection } from '../model/connection.ts';
import { KeyedHash } from '../model/keyed-hash.ts';
import type { SegmentView } from '../model/segment.ts';

/** 32-bit words of an address. */
const WORDS = 4;

/** Connections that were asked for lately, one for each place; a power of two. */
const LATELY = 1 << 10;

/**
 * Finds the connection of a segment by its addresses and ports, in either direction: open addressing over a keyed hash, so
 * that a hostile capture cannot choose collisions. Interfaces, VLANs and tunnels are not part of the key: the same packet
 * seen on two of them belongs to one connection.
 *
 * Packets come in bursts: the connections that were asked for last are looked at first, by a cheap mix of the key. One that
 * takes the place of another costs a lookup and no more.
 */
export class FlowTable {
  private readonly keyed: KeyedHash;
  private mask: number;
  /** Index of the newest connection of the pair plus one, 0 for an empty slot. */
  private slots: Int32Array;
  private hashes: Int32Array;
  private used = 0;
  /** By stream number. */
  readonly connections: Connection[] = [];
  private readonly lately: (Connection | null)[] = new Array(LATELY).fill(null);
  /** Their mixed keys: most of the others are told by that, without a look at them. */
  private readonly latelyMixed = new Int32Array(LATELY);

  constructor(keyed = new KeyedHash(1 + 2 * WORDS), capacity = 1024) {
    this.keyed = keyed;
    this.mask = capacity - 1;
    this.slots = new Int32Array(capacity);
    this.hashes = new Int32Array(capacity);
  }

  /** The newest connection between the two sockets, or null. */
  find(view: SegmentView): Connection | null {
    const mixed = mixOf(view);
    const place = mixed & (LATELY - 1);
    if (this.latelyMixed[place] === mixed) {
      const likely = this.lately[place];
      if (likely !== null && matches(likely, view)) return likely;
    }
    const hash = this.hash(view);
    let i = hash & this.mask;
    for (let slot = this.slots[i]; slot !== 0; slot = this.slots[i]) {
      if (this.hashes[i] === hash) {
        const connection = this.connections[slot - 1];
        if (matches(connection, view)) {
          this.lately[place] = connection;
          this.latelyMixed[place] = mixed;
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
    const mixed = mixOf(view);
    this.lately[mixed & (LATELY - 1)] = connection;
    this.latelyMixed[mixed & (LATELY - 1)] = mixed;
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

  /** Symmetric in the two sockets: the lower one comes first. */
  private hash(view: SegmentView): number {
    const { keyed } = this;
    const { words } = keyed;
    const isLower = isSourceLower(view);
    words[0] = isLower ? (view.srcPort << 16) | view.dstPort : (view.dstPort << 16) | view.srcPort;
    if (view.ipVersion === 4) {
      words[isLower ? 1 : 2] = view.src3;
      words[isLower ? 2 : 1] = view.dst3;
      return keyed.hash(3);
    }
    const source = isLower ? 1 : 1 + WORDS;
    const destination = isLower ? 1 + WORDS : 1;
    words[source] = view.src0;
    words[source + 1] = view.src1;
    words[source + 2] = view.src2;
    words[source + 3] = view.src3;
    words[destination] = view.dst0;
    words[destination + 1] = view.dst1;
    words[destination + 2] = view.dst2;
    words[destination + 3] = view.dst3;
    return keyed.hash(1 + 2 * WORDS);
  }
}

/** Any order of sockets will do, as long as it is one. */
function isSourceLower(view: SegmentView): boolean {
  if (view.srcPort !== view.dstPort) return view.srcPort < view.dstPort;
  if (view.src3 !== view.dst3) return view.src3 < view.dst3;
  if (view.src2 !== view.dst2) return view.src2 < view.dst2;
  if (view.src1 !== view.dst1) return view.src1 < view.dst1;
  return view.src0 < view.dst0;
}

/** Alike for both directions. */
function mixOf(view: SegmentView): number {
  const mixed = view.src3 ^ view.dst3 ^ Math.imul(view.srcPort + view.dstPort, 0x9e3779b1);
  return mixed ^ (mixed >>> 16);
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
