import { Connection } from '../model/connection.ts';
import { SYN } from '../model/flags.ts';
import { KeyedHash } from '../model/keyed-hash.ts';
import { SegmentView } from '../model/segment.ts';
import { hashOfSockets, isBetween, isSource, SOCKET_PAIR_WORDS } from '../model/socket-pair.ts';
import { HalfOpen } from './half-open.ts';

/** Fewest slots, and evicted connections whose late packets are recognised; powers of two. */
const LEAST = 1 << 10;
const REMEMBERED = 1 << 18;

/** Most places by which a connection that waited is moved up; where that is not enough, all are sorted when they are asked for. */
const FEW = 32;

/** Connections that were asked for lately, one for each place; a power of two. */
const LATELY = 1 << 10;

/** Does to a connection what its first SYN does. `serial`: its place among the latest packets. */
export type Replay = (connection: Connection, syn: SegmentView, serial: number) => void;

/**
 * Finds the connection of a segment by its addresses and ports, in either direction: open addressing over a keyed hash, so
 * that a hostile capture cannot choose collisions. Interfaces, VLANs and tunnels are not part of the key: the same packet
 * seen on two of them belongs to one connection.
 *
 * Packets come in bursts: the connections that were asked for last are looked at first, by a cheap mix of the key. One that
 * takes the place of another costs a lookup and no more.
 *
 * A first SYN may wait in a few bytes (`half-open.ts`): it becomes a connection when it is asked for.
 */
export class FlowTable {
  private readonly keyed: KeyedHash;
  private mask: number;
  /** The newest connection of each pair. */
  private slots: (Connection | null)[];
  private hashes: Int32Array;
  private used = 0;
  /** Those that were not evicted and do not wait, in the order of their stream numbers but for those that waited. */
  private known: Connection[] = [];
  private isSorted = true;
  /** First SYNs that nobody has answered. */
  readonly waiting = new HalfOpen();
  private readonly syn = new SegmentView();
  /** The hash of the sockets that were looked for in vain the last time. */
  private missed = 0;
  private readonly replay: Replay;
  /** Connections that there ever were: the next stream number. */
  opened = 0;
  /** Keyed hashes of the sockets of those that were evicted, the latest for each place, and their stream numbers. */
  private leftHashes: Int32Array | null = null;
  private leftIds: Int32Array | null = null;
  private readonly lately: (Connection | null)[] = new Array(LATELY).fill(null);
  /** Their mixed keys: these rule out most other connections without reading them. */
  private readonly latelyMixed = new Int32Array(LATELY);

  constructor(replay: Replay = () => {}, keyed = new KeyedHash(SOCKET_PAIR_WORDS), capacity = LEAST) {
    this.replay = replay;
    this.keyed = keyed;
    this.mask = capacity - 1;
    this.slots = emptySlots(capacity);
    this.hashes = new Int32Array(capacity);
  }

  /** Those that were not evicted and do not wait, in the order of their stream numbers. */
  get connections(): readonly Connection[] {
    if (!this.isSorted) this.known.sort((one, other) => one.id - other.id);
    this.isSorted = true;
    return this.known;
  }

  /** How many were not evicted. */
  get size(): number {
    return this.known.length + this.waiting.length;
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
    this.missed = hash;
    if (this.waiting.length === 0) return null;
    const row = this.waiting.find(hash, view);
    return row < 0 ? null : this.wake(row);
  }

  /** Lets a plain SYN wait that was just looked for in vain; its row, or -1 where a connection of its sockets was evicted. */
  wait(view: SegmentView): number {
    const { missed } = this;
    if (this.leftIds !== null && this.leftId(missed) >= 0) return -1;
    return this.waiting.add(view, missed, this.opened++);
  }

  /** The connection of a SYN that waited. */
  wake(row: number): Connection {
    const { waiting, syn } = this;
    const id = waiting.idOf(row);
    const hash = waiting.hashOf(row);
    const serial = waiting.serialOf(row);
    waiting.read(row, syn);
    waiting.remove(row);
    const connection = new Connection(id, syn, null);
    this.enter(connection, hash, this.freeSlot(hash), syn);
    this.replay(connection, syn, serial);
    return connection;
  }

  /** Nobody waits any more. */
  wakeAll(): void {
    while (this.waiting.length > 0) this.wake(this.waiting.first);
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
    if (previous === null && this.leftIds !== null) this.recognise(connection, hash, view);
    this.enter(connection, hash, i, view);
    return connection;
  }

  private enter(connection: Connection, hash: number, slot: number, view: SegmentView): void {
    this.insert(connection);
    if (this.slots[slot] === null) this.used++;
    this.slots[slot] = connection;
    this.hashes[slot] = hash;
    const mixed = mixOf(view);
    this.lately[mixed & (LATELY - 1)] = connection;
    this.latelyMixed[mixed & (LATELY - 1)] = mixed;
    if (this.used * 2 > this.mask) this.grow();
  }

  /** One that waited stands before some of those that came after it; few, most times. */
  private insert(connection: Connection): void {
    const { known } = this;
    const { id } = connection;
    let i = known.push(connection) - 1;
    for (const least = Math.max(i - FEW, 0); i > least && known[i - 1].id > id; i--) known[i] = known[i - 1];
    known[i] = connection;
    if (i > 0 && known[i - 1].id > id) this.isSorted = false;
  }

  private freeSlot(hash: number): number {
    let i = hash & this.mask;
    while (this.slots[i] !== null) i = (i + 1) & this.mask;
    return i;
  }

  /** A connection of these sockets was evicted: a SYN begins another, and all else is late. */
  private recognise(connection: Connection, hash: number, view: SegmentView): void {
    const id = this.leftId(hash);
    if (id < 0) return;
    connection.previousId = id;
    if (!(view.flags & SYN)) connection.continues = id;
  }

  /** Stream number of the evicted connection with that hash, -1 without. */
  private leftId(hash: number): number {
    const place = hash & (REMEMBERED - 1);
    return this.leftHashes![place] === hash ? this.leftIds![place] - 1 : -1;
  }

  /** The connection `id` with that hash was evicted. */
  private noteLeft(hash: number, id: number): void {
    this.leftHashes ??= new Int32Array(REMEMBERED);
    this.leftIds ??= new Int32Array(REMEMBERED);
    const place = hash & (REMEMBERED - 1);
    this.leftHashes[place] = hash;
    this.leftIds[place] = id + 1;
  }

  /** Takes out SYNs that wait, and remembers their hashes likewise. */
  evictWaiting(rows: readonly number[]): void {
    const { waiting } = this;
    for (const row of rows) {
      this.noteLeft(waiting.hashOf(row), waiting.idOf(row));
      waiting.remove(row);
    }
  }

  /**
   * Takes out the connections that are marked (`hasLeft`). Later connections of their sockets no longer refer to
   * them. The hash of each is kept, so that its late packets are recognised.
   */
  evict(): void {
    this.known = this.known.filter((connection) => {
      if (connection.previous?.hasLeft) connection.previous = null;
      return !connection.hasLeft;
    });
    const { slots, hashes } = this;
    for (let j = 0; j < slots.length; j++) {
      const connection = slots[j];
      if (connection === null || !connection.hasLeft) continue;
      this.noteLeft(hashes[j], connection.id);
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
