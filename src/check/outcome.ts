/** What came of an assertion. `error`: it could not be checked as it was written. */
export type Outcome = 'pass' | 'fail' | 'inconclusive' | 'error';

/** Graver ones hide milder ones: what could not be checked at all, then what is wrong, then what cannot be told. */
const GRAVITY: Record<Outcome, number> = { pass: 0, inconclusive: 1, fail: 2, error: 3 };

/** The exit status of `tcpscope check`. */
export const EXIT_STATUS: Record<Outcome, number> = { pass: 0, fail: 1, error: 2, inconclusive: 4 };

/** The worst of the outcomes; `pass` of none. */
export function gravest(outcomes: Iterable<Outcome>): Outcome {
  let worst: Outcome = 'pass';
  for (const outcome of outcomes) if (GRAVITY[outcome] > GRAVITY[worst]) worst = outcome;
  return worst;
}

/** Where an assertion is written: 1-based; `file` is null for the command line and for calls of the library. */
export interface Location {
  readonly file: string | null;
  readonly line: number;
  readonly column: number;
}

/** `rules.yaml:12:9`, or `command line:9`. */
export function locationText({ file, line, column }: Location): string {
  return file === null ? `expression:${column}` : `${file}:${line}:${column}`;
}

/** One thing that was found. */
export interface FoundItem {
  readonly text: string;
  readonly value: string;
  /** What was wanted instead (`< 30 ms`); null where the value says it, or another item does. */
  readonly wanted: string | null;
  /** Of a list: the first of those that decided, in a few words each; empty else. */
  readonly examples: readonly string[];
  /** Numbers of the packets that show it. */
  readonly packets: readonly number[];
}

/** `p(99, rtt) is 41.2 ms, wanted < 30 ms`; of a list with examples, `anomalies is 1 of 3, wanted none: zero-window: ...` */
export function foundText({ text, value, wanted, examples }: FoundItem): string {
  const found = `${text.replace(/\s+/g, ' ')} is ${value}`;
  const all = wanted === null ? found : `${found}, wanted ${wanted.replace(/\s+/g, ' ')}`;
  return examples.length === 0 ? all : `${all}: ${examples.join('; ')}`;
}

/** One connection, or the capture (`stream` null), for which an assertion did not pass. */
export interface Case {
  readonly outcome: Exclude<Outcome, 'pass'>;
  readonly stream: number | null;
  /** `client -> server`; null for the capture. */
  readonly flow: string | null;
  /** Why it cannot be told, or could not be checked; null for a plain failure. */
  readonly reason: string | null;
  readonly found: readonly FoundItem[];
  /** All packets of `found`, ascending. */
  readonly packets: readonly number[];
}

/** One assertion, over all connections that its selector chose. */
export interface AssertionResult {
  /** The capture that it was checked on, where several are checked one by one; else null. */
  readonly capture: string | null;
  /** Name of the group of connections in the rules; null for the capture and the command line. */
  readonly rule: string | null;
  /** As it is written. */
  readonly assertion: string;
  readonly outcome: Outcome;
  readonly location: Location;
  /** Connections that it was checked on (1 for the capture), and how many of them passed. */
  readonly checked: number;
  readonly passed: number;
  /** Those that did not pass, the gravest first; `more` are not listed. */
  readonly cases: readonly Case[];
  readonly more: number;
}

/** `upload: client.options.wscale >= 7`, of one of several captures `a.pcap: upload: ...` */
export function titleOf({ capture, rule, assertion }: Pick<AssertionResult, 'capture' | 'rule' | 'assertion'>): string {
  return [capture, rule, assertion.replace(/\s+/g, ' ')].filter((part) => part !== null).join(': ');
}

/** The document that `--report json` writes; `schema/check-report.schema.json` describes it. */
export interface CheckReport {
  readonly schemaVersion: 1;
  readonly outcome: Outcome;
  readonly captures: readonly string[];
  readonly packets: number;
  readonly connections: number;
  /** Why packets may be missing in the capture; null when it is complete. */
  readonly incomplete: string | null;
  readonly summary: Readonly<Record<Outcome, number>>;
  readonly results: readonly AssertionResult[];
}

/** Cases that one result lists. */
const MAX_CASES = 100;

/** The cases of one assertion: of each outcome the first are kept, however many come. */
export class Cases {
  count = 0;
  private readonly kept: Record<Case['outcome'], Case[]> = { error: [], fail: [], inconclusive: [] };

  static of(cases: Iterable<Case>): Cases {
    const all = new Cases();
    for (const one of cases) all.add(one.outcome, () => one);
    return all;
  }

  /** `made` is called where the case is kept. */
  add(outcome: Case['outcome'], made: () => Case): void {
    this.count++;
    const kept = this.kept[outcome];
    if (kept.length < MAX_CASES) kept.push(made());
  }

  /** These, and then those of `later`. */
  with(later: Cases): Cases {
    const all = Cases.of([...this.list, ...later.list]);
    all.count = this.count + later.count;
    return all;
  }

  /** The gravest first. */
  get list(): readonly Case[] {
    const { error, fail, inconclusive } = this.kept;
    return [...error, ...fail, ...inconclusive];
  }
}

/** The result of one assertion, of what was found in all that it checked. `others`: cases of what it could not be checked on. */
export function resultOf(
  head: Pick<AssertionResult, 'rule' | 'assertion' | 'location'>,
  checked: number,
  cases: Cases,
  others: readonly Case[] = [],
): AssertionResult {
  const all = cases.with(Cases.of(others));
  const { list } = all;
  return {
    capture: null,
    ...head,
    outcome: gravest(list.map(({ outcome }) => outcome)),
    checked,
    passed: Math.max(checked - cases.count, 0),
    cases: list.slice(0, MAX_CASES),
    more: Math.max(all.count - MAX_CASES, 0),
  };
}

/** How many results there are of each outcome. */
export function summaryOf(results: readonly AssertionResult[]): Record<Outcome, number> {
  const summary = { pass: 0, fail: 0, inconclusive: 0, error: 0 };
  for (const { outcome } of results) summary[outcome]++;
  return summary;
}

/** The result of an assertion that is checked once; null: it passed. */
export function resultOfOne(head: Parameters<typeof resultOf>[0], found: Case | null): AssertionResult {
  return resultOf(head, 1, Cases.of(found === null ? [] : [found]));
}
