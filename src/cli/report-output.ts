import { type Command, Option } from 'commander';
import { UsageError } from '../model/errors.ts';
import { GRAVITY, SEVERITIES, type Severity } from '../model/finding.ts';
import { CONNECTION_FIELDS } from '../render/connection-fields.ts';
import { csvHeader, csvRow } from '../render/csv.ts';
import { jsonOf } from '../render/json.ts';
import { captureReport } from '../report/capture.ts';
import { connectionReport } from '../report/connection.ts';
import { type FindingReport, findingReport, sortedFindings } from '../report/finding.ts';
import { SCHEMA_VERSION } from '../report/report.ts';
import { summaryReport } from '../summary/report.ts';
import { GROUPINGS, type Grouping } from '../summary/service.ts';
import { ORDERS, type Order, summarize } from '../summary/summary.ts';
import { chosenList, isStream } from './choice.ts';
import type { Context } from './context.ts';
import { parsePositive } from './options.ts';
import { type Chosen, printScreen } from './report-screen.ts';
import type { ConcludedAnalysis } from './run.ts';
import type { StreamChoice } from './stream-choice.ts';

/** The forms in which a finished analysis is printed. */
export const REPORT_FORMATS = ['text', 'json', 'ndjson', 'csv', 'openmetrics', 'parquet'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** Zeek's letters, so that the column can be read without a look elsewhere. */
export const HISTORY_NOTE =
  'The letters of history, capitals for the client and small ones for the server: S SYN, H SYN,ACK, A pure ACK, D data, ' +
  'F FIN, R RST, T data sent again, W zero window, G gap in the capture, C wrong checksum (T, W, G and C once more at the ' +
  '10th, 100th ... time), I FIN and RST together, Q SYN and FIN or RST together, ^ the roles were turned round.';

/** What is printed of a finished analysis, and in which order. */
export interface ReportChoice {
  all?: boolean;
  by?: Grouping;
  sort?: Order;
  top?: number;
  minSeverity?: Severity;
  stream?: StreamChoice;
}

/** Adds the options of `ReportChoice`, but for `--stream`. */
export function withReportChoice(command: Command): Command {
  return command
    .option('-a, --all', 'list all connections and findings')
    .addOption(new Option('--by <what>', 'gather the connections by it (default: service)').choices(GROUPINGS))
    .addOption(new Option('--sort <figure>', 'connections, the largest first (default: time-lost)').choices(ORDERS))
    .option('--top <number>', 'show at most N connections and groups (default: 10 and 6)', parsePositive)
    .addOption(new Option('--min-severity <severity>', 'only findings of it, and graver ones').choices(SEVERITIES));
}

/** Findings that `--min-severity` leaves. */
export interface Listed extends Chosen {
  readonly isListed: (finding: { severity: Severity }) => boolean;
}

/** What the options leave of an analysis. */
export function chosenOf(
  analysis: ConcludedAnalysis,
  options: ReportChoice,
  context: Context,
): Omit<Listed, 'departed'> {
  const { analyzer } = analysis;
  const connections = chosenList(analyzer, options, context);
  const least = GRAVITY[options.minSeverity ?? 'info'];
  const isListed = ({ severity }: { severity: Severity }) => GRAVITY[severity] >= least;
  const findings = sortedFindings(analyzer).filter((finding) => isStream(finding.stream, options) && isListed(finding));
  return { ...analysis, connections, findings, isListed };
}

/** An option that the format would ignore is a mistake: whoever gives it expects something. */
export function requireText(format: ReportFormat, { all, by, sort, top }: ReportChoice): void {
  if (format === 'text') return;
  const given = Object.entries({ all, by, sort, top }).find(([, value]) => value !== undefined);
  if (given !== undefined) throw new UsageError(`--${given[0]} is for text, not for ${format}`);
}

/** Prints it in one of the forms that are text. `captures`: as the user named them. */
export async function printReport(
  format: 'text' | keyof typeof PRINTERS,
  wanted: Listed,
  captures: readonly string[],
  { all, by, sort, top, stream }: ReportChoice,
  context: Context,
): Promise<void> {
  if (format !== 'text') {
    await PRINTERS[format](wanted, context);
    return;
  }
  const isList = all === true || stream !== undefined;
  await printScreen(wanted, { captures, isList, hasRoundTrips: stream !== undefined, by, sort, top }, context);
}

/** Where findings go, row by row. */
export interface FindingTable {
  take(finding: FindingReport): void;
  end(): Promise<void>;
}

/** The findings as a table. */
export async function writeTable({ findings, facts }: Listed, table: FindingTable): Promise<void> {
  const origin = facts.firstTimestamp ?? 0n;
  for (const finding of findings) table.take(findingReport(finding, origin));
  await table.end();
}

type Printer = (chosen: Listed, context: Context) => Promise<void>;

const PRINTERS: Record<'json' | 'ndjson' | 'csv', Printer> = {
  json,
  ndjson,
  csv,
};

/** Written piece by piece: as one string it could be longer than a string can be. */
async function json(
  { analyzer, facts, connections, findings, departed, isListed }: Listed,
  { output }: Context,
): Promise<void> {
  const origin = facts.firstTimestamp ?? 0n;
  output.write(`{"schemaVersion":${SCHEMA_VERSION},"capture":${jsonOf(captureReport(analyzer, facts))},`);
  const summary = summarize(connections, findings, captureReport(analyzer, facts), { departed });
  output.write(`"summary":${jsonOf(summaryReport(summary, origin))},`);
  output.write('"connections":[');
  let separator = '\n';
  for (let i = 0; i < connections.length; i++) {
    const report = connectionReport(connections.lend(i), origin);
    output.write(separator + jsonOf({ ...report, findings: report.findings.filter(isListed) }));
    separator = ',\n';
    await output.yieldWhenFull();
  }
  output.write('],"findings":[');
  separator = '\n';
  for (const finding of findings) {
    output.write(separator + jsonOf(findingReport(finding, origin)));
    separator = ',\n';
    await output.yieldWhenFull();
  }
  output.write(']}\n');
}

async function ndjson({ analyzer, facts, connections, findings }: Chosen, { output }: Context): Promise<void> {
  const origin = facts.firstTimestamp ?? 0n;
  const write = (type: string, value: object) => output.line(jsonOf({ type, ...value }));
  write('capture', { schemaVersion: SCHEMA_VERSION, ...captureReport(analyzer, facts) });
  for (let i = 0; i < connections.length; i++) {
    const { findings: _, congestion: __, timeBudget: ___, ...report } = connectionReport(connections.lend(i), origin);
    write('connection', report);
    await output.yieldWhenFull();
  }
  for (const finding of findings) {
    write('finding', findingReport(finding, origin));
    await output.yieldWhenFull();
  }
}

async function csv({ facts, connections }: Chosen, { output, isQuiet }: Context): Promise<void> {
  const origin = facts.firstTimestamp ?? 0n;
  if (!isQuiet) output.line(csvHeader(CONNECTION_FIELDS));
  for (let i = 0; i < connections.length; i++) {
    output.line(csvRow(CONNECTION_FIELDS, connectionReport(connections.lend(i), origin)));
    await output.yieldWhenFull();
  }
}
