import type { Connection, Endpoint } from './connection.ts';
import { State } from './state.ts';
import { Phase } from './summary.ts';

/**
 * How the connection ended, in a few plain words, by the states of its ends: a reset that its receiver does not accept (RFC
 * 9293 section 3.10.7.4, RFC 5961 section 3.2) ends nothing here, although `connState` counts it.
 */
export function ending(connection: Connection): string {
  const { client, server } = connection;
  const reset = resetSender(connection);
  if (client.finEnd >= 0 && server.finEnd >= 0) {
    if (reset === null && client.sndUna < client.finEnd) return 'FIN of client unanswered';
    if (reset === null && server.sndUna < server.finEnd) return 'FIN of server unanswered';
    return 'closed';
  }
  if (reset !== null) {
    const isFirstOfServer = server.phase === Phase.RESET && server.previousPhase === Phase.INACTIVE;
    if (reset === server && client.hasIss && isFirstOfServer) return 'refused';
    if (reset === client && client.hasIss && !server.seen) return 'abandoned by client';
    return `reset by ${reset.role}`;
  }
  if (client.finEnd >= 0) return 'half-closed by client';
  if (server.finEnd >= 0) return 'half-closed by server';
  if (client.hasIss && !server.seen && client.dataPackets === 0 && client.state === State.SYN_SENT) return 'unanswered';
  if (client.state === State.SYN_SENT || server.state === State.SYN_RECEIVED) return 'handshake unfinished';
  return 'still open';
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
