import { isAttempt } from '../model/attempt.ts';
import type { Connection } from '../model/connection.ts';
import type { Left } from '../model/left.ts';

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
  /** Attempts that are kept at the most: in a flood or scan the oldest leave. */
  readonly attempts: number;
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

/** What a connection is to these rules. */
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
  /** As long as fewer connections were opened there cannot be too many attempts: what got further is none any more. */
  private quietBelow = 0;

  constructor({ attempt, closed, halfClosed, open, attempts }: EvictionRules) {
    this.limits = { attempt, closed, 'half-closed': halfClosed, idle: open };
    this.isTimed = Object.values(this.limits).some(Number.isFinite);
    this.attempts = attempts;
  }

  /** Those who leave at `now`, of `connections`, when so many were `opened` since the beginning. */
  at(now: number, connections: readonly Connection[], opened: number): Connection[] {
    const leaving: Connection[] = [];
    if (!this.isTimed && (connections.length <= this.attempts || opened < this.quietBelow)) return leaving;
    const attempts: Connection[] = [];
    for (const connection of connections) {
      if (!this.isTimed) {
        if (isAttempt(connection)) attempts.push(connection);
        continue;
      }
      const kind = standing(connection);
      // Where clocks step back the latest time is what counts.
      if (now - connection.latestTime > this.limits[kind]) leaving.push(connection);
      else if (kind === 'attempt') attempts.push(connection);
    }
    if (attempts.length > this.attempts) {
      const kept = Math.floor(this.attempts * (1 - SHARE_OF_ATTEMPTS));
      for (const oldest of attempts.splice(0, attempts.length - kept)) leaving.push(oldest);
    }
    this.quietBelow = opened + this.attempts - attempts.length + 1;
    return leaving;
  }
}

/** Who leaves when the memory is short: the closed first, then those that are idle for longest. */
export function leaveForMemory(connections: readonly Connection[]): Connection[] {
  const ranked = connections.map((connection) => ({
    connection,
    rank: standing(connection) === 'closed' ? 0 : 1,
    time: connection.latestTime,
  }));
  ranked.sort((one, other) => one.rank - other.rank || one.time - other.time);
  return ranked.slice(0, Math.ceil(SHARE_OF_ALL * ranked.length)).map(({ connection }) => connection);
}
