import { Doing, TIME_USES, TimeUse } from '../model/budget.ts';
import type { Connection } from '../model/connection.ts';

/** How many uses of time there are. */
const USES = TIME_USES.length;

/**
 * Uses of time that somebody could mend. Latency, pauses of the client and idle time are told, but not counted as lost.
 * Each nanosecond of a connection has one use, so it is counted once.
 */
const LOST_USES: readonly number[] = [
  TimeUse.TIMEOUT,
  TimeUse.RECOVERY,
  TimeUse.PATH_RATE,
  TimeUse.SERVER + Doing.THINKING,
  TimeUse.SERVER + Doing.SENDING,
  TimeUse.SERVER + Doing.RECEIVE_WINDOW,
  TimeUse.SERVER + Doing.DELAYED_ACK,
  TimeUse.CLIENT + Doing.RECEIVE_WINDOW,
  TimeUse.CLIENT + Doing.DELAYED_ACK,
];

/** The same as plain data. */
export interface TallyFacts {
  readonly totals: readonly number[];
  readonly connections: number;
}

/** Where the time of several connections went: nanoseconds by `TimeUse`, and how many connections. */
export class Tally {
  readonly totals = new Float64Array(USES);
  connections = 0;

  static of({ totals, connections }: TallyFacts): Tally {
    const tally = new Tally();
    tally.totals.set(totals);
    tally.connections = connections;
    return tally;
  }

  get facts(): TallyFacts {
    return { totals: [...this.totals], connections: this.connections };
  }

  add(totals: ArrayLike<number>): void {
    this.connections++;
    for (let use = 0; use < USES; use++) this.totals[use] += totals[use];
  }

  join({ totals, connections }: Tally): void {
    this.connections += connections;
    for (let use = 0; use < USES; use++) this.totals[use] += totals[use];
  }

  get time(): number {
    return sum(this.totals);
  }

  get lost(): number {
    return lostOf(this.totals);
  }

  /** Without the time in which neither end waited for the other, and the client's own pauses. */
  get busy(): number {
    return busyOf(this.totals);
  }
}

/** Of a connection that took no time, or whose budget was not kept. */
export const NO_TOTALS: ArrayLike<number> = new Float64Array(USES);

/** Nanoseconds of a connection by `TimeUse`, valid until the next call; zeros where its budget was not kept. */
export function totalsOf(connection: Connection): ArrayLike<number> {
  return connection.life?.totalsOf(connection) ?? NO_TOTALS;
}

/** The same of a connection that goes on, up to its latest arrival: asking changes nothing. */
export function totalsSoFar(connection: Connection): ArrayLike<number> {
  return connection.life?.soFar(connection) ?? NO_TOTALS;
}

/** Nanoseconds of the `LOST_USES`. */
export function lostOf(totals: ArrayLike<number>): number {
  let lost = 0;
  for (const use of LOST_USES) lost += totals[use];
  return lost;
}

/** Nanoseconds in which somebody owed something: without idle time, closing and the client's thinking. */
export function busyOf(totals: ArrayLike<number>): number {
  const free = totals[TimeUse.IDLE] + totals[TimeUse.CLOSING] + totals[TimeUse.CLIENT + Doing.THINKING];
  return sum(totals) - free;
}

function sum(totals: ArrayLike<number>): number {
  let all = 0;
  for (let use = 0; use < USES; use++) all += totals[use];
  return all;
}
