import { TIME_USES, type TimeBudget, type TimeKeeper, TimeUse } from '../model/budget.ts';
import type { Connection } from '../model/connection.ts';
import { ACK, RST, SYN } from '../model/flags.ts';
import type { Question } from '../model/row.ts';
import type { SegmentView } from '../model/segment.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Life } from './life.ts';
import { Lives } from './lives.ts';

/** Words in which `write` tells of a life: who tells of it, its place, and its bytes. */
export const LIFE_WORDS = 3;
const Told = { NEVER_OPEN: 1, WRITTEN: 2 } as const;

/**
 * Divides the life of every connection among those who spent it. Runs after the verdict stage, before the tracker moves on. What
 * never gets beyond its first SYN and SYN,ACK has no line of time of its own.
 */
export class BudgetStage {
  private readonly lives = new Lives();

  /** A connection begins. */
  open(connection: Connection): void {
    connection.life = NO_LIFE;
  }

  /** `t` has an effect of its own; `packet`: what is still to be said of it, where rows are kept. */
  segment(t: TrackedSegment, view: SegmentView, packet: Question | null): void {
    const { connection } = t;
    const life = connection.life instanceof Life ? connection.life : this.lifeOf(t, view);
    if (life === null) return;
    life.segment(t, view, packet);
    if (life.isOver) this.lives.settle(life);
  }

  /** `t` has no effect, but shows that its sender sent it. */
  passed({ connection, sender, receiver }: TrackedSegment, view: SegmentView): void {
    if (connection.life instanceof Life) connection.life.missedBefore(view, sender, receiver);
  }

  /** Writes into `words`, from `at` on, where the time of a connection is told. False: by an object that has to stay. */
  write(connection: Connection, words: Int32Array, at: number): boolean {
    const { life } = connection;
    words.fill(0, at, at + LIFE_WORDS);
    if (life === null) return true;
    words[at] = life === NO_LIFE ? Told.NEVER_OPEN : Told.WRITTEN;
    if (life === NO_LIFE) return true;
    const held = this.lives.hold(connection);
    if (held === null) return false;
    words[at + 1] = held.place;
    words[at + 2] = held.size;
    return true;
  }

  /** Gives a connection what was written. */
  read(connection: Connection, words: Int32Array, at: number): void {
    if (words[at] === Told.WRITTEN) connection.life = this.lives.heldAt(words[at + 1], words[at + 2]);
    else connection.life = words[at] === Told.NEVER_OPEN ? NO_LIFE : null;
  }

  /** Nothing tells the time of it any more, beside what was written. */
  drop(connection: Connection): void {
    connection.life = null;
  }

  /** It goes on with that: it is written nowhere else any more. */
  take(connection: Connection): void {
    this.lives.letGo(connection);
  }

  /** Connections have left the analysis (`hasLeft`): nothing is kept of them here. */
  forget(): void {
    this.lives.forget();
  }

  /** The life that `t` goes on with; null before it begins and after it is over. */
  private lifeOf(t: TrackedSegment, view: SegmentView): Life | null {
    const { connection } = t;
    let life: Life | null;
    if (connection.life !== NO_LIFE) life = this.lives.wake(connection, connection.life);
    else if (view.flags & RST || opensPlainly(t, view)) return null;
    else life = this.lives.begin(connection);
    if (life !== null) connection.life = life;
    return life;
  }
}

/** The first SYN of a client, or the first SYN,ACK of a server that takes no data with the SYN. */
function opensPlainly({ sender, ack }: TrackedSegment, { flags }: SegmentView): boolean {
  if (!(flags & SYN) || sender.packets > 1) return false;
  return flags & ACK ? sender.isClient || ack <= 1 : sender.isClient;
}

const totals = new Float64Array(TIME_USES.length);

/** Of all connections that were never open. */
const NO_LIFE: TimeKeeper = {
  budgetOf({ duration, sawHandshake }: Connection): TimeBudget {
    const use = sawHandshake ? TimeUse.HANDSHAKE : TimeUse.UNKNOWN;
    const spans = duration > 0 ? [{ start: 0, end: duration, use, exchange: -1 }] : [];
    const totals = TIME_USES.map((_, other) => (other === use ? duration : 0));
    return { spans, totals, exchanges: [], moreExchanges: 0, isCoarse: false, steady: null };
  },
  totalsOf({ duration, sawHandshake }: Connection): ArrayLike<number> {
    totals.fill(0);
    totals[sawHandshake ? TimeUse.HANDSHAKE : TimeUse.UNKNOWN] = duration;
    return totals;
  },
  soFar(connection: Connection): ArrayLike<number> {
    return NO_LIFE.totalsOf(connection);
  },
};
