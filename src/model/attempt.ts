import type { Connection } from './connection.ts';

/** A SYN, perhaps its answer, and nothing of a connection after it. */
export function isAttempt(connection: Connection): boolean {
  const { a, b, client } = connection;
  return (
    connection.sawHandshake &&
    a.dataPackets === 0 &&
    b.dataPackets === 0 &&
    client.lastAck < 1 &&
    Number.isNaN(connection.handshakeTime) &&
    a.finEnd < 0 &&
    b.finEnd < 0
  );
}
