import { COSTLY_KINDS } from '../../messages/answer.ts';
import type { ConnectionTable } from '../model.ts';
import { kindText } from './words.ts';

/**
 * The rows that have every word of the query in them: in an address, a port, `address:port`, the number of the connection, how it
 * ended, why it lost time, or a finding (its identifier or its title).
 */
export function matching(table: ConnectionTable, query: string): Uint32Array {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const tests = words.map((word) => testOf(table, word));
  const rows = new Uint32Array(table.stream.length);
  let count = 0;
  for (let row = 0; row < rows.length; row++) if (tests.every((test) => test(row))) rows[count++] = row;
  return rows.subarray(0, count);
}

/** What repeats in the table is looked at once for each word, not once for each row. */
function testOf(table: ConnectionTable, word: string): (row: number) => boolean {
  const has = (text: string) => text.toLowerCase().includes(word);
  const addresses = table.addresses.map(has);
  const endings = table.endings.map(has);
  const findings = table.findingSets.map((ids) => ids.some((id) => has(id) || has(kindText(id))));
  const kinds = COSTLY_KINDS.map((kind) => has(kind) || has(kindText(kind)));
  const socket = /^\[?(.*?)\]?:(\d{1,5})$/.exec(word);
  const sockets = socket === null ? null : table.addresses.map((address) => address.toLowerCase() === socket[1]);
  const socketPort = socket === null ? -1 : Number(socket[2]);
  const number = /^\d{1,15}$/.test(word) ? Number(word) : -1;
  return (row) => {
    const { client, server, clientPort, serverPort } = table;
    if (sockets !== null) {
      const isClient = sockets[client[row]] && clientPort[row] === socketPort;
      if (isClient || (sockets[server[row]] && serverPort[row] === socketPort)) return true;
    }
    return (
      addresses[client[row]] ||
      addresses[server[row]] ||
      number === clientPort[row] ||
      number === serverPort[row] ||
      number === table.stream[row] ||
      endings[table.ending[row]] ||
      findings[table.findingSet[row]] ||
      (table.kind[row] >= 0 && kinds[table.kind[row]])
    );
  };
}
