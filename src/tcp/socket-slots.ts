import type { Connection } from '../model/connection.ts';

/** Fewest slots; a power of two. */
const LEAST = 1 << 10;

/** What a slot holds: the object of a connection, the place where one rests, or nothing. */
export type Entry = Connection | number | null;

/** Slots for connections by the hash of their sockets: open addressing with linear probing, at most half full. */
export class SocketSlots {
  /** By slot: what it holds, and the hash of that. */
  entries: Entry[];
  hashes: Int32Array;
  /** One less than the number of slots, which is a power of two. */
  mask: number;
  private used = 0;

  constructor(capacity = LEAST) {
    this.mask = capacity - 1;
    this.entries = emptySlots(capacity);
    this.hashes = new Int32Array(capacity);
  }

  /** The first free slot for what has this hash. */
  freeFor(hash: number): number {
    return this.slotOf(null, hash);
  }

  /** The slot that holds `entry`, which has this hash. */
  slotOf(entry: Entry, hash: number): number {
    let i = hash & this.mask;
    while (this.entries[i] !== entry) i = (i + 1) & this.mask;
    return i;
  }

  /** The slot holds `entry` from now on. Slots of all may be others afterwards. */
  put(slot: number, entry: Connection, hash: number): void {
    if (this.entries[slot] === null) this.used++;
    this.entries[slot] = entry;
    this.hashes[slot] = hash;
    if (this.used * 2 > this.mask) this.rehash(this.entries.length * 4);
  }

  /** Frees the slots of connections that are marked (`hasLeft`), after telling `leaves` of each. */
  dropLeft(leaves: (connection: Connection, hash: number) => void): void {
    const { entries, hashes } = this;
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i];
      if (entry === null || typeof entry === 'number' || !entry.hasLeft) continue;
      leaves(entry, hashes[i]);
      entries[i] = null;
      this.used--;
    }
    let capacity = entries.length;
    while (capacity > LEAST && this.used * 8 < capacity) capacity >>= 1;
    this.rehash(capacity);
  }

  private rehash(capacity: number): void {
    const { entries, hashes } = this;
    this.mask = capacity - 1;
    this.entries = emptySlots(capacity);
    this.hashes = new Int32Array(capacity);
    for (let j = 0; j < entries.length; j++) {
      const entry = entries[j];
      if (entry === null) continue;
      const i = this.freeFor(hashes[j]);
      this.entries[i] = entry;
      this.hashes[i] = hashes[j];
    }
  }
}

function emptySlots(capacity: number): Entry[] {
  return new Array(capacity).fill(null);
}
