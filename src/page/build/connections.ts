import { COSTLY_KINDS } from '../../messages/answer.ts';
import type { Connection } from '../../model/connection.ts';
import { ending } from '../../model/ending.ts';
import type { Severity } from '../../model/finding.ts';
import type { Summary } from '../../summary/summary.ts';
import type { ConnectionTable } from '../model.ts';
import { ColumnBuilder, Dictionary } from './table.ts';

const RANKS: Readonly<Record<Severity, number>> = { info: 1, warning: 2, error: 3 };

/** Every connection as a row. */
export function connectionTable(connections: readonly Connection[], { worst }: Summary): ConnectionTable {
  const costs = new Map(Array.from(worst, (one) => [one.connection, one]));
  const addresses = new Dictionary((text: string) => text);
  const endings = new Dictionary((text: string) => text);
  const sets = new Dictionary<readonly string[]>((ids) => ids.join(' '), [[]]);
  const rows = new ColumnBuilder([
    'stream',
    'client',
    'server',
    'clientPort',
    'serverPort',
    'start',
    'duration',
    'packets',
    'clientBytes',
    'serverBytes',
    'lost',
    'kind',
    'kindTime',
    'ending',
    'severity',
    'findings',
    'findingSet',
  ]);
  for (const connection of connections) {
    const { client, server, findings } = connection;
    const cost = costs.get(connection);
    rows.add({
      stream: connection.id,
      client: addresses.indexOf(client.address),
      server: addresses.indexOf(server.address),
      clientPort: client.port,
      serverPort: server.port,
      start: connection.firstTime,
      duration: connection.duration,
      packets: connection.packets,
      clientBytes: client.streamBytes,
      serverBytes: server.streamBytes,
      lost: cost?.lost ?? 0,
      kind: cost === undefined || cost.kind === null ? -1 : COSTLY_KINDS.indexOf(cost.kind),
      kindTime: cost?.most ?? 0,
      ending: endings.indexOf(ending(connection)),
      severity: findings.reduce((most, { severity }) => Math.max(most, RANKS[severity]), 0),
      findings: findings.length,
      findingSet: sets.indexOf([...new Set(findings.map(({ id }) => id))].sort()),
    });
  }
  return { ...rows.build(), addresses: addresses.values, endings: endings.values, findingSets: sets.values };
}
