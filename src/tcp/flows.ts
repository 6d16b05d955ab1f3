import type { Connection } from '../model/connection.ts';
import type { ConnectionList } from '../model/connection-list.ts';

/** Connections of a table that rest, by their places. */
interface Lender {
  /** The stream number. */
  idOf(place: number): number;
  /** Calls `see` with the connection, in an object that is lent until that returns. */
  show(place: number, see: (connection: Connection, index: number) => void, index: number): void;
  /** The connection in an object that is lent until the next is asked for. */
  lend(place: number): Connection;
  /** The connection in an object of its own. */
  wakePlace(place: number): Connection;
}

/** All connections of a table, until its next packet: objects, and places of those that rest. */
export class Flows implements ConnectionList {
  private readonly resting: Lender;
  private readonly entries: (Connection | number)[];

  constructor(resting: Lender, objects: readonly Connection[], places: readonly number[]) {
    this.resting = resting;
    const length = objects.length + places.length;
    const all = (i: number) => (i < objects.length ? objects[i] : places[i - objects.length]);
    // Sorted as numbers, without a call for each comparison: the stream number, and which it is.
    const keys = new Float64Array(length);
    for (let i = 0; i < length; i++)
      keys[i] = (i < objects.length ? objects[i].id : resting.idOf(places[i - objects.length])) * length + i;
    keys.sort();
    this.entries = Array.from(keys, (key) => all(key % length));
  }

  get length(): number {
    return this.entries.length;
  }

  visit(see: (connection: Connection, index: number) => void): void {
    const { entries, resting } = this;
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i];
      if (typeof entry === 'number') resting.show(entry, see, i);
      else see(entry, i);
    }
  }

  lend(index: number): Connection {
    const entry = this.entries[index];
    return typeof entry === 'number' ? this.resting.lend(entry) : entry;
  }

  at(index: number): Connection {
    const entry = this.entries[index];
    return typeof entry === 'number' ? this.resting.wakePlace(entry) : entry;
  }

  /** One that rested has this object from now on. */
  wakes(object: Connection): void {
    const { entries } = this;
    let low = 0;
    for (let high = entries.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (this.idOf(middle) < object.id) low = middle + 1;
      else high = middle;
    }
    entries[low] = object;
  }

  private idOf(index: number): number {
    const entry = this.entries[index];
    return typeof entry === 'number' ? this.resting.idOf(entry) : entry.id;
  }
}
