import { say } from '../messages/message.ts';
import type { Connection } from '../model/connection.ts';
import type { Finding } from '../model/finding.ts';
import type { Account, Where } from './account.ts';
import type { FindingId } from './catalogue.ts';
import type { Gatherer } from './detector.ts';
import { type Ending, type Lacks, RaisedFinding, type SettledFinding, type Sort } from './raised-finding.ts';

/** Findings of one sort that a connection lists; further ones are counted. */
const MOST_OF_A_SORT = 10;
/** The same of the capture as a whole. */
const MOST_OF_CAPTURE = 1000;
/** Findings that all connections together list. */
const MOST_IN_ALL = 50_000;

/** A finding that may turn out to be nothing, and its connection (null: the capture as a whole). */
interface Deferred {
  readonly finding: RaisedFinding;
  readonly connection: Connection | null;
}

/**
 * Takes the findings that detectors make, attaches them to connections and rows, and keeps their number bounded. A finding
 * may speak of something that is not over yet: it is worded when it is read.
 */
export class Collector implements Gatherer<number> {
  /** What concerns the capture as a whole. */
  readonly capture: Finding[] = [];
  private readonly sortsOfCapture = new Map<string, Sort>();
  private readonly ending: Ending = { reached: false, lacks: null };
  private deferred: Deferred[] = [];
  private listed = 0;
  private unlisted = 0;

  /** A finding that is settled as it is made. */
  raise(where: Where, account: Account): void {
    this.add(where, account.id, () => account);
  }

  /**
   * A finding that is worded when it is read. Those of one `sort` are counted together, whatever their ids become. Null when
   * it is counted only.
   */
  add(where: Where, name: string, account: () => Account): Finding | null {
    return this.attach(where, name, account, null);
  }

  /**
   * A finding whose question closes later: `account` is null once it has turned out to be nothing, and what was said is
   * withdrawn when the input has ended.
   */
  defer(where: Where, name: string, account: () => Account | null): void {
    const first = account();
    if (first === null) return;
    const finding = this.attach(where, name, account, first);
    // `where` itself may be an object that is used again for the next segment.
    if (finding !== null) this.deferred.push({ finding, connection: where.connection });
  }

  private attach(
    where: Where,
    name: string,
    account: () => Account | null,
    first: Account | null,
  ): RaisedFinding | null {
    const { connection, row } = where;
    const sort = connection === null ? this.sortOfCapture(name) : (sortOf(connection, name) ?? newSort(name));
    const isListed =
      connection === null ? sort.listed < MOST_OF_CAPTURE : sort.listed < MOST_OF_A_SORT && this.listed < MOST_IN_ALL;
    if (!isListed) {
      if (sort.listed === 0) this.unlisted++;
      else sort.more++;
      // Its row tells of it all the same.
      row?.findings.push(new RaisedFinding(where, { name, listed: 1, more: 0 }, account, this.ending, first));
      return null;
    }
    sort.listed++;
    const finding = new RaisedFinding(where, sort, account, this.ending, first);
    row?.findings.push(finding);
    if (connection === null) this.capture.push(finding);
    else {
      this.listed++;
      connection.addFinding(finding);
    }
    return finding;
  }

  private sortOfCapture(name: string): Sort {
    let sort = this.sortsOfCapture.get(name);
    if (sort === undefined) {
      sort = newSort(name);
      this.sortsOfCapture.set(name, sort);
    }
    return sort;
  }

  /** Other shards met `count` more of this sort of the capture, which are not listed here. */
  countFurther(name: string, count: number): void {
    this.sortOfCapture(name).more += count;
  }

  /** Attaches a finding that another collector made and settled. */
  adopt(connection: Connection, { frame, time, sort: name, place, listed, more, account }: SettledFinding): Finding {
    const sort = sortOf(connection, name) ?? { name, listed: 0, more };
    sort.listed = place;
    const finding = new RaisedFinding({ connection, row: null, frame, time }, sort, () => account, this.ending);
    sort.listed = listed;
    this.listed++;
    connection.addFinding(finding);
    return finding;
  }

  /** The same finding, not attached to its connection. */
  word(connection: Connection, { frame, time, sort: name, place, account }: SettledFinding): Finding {
    const sort = { name, listed: place - 1, more: 0 };
    return new RaisedFinding({ connection, row: null, frame, time }, sort, () => account, this.ending);
  }

  /** Findings of connections that are not listed at all. */
  gathered(): number {
    return this.unlisted;
  }

  join(shards: readonly number[]): void {
    for (const unlisted of shards) this.unlisted += unlisted;
  }

  /** The input of this shard has ended: withdraws what turned out to be nothing. What the capture lacks is not known yet. */
  decideAll(): void {
    for (const deferred of this.deferred) this.decide(deferred);
    this.deferred.length = 0;
    this.ending.reached = true;
  }

  /** Takes back findings that a more general one replaces. */
  withdraw(connection: Connection, ids: readonly FindingId[]): void {
    connection.withdrawFindings((finding) => {
      if (!(ids as readonly string[]).includes(finding.id)) return false;
      if (finding instanceof RaisedFinding) finding.leaveRow();
      return true;
    });
  }

  /** The input has ended: withdraws what turned out to be nothing, and weighs the rest by what the capture lacks. */
  settle(lacks: Lacks): void {
    this.decideAll();
    this.ending.lacks = lacks;
  }

  /** Decides what was open about connections that leave the analysis (`hasLeft`); they no longer count for the limit. */
  forget(leaving: readonly Connection[]): void {
    for (const deferred of this.deferred) if (deferred.connection?.hasLeft) this.decide(deferred);
    this.deferred = this.deferred.filter(({ connection }) => !connection?.hasLeft);
    for (const { findings } of leaving) this.listed -= findings.length;
  }

  private decide({ finding, connection }: Deferred): void {
    if (!finding.isWithdrawn) return;
    finding.leaveRow();
    if (connection === null) this.capture.splice(this.capture.indexOf(finding), 1);
    else connection.withdrawFindings((other) => other === finding);
  }

  /** The input has ended: says how many findings of connections are not listed at all. */
  conclude(frame: number, time: number): void {
    const { unlisted } = this;
    this.ending.reached = true;
    if (unlisted === 0) return;
    const where = { connection: null, row: null, frame, time };
    this.raise(where, {
      id: 'findings-limit',
      message: say('findings-limit', { listed: this.listed, unlisted }),
      evidence: [],
    });
  }
}

function newSort(name: string): Sort {
  return { name, listed: 0, more: 0 };
}

/** The sort of that name among the findings of the connection, or null. */
function sortOf({ findings }: Connection, name: string): Sort | null {
  for (let i = findings.length - 1; i >= 0; i--) {
    const finding = findings[i];
    if (finding instanceof RaisedFinding && finding.sort.name === name) return finding.sort;
  }
  return null;
}
