import { Connection } from '../model/connection.ts';
import { SYN } from '../model/flags.ts';
import { KeyedHash } from '../model/keyed-hash.ts';
import type { SegmentView } from '../model/segment.ts';
import { hashOfSockets, isBetween, isSource, SOCKET_PAIR_WORDS } from '../model/socket-pair.ts';

/** Slots at the least, and evicted connections whose late packets are recognised; powers of two. */
const LEAST = 1 << 10;
const REMEMBERED = 1 << 18;

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
  /** The newest connection of each pair. */
  private slots: (Connection | null)[];
  private hashes: Int32Array;
  private used = 0;
  /** Those that were not evicted, in the order of their stream numbers. */
  connections: Connection[] = [];
  /** Connections that there ever were: the next stream number. */
  opened = 0;
  /** Keyed hashes of the sockets of those that were evicted, the latest for each place, and their stream numbers. */
  private leftHashes: Int32Array | null = null;
  private leftIds: Int32Array | null = null;
  private readonly lately: (Connection | null)[] = new Array(LATELY).fill(null);
  /** Their mixed keys: most of the others are told by that, without a look at them. */
  private readonly latelyMixed = new Int32Array(LATELY);

  constructor(keyed = new KeyedHash(SOCKET_PAIR_WORDS), capacity = LEAST) {
    this.keyed = keyed;
    this.mask = capacity - 1;
    this.slots = emptySlots(capacity);
    this.hashes = new Int32Array(capacity);
  }

  /** The newest connection between the two sockets, or null. */
  find(view: SegmentView): Connection | null {
    const mixed = mixOf(view);
    const place = mixed & (LATELY - 1);
    if (this.latelyMixed[place] === mixed) {
      const likely = this.lately[place];
      if (likely !== null && isBetween(likely, view)) return likely;
    }
    const hash = hashOfSockets(this.keyed, view);
    let i = hash & this.mask;
    for (let connection = this.slots[i]; connection !== null; connection = this.slots[i]) {
      if (this.hashes[i] === hash && isBetween(connection, view)) {
        this.lately[place] = connection;
        this.latelyMixed[place] = mixed;
        return connection;
      }
      i = (i + 1) & this.mask;
    }
    return null;
  }

  /** Opens a connection for the sockets of `view`, in place of an earlier incarnation. The sender becomes side `a`. */
  open(view: SegmentView): Connection {
    const hash = hashOfSockets(this.keyed, view);
    let i = hash & this.mask;
    let previous: Connection | null = null;
    for (let candidate = this.slots[i]; candidate !== null; candidate = this.slots[i]) {
      if (this.hashes[i] === hash && isBetween(candidate, view)) {
        previous = candidate;
        break;
      }
      i = (i + 1) & this.mask;
    }
    const connection = new Connection(this.opened++, view, previous);
    this.connections.push(connection);
    if (previous === null) this.used++;
    if (previous === null && this.leftIds !== null) this.recognise(connection, hash, view);
    this.slots[i] = connection;
    this.hashes[i] = hash;
    const mixed = mixOf(view);
    this.lately[mixed & (LATELY - 1)] = connection;
    this.latelyMixed[mixed & (LATELY - 1)] = mixed;
    if (this.used * 2 > this.mask) this.grow();
    return connection;
  }

  /** A connection of these sockets was evicted: a SYN begins another, and all else is late. */
  private recognise(connection: Connection, hash: number, view: SegmentView): void {
    const place = hash & (REMEMBERED - 1);
    const id = this.leftIds![place] - 1;
    if (id < 0 || this.leftHashes![place] !== hash) return;
    connection.previousId = id;
    if (!(view.flags & SYN)) connection.continues = id;
  }

  /**
   * Takes out the connections that are marked (`hasLeft`). What they are followed by loses sight of them, and of each the hash
   * is remembered, so that its late packets are known for what they are.
   */
  evict(): void {
    this.leftHashes ??= new Int32Array(REMEMBERED);
    this.leftIds ??= new Int32Array(REMEMBERED);
    this.connections = this.connections.filter((connection) => {
      if (connection.previous?.hasLeft) connection.previous = null;
      return !connection.hasLeft;
    });
    const { slots, hashes } = this;
    for (let j = 0; j < slots.length; j++) {
      const connection = slots[j];
      if (connection === null || !connection.hasLeft) continue;
      const place = hashes[j] & (REMEMBERED - 1);
      this.leftHashes[place] = hashes[j];
      this.leftIds[place] = connection.id + 1;
      slots[j] = null;
      this.used--;
    }
    let capacity = slots.length;
    while (capacity > LEAST && this.used * 8 < capacity) capacity >>= 1;
    this.rehash(capacity);
    for (let i = 0; i < LATELY; i++) if (this.lately[i]?.hasLeft) this.lately[i] = null;
  }

  private grow(): void {
    this.rehash(this.slots.length * 4);
  }

  private rehash(capacity: number): void {
    const { slots, hashes } = this;
    this.mask = capacity - 1;
    this.slots = emptySlots(capacity);
    this.hashes = new Int32Array(capacity);
    for (let j = 0; j < slots.length; j++) {
      if (slots[j] === null) continue;
      let i = hashes[j] & this.mask;
      while (this.slots[i] !== null) i = (i + 1) & this.mask;
      this.slots[i] = slots[j];
      this.hashes[i] = hashes[j];
    }
  }
}

function emptySlots(capacity: number): (Connection | null)[] {
  return new Array(capacity).fill(null);
}

/** Alike for both directions. */
function mixOf(view: SegmentView): number {
  const mixed = view.src3 ^ view.dst3 ^ Math.imul(view.srcPort + view.dstPort, 0x9e3779b1);
  return mixed ^ (mixed >>> 16);
}

/** The side of `connection` that sent `view`. */
export function senderIsA(connection: Connection, view: SegmentView): boolean {
  return isSource(connection.a, view);
}
