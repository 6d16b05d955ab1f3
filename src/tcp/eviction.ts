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

/** Those who leave by the rules at `now`. */
export function leaveByRules(connections: readonly Connection[], rules: EvictionRules, now: number): Connection[] {
  const limits: Record<Left, number> = {
    attempt: rules.attempt,
    closed: rules.closed,
    'half-closed': rules.halfClosed,
    idle: rules.open,
  };
  const leaving: Connection[] = [];
  const attempts: Connection[] = [];
  const isTimed = Object.values(limits).some(Number.isFinite);
  const mayBeMany = connections.length > rules.attempts;
  if (!isTimed && !mayBeMany) return leaving;
  for (const connection of connections) {
    if (!isTimed) {
      if (isAttempt(connection)) attempts.push(connection);
      continue;
    }
    const kind = standing(connection);
    // Where clocks step back the latest time is what counts.
    if (now - connection.latestTime > limits[kind]) leaving.push(connection);
    else if (kind === 'attempt') attempts.push(connection);
  }
  if (attempts.length > rules.attempts) {
    const kept = Math.floor(rules.attempts * (1 - SHARE_OF_ATTEMPTS));
    for (let i = 0; i < attempts.length - kept; i++) leaving.push(attempts[i]);
  }
  return leaving;
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
