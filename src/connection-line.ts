import type { Connection } from './model/connection.ts';
import type { Severity } from './model/finding.ts';
import type { Left } from './model/left.ts';
import { type ConnectionReport, connectionReport } from './report/connection.ts';
import { lostOf, totalsOf } from './summary/tally.ts';

/** Why a connection was written: what it was when it left, or that the input ended. */
export type WrittenBecause = Left | 'end of input';

/** Findings of one sort on a connection. */
interface FindingCount {
  id: string;
  severity: Severity;
  times: number;
}

/** A finished connection as one line: what `tcpscope connections` writes. */
export interface ConnectionLine extends Omit<ConnectionReport, 'congestion' | 'timeBudget' | 'findings'> {
  written: WrittenBecause;
  /** Stream number of the connection that had left, and whose late packets these are. */
  continues: number | null;
  /** Milliseconds lost to what could be mended; null where the time budget was left out. */
  lostMs: number | null;
  findings: FindingCount[];
}

/** `origin` is the time of the first record: nanoseconds since 1970. */
export function connectionLine(connection: Connection, written: WrittenBecause, origin: bigint): ConnectionLine {
  const { congestion: _, timeBudget: __, findings: ___, ...report } = connectionReport(connection, origin);
  return {
    ...report,
    written,
    continues: connection.continues < 0 ? null : connection.continues,
    lostMs: connection.life === null ? null : lostOf(totalsOf(connection)) / 1e6,
    findings: findingCounts(connection),
  };
}

function findingCounts({ findings }: Connection): FindingCount[] {
  const counts = new Map<string, FindingCount>();
  for (const { id, severity, more } of findings) {
    const known = counts.get(`${id} ${severity}`);
    if (known === undefined) counts.set(`${id} ${severity}`, { id, severity, times: 1 + more });
    else known.times += 1 + more;
  }
  return [...counts.values()];
}
