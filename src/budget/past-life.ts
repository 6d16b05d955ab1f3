import type { TimeBudget, TimeKeeper } from '../model/budget.ts';
import type { Connection } from '../model/connection.ts';
import { conclusionOf, totalsOf } from './conclusion.ts';
import { Life } from './life.ts';

/** Numbers in one piece of memory. */
const PIECE = 1 << 13;

/** Memory that the lines of time of many connections share. */
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

/** A life that is over: of most connections nobody asks more than the totals. */
class PastLife implements TimeKeeper {
  private readonly memory: Float64Array;
  private readonly at: number;

  constructor(memory: Float64Array, at: number) {
    this.memory = memory;
    this.at = at;
  }

  budgetOf(connection: Connection): TimeBudget {
    recalled.load(connection, this.memory, this.at);
    return conclusionOf(recalled);
  }

  totalsOf(connection: Connection): ArrayLike<number> {
    recalled.load(connection, this.memory, this.at);
    return totalsOf(recalled);
  }
}

/** The life that is asked about. */
const recalled = new Life();

/** Lives that wait for the next connection. */
const MOST_SPARE = 256;

/** The lives of all connections, in few objects. */
export class Lives {
  private readonly archive = new Archive();
  private readonly spare: Life[] = [];

  /** One that takes up the present connection. */
  begin(connection: Connection): Life {
    const life = this.spare.pop() ?? new Life();
    life.begin(connection);
    return life;
  }

  /** What tells the time of the connection from now on: something smaller when its life is over. */
  settle(life: Life): TimeKeeper {
    const { size } = life;
    if (size === 0) return life;
    const { archive } = this;
    const at = archive.reserve(size);
    life.store(archive.memory, at);
    if (this.spare.length < MOST_SPARE) this.spare.push(life);
    return new PastLife(archive.memory, at);
  }
}
