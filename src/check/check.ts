import { Analyzer } from '../analyze.ts';
import { CaptureSession } from '../capture/session.ts';
import type { CaptureSource } from '../capture/source.ts';
import { CaptureError, InputError } from '../model/errors.ts';
import { KEEP_ALL } from '../tcp/eviction.ts';
import { readAsOne } from '../two-views.ts';
import type { ControlCapture } from './control.ts';
import { evaluateRules } from './evaluate.ts';
import type { CaptureState } from './facts/capture-state.ts';
import { FactCollector } from './facts/collect.ts';
import type { FlowFacts } from './facts/flow-facts.ts';
import { EarlyJudge } from './flow-judge.ts';
import { type AssertionResult, type Case, Cases, type CheckReport, gravest, resultOf, summaryOf } from './outcome.ts';
import { type Control, controlKey, needsPackets, type Rules } from './rules/model.ts';

/** Opens the capture of a control; what it throws makes the control an error. */
export type OpenControl = (control: Control) => CaptureSource;

/**
 * Reads captures and checks each of them; with `merge`, all of them as one. Throws CaptureError when there is one that is none,
 * or when all are none; of several, the others are checked and those that cannot be read are errors.
 */
export async function checkCaptures(
  sources: readonly CaptureSource[],
  rules: Rules,
  openControl: OpenControl,
  merge = false,
  attempts = MOST_ATTEMPTS,
): Promise<CheckReport> {
  const controls = await readControls(rules, openControl, attempts);
  const reports: CheckReport[] = [];
  const errors: Error[] = [];
  for (const group of merge ? [sources] : sources.map((source) => [source])) {
    const names = group.map(({ name }) => name);
    try {
      const early = new EarlyJudge(rules);
      const trusts = rules.onIncomplete === 'ignore';
      const state = await gatherFacts(group, needsPackets(rules), trusts, (flow) => early.take(flow), attempts);
      reports.push(reportOf(evaluateRules(rules, state, controls, early), state, names));
    } catch (error) {
      if (!isUnreadable(error) || merge || sources.length === 1) throw error;
      errors.push(error);
      reports.push(unreadableReport(names[0], error));
    }
  }
  if (errors.length > 0 && errors.length === sources.length) throw errors[0];
  return joinReports(reports);
}

/** It is about the input, not about the program. */
export function isUnreadable(error: unknown): error is Error {
  return error instanceof CaptureError || error instanceof InputError;
}

/** What is said of a capture among several that cannot be read. */
export function unreadableReport(name: string, error: Error): CheckReport {
  const place: Case = { outcome: 'error', stream: null, flow: null, reason: error.message, found: [], packets: [] };
  const head = { rule: null, assertion: 'the capture can be read', location: { file: null, line: 1, column: 1 } };
  const results = [resultOf(head, 1, Cases.of([place]))];
  const { outcome, summary } = totals(results);
  const none = { packets: 0, connections: 0, incomplete: error.message };
  return { schemaVersion: 1, outcome, captures: [name], ...none, summary, results };
}

/** Reports on several captures as one; each result says which capture it is about. */
export function joinReports(reports: readonly CheckReport[]): CheckReport {
  if (reports.length === 1) return reports[0];
  const results = reports.flatMap(({ captures, results: own }) =>
    own.map((result) => ({ ...result, capture: captures.join(', ') })),
  );
  return {
    schemaVersion: 1,
    ...totals(results),
    captures: reports.flatMap(({ captures }) => captures),
    packets: reports.reduce((sum, { packets }) => sum + packets, 0),
    connections: reports.reduce((sum, { connections }) => sum + connections, 0),
    incomplete: reports.map(({ incomplete }) => incomplete).find((reason) => reason !== null) ?? null,
    results,
  };
}

function totals(results: readonly AssertionResult[]): Pick<CheckReport, 'outcome' | 'summary'> {
  return { outcome: gravest(results.map(({ outcome }) => outcome)), summary: summaryOf(results) };
}

/** Most attempts that are checked: each has some 9 kB of facts. Scans of a busy day are fewer, floods are more. */
const MOST_ATTEMPTS = 1 << 13;

/** Of a flood the older attempts leave: what is asked of them is asked then. `most`: so many are kept. */
export function attemptsLeave(most = MOST_ATTEMPTS) {
  return { onlyAttemptsLeave: true, rowsByConnection: true, eviction: { ...KEEP_ALL, attempts: most } } as const;
}

/**
 * Everything that assertions may ask of captures. `trusts`: do not doubt what cut or dropping captures show. `attempts`: most that
 * are kept; `onLeft` takes those that leave.
 */
export async function gatherFacts(
  sources: readonly CaptureSource[],
  keepsPackets: boolean,
  trusts: boolean,
  onLeft: (flow: FlowFacts) => void = () => {},
  attempts = MOST_ATTEMPTS,
): Promise<CaptureState> {
  const collector = new FactCollector(keepsPackets);
  const session = new CaptureSession();
  const analyzer = new Analyzer({
    ...attemptsLeave(attempts),
    ...collector.rows,
    onLeave: (connection, _, time) => onLeft(collector.leave(connection, time, trusts)),
  });
  await readAsOne(sources, analyzer, session);
  analyzer.end(session.facts);
  return collector.finish(analyzer, session.facts, trusts);
}

/** The captures of all controls, by their keys. */
export async function readControls(
  rules: Rules,
  open: OpenControl,
  attempts = MOST_ATTEMPTS,
): Promise<Map<string, ControlCapture>> {
  const controls = new Map<string, ControlCapture>();
  for (const { control } of rules.flows) {
    if (control === null || controls.has(controlKey(control))) continue;
    controls.set(controlKey(control), await readControl(control, rules, open, attempts));
  }
  return controls;
}

async function readControl(
  control: Control,
  rules: Rules,
  open: OpenControl,
  attempts: number,
): Promise<ControlCapture> {
  try {
    return await gatherFacts([open(control)], needsPackets(rules), false, () => {}, attempts);
  } catch (error) {
    const isExpected =
      error instanceof CaptureError ||
      error instanceof InputError ||
      (error as NodeJS.ErrnoException).code !== undefined;
    if (!isExpected) throw error;
    return error as Error;
  }
}

/** The report of a check: every result, their outcomes, and what was missing from the captures. */
export function reportOf(
  results: readonly AssertionResult[],
  state: CaptureState,
  captures: readonly string[],
): CheckReport {
  return {
    schemaVersion: 1,
    ...totals(results),
    captures,
    packets: state.counts.total,
    connections: state.flows.length + state.left.count,
    incomplete: state.missing,
    results,
  };
}
