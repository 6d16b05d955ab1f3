import type { Connection } from './connection.ts';
import type { Endpoint } from './endpoint.ts';
import { State } from './state.ts';
import { Phase } from './summary.ts';

/** How a connection ended, and which end did it. */
export interface Ending {
  readonly kind:
    | 'closed'
    | 'fin-unanswered'
    | 'refused'
    | 'abandoned'
    | 'reset'
    | 'half-closed'
    | 'unanswered'
    | 'handshake-unfinished'
    | 'open';
  readonly by: 'client' | 'server' | null;
}

/**
 * By the states of its ends: a reset that its receiver does not accept (RFC 9293 section 3.10.7.4, RFC 5961 section 3.2) ends
 * nothing here, although `connState` counts it.
 */
export function endingOf(connection: Connection): Ending {
  const { client, server } = connection;
  const reset = resetSender(connection);
  if (client.finEnd >= 0 && server.finEnd >= 0) {
    if (reset === null && client.sndUna < client.finEnd) return { kind: 'fin-unanswered', by: 'client' };
    if (reset === null && server.sndUna < server.finEnd) return { kind: 'fin-unanswered', by: 'server' };
    return { kind: 'closed', by: null };
  }
  if (reset !== null) {
    const isFirstOfServer = server.phase === Phase.RESET && server.previousPhase === Phase.INACTIVE;
    if (reset === server && client.hasIss && isFirstOfServer) return { kind: 'refused', by: null };
    if (reset === client && client.hasIss && !server.seen) return { kind: 'abandoned', by: 'client' };
    return { kind: 'reset', by: reset.role };
  }
  if (client.finEnd >= 0) return { kind: 'half-closed', by: 'client' };
  if (server.finEnd >= 0) return { kind: 'half-closed', by: 'server' };
  if (client.hasIss && !server.seen && client.dataPackets === 0 && client.state === State.SYN_SENT)
    return { kind: 'unanswered', by: null };
  if (client.state === State.SYN_SENT || server.state === State.SYN_RECEIVED)
    return { kind: 'handshake-unfinished', by: null };
  return { kind: 'open', by: null };
}

const TEXTS: Readonly<Record<Ending['kind'], (by: Ending['by']) => string>> = {
  closed: () => 'closed',
  'fin-unanswered': (by) => `FIN of ${by} unanswered`,
  refused: () => 'refused',
  abandoned: (by) => `abandoned by ${by}`,
  reset: (by) => `reset by ${by}`,
  'half-closed': (by) => `half-closed by ${by}`,
  unanswered: () => 'unanswered',
  'handshake-unfinished': () => 'handshake unfinished',
  open: () => 'still open',
};

/** The same in a few plain words, as reports have it. */
export function ending(connection: Connection): string {
  const { kind, by } = endingOf(connection);
  return TEXTS[kind](by);
}

/** Who reset the connection, the first if both did; null when nobody did to effect. */
function resetSender({ client, server }: Connection): Endpoint | null {
  if (client.rstFrame > 0 && (server.rstFrame === 0 || client.rstFrame < server.rstFrame)) return client;
  if (server.rstFrame > 0) return server;
  // Of an end that had no state to lose only its RST is known.
  for (const end of [server, client]) {
    if (end.phase === Phase.RESET && end.state === State.CLOSED) return end;
  }
  return null;
}
