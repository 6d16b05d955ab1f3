import { closeSync, openSync, readSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { MAX_BASELINE_FILE, parseBaseline } from '../check/baseline.ts';
import { attemptsLeave, isUnreadable, joinReports, readControls, reportOf, unreadableReport } from '../check/check.ts';
import { evaluateRules } from '../check/evaluate.ts';
import { evidenceOf, writeEvidence } from '../check/evidence.ts';
import type { CaptureState } from '../check/facts/capture-state.ts';
import { FactCollector } from '../check/facts/collect.ts';
import type { FlowFacts } from '../check/facts/flow-facts.ts';
import { EarlyJudge } from '../check/flow-judge.ts';
import { type CheckReport, EXIT_STATUS } from '../check/outcome.ts';
import { compareWithBaseline, parseAllowances } from '../check/regression.ts';
import { looseRules } from '../check/rules/expressions.ts';
import { type Control, join, needsPackets, type Rules } from '../check/rules/model.ts';
import { MAX_RULES_FILE } from '../check/rules/source.ts';
import { UsageError } from '../model/errors.ts';
import { formatBytes, formatNumberOf } from '../model/units.ts';
import { controlFile } from '../node/control-files.ts';
import { claimReports, publish, type ReportTarget } from './check-reports.ts';
import { isChosen, isStream, requireStream } from './choice.ts';
import type { Context } from './context.ts';
import { captureSources, type InputWatch, inputNames } from './input.ts';
import type { CaptureOptions } from './options.ts';
import type { OutputFile } from './output-file.ts';
import { analyzeCaptures } from './run.ts';
import { packageVersion } from './version.ts';

export interface CheckOptions extends CaptureOptions {
  rules?: string[];
  controls?: string[];
  expect?: string[];
  select?: string;
  expectFlows?: string;
  failOn?: string[];
  onIncomplete?: Rules['onIncomplete'];
  baseline?: string;
  maxRegression?: string[];
  merge?: boolean;
  compare?: boolean;
  report?: ReportTarget[];
  evidence?: string;
}

const RULES_FILE = /\.ya?ml$/i;

/** Reads controls and evidence without anything to wait for. */
const UNWATCHED: InputWatch = { mayRead: async () => true, taken: () => {}, onStop: () => {} };

/** The whole of `tcpscope check`; sets the exit status. */
export async function runCheck(args: readonly string[], options: CheckOptions, context: Context): Promise<void> {
  const files = [...(options.rules ?? []), ...args.filter((name) => RULES_FILE.test(name))];
  const captures = [...(options.read ?? []), ...args.filter((name) => !RULES_FILE.test(name))];
  if (options.compare) {
    const { runCompared } = await import('./checking-compared.ts');
    await runCompared(captures, files, options, context);
    return;
  }
  if (options.evidence !== undefined && (captures.length === 0 || captures.includes('-'))) {
    throw new UsageError('--evidence reads the capture twice: give a file instead of standard input');
  }
  const rules = await rulesOf(files, options);
  const { baseline, allowances } = baselineOf(options);
  if (rules.capture.length === 0 && rules.flows.length === 0 && allowances.length === 0) {
    throw new UsageError('nothing to check: give a rules file (tcpscope init writes one), --expect or --fail-on');
  }
  context.files.reads(captures.length === 0 ? ['-'] : captures);
  context.files.reads(inputsBeside(files, rules, options));
  const reports = await claimReports(options.report ?? [], context);
  const evidence = options.evidence === undefined ? null : await claimEvidence(options.evidence, context);
  const names = captures.length === 0 ? ['-'] : captures;
  inputNames(names);
  const controls = await readControls(rules, (control) => {
    const path = controlFile(control.capture, folderOf(control), options.controls ?? []);
    return captureSources([path], UNWATCHED)[0];
  });
  const parts: CheckReport[] = [];
  const errors: Error[] = [];
  for (const group of options.merge === true ? [names] : names.map((name) => [name])) {
    if (context.isCutOff) break;
    try {
      const early = new EarlyJudge(rules);
      const state = await factsOf(group, options, rules, context, (flow) => early.take(flow));
      if (context.isCutOff && state.counts.total === 0) break;
      const results = evaluateRules(rules, state, controls, early);
      if (baseline !== null) results.push(...compareWithBaseline(state, baseline, allowances, options.baseline!));
      parts.push(reportOf(results, state, group));
    } catch (error) {
      if (!isUnreadable(error) || group.length > 1 || names.length === 1) throw error;
      errors.push(error);
      parts.push(unreadableReport(group[0], error));
    }
  }
  if (parts.length === 0) return;
  if (errors.length === parts.length) throw errors[0];
  const report = joinReports(parts);
  await publish(report, reports, context);
  if (evidence !== null) await saveEvidence(parts, evidence, context);
  context.conclude(EXIT_STATUS[report.outcome]);
}

/** What is read besides the captures. */
function inputsBeside(files: readonly string[], rules: Rules, { baseline }: CheckOptions): string[] {
  const controls = rules.flows.flatMap(({ control }) =>
    control === null ? [] : [resolve(folderOf(control), control.capture)],
  );
  return [...files, ...controls, ...(baseline === undefined ? [] : [baseline])];
}

function folderOf({ location: { file } }: Control): string {
  return dirname(file ?? '');
}

async function claimEvidence(name: string, { files }: Context): Promise<OutputFile> {
  const file = await files.claim(name);
  if (file.isStandardOutput) throw new UsageError('--evidence: standard output is for the report; name a file');
  return file;
}

async function rulesOf(
  files: readonly string[],
  { expect, select, expectFlows, failOn, onIncomplete }: CheckOptions,
): Promise<Rules> {
  const loose = looseRules({
    ...(expect === undefined ? {} : { expect }),
    ...(select === undefined ? {} : { select }),
    ...(expectFlows === undefined ? {} : { expectFlows }),
    ...(failOn === undefined ? {} : { failOn }),
  });
  const own = onIncomplete === undefined ? loose : { ...loose, onIncomplete };
  if (files.length === 0) return own;
  if (select !== undefined && (expect ?? []).length === 0 && expectFlows === undefined) {
    throw new UsageError(
      '--select chooses connections for --expect and --expect-flows; the rules file has its own select',
    );
  }
  const { parseRules } = await import('../check/rules/rules-file.ts');
  return join(own, ...files.map((file) => parseRules(readText(file, 'rules', MAX_RULES_FILE), file)));
}

function baselineOf({ baseline, maxRegression = [] }: CheckOptions) {
  if (baseline === undefined && maxRegression.length > 0)
    throw new UsageError('--max-regression compares with a --baseline FILE');
  if (baseline !== undefined && maxRegression.length === 0) {
    throw new UsageError('--baseline alone compares nothing: add --max-regression METRIC=AMOUNT, such as rtt.p95=20%');
  }
  const allowances = parseAllowances(maxRegression);
  return {
    baseline:
      baseline === undefined ? null : parseBaseline(readText(baseline, 'baseline', MAX_BASELINE_FILE), baseline),
    allowances,
  };
}

/** The text of a file that the user names, of `most` bytes at most. What is wrong with it is a mistake on the command line. */
export function readText(file: string, what: string, most: number): string {
  let bytes: Buffer;
  try {
    const fd = openSync(file, 'r');
    try {
      bytes = readUpTo(fd, most + 1);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw new UsageError(`${file}: the ${what} file cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  if (bytes.length > most) throw new UsageError(`${file}: the ${what} file is longer than ${formatBytes(most)}`);
  return bytes.toString('utf8');
}

function readUpTo(fd: number, most: number): Buffer {
  const parts: Buffer[] = [];
  for (let left = most; left > 0; ) {
    const part = Buffer.allocUnsafe(Math.min(left, 0x10000));
    const length = readSync(fd, part);
    if (length === 0) break;
    parts.push(part.subarray(0, length));
    left -= length;
  }
  return Buffer.concat(parts);
}

/** Reads captures with everything that the rules may ask of them. Of a flood the older attempts leave, as the state says: `onLeft` takes them. */
export async function factsOf(
  captures: readonly string[],
  options: CaptureOptions,
  rules: Rules,
  context: Context,
  onLeft: (flow: FlowFacts) => void = () => {},
): Promise<CaptureState> {
  const { filter, stream } = options;
  const collector = new FactCollector(needsPackets(rules));
  const trusts = rules.onIncomplete === 'ignore';
  const { analyzer, facts } = await analyzeCaptures(context, { captures }, () => ({
    ...collector.rows,
    ...attemptsLeave(),
    onLeave: (connection, _, time) => {
      if (isChosen(connection, options)) onLeft(collector.leave(connection, time, trusts));
      else collector.drop(connection);
    },
    ...(stream === undefined ? {} : { staysFor: ({ id }) => isStream(id, options) }),
    ...(filter === undefined ? {} : { filter }),
  }));
  const state = collector.finish(analyzer, facts, trusts);
  if (stream === undefined && filter === undefined) return state;
  requireStream(analyzer.opened, options, context);
  return state.withFlows(state.flows.filter(({ connection }) => isChosen(connection, options)));
}

async function saveEvidence(parts: readonly CheckReport[], file: OutputFile, context: Context): Promise<void> {
  const evidence = parts.map((part) => ({
    sources: captureSources(part.captures, UNWATCHED),
    evidence: evidenceOf(part),
  }));
  await writeEvidence(evidence, packageVersion(), (block) => file.bytes(block));
  await context.files.commit(file);
  const count = evidence.reduce((sum, { evidence: { size } }) => sum + size, 0);
  if (!context.isCutOff) context.note(`${file.name}: ${formatNumberOf(count, 'packet')}`);
}
