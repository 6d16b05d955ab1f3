import type { TimeKeeper } from '../model/budget.ts';
import type { Connection } from '../model/connection.ts';
import { SecondChance } from '../model/second-chance.ts';
import { Archive, RestingLife } from './archive.ts';
import { Life } from './life.ts';

/** Lives that are awake: those of connections that were heard lately. */
const MOST_AWAKE = 1 << 10;
/** How many of them are asked whether they can rest before one more is made. */
const MOST_ASKED = 64;
/** Lives that wait for the next connection. */
const MOST_SPARE = 256;

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
    if (!(resting instanceof RestingLife)) return null;
    const life = this.take();
    this.archive.wake(life, resting, connection);
    return life;
  }

  /** Its life is over: the archive tells the time of the connection from now on. */
  settle(life: Life): void {
    life.connection.life = this.archive.settle(life);
    this.release(life);
  }

  /** Connections have left the analysis (`hasLeft`). Who still has one may go on asking its life, which takes no other. */
  forget(): void {
    this.awake.forget(({ connection }) => connection.hasLeft);
  }

  /** It is written down, and may take the next connection. */
  private release(life: Life): void {
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
    life.connection.life = this.archive.rest(life);
    this.release(life);
  }
}
