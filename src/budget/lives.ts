import type { TimeKeeper } from '../model/budget.ts';
import type { Connection } from '../model/connection.ts';
import { SecondChance } from '../model/second-chance.ts';
import { Archive, RestingLife, WrittenLife } from './archive.ts';
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
  private readonly held = { place: 0, size: 0 };
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

  /** A place for what tells the time of a connection that rests too, and its bytes; null where that has to be an object. */
  hold(connection: Connection): { readonly place: number; readonly size: number } | null {
    if (connection.life instanceof Life && connection.life.canRest) this.restLife(connection.life);
    const { life } = connection;
    if (!(life instanceof WrittenLife)) return null;
    const { archive, held } = this;
    held.place = archive.hold(life);
    held.size = life instanceof RestingLife ? life.size : 0;
    return held;
  }

  /** What tells the time at a place that is held. */
  heldAt(place: number, size: number): TimeKeeper {
    return this.archive.heldAt(place, size);
  }

  /** The place of what tells the time of the connection is held no longer. */
  letGo({ life }: Connection): void {
    if (life instanceof WrittenLife) this.archive.release(life);
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
    if (life !== null) this.restLife(life);
  }

  private restLife(life: Life): void {
    life.connection.life = this.archive.rest(life);
    this.release(life);
  }
}
