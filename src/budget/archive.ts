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

/** A life as bytes. Of most connections nobody asks more than the totals. */
class WrittenLife implements TimeKeeper {
  readonly memory: DataView;
  readonly at: number;

  constructor(memory: DataView, at: number) {
    this.memory = memory;
    this.at = at;
  }

  /** `life` becomes what it was. */
  recall(life: Life, connection: Connection): Life {
    tape.open(this.memory, this.at);
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

  constructor(memory: DataView, at: number, size: number) {
    super(memory, at);
    this.size = size;
  }
}

/** The lives that are over, and those that rest, in memory that they share. */
export class Archive {
  private memory = new DataView(new ArrayBuffer(0));
  private used = PIECE;
  /** Places of lives that went on, by their sizes in steps. */
  private readonly free: RestingLife[][] = [];

  /** Writes down a life that is over. */
  settle(life: Life): TimeKeeper {
    write(life);
    if (tape.length > MOST_SHARED) return new WrittenLife(tape.copy(), 0);
    const at = this.reserve(tape.length);
    tape.copyTo(this.memory, at);
    return new WrittenLife(this.memory, at);
  }

  /** Writes down one that will go on. */
  rest(life: Life): TimeKeeper {
    write(life);
    if (tape.length > MOST_SHARED) return new RestingLife(tape.copy(), 0, tape.length);
    const steps = Math.ceil(tape.length / STEP);
    const place = this.free[steps]?.pop() ?? this.place(steps * STEP);
    tape.copyTo(place.memory, place.at);
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
    return new RestingLife(this.memory, at, size);
  }

  /** Makes room for so many bytes in `memory`; returns where. */
  private reserve(size: number): number {
    if (this.used + size > PIECE) {
      this.memory = new DataView(new ArrayBuffer(PIECE));
      this.used = 0;
    }
    this.used += size;
    return this.used - size;
  }
}

function write(life: Life): void {
  tape.clear();
  life.write(tape);
}
