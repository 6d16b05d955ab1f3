import type { Command } from 'commander';
import type { Connection } from '../../model/connection.ts';
import { CONNECTION_FIELDS } from '../../render/connection-fields.ts';
import { csvHeader, csvRow } from '../../render/csv.ts';
import { captureText, connectionLines, findingText } from '../../render/report-text.ts';
import { formatCount, formatNumberOf } from '../../render/units.ts';
import { captureReport, connectionReport, findingReport, SCHEMA_VERSION, sortedFindings } from '../../report.ts';
import type { Context } from '../context.ts';
import { chosenFormat, withFormats } from '../format.ts';
import { type CaptureOptions, captureNames, parsePositive, withCaptures, withExamples } from '../options.ts';
import { type Analysis, analyzeCaptures } from '../run.ts';

const FORMATS = ['text', 'json', 'ndjson', 'csv'] as const;

/** On a terminal, more than these scroll away what matters. */
const MAX_ON_SCREEN = 200;

interface AnalyzeOptions extends CaptureOptions {
  count?: number;
  all?: boolean;
}

export function registerAnalyze(program: Command, context: Context): void {
  const command = withCaptures(program.command('analyze', { isDefault: true }))
    .description('Reads captures and reports on the capture, its TCP connections and what is worth telling about them.')
    .option('-c, --count <number>', 'read so many packets at the most', parsePositive)
    .option('-a, --all', `list all connections and findings on a terminal too, where else ${MAX_ON_SCREEN} are shown`);
  withFormats(command, FORMATS);
  withExamples(command, [
    ['tcpscope trace.pcap', 'the report'],
    ['tcpscope dump.pcap0 dump.pcap1 dump.pcap2', 'a rotation, as one capture'],
    ["tcpscope -f 'host 10.0.0.1' trace.pcap", 'some of the packets only'],
    ['tcpscope --json trace.pcap | jq .findings', 'for programs'],
    ['tcpscope --csv trace.pcap > flows.csv', 'a line for each connection'],
  ]);
  command.action(async (captures: string[], options: AnalyzeOptions) => {
    const format = chosenFormat(command, FORMATS);
    const { filter, count } = options;
    const run = { captures: captureNames(captures, options), ...(count === undefined ? {} : { limit: count }) };
    // The models take their share of the time, and only the document shows what they say.
    const chosen = { congestion: format === 'json', ...(filter === undefined ? {} : { filter }) };
    const analysis = await analyzeCaptures(context, run, () => chosen);
    await PRINTERS[format](analysis, options, context);
  });
}

type Printer = (analysis: Analysis, options: AnalyzeOptions, context: Context) => Promise<void>;

const PRINTERS: Record<(typeof FORMATS)[number], Printer> = { text, json, ndjson, csv };

function selected({ analyzer }: Analysis, { stream }: AnalyzeOptions): readonly Connection[] {
  const { connections } = analyzer;
  return stream === undefined ? connections : connections.slice(stream, stream + 1);
}

async function text(analysis: Analysis, options: AnalyzeOptions, context: Context): Promise<void> {
  const { analyzer, facts } = analysis;
  const { output, stdout, isQuiet } = context;
  const { style, width } = stdout;
  const origin = facts.firstTimestamp ?? 0n;
  const isLimited = stdout.isTerminal && options.all !== true;
  const all = selected(analysis, options);
  const shown = isLimited ? all.slice(0, MAX_ON_SCREEN) : all;

  if (!isQuiet) {
    for (const line of captureText(captureReport(analyzer, facts), width, style)) output.line(line);
    output.line('');
  }
  if (all.length === 0) output.line(options.stream === undefined ? 'No TCP connections.' : 'No such connection.');
  else {
    if (!isQuiet) output.line(style.title(formatNumberOf(all.length, 'connection')));
    const reports = (function* () {
      for (const connection of shown) yield connectionReport(connection, origin);
    })();
    for (const line of await connectionLines(reports, shown.length, width, style)) {
      output.line(line);
      await output.yieldWhenFull();
    }
    if (shown.length < all.length)
      output.line(style.quiet(`... and ${formatCount(all.length - shown.length)} more; --all lists them`));
  }
  await findings(analysis, options, context, isLimited);
}

async function findings(analysis: Analysis, options: AnalyzeOptions, context: Context, isLimited: boolean) {
  const { output, stdout, isQuiet } = context;
  const { style, width } = stdout;
  const all = sortedFindings(analysis.analyzer).filter(
    ({ stream }) => options.stream === undefined || stream === options.stream,
  );
  if (all.length === 0) return;
  const shown = isLimited ? all.slice(0, MAX_ON_SCREEN) : all;
  if (!isQuiet) output.line(`\n${style.title(formatNumberOf(all.length, 'finding'))}`);
  for (const finding of shown) {
    output.line(findingText(findingReport(finding, analysis.facts.firstTimestamp ?? 0n), width, style));
    await output.yieldWhenFull();
  }
  if (shown.length < all.length)
    output.line(style.quiet(`... and ${formatCount(all.length - shown.length)} more; --all lists them`));
}

/** Written piece by piece: as one string it could be longer than a string can be. */
async function json(analysis: Analysis, options: AnalyzeOptions, { output }: Context): Promise<void> {
  const { analyzer, facts } = analysis;
  const origin = facts.firstTimestamp ?? 0n;
  output.write(`{"schemaVersion":${SCHEMA_VERSION},"capture":${JSON.stringify(captureReport(analyzer, facts))},`);
  output.write('"connections":[');
  let separator = '\n';
  for (const connection of selected(analysis, options)) {
    output.write(separator + JSON.stringify(connectionReport(connection, origin)));
    separator = ',\n';
    await output.yieldWhenFull();
  }
  output.write('],"findings":[');
  separator = '\n';
  for (const finding of sortedFindings(analyzer)) {
    if (options.stream !== undefined && finding.stream !== options.stream) continue;
    output.write(separator + JSON.stringify(findingReport(finding, origin)));
    separator = ',\n';
    await output.yieldWhenFull();
  }
  output.write(']}\n');
}

async function ndjson(analysis: Analysis, options: AnalyzeOptions, { output }: Context): Promise<void> {
  const { analyzer, facts } = analysis;
  const origin = facts.firstTimestamp ?? 0n;
  const write = (type: string, value: object) => output.line(JSON.stringify({ type, ...value }));
  write('capture', { schemaVersion: SCHEMA_VERSION, ...captureReport(analyzer, facts) });
  for (const connection of selected(analysis, options)) {
    const { findings: _, ...report } = connectionReport(connection, origin);
    write('connection', report);
    await output.yieldWhenFull();
  }
  for (const finding of sortedFindings(analyzer)) {
    if (options.stream !== undefined && finding.stream !== options.stream) continue;
    write('finding', findingReport(finding, origin));
    await output.yieldWhenFull();
  }
}

async function csv(analysis: Analysis, options: AnalyzeOptions, { output, isQuiet }: Context): Promise<void> {
  const origin = analysis.facts.firstTimestamp ?? 0n;
  if (!isQuiet) output.line(csvHeader(CONNECTION_FIELDS));
  for (const connection of selected(analysis, options)) {
    output.line(csvRow(CONNECTION_FIELDS, connectionReport(connection, origin)));
    await output.yieldWhenFull();
  }
}
