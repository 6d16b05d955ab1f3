import { type Role, type Told, tell } from '../messages/story.ts';
import type { Connection } from '../model/connection.ts';
import { endingOf } from '../model/ending.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { State } from '../model/state.ts';
import { frameOf } from './opening.ts';

/** How the connection ended. */
export function closingOf(connection: Connection): Told {
  const { client, server } = connection;
  const { kind, by } = endingOf(connection);
  const end = by === 'server' ? server : client;
  switch (kind) {
    case 'closed':
      return closed(connection);
    case 'half-closed':
      return tell('end.half-closed', { by: end.role, fin: finFrame(end) });
    case 'fin-unanswered':
      return tell('end.fin-unanswered', { by: end.role, fin: finFrame(end) });
    case 'reset':
      return reset(connection, end);
    case 'refused':
      return tell('end.refused', { frame: frameOf(client, State.CLOSED) });
    case 'abandoned':
      return tell('end.abandoned', { frame: frameOf(client, State.CLOSED) });
    case 'unanswered':
      return tell('end.unanswered', {});
    case 'handshake-unfinished':
      return tell('end.unfinished', {});
    default:
      return tell('end.open', {});
  }
}

function reset(connection: Connection, end: Endpoint): Told {
  const { client, server } = connection;
  const named = client.resetDisowned > 0 ? client : server;
  return isForged(connection) && named.resetDisowned > 0
    ? tell('end.forged', { by: named.role, frame: named.resetDisowned })
    : tell('end.reset', { by: end.role, frame: end.rstFrame });
}

/** A reset that ended it came from somebody else. */
export function isForged({ findings }: Connection): boolean {
  return findings.some(({ id, severity }) => id === 'forged-reset' && severity !== 'info');
}

function closed({ client, server }: Connection): Told {
  const [a, b] = [client, server].sort((x, y) => finFrame(x) - finFrame(y));
  const [fin, otherFin] = [finFrame(a), finFrame(b)];
  if (frameOf(client, State.FIN_WAIT_1) > 0 && frameOf(server, State.FIN_WAIT_1) > 0)
    return tell('end.simultaneous', { fin, otherFin });
  return tell('end.closed', {
    first: a.role,
    fin,
    otherFin,
    ack: b.timeline.state === State.CLOSED ? frameOf(b, State.CLOSED) : 0,
    waits: waiting(client, server),
  });
}

/** Frame of the first FIN of `end`, 0 unknown. */
function finFrame(end: Endpoint): number {
  return frameOf(end, State.FIN_WAIT_1) || frameOf(end, State.LAST_ACK);
}

/** The one end that is in TIME-WAIT when the other is CLOSED. */
export function waiting(client: Endpoint, server: Endpoint): Role | null {
  if (client.state === State.TIME_WAIT && server.state === State.CLOSED) return 'client';
  if (server.state === State.TIME_WAIT && client.state === State.CLOSED) return 'server';
  return null;
}
