import type { CostlyKind, Trust } from '../messages/answer.ts';
import { type BudgetSpan, budgetOf, Doing, TIME_USES, TimeUse } from '../model/budget.ts';
import type { Connection } from '../model/connection.ts';
import type { ConnectionList } from '../model/connection-list.ts';
import { type Finding, GRAVITY } from '../model/finding.ts';
import type { Departed } from './departed.ts';
import type { KindSummary } from './kind-summary.ts';
import { FINDINGS_WITH_COST, KINDS } from './kinds.ts';
import { Listed, type Losses, type WorstConnection } from './listed.ts';
import type { Ranked } from './ranking.ts';
import { type Grouping, groupOf, ServiceNames } from './service.ts';
import { type Statement, statementsOf } from './statements.ts';
import { lostOf, Tally, totalsOf } from './tally.ts';
import { type CaptureWorth, Extent, isClocked, isDoubt, isOneWay, trustOf } from './trust.ts';

/** The connections of one service, client, server or network, and where their time went. */
export interface GroupSummary {
  readonly name: string;
  readonly tally: Tally;
}

/** The answer: what the capture is worth, what went wrong, where the time went and which connections are worst. */
export interface Summary {
  readonly connections: number;
  readonly trust: Trust;
  /** One to four, worst first. */
  readonly statements: readonly Statement[];
  readonly overall: Tally;
  /** Those that lost most first. */
  readonly groups: readonly GroupSummary[];
  readonly grouping: Grouping;
  /** By cost in time, then by severity. */
  readonly kinds: readonly KindSummary[];
  /** Connections that lost time, those that lost most first; with another order, all connections. */
  readonly worst: Ranked<WorstConnection>;
  readonly order: Order;
}

/** What connections can be ordered by, the largest first. */
export const ORDERS = ['time-lost', 'duration', 'bytes', 'packets', 'server-thinking', 'retransmission'] as const;
export type Order = (typeof ORDERS)[number];

const FIGURES: Readonly<Record<Order, (connection: Connection, totals: ArrayLike<number>) => number>> = {
  'time-lost': (_, totals) => lostOf(totals),
  duration: ({ duration }) => duration,
  bytes: ({ a, b }) => a.payloadBytes + b.payloadBytes,
  packets: ({ packets }) => packets,
  'server-thinking': (_, totals) => totals[TimeUse.SERVER + Doing.THINKING],
  retransmission: (_, totals) => totals[TimeUse.TIMEOUT] + totals[TimeUse.RECOVERY],
};

/** `findings`: all, of connections and of the capture. The connections are those that are wanted. */
export function summarize(
  connections: ConnectionList,
  findings: readonly Finding[],
  capture: CaptureWorth,
  {
    grouping = 'service',
    order = 'time-lost',
    departed = null,
  }: { readonly grouping?: Grouping; readonly order?: Order; readonly departed?: Departed | null } = {},
): Summary {
  const sums = new Sums(grouping);
  const listed = new Listed(connections);
  const extent = new Extent();
  const isTimed = isClocked(findings);
  const oneWay = new Set<number>();
  connections.visit((connection, i) => {
    extent.see(connection);
    if (isOneWay(connection) && connection.findings.length > 0) oneWay.add(connection.id);
    const totals = isTimed ? totalsOf(connection) : NO_TIME;
    sums.add(connection, totals);
    if (order !== 'time-lost' || lostOf(totals) > 0) listed.add(i, totals, FIGURES[order](connection, totals));
  });
  const kinds = kindsOf(connections, findings, listed, sums.serviceOf, departed, oneWay);
  if (departed !== null) sums.join(departed);
  const { overall, services } = sums;
  const all = connections.length + (departed?.connections ?? 0);
  const trust = trustOf(extent, all, findings, capture, departed);
  return {
    connections: all,
    trust,
    statements: statementsOf({ connections: all, overall, kinds, services, trust }),
    overall,
    groups: sums.ranked(),
    grouping,
    kinds,
    worst: listed.worst(),
    order,
  };
}

/** Of connections of which no clock tells. */
const NO_TIME: ArrayLike<number> = new Float64Array(TIME_USES.length);

/** Where the time went in all connections and in those of each group, and how many each service has. */
class Sums {
  readonly overall = new Tally();
  readonly services = new Map<string, number>();
  /** The service of each connection, in the order in which they were added. */
  readonly serviceOf: string[] = [];
  private readonly groups = new Map<string, Tally>();
  private readonly names = new ServiceNames();
  private readonly grouping: Grouping;

  constructor(grouping: Grouping) {
    this.grouping = grouping;
  }

  add(connection: Connection, totals: ArrayLike<number>): void {
    this.overall.add(totals);
    const service = this.names.of(connection.server);
    this.services.set(service, (this.services.get(service) ?? 0) + 1);
    this.serviceOf.push(service);
    const name = this.grouping === 'service' ? service : groupOf(connection, this.grouping);
    let group = this.groups.get(name);
    if (group === undefined) {
      group = new Tally();
      this.groups.set(name, group);
    }
    group.add(totals);
  }

  /** Adds the sums of the connections that left before the end. */
  join(departed: Departed): void {
    this.overall.join(departed.overall);
    for (const [name, tally] of departed.groups) {
      const group = this.groups.get(name);
      if (group === undefined) this.groups.set(name, tally);
      else group.join(tally);
    }
    for (const [name, count] of departed.services) this.services.set(name, (this.services.get(name) ?? 0) + count);
  }

  /** Those that lost most first. */
  ranked(): GroupSummary[] {
    const named = [...this.groups].map(([name, tally]) => ({ name, tally }));
    return named.sort(
      (a, b) => b.tally.lost - a.tally.lost || b.tally.time - a.tally.time || (a.name < b.name ? -1 : 1),
    );
  }
}

/** What cost time and what was found, the greatest cost first. */
function kindsOf(
  connections: ConnectionList,
  findings: readonly Finding[],
  listed: Listed,
  serviceOf: readonly string[],
  departed: Departed | null,
  oneWay: ReadonlySet<number>,
): KindSummary[] {
  const costly = KINDS.flatMap(({ kind, use, findings: ids }, place) =>
    costlyKind(
      kind,
      use,
      listed.affected[place],
      connections,
      serviceOf,
      departed?.lostBy.get(kind) ?? 0,
      timesOf(findings, ids) + ids.reduce((sum, id) => sum + (departed?.findings.get(id)?.times ?? 0), 0),
    ),
  );
  return [...costly, ...findingKinds(findings, departed, oneWay)].sort(
    (a, b) => b.lost - a.lost || GRAVITY[b.severity] - GRAVITY[a.severity] || b.connections - a.connections,
  );
}

function timesOf(findings: readonly Finding[], ids: readonly string[]): number {
  let times = 0;
  for (const { id, more } of findings) if (ids.includes(id)) times += 1 + more;
  return times;
}

function costlyKind(
  kind: CostlyKind,
  use: number,
  losses: Losses,
  connections: ConnectionList,
  serviceOf: readonly string[],
  lostBefore: number,
  times: number,
): KindSummary[] {
  if (losses.count === 0) return [];
  const affected = losses.ranked((place) => serviceOf[place]);
  const connection = connections.at(affected.at(0)!.connection);
  const span = longestSpan(connection, use);
  const worst = {
    stream: connection.id,
    text: '',
    frame: 0,
    time: connection.firstTime + span.start,
    duration: span.end - span.start,
  };
  return [
    { kind, severity: 'warning', connections: losses.count, times, lost: losses.sum + lostBefore, worst, affected },
  ];
}

function longestSpan(connection: Connection, use: number): BudgetSpan {
  let longest: BudgetSpan = { start: 0, end: 0, use, exchange: -1 };
  for (const span of budgetOf(connection)?.spans ?? []) {
    if (span.use === use && span.end - span.start > longest.end - longest.start) longest = span;
  }
  return longest;
}

/** Warnings and errors that cost no time, or whose cost in time is not known: of one direction alone (`oneWay`) no time is. */
function findingKinds(
  findings: readonly Finding[],
  departed: Departed | null,
  oneWay: ReadonlySet<number>,
): KindSummary[] {
  const byId = new Map<string, Finding[]>();
  for (const finding of findings) {
    const { id, severity } = finding;
    if (severity === 'info' || isDoubt(finding)) continue;
    if (FINDINGS_WITH_COST.has(id) && !oneWay.has(finding.stream)) continue;
    const known = byId.get(id);
    if (known === undefined) byId.set(id, [finding]);
    else known.push(finding);
  }
  const kinds = [...byId].map(([kind, found]) => {
    const left = departed?.findings.get(kind);
    const [worst] = [...found].sort((a, b) => GRAVITY[b.severity] - GRAVITY[a.severity] || b.confidence - a.confidence);
    return {
      kind,
      severity: worst.severity,
      connections:
        new Set(found.map(({ stream }) => stream).filter((stream) => stream >= 0)).size + (left?.connections ?? 0),
      times: timesOf(found, [kind]) + (left?.times ?? 0),
      lost: 0,
      worst: { stream: worst.stream, text: worst.text, frame: worst.frame, time: worst.time, duration: 0 },
      affected: [],
    };
  });
  for (const [kind, { severity, connections, times }] of departed?.findings ?? []) {
    if (byId.has(kind) || severity === 'info' || FINDINGS_WITH_COST.has(kind)) continue;
    if (isDoubt({ id: kind, severity })) continue;
    const worst = { stream: -1, text: '', frame: 0, time: 0, duration: 0 };
    kinds.push({ kind, severity, connections, times, lost: 0, worst, affected: [] });
  }
  return kinds;
}
