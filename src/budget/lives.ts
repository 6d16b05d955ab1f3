import type { TimeBudget, TimeKeeper } from '../model/budget.ts';
import type { Connection } from '../model/connection.ts';
import { SecondChance } from '../model/second-chance.ts';
import { conclusionOf, totalsOf } from './conclusion.ts';
import { Life } from './life.ts';
import { Tape } from './tape.ts';

/** Numbers in one piece of memory. */
const PIECE = 1 << 13;
/** Lives that are awake: those of connections that were heard lately. */
const MOST_AWAKE = 1 << 10;
/** How many of them are asked whether they can rest before one more is made. */
const MOST_ASKED = 64;
/** Lives that wait for the next connection. */
const MOST_SPARE = 256;

/** Where a life is written down and read again, and the life of a connection that rests when somebody asks about it. */
const tape = new Tape();
const recalled = new Life();

/** Memory that the lives that are over share. */
class Archive {
  memory = new Float64Array(0);
  private used = 0;

  /** Makes room for so many numbers in `memory`; returns where. */
  reserve(size: number): number {
    if (this.used + size > this.memory.length) {
      this.memory = new Float64Array(Math.max(size, PIECE));
      this.used = 0;
    }
    this.used += size;
    return this.used - size;
  }
}

/** A life as numbers. Of most connections nobody asks more than the totals. */
class WrittenLife implements TimeKeeper {
  private readonly memory: number[] | Float64Array;
  private readonly at: number;

  constructor(memory: number[] | Float64Array, at: number) {
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
}

/** One that goes on with the next packet. */
class RestingLife extends WrittenLife {}

/** The lives of all connections, in few objects. */
export class Lives {
  mostAwake = MOST_AWAKE;
  private readonly archive = new Archive();
  private readonly spare: Life[] = [];
  /** Those that go on. */
  private readonly awake = new SecondChance<Life>();

  /** The life of a connection that begins. */
  begin(connection: Connection): Life {
    const life = this.take();
    life.begin(connection);
    return life;
  }

  /** What tells the time of `connection` goes on, unless it is over: null. */
  wake(connection: Connection, resting: TimeKeeper | null): Life | null {
    return resting instanceof RestingLife ? resting.recall(this.take(), connection) : null;
  }

  /** Its life is over: numbers tell the time of the connection from now on. */
  settle(life: Life): void {
    this.release(life);
    const at = this.archive.reserve(tape.length);
    tape.copyTo(this.archive.memory, at);
    life.connection.life = new WrittenLife(this.archive.memory, at);
  }

  /** Connections have left the analysis (`hasLeft`). Who still has one may go on asking its life, which takes no other. */
  forget(): void {
    this.awake.forget(({ connection }) => connection.hasLeft);
  }

  /** `life` is written on the tape, and may take the next connection. */
  private release(life: Life): void {
    tape.clear();
    life.write(tape);
    this.awake.remove(life);
    if (this.spare.length < MOST_SPARE) this.spare.push(life);
  }

  private take(): Life {
    if (this.awake.size >= this.mostAwake) this.rest();
    const life = this.spare.pop() ?? new Life();
    this.awake.add(life);
    return life;
  }

  /** One that was not heard lately is written down. */
  private rest(): void {
    const life = this.awake.next(MOST_ASKED);
    if (life === null) return;
    this.release(life);
    life.connection.life = new RestingLife(tape.copy(), 0);
  }
}
