import type { Connection } from '../../model/connection.ts';
import type { Summary } from '../../summary/summary.ts';

/**
 * The connections that are worth to be shown in full, the worst first: those that lost most time, then those with the gravest
 * findings, then the longest. At most so many, and only as long as all their packets together are within `packets`.
 */
export function worstConnections(
  connections: readonly Connection[],
  { worst }: Pick<Summary, 'worst'>,
  { streams, packets }: { readonly streams: number; readonly packets: number },
): Connection[] {
  const lost = new Map(Array.from(worst, (one) => [one.connection, one.lost]));
  const grave = ({ findings }: Connection) =>
    findings.reduce((sum, { severity }) => sum + (severity === 'error' ? 100 : severity === 'warning' ? 1 : 0), 0);
  const ranked = connections
    .map((connection) => ({ connection, lost: lost.get(connection) ?? 0, grave: grave(connection) }))
    .sort((a, b) => b.lost - a.lost || b.grave - a.grave || b.connection.packets - a.connection.packets);
  const chosen: Connection[] = [];
  let sum = 0;
  for (const { connection } of ranked) {
    if (chosen.length >= streams) break;
    // The first is always shown: its table of packets has a bound of its own.
    if (chosen.length > 0 && sum + connection.packets > packets) continue;
    sum += connection.packets;
    chosen.push(connection);
  }
  return chosen;
}
