import type { TimeBudget, TimeKeeper } from '../model/budget.ts';
import type { Connection } from '../model/connection.ts';
import { conclusionOf, totalsOf } from './conclusion.ts';
import { Life } from './life.ts';
import { Tape } from './tape.ts';

/** Bytes in one piece of memory. */
const PIECE = 1 << 12;
/** A life that rests gets so many bytes, or a multiple: the next one that rests in its place may be a little longer. */
const STEP = 32;
/** Longer ones get memory of their own, which the collector takes back. */
const MOST_SHARED = 1 << 10;
/** Places of one size that wait for a life that rests. */
const MOST_FREE = 128;

/** Where a life is written down and read again, and the life of a connection that rests when somebody asks about it. */
const tape = new Tape();
const recalled = new Life();

/** A piece of memory, and how many lives in it are known by their places only. */
interface Piece {
  readonly memory: DataView;
  /** Its number while there are any. */
  number: number;
  held: number;
}

/** A life as bytes. Of most connections nobody asks more than the totals. */
export class WrittenLife implements TimeKeeper {
  readonly piece: Piece;
  readonly at: number;

  constructor(piece: Piece, at: number) {
    this.piece = piece;
    this.at = at;
  }

  /** `life` becomes what it was. */
  recall(life: Life, connection: Connection): Life {
    tape.open(this.piece.memory, this.at);
    life.read(connection, tape);
    return life;
  }

  budgetOf(connection: Connection): TimeBudget {
    return conclusionOf(this.recall(recalled, connection));
  }

  totalsOf(connection: Connection): ArrayLike<number> {
    return totalsOf(this.recall(recalled, connection));
  }

  soFar(connection: Connection): ArrayLike<number> {
    return this.recall(recalled, connection).soFar();
  }
}

/** One that goes on with the next packet. */
export class RestingLife extends WrittenLife {
  /** Bytes of its place. */
  readonly size: number;

  constructor(piece: Piece, at: number, size: number) {
    super(piece, at);
    this.size = size;
  }
}

/** The lives that are over, and those that rest, in memory that they share. */
export class Archive {
  private piece = pieceOf(new DataView(new ArrayBuffer(0)));
  private used = PIECE;
  /** Those in which lives are known by their places only. */
  private readonly pieces: (Piece | null)[] = [];
  private readonly freeNumbers: number[] = [];
  /** Places of lives that went on, by their sizes in steps. */
  private readonly free: RestingLife[][] = [];

  /** Writes down a life that is over. */
  settle(life: Life): TimeKeeper {
    write(life);
    if (tape.length > MOST_SHARED) return new WrittenLife(pieceOf(tape.copy()), 0);
    const at = this.reserve(tape.length);
    tape.copyTo(this.piece.memory, at);
    return new WrittenLife(this.piece, at);
  }

  /** Writes down one that will go on. */
  rest(life: Life): TimeKeeper {
    write(life);
    if (tape.length > MOST_SHARED) return new RestingLife(pieceOf(tape.copy()), 0, tape.length);
    const steps = Math.ceil(tape.length / STEP);
    const place = this.free[steps]?.pop() ?? this.place(steps * STEP);
    tape.copyTo(place.piece.memory, place.at);
    return place;
  }

  /** `life` goes on where `place` has it. */
  wake(life: Life, place: RestingLife, connection: Connection): void {
    place.recall(life, connection);
    if (place.size > MOST_SHARED) return;
    const steps = place.size / STEP;
    for (let i = this.free.length; i <= steps; i++) this.free.push([]);
    if (this.free[steps].length < MOST_FREE) this.free[steps].push(place);
  }

  private place(size: number): RestingLife {
    const at = this.reserve(size);
    return new RestingLife(this.piece, at, size);
  }

  /** A place by which a life is known without its object, until `release`. */
  hold({ piece, at }: WrittenLife): number {
    if (piece.held++ === 0) {
      piece.number = this.freeNumbers.pop() ?? this.pieces.length;
      this.pieces[piece.number] = piece;
    }
    return piece.number * PIECE + at;
  }

  /** The life at a place that is held; `size`: its bytes, of one that rests, 0 of one that is over. */
  heldAt(place: number, size: number): WrittenLife {
    const piece = this.pieces[Math.floor(place / PIECE)]!;
    const at = place % PIECE;
    return size === 0 ? new WrittenLife(piece, at) : new RestingLife(piece, at, size);
  }

  /** Whoever held the place has the object again. */
  release({ piece }: WrittenLife): void {
    if (--piece.held > 0) return;
    this.pieces[piece.number] = null;
    this.freeNumbers.push(piece.number);
  }

  /** Makes room for so many bytes in `piece`; returns where. */
  private reserve(size: number): number {
    if (this.used + size > PIECE) {
      this.piece = pieceOf(new DataView(new ArrayBuffer(PIECE)));
      this.used = 0;
    }
    this.used += size;
    return this.used - size;
  }
}

function pieceOf(memory: DataView): Piece {
  return { memory, number: -1, held: 0 };
}

function write(life: Life): void {
  tape.clear();
  life.write(tape);
}
