import { ENGLISH } from '../messages/en/index.ts';
import { causeOf, type FindingWords, textOf } from '../messages/message.ts';
import type { Finding, Severity, Who } from '../model/finding.ts';
import type { PacketRow } from '../model/row.ts';
import type { Account, Where } from './account.ts';
import { CATALOGUE, type FindingId } from './catalogue.ts';
import type { Basis } from './kind.ts';
import { citationText } from './rfc.ts';

/** How many findings of one sort a connection has, or the capture as a whole. */
export interface Sort {
  readonly name: string;
  /** Those that are kept. */
  listed: number;
  /** Those that are only counted. */
  more: number;
}

/** Whether the input has ended: after that no packet changes what a finding says. */
export interface Ending {
  reached: boolean;
  /** What the capture cannot show, once that is known. */
  lacks: Lacks | null;
}

/** Does the capture lack what a finding of this stream (-1: of the capture) rests on? */
export type Lacks = (basis: Basis, stream: number) => boolean;

/** What is left of the confidence in a finding whose basis the capture lacks. */
const DOUBT = 0.5;

/** A finding whose account is made whenever it is read, since later packets may change it. It is final when the input has ended. */
export class RaisedFinding implements Finding {
  readonly stream: number;
  readonly frame: number;
  readonly time: number;
  readonly sort: Sort;
  /** The findings of its packet's row, where rows are kept. The row itself is not held. */
  private readonly told: Finding[] | null;
  /** Its number among those of its sort that are listed, from 1. */
  private readonly place: number;
  /** What it says now; null when it has turned out to be nothing. */
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

  /** What the capture as a whole shows beside it; when the input has ended. */
  reword(change: (account: Account) => Account): void {
    this.worded = change(this.account);
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

  get values(): unknown {
    return this.account.message.values;
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
    return this.account.evidence.filter((frame) => frame > 0);
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
  /** Its sort, its number among those of its sort that are listed, how many are listed, and how many are only counted. */
  readonly sort: string;
  readonly place: number;
  readonly listed: number;
  readonly more: number;
  readonly account: Account;
}

/** What a finding rests on, as the values of its message. */
export function valuesOf(finding: Finding): unknown {
  return finding instanceof RaisedFinding ? finding.values : null;
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
