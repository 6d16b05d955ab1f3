import { isAttempt } from '../model/attempt.ts';
import type { Connection } from '../model/connection.ts';
import type { Left } from '../model/left.ts';
import type { HalfOpen } from './half-open.ts';

/**
 * Who leaves the analysis before the input ends. Times are nanoseconds of the capture's clock after the last packet of a
 * connection; Infinity keeps it.
 */
export interface EvictionRules {
  /** Attempts that came to nothing: no handshake was completed and no data sent. */
  readonly attempt: number;
  /** Closed at both ends, or reset. */
  readonly closed: number;
  /** One end has sent its FIN. */
  readonly halfClosed: number;
  /** All others. */
  readonly open: number;
  /** Most attempts that are kept: in a flood or scan the oldest leave. */
  readonly attempts: number;
}

/** What decides who leaves: the number and class of a connection, and the time of its latest packet (ns). */
export const STANDINGS: readonly Left[] = ['attempt', 'closed', 'half-closed', 'idle'];

/** The connections that are there: see `FlowTable`. */
export interface Flows {
  readonly size: number;
  readonly opened: number;
  /** Those that neither wait nor rest. */
  readonly objects: readonly Connection[];
  readonly waiting: HalfOpen;
  /** Places of those that rest: no attempts. */
  readonly resting: readonly number[];
  idOf(place: number): number;
  /** One of `STANDINGS`, by its place there. */
  standingOf(place: number): number;
  latestOf(place: number): number;
}

/** Those who leave: connections, and places of those that rest, in the order of their numbers; and rows of first SYNs that wait. */
export interface Leaving {
  readonly connections: readonly (Connection | number)[];
  readonly waiting: readonly number[];
}

/** A flood is folded, and nothing else leaves while there is memory. */
export const KEEP_ALL: EvictionRules = {
  attempt: Number.POSITIVE_INFINITY,
  closed: Number.POSITIVE_INFINITY,
  halfClosed: Number.POSITIVE_INFINITY,
  open: Number.POSITIVE_INFINITY,
  attempts: 1 << 13,
};

/** Attempts that leave at once when there are too many. */
const SHARE_OF_ATTEMPTS = 0.5;
/** Connections that leave at once when the memory is short. */
const SHARE_OF_ALL = 0.4;

/** The class of a connection by these rules. */
export function standing(connection: Connection): Left {
  const { a, b } = connection;
  if (isAttempt(connection)) return 'attempt';
  if (connection.isOver || a.rstFrame > 0 || b.rstFrame > 0) return 'closed';
  return a.finEnd >= 0 || b.finEnd >= 0 ? 'half-closed' : 'idle';
}

/** Says who leaves by the rules. */
export class Leavers {
  private readonly limits: Readonly<Record<Left, number>>;
  private readonly isTimed: boolean;
  private readonly attempts: number;
  /** Number of connections that must have been opened before there can be too many attempts again. */
  private quietBelow = 0;

  constructor({ attempt, closed, halfClosed, open, attempts }: EvictionRules) {
    this.limits = { attempt, closed, 'half-closed': halfClosed, idle: open };
    this.isTimed = Object.values(this.limits).some(Number.isFinite);
    this.attempts = attempts;
  }

  /** Those who leave at `now`. */
  at(now: number, flows: Flows): Leaving {
    const leaving: { connections: (Connection | number)[]; waiting: number[] } = { connections: [], waiting: [] };
    if (!this.isTimed && (flows.size <= this.attempts || flows.opened < this.quietBelow)) return leaving;
    const attempts: Connection[] = [];
    for (const connection of flows.objects) {
      if (!this.isTimed) {
        if (isAttempt(connection)) attempts.push(connection);
        continue;
      }
      const kind = standing(connection);
      // Where clocks step back the latest time is what counts.
      if (now - connection.latestTime > this.limits[kind]) leaving.connections.push(connection);
      else if (kind === 'attempt') attempts.push(connection);
    }
    if (this.isTimed) {
      for (const place of flows.resting)
        if (now - flows.latestOf(place) > this.limits[STANDINGS[flows.standingOf(place)]])
          leaving.connections.push(place);
    }
    const idOf = (entry: Connection | number) => (typeof entry === 'number' ? flows.idOf(entry) : entry.id);
    leaving.connections.sort((one, other) => idOf(one) - idOf(other));
    const waiting: number[] = [];
    const { attempt } = this.limits;
    for (let row = flows.waiting.first; row >= 0; row = flows.waiting.after(row))
      (now - flows.waiting.timeOf(row) > attempt ? leaving.waiting : waiting).push(row);
    const all = attempts.length + waiting.length;
    let left = 0;
    if (all > this.attempts) {
      left = all - Math.floor(this.attempts * (1 - SHARE_OF_ATTEMPTS));
      attempts.sort((one, other) => one.id - other.id);
      this.takeOldest(left, attempts, waiting, flows.waiting, leaving);
    }
    this.quietBelow = flows.opened + this.attempts - (all - left) + 1;
    return leaving;
  }

  /** The `count` oldest of both leave. Each list is in the order in which they began. */
  private takeOldest(
    count: number,
    attempts: readonly Connection[],
    waiting: readonly number[],
    syns: HalfOpen,
    leaving: { connections: (Connection | number)[]; waiting: number[] },
  ): void {
    let [i, j] = [0, 0];
    while (i + j < count) {
      const isConnection = j === waiting.length || (i < attempts.length && attempts[i].id < syns.idOf(waiting[j]));
      if (isConnection) leaving.connections.push(attempts[i++]);
      else leaving.waiting.push(waiting[j++]);
    }
  }
}

/** Who leaves when the memory is short: the closed first, then those that are idle for longest. */
export function leaveForMemory(flows: Flows): Leaving {
  const { objects, resting, waiting, opened } = flows;
  const isClosed = (kind: Left) => kind === 'closed';
  const ranked: Ranked[] = objects.map((connection) => ({
    rank: isClosed(standing(connection)) ? 0 : 1,
    time: connection.latestTime,
    order: connection.id,
    connection,
    row: -1,
  }));
  for (const place of resting) {
    const rank = isClosed(STANDINGS[flows.standingOf(place)]) ? 0 : 1;
    ranked.push({ rank, time: flows.latestOf(place), order: flows.idOf(place), connection: place, row: -1 });
  }
  // Of the same time the connections come first.
  let order = opened;
  for (let row = waiting.first; row >= 0; row = waiting.after(row))
    ranked.push({ rank: 1, time: waiting.timeOf(row), order: order++, connection: null, row });
  ranked.sort((one, other) => one.rank - other.rank || one.time - other.time || one.order - other.order);
  const first = ranked.slice(0, Math.ceil(SHARE_OF_ALL * ranked.length));
  return {
    connections: first.flatMap(({ connection }) => (connection === null ? [] : [connection])),
    waiting: first.flatMap(({ connection, row }) => (connection === null ? [row] : [])),
  };
}

/** One who may leave: a connection or the place of one that rests, or the row of a first SYN. */
interface Ranked {
  readonly rank: number;
  readonly time: number;
  readonly order: number;
  readonly connection: Connection | number | null;
  readonly row: number;
}
