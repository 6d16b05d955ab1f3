import type { CostlyKind, Failure, Quiet, Trust } from '../messages/answer.ts';
import { ENGLISH } from '../messages/en/index.ts';
import { type OwnerAndCause, TIME_USES } from '../model/budget.ts';
import type { Severity } from '../model/finding.ts';
import { timestampText } from '../model/timestamp.ts';
import type { KindSummary } from './kind-summary.ts';
import type { WorstConnection } from './listed.ts';
import type { Statement } from './statements.ts';
import type { Summary } from './summary.ts';
import type { Tally } from './tally.ts';

/** The answer as plain data: what the first screen says. Times are milliseconds. */
export interface SummaryReport {
  connections: number;
  trust: Trust;
  /** One to four sentences, worst first. */
  statements: StatementReport[];
  /** Where the time went, over all connections. */
  time: TimeReport;
  services: ({ name: string } & TimeReport)[];
  kinds: KindReport[];
  worst: WorstReport[];
}

export interface StatementReport {
  key: Statement['key'];
  kind: CostlyKind | null;
  text: string;
  /** Where the evidence begins. */
  stream: number | null;
  packet: number | null;
  cost: {
    service: string | null;
    services: number;
    connections: number;
    of: number;
    lostMs: number;
    medianMs: number;
    worstMs: number;
    share: number;
  } | null;
  failure: Failure | null;
  quiet: { connections: number; owner: Quiet['owner']; share: number; lostMs: number } | null;
}

export interface TimeReport {
  connections: number;
  ms: number;
  lostMs: number;
  /** By owner and cause, those that took none left out. */
  totals: (OwnerAndCause & { ms: number })[];
}

export interface KindReport {
  /** A kind of lost time, or the identifier of a finding that costs none. */
  kind: string;
  severity: Severity;
  connections: number;
  findings: number;
  lostMs: number;
  worst: { stream: number | null; packet: number | null; timestamp: string | null; durationMs: number };
}

export interface WorstReport {
  stream: number;
  client: string;
  server: string;
  lostMs: number;
  kind: CostlyKind | null;
  kindMs: number;
}

/** Groups and connections that the document lists; each has a place of its own under `connections` anyway. */
const MOST = 1000;

/** `origin`: nanoseconds since 1970 of the first record. */
export function summaryReport(summary: Summary, origin: bigint): SummaryReport {
  const { connections, trust, statements, overall, groups, kinds, worst } = summary;
  return {
    connections,
    trust,
    statements: statements.map(statementReport),
    time: timeReport(overall),
    services: groups.slice(0, MOST).map(({ name, tally }) => ({ name, ...timeReport(tally) })),
    kinds: kinds.map((kind) => kindReport(kind, origin)),
    worst: worst.slice(0, MOST).map(worstReport),
  };
}

/** A sentence of the verdict in English. */
export function statementText(statement: Statement): string {
  const { answer } = ENGLISH;
  switch (statement.key) {
    case 'cost':
      return answer.cost(statement.kind, statement.values);
    case 'failure':
      return answer.failure(statement.values);
    case 'quiet':
      return answer.quiet(statement.values);
    case 'unknowable':
      return answer.unknowable(statement.values);
    default:
      return answer.noConnections;
  }
}

function statementReport(statement: Statement): StatementReport {
  const { key } = statement;
  const report: StatementReport = {
    key,
    kind: null,
    text: statementText(statement),
    stream: null,
    packet: null,
    cost: null,
    failure: null,
    quiet: null,
  };
  if (key === 'cost') {
    const { lost, each, worst, ...rest } = statement.values;
    const cost = { ...rest, lostMs: lost / 1e6, medianMs: each / 1e6, worstMs: worst / 1e6 };
    return { ...report, kind: statement.kind, stream: statement.stream, cost };
  }
  if (key === 'failure') {
    const { stream, frame } = statement;
    return {
      ...report,
      stream: stream < 0 ? null : stream,
      packet: frame === 0 ? null : frame,
      failure: statement.values,
    };
  }
  if (key === 'quiet') {
    const { lost, ...rest } = statement.values;
    return { ...report, quiet: { ...rest, lostMs: lost / 1e6 } };
  }
  return report;
}

/** Where the time of the connections of a tally went, in milliseconds. */
export function timeReport(tally: Tally): TimeReport {
  const { connections, time, lost, totals } = tally;
  return {
    connections,
    ms: time / 1e6,
    lostMs: lost / 1e6,
    totals: TIME_USES.map((use, i) => ({ ...use, ms: totals[i] / 1e6 })).filter(({ ms }) => ms > 0),
  };
}

function kindReport({ kind, severity, connections, times, lost, worst }: KindSummary, origin: bigint): KindReport {
  const { stream, frame, time, duration } = worst;
  return {
    kind,
    severity,
    connections,
    findings: times,
    lostMs: lost / 1e6,
    worst: {
      stream: stream < 0 ? null : stream,
      packet: frame === 0 ? null : frame,
      timestamp: timestampText(origin, time),
      durationMs: duration / 1e6,
    },
  };
}

function worstReport({ connection: { id, client, server }, lost, kind, most }: WorstConnection): WorstReport {
  return { stream: id, client: client.name, server: server.name, lostMs: lost / 1e6, kind, kindMs: most / 1e6 };
}
