import type { Command } from 'commander';
import type { Connection } from '../../model/connection.ts';
import type { Finding } from '../../model/finding.ts';
import { formatCount, formatNumberOf } from '../../model/units.ts';
import { CONNECTION_FIELDS } from '../../render/connection-fields.ts';
import { csvHeader, csvRow } from '../../render/csv.ts';
import { jsonOf } from '../../render/json.ts';
import { captureText, connectionLines, findingText } from '../../render/report-text.ts';
import { roundTripLines } from '../../render/round-trips.ts';
import { captureReport, connectionReport, findingReport, SCHEMA_VERSION, sortedFindings } from '../../report.ts';
import { chosenConnections, isStream } from '../choice.ts';
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
    .option('-c, --count <number>', 'read at most N packets', parsePositive)
    .option('-a, --all', `list all connections and findings on a terminal too, where else ${MAX_ON_SCREEN} are shown`);
  withFormats(command, FORMATS);
  withExamples(command, [
    ['tcpscope trace.pcap', 'the report'],
    ['tcpscope dump.pcap0 dump.pcap1 dump.pcap2', 'a rotation, as one capture'],
    ["tcpscope -f 'host 10.0.0.1' trace.pcap", 'the connections of one host'],
    ['tcpscope --json trace.pcap | jq .findings', 'for programs'],
    ['tcpscope --csv trace.pcap > flows.csv', 'a line for each connection'],
  ]);
  command.action(async (captures: string[], options: AnalyzeOptions) => {
    const format = chosenFormat(command, FORMATS);
    const { filter, count } = options;
    const run = { captures: captureNames(captures, options), ...(count === undefined ? {} : { limit: count }) };
    // The models take their share of the time, and only the document shows what they say.
    const roundTrips = format !== 'text' || options.stream !== undefined;
    const chosen = {
      congestion: format === 'json',
      timeBudget: format === 'json',
      roundTrips,
      ...(filter === undefined ? {} : { filter }),
    };
    const analysis = await analyzeCaptures(context, run, () => chosen);
    await PRINTERS[format](chosenOf(analysis, options, context), options, context);
  });
}

/** An analysis with the connections and findings that are wanted of it. */
interface Chosen extends Analysis {
  readonly connections: readonly Connection[];
  readonly findings: readonly Finding[];
}

function chosenOf(analysis: Analysis, options: AnalyzeOptions, context: Context): Chosen {
  const { analyzer } = analysis;
  const connections = chosenConnections(analyzer.connections, options, context);
  const findings = sortedFindings(analyzer).filter(({ stream }) => isStream(stream, options));
  return { ...analysis, connections, findings };
}

type Printer = (chosen: Chosen, options: AnalyzeOptions, context: Context) => Promise<void>;

const PRINTERS: Record<(typeof FORMATS)[number], Printer> = { text, json, ndjson, csv };

async function text(chosen: Chosen, options: AnalyzeOptions, context: Context): Promise<void> {
  const { stream } = options;
  const { analyzer, facts, connections: all } = chosen;
  const { output, stdout, isQuiet } = context;
  const { style, width } = stdout;
  const isLimited = stdout.isTerminal && options.all !== true;
  const shown = isLimited ? all.slice(0, MAX_ON_SCREEN) : all;

  if (!isQuiet) {
    for (const line of captureText(captureReport(analyzer, facts), width, style)) output.line(line);
    output.line('');
  }
  if (all.length === 0) {
    const isSieved = analyzer.connections.length > 0;
    output.line(isSieved ? 'No connection has a packet that the filter accepts.' : 'No TCP connections.');
  } else {
    if (!isQuiet) output.line(style.title(formatNumberOf(all.length, 'connection')));
    for (const line of await connectionLines(shown, width, style)) {
      output.line(line);
      await output.yieldWhenFull();
    }
    if (shown.length < all.length)
      output.line(style.quiet(`... and ${formatCount(all.length - shown.length)} more; --all lists them`));
    if (stream !== undefined) for (const connection of shown) await roundTrips(connection, all.length > 1, context);
  }
  await findings(chosen, context, isLimited);
}

/** Of a connection that was asked for by its number. */
async function roundTrips(connection: Connection, isOneOfMany: boolean, { output, stdout, isQuiet }: Context) {
  const { client, server } = connectionReport(connection, 0n);
  const lines = await roundTripLines(client, server, stdout.style);
  if (lines.length === 0) return;
  if (!isQuiet) output.line('');
  if (isOneOfMany) output.line(stdout.style.title(`stream ${connection.id}`));
  for (const line of lines) output.line(line);
}

async function findings({ findings: all, facts }: Chosen, context: Context, isLimited: boolean) {
  const { output, stdout, isQuiet } = context;
  const { style, width } = stdout;
  if (all.length === 0) return;
  const shown = isLimited ? all.slice(0, MAX_ON_SCREEN) : all;
  if (!isQuiet) output.line(`\n${style.title(formatNumberOf(all.length, 'finding'))}`);
  for (const finding of shown) {
    output.line(findingText(findingReport(finding, facts.firstTimestamp ?? 0n), width, style));
    await output.yieldWhenFull();
  }
  if (shown.length < all.length)
    output.line(style.quiet(`... and ${formatCount(all.length - shown.length)} more; --all lists them`));
}

/** Written piece by piece: as one string it could be longer than a string can be. */
async function json(
  { analyzer, facts, connections, findings }: Chosen,
  _: AnalyzeOptions,
  { output }: Context,
): Promise<void> {
  const origin = facts.firstTimestamp ?? 0n;
  output.write(`{"schemaVersion":${SCHEMA_VERSION},"capture":${jsonOf(captureReport(analyzer, facts))},`);
  output.write('"connections":[');
  let separator = '\n';
  for (const connection of connections) {
    output.write(separator + jsonOf(connectionReport(connection, origin)));
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

async function ndjson(
  { analyzer, facts, connections, findings }: Chosen,
  _: AnalyzeOptions,
  { output }: Context,
): Promise<void> {
  const origin = facts.firstTimestamp ?? 0n;
  const write = (type: string, value: object) => output.line(jsonOf({ type, ...value }));
  write('capture', { schemaVersion: SCHEMA_VERSION, ...captureReport(analyzer, facts) });
  for (const connection of connections) {
    const { findings: _, congestion: __, timeBudget: ___, ...report } = connectionReport(connection, origin);
    write('connection', report);
    await output.yieldWhenFull();
  }
  for (const finding of findings) {
    write('finding', findingReport(finding, origin));
    await output.yieldWhenFull();
  }
}

async function csv({ facts, connections }: Chosen, _: AnalyzeOptions, { output, isQuiet }: Context): Promise<void> {
  const origin = facts.firstTimestamp ?? 0n;
  if (!isQuiet) output.line(csvHeader(CONNECTION_FIELDS));
  for (const connection of connections) {
    output.line(csvRow(CONNECTION_FIELDS, connectionReport(connection, origin)));
    await output.yieldWhenFull();
  }
}
