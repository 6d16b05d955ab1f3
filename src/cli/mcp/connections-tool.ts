import type { Connection } from '../../model/connection.ts';
import { listOf } from '../../model/connection-list.ts';
import { ending } from '../../model/ending.ts';
import { formatCount } from '../../model/units.ts';
import { connectionLines } from '../../render/report-text.ts';
import { PLAIN } from '../../render/style.ts';
import { captureReport } from '../../report/capture.ts';
import { sortedFindings } from '../../report/finding.ts';
import type { WorstConnection } from '../../summary/listed.ts';
import { ORDERS, type Order, summarize } from '../../summary/summary.ts';
import type { Analysis } from '../run.ts';
import { warningsOf } from './analyses.ts';
import { PageText } from './page.ts';
import { CONNECTION_FILTER, type Question, type Tool } from './tool.ts';

type Args = {
  readonly filter?: string;
  readonly sort?: Order;
  readonly limit?: number;
};

const USUAL = 20;

export const CONNECTIONS_TOOL: Tool = {
  name: 'list_connections',
  title: 'List and rank connections',
  description:
    'One line for each TCP connection, as tcpscope --all prints it: ends, how it ended, states, times, bytes, findings. ' +
    'With sort, the largest first; without, in the order of their first packets. The number in front is its stream.',
  properties: {
    filter: CONNECTION_FILTER,
    sort: { enum: ORDERS, description: 'rank by this figure, the largest first' },
    limit: { type: 'integer', minimum: 1, maximum: 100, description: `connections of a page (default: ${USUAL})` },
  },
  required: [],
  answers: {
    total: { type: 'integer', description: 'connections of all pages' },
    connections: { type: 'array', items: { type: 'object' }, description: 'those of this page; times in milliseconds' },
  },
  answer: async ({ args, analyses, capture, from, signal }: Question<Args>) => {
    const { filter, sort, limit = USUAL } = args;
    const analysis = await analyses.of(capture, 'screen', filter, signal);
    const ranked = rankedConnections(analysis, sort);
    const page = ranked.slice(from, from + limit);
    const text = new PageText();
    if (from === 0) for (const line of warningsOf(analysis)) text.add(line);
    if (ranked.length === 0) text.add('No TCP connections.');
    const connections = page.map(({ connection }) => connection);
    if (page.length > 0)
      for (const line of await connectionLines(connections, null, PLAIN))
        for (const part of line.split('\n')) text.add(part);
    if (ranked.length > limit)
      text.add(
        `connections ${formatCount(from + 1)} to ${formatCount(from + page.length)} of ${formatCount(ranked.length)}`,
      );
    const end = from + page.length;
    return {
      lines: text.lines,
      data: { total: ranked.length, connections: page.map(figures) },
      next: end < ranked.length ? end : null,
    };
  },
};

/** Those that were asked for, in the order of the capture or ranked. */
function rankedConnections({ analyzer, facts }: Analysis, sort: Order | undefined): readonly WorstConnection[] {
  // With an order of its own, the ranking holds every connection.
  const { worst } = summarize(listOf(analyzer.selected), sortedFindings(analyzer), captureReport(analyzer, facts), {
    order: sort ?? 'duration',
  });
  const losses = new Map<Connection, WorstConnection>(Array.from(worst, (one) => [one.connection, one]));
  const none = (connection: Connection): WorstConnection => ({ connection, lost: 0, kind: null, most: 0 });
  const rest = analyzer.selected.filter((connection) => !losses.has(connection)).map(none);
  const all = [...worst, ...rest];
  return sort === undefined ? all.sort((a, b) => a.connection.id - b.connection.id) : all;
}

function figures({ connection, lost, kind, most }: WorstConnection): object {
  const { id, client, server, packets, duration } = connection;
  return {
    stream: id,
    client: client.name,
    server: server.name,
    packets,
    durationMs: duration / 1e6,
    ending: ending(connection),
    findings: connection.findings.length,
    lostMs: lost / 1e6,
    kind,
    kindMs: most / 1e6,
  };
}
