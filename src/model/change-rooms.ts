/*
 * The changes of state of very many ends, two numbers each, in arrays that they share. Each end has a room in one of them: for one
 * change, then for a whole life, then for twice as many each time.
 */

/** Numbers of one change of state. */
export const WIDTH = 2;
/** Changes of a whole life, from SYN-SENT to TIME-WAIT. */
const LIFE = 5;
/** Numbers in one array: those of 64 whole lives. A larger room has an array of its own. */
const PAGE = 64 * LIFE * WIDTH;
/** Rooms of one size that wait for the next end. */
const MOST_FREE = 256;

/** Of an end without changes. */
export const NO_CHANGES = new Float64Array(0);

/** Rooms of one size. */
class Rooms {
  readonly size: number;
  private page = NO_CHANGES;
  private used = 0;
  private readonly freePages: Float64Array[] = [];
  private readonly freePlaces: number[] = [];

  constructor(changes: number) {
    this.size = changes * WIDTH;
  }

  /** Puts a room at `into`. */
  take(into: Room): void {
    const page = this.freePages.pop();
    if (page !== undefined) {
      into.changes = page;
      into.changesAt = this.freePlaces.pop()!;
      return;
    }
    if (this.used + this.size > this.page.length) {
      this.page = new Float64Array(Math.max(PAGE, this.size));
      this.used = 0;
    }
    into.changes = this.page;
    into.changesAt = this.used;
    this.used += this.size;
  }

  /** Nobody has the room any more. Of a large one the collector takes the memory back. */
  free(page: Float64Array, place: number): void {
    if (this.size > PAGE || this.freePages.length === MOST_FREE) return;
    this.freePages.push(page);
    this.freePlaces.push(place);
  }
}

/** Where the changes of one end lie: in an array that many share, from a place on, in a room of `SIZES`. */
export interface Room {
  changes: Float64Array;
  changesAt: number;
  /** Which of the sizes, -1 none. */
  changesRoom: number;
}

/** The first is all that a SYN needs that nobody answers. */
const SIZES: Rooms[] = [new Rooms(1), new Rooms(LIFE)];

/** Gives `room` the next size, with what it held. */
export function widen(room: Room): void {
  const { changes, changesAt, changesRoom } = room;
  const next = changesRoom + 1;
  if (next === SIZES.length) SIZES.push(new Rooms(LIFE << (next - 1)));
  SIZES[next].take(room);
  room.changesRoom = next;
  if (changesRoom < 0) return;
  const { size } = SIZES[changesRoom];
  for (let i = 0; i < size; i++) room.changes[room.changesAt + i] = changes[changesAt + i];
  SIZES[changesRoom].free(changes, changesAt);
}

/** Changes that fit. */
export function capacityOf({ changesRoom }: Room): number {
  return changesRoom < 0 ? 0 : SIZES[changesRoom].size / WIDTH;
}

/** Writes `count` changes, which lie in `numbers` from `from` on, into a room of their own. The end has none yet. */
export function fill(room: Room, numbers: ArrayLike<number>, from: number, count: number): void {
  room.changes = NO_CHANGES;
  room.changesAt = 0;
  room.changesRoom = -1;
  while (capacityOf(room) < count) widen(room);
  for (let i = 0; i < count * WIDTH; i++) room.changes[room.changesAt + i] = numbers[from + i];
}
