import { ENGLISH } from '../messages/en/index.ts';
import { causeOf, type FindingWords, type Message, say, textOf } from '../messages/message.ts';
import type { Connection } from '../model/connection.ts';
import type { Finding, Severity, Who } from '../model/finding.ts';
import type { PacketRow } from '../model/row.ts';
import { CATALOGUE, type FindingId } from './catalogue.ts';
import type { Gatherer } from './detector.ts';
import type { Basis } from './kind.ts';
import { type Citation, citationText } from './rfc.ts';

/** Findings of one sort that a connection lists; further ones are counted. */
const MOST_OF_A_SORT = 10;
/** The same of the capture as a whole. */
const MOST_OF_CAPTURE = 1000;
/** Findings that all connections together list. */
const MOST_IN_ALL = 50_000;

/** What a finding says, as far as it differs from what the catalogue says of its kind. */
export interface Account {
  id: FindingId;
  message: Message;
  /** Frame numbers, the one that the finding is attached to first. */
  evidence: readonly number[];
  /** 0..1, 1 when left out; what the steps mean stands in docs/findings.md. */
  confidence?: number;
  severity?: Severity;
  who?: Who;
  cite?: Citation;
  /** Where it differs from its kind. */
  restsOn?: readonly Basis[];
}

/** Where a finding belongs. */
export interface Where {
  readonly connection: Connection | null;
  readonly row: PacketRow | null;
  readonly frame: number;
  readonly time: number;
}

/** How many findings of one sort a connection has, or the capture: those that are listed, and more. */
interface Sort {
  readonly name: string;
  listed: number;
  more: number;
}

/** A finding that may turn out to be nothing, and where it stands. */
interface Deferred {
  readonly finding: RaisedFinding;
  readonly connection: Connection | null;
}

/** Whether the input has ended: from then on nothing that a finding speaks of changes any more. */
interface Ending {
  reached: boolean;
  /** What the capture cannot show, once that is known. */
  lacks: Lacks | null;
}

/** Does the capture lack what a finding of this stream (-1: of the capture) rests on? */
export type Lacks = (basis: Basis, stream: number) => boolean;

/** What is left of the confidence in a finding whose basis the capture lacks. */
const DOUBT = 0.5;

/** A finding that is worded whenever it is read, and once for all when the input has ended. */
class RaisedFinding implements Finding {
  readonly stream: number;
  readonly frame: number;
  readonly time: number;
  readonly sort: Sort;
  /** What the packet tells that tells of it, where rows are kept: not the row itself, which leaves. */
  private readonly told: Finding[] | null;
  private readonly place: number;
  private readonly word: () => Account | null;
  /** What it says until its question closes. */
  private readonly first: Account | null;
  private readonly ending: Ending;
  private worded: Account | null = null;

  constructor(where: Where, sort: Sort, word: () => Account | null, ending: Ending, first: Account | null = null) {
    this.stream = where.connection === null ? -1 : where.connection.id;
    this.frame = where.frame;
    this.time = where.time;
    this.sort = sort;
    this.told = where.row?.findings ?? null;
    this.place = sort.listed;
    this.word = word;
    this.first = first;
    this.ending = ending;
  }

  private get account(): Account {
    if (this.worded !== null) return this.worded;
    const account = this.word() ?? this.first!;
    if (this.ending.reached) this.worded = account;
    return account;
  }

  /** The capture lacks what its claim rests on. */
  private get isDoubtful(): boolean {
    const { lacks } = this.ending;
    const { id, restsOn = CATALOGUE[id].restsOn } = this.account;
    return lacks !== null && (restsOn ?? []).some((basis) => lacks(basis, this.stream));
  }

  /** What it spoke of turned out to be nothing. */
  get isWithdrawn(): boolean {
    return this.word() === null;
  }

  /** Its packet no longer tells of it. */
  leaveRow(): void {
    const at = this.told?.indexOf(this) ?? -1;
    if (at >= 0) this.told?.splice(at, 1);
  }

  get id(): FindingId {
    return this.account.id;
  }

  get severity(): Severity {
    const { id, severity } = this.account;
    return this.isDoubtful ? 'info' : (severity ?? CATALOGUE[id].severity);
  }

  get cause(): string {
    return causeOf(this.account.message);
  }

  get who(): Who {
    const { id, who } = this.account;
    return who ?? CATALOGUE[id].who;
  }

  get confidence(): number {
    const confidence = this.account.confidence ?? 1;
    return this.isDoubtful ? Math.min(DOUBT, confidence) : confidence;
  }

  get evidence(): number[] {
    return [...this.account.evidence];
  }

  get text(): string {
    return this.textIn(ENGLISH);
  }

  textIn(words: FindingWords): string {
    const text = textOf(this.account.message, words);
    return this.more === 0 ? text : words.more(text, this.more, this.stream < 0);
  }

  get cite(): string | null {
    const { id, cite } = this.account;
    const citation = cite ?? CATALOGUE[id].cite;
    return citation === null ? null : citationText(citation);
  }

  /** Only the last of those that are listed says that there are more. */
  get more(): number {
    return this.sort.listed === this.place ? this.sort.more : 0;
  }

  get settled(): SettledFinding {
    const { frame, time, place, account } = this;
    const { name, listed, more } = this.sort;
    return { frame, time, sort: name, place, listed, more, account };
  }

  toJSON(): Finding {
    const { id, severity, cause, who, confidence, evidence, text, cite, stream, frame, time, more } = this;
    return { id, severity, cause, who, confidence, evidence, text, cite, stream, frame, time, more };
  }
}

/** A finding that is settled, as plain data but for the ends that its message names. */
export interface SettledFinding {
  readonly frame: number;
  readonly time: number;
  /** Its sort, its place among those of it, how many of these are listed, and how many are not. */
  readonly sort: string;
  readonly place: number;
  readonly listed: number;
  readonly more: number;
  readonly account: Account;
}

/** A finding of a collector as plain data, when the input has ended. */
export function settledFinding(finding: Finding): SettledFinding {
  if (!(finding instanceof RaisedFinding)) throw new Error(`${finding.id} was not raised by a collector`);
  return finding.settled;
}

/** What a finding says, in the words of a language. */
export function findingTextIn(finding: Finding, words: FindingWords): string {
  return finding instanceof RaisedFinding ? finding.textIn(words) : finding.text;
}

/** What it spoke of turned out to be nothing; it stays where it is until the input has ended. */
export function isWithdrawn(finding: Finding): boolean {
  return finding instanceof RaisedFinding && finding.isWithdrawn;
}

/** The row leaves: it tells nothing that has turned out by now to be nothing. */
export function dropWithdrawn({ findings }: PacketRow): void {
  for (let i = findings.length - 1; i >= 0; i--) if (isWithdrawn(findings[i])) findings.splice(i, 1);
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
    // The place itself may be used again for the next segment.
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

  /** So many more of a sort of the capture were met elsewhere, beyond those that are listed. */
  countFurther(name: string, count: number): void {
    this.sortOfCapture(name).more += count;
  }

  /** The same without a place among the findings of its connection. */
  word(connection: Connection, { frame, time, sort: name, place, account }: SettledFinding): Finding {
    const sort = { name, listed: place - 1, more: 0 };
    return new RaisedFinding({ connection, row: null, frame, time }, sort, () => account, this.ending);
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

  /** Findings of connections that are not listed at all. */
  gathered(): number {
    return this.unlisted;
  }

  join(shards: readonly number[]): void {
    for (const unlisted of shards) this.unlisted += unlisted;
  }

  /** The input of this shard has ended: withdraws what turned out to be nothing. What the rest weighs is not known yet. */
  decideAll(): void {
    for (const deferred of this.deferred) this.decide(deferred);
    this.deferred.length = 0;
    this.ending.reached = true;
  }

  /** Takes back findings that a wider one replaces. */
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

/** The sort of that name which the connection has already, or null. */
function sortOf({ findings }: Connection, name: string): Sort | null {
  for (let i = findings.length - 1; i >= 0; i--) {
    const finding = findings[i];
    if (finding instanceof RaisedFinding && finding.sort.name === name) return finding.sort;
  }
  return null;
}
