import { REPLACED } from '../detect/syn-flood.ts';
import type { CostlyKind } from '../messages/answer.ts';
import { type Attempt, isAttempt } from '../model/attempt.ts';
import type { Connection } from '../model/connection.ts';
import type { Severity } from '../model/finding.ts';
import { isAffected, KINDS } from './kinds.ts';
import { type Grouping, groupOf } from './service.ts';
import { busyOf, NO_TOTALS, Tally, type TallyFacts, totalsOf } from './tally.ts';
import { isMidStream, isOneWay } from './trust.ts';

/** Groups that are told apart; further ones are gathered in one. */
const MOST_GROUPS = 1 << 14;
const OTHER_GROUPS = '(others)';

/** Findings of one sort on connections that left. */
export interface DepartedFindings {
  severity: Severity;
  connections: number;
  times: number;
}

/** The same sums as plain data. */
export interface DepartedFacts {
  readonly grouping: Grouping;
  readonly overall: TallyFacts;
  readonly groups: readonly (readonly [string, TallyFacts])[];
  readonly services: readonly (readonly [string, number])[];
  readonly findings: readonly (readonly [string, DepartedFindings])[];
  readonly lostBy: readonly (readonly [CostlyKind, number])[];
  readonly connections: number;
  readonly oneWay: number;
  readonly midStream: number;
}

/** Sums over the connections that left the analysis before the input ended: what the answer needs of them. */
export class Departed {
  readonly overall = new Tally();
  readonly groups = new Map<string, Tally>();
  readonly services = new Map<string, number>();
  readonly findings = new Map<string, DepartedFindings>();
  readonly lostBy = new Map<CostlyKind, number>();
  connections = 0;
  oneWay = 0;
  midStream = 0;
  readonly grouping: Grouping;

  constructor(grouping: Grouping = 'service') {
    this.grouping = grouping;
  }

  add(connection: Connection): void {
    const { findings } = connection;
    const totals = totalsOf(connection);
    if (isOneWay(connection)) this.oneWay++;
    if (isMidStream(connection)) this.midStream++;
    this.sum(connection, totals);
    const busy = busyOf(totals);
    for (const { kind, use } of KINDS) {
      if (isAffected(totals[use], busy)) this.lostBy.set(kind, (this.lostBy.get(kind) ?? 0) + totals[use]);
    }
    if (findings.length > 0) this.count(connection);
  }

  /** One of which only the first SYN was seen: it took no time, and what is found about it is told with all attempts. */
  addFirstSyn(syn: Attempt): void {
    this.oneWay++;
    this.sum(syn, NO_TOTALS);
  }

  private sum(connection: Connection | Attempt, totals: ArrayLike<number>): void {
    this.connections++;
    this.overall.add(totals);
    const service = bounded(this.services, connection.server.name);
    this.services.set(service, (this.services.get(service) ?? 0) + 1);
    const name = bounded(this.groups, groupOf(connection, this.grouping));
    let group = this.groups.get(name);
    if (group === undefined) {
      group = new Tally();
      this.groups.set(name, group);
    }
    group.add(totals);
  }

  get facts(): DepartedFacts {
    const { grouping, overall, groups, services, findings, lostBy, connections, oneWay, midStream } = this;
    return {
      grouping,
      overall: overall.facts,
      groups: [...groups].map(([name, tally]) => [name, tally.facts] as const),
      services: [...services],
      findings: [...findings],
      lostBy: [...lostBy],
      connections,
      oneWay,
      midStream,
    };
  }

  /** Adds what was summed elsewhere, by the same grouping. */
  join(other: DepartedFacts): void {
    this.connections += other.connections;
    this.oneWay += other.oneWay;
    this.midStream += other.midStream;
    this.overall.join(Tally.of(other.overall));
    for (const [name, count] of other.services) {
      const service = bounded(this.services, name);
      this.services.set(service, (this.services.get(service) ?? 0) + count);
    }
    for (const [name, facts] of other.groups) {
      const known = this.groups.get(bounded(this.groups, name));
      if (known === undefined) this.groups.set(bounded(this.groups, name), Tally.of(facts));
      else known.join(Tally.of(facts));
    }
    for (const [kind, lost] of other.lostBy) this.lostBy.set(kind, (this.lostBy.get(kind) ?? 0) + lost);
    for (const [id, found] of other.findings) {
      const known = this.findings.get(id);
      if (known === undefined) this.findings.set(id, { ...found });
      else {
        known.connections += found.connections;
        known.times += found.times;
        if (found.severity === 'error' || known.severity === 'info') known.severity = found.severity;
      }
    }
  }

  private count(connection: Connection): void {
    // A flood is told as a whole, and so are attempts.
    const isToldElsewhere = isAttempt(connection);
    const seen = new Set<string>();
    for (const { id, severity, more } of connection.findings) {
      if (isToldElsewhere && (REPLACED as readonly string[]).includes(id)) continue;
      let sort = this.findings.get(id);
      if (sort === undefined) {
        sort = { severity, connections: 0, times: 0 };
        this.findings.set(id, sort);
      }
      if (severity === 'error' || sort.severity === 'info') sort.severity = severity;
      if (!seen.has(id)) sort.connections++;
      seen.add(id);
      sort.times += 1 + more;
    }
  }
}

function bounded(known: ReadonlyMap<string, unknown>, name: string): string {
  return known.size < MOST_GROUPS || known.has(name) ? name : OTHER_GROUPS;
}
