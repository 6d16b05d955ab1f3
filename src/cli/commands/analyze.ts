import { type Command, Option } from 'commander';
import type { Analyzer } from '../../analyze.ts';
import type { CaptureSession } from '../../capture/session.ts';
import type { Connection } from '../../model/connection.ts';
import { TwoPlacesError, UsageError } from '../../model/errors.ts';
import { SEVERITIES, type Severity } from '../../model/finding.ts';
import { CONNECTION_FIELDS } from '../../render/connection-fields.ts';
import { csvHeader, csvRow } from '../../render/csv.ts';
import { FINDING_FIELDS } from '../../render/finding-fields.ts';
import { jsonOf } from '../../render/json.ts';
import { captureReport, connectionReport, findingReport, SCHEMA_VERSION, sortedFindings } from '../../report.ts';
import { Departed } from '../../summary/departed.ts';
import { summaryReport } from '../../summary/report.ts';
import { GROUPINGS, type Grouping } from '../../summary/service.ts';
import { ORDERS, type Order, summarize } from '../../summary/summary.ts';
import { KEEP_ALL } from '../../tcp/eviction.ts';
import { chosenConnections, isChosen, isStream, requireStream } from '../choice.ts';
import type { Context } from '../context.ts';
import { AS_THEY_END, type EvictionOptions, withEviction } from '../eviction.ts';
import { chosenFormat, withFormats } from '../format.ts';
import { inputNames, totalSize } from '../input.ts';
import { type MetricsOptions, MetricsOutput, requireMetrics, withMetrics } from '../metrics-output.ts';
import {
  type CaptureOptions,
  captureNames,
  parsePositive,
  type SelectOptions,
  withCaptures,
  withExamples,
  withNote,
  withSelect,
} from '../options.ts';
import { parquetFile } from '../parquet-file.ts';
import { type Chosen, printScreen } from '../report-screen.ts';
import { type Rotation, withRotation } from '../rotation.ts';
import { type Analysis, analyzeCaptures } from '../run.ts';

const FORMATS = ['text', 'json', 'ndjson', 'csv', 'openmetrics', 'parquet'] as const;

/** Zeek's letters, so that the column can be read without a look elsewhere. */
const HISTORY =
  'The letters of history, capitals for the client and small ones for the server: S SYN, H SYN,ACK, A pure ACK, D data, ' +
  'F FIN, R RST, T data sent again, W zero window, G gap in the capture, C wrong checksum (T, W, G and C once more at the ' +
  '10th, 100th ... time), I FIN and RST together, Q SYN and FIN or RST together, ^ the roles were turned round.';

export interface AnalyzeOptions extends CaptureOptions, SelectOptions, EvictionOptions, MetricsOptions {
  count?: number;
  all?: boolean;
  by?: Grouping;
  sort?: Order;
  top?: number;
  minSeverity?: Severity;
  rotate?: Rotation;
}

export function registerAnalyze(program: Command, context: Context): void {
  const command = withSelect(withCaptures(program.command('analyze', { isDefault: true })))
    .description(
      'Reads captures and says on one screen what went wrong, where the time went, and which connections are worst.',
    )
    .option('-c, --count <number>', 'read at most N packets', parsePositive)
    .option('-a, --all', 'list all connections and findings')
    .addOption(new Option('--by <what>', 'gather the connections by it (default: service)').choices(GROUPINGS))
    .addOption(new Option('--sort <figure>', 'connections, the largest first (default: time-lost)').choices(ORDERS))
    .option('--top <number>', 'so many connections and groups (default: 10 and 6)', parsePositive)
    .addOption(new Option('--min-severity <severity>', 'only findings of it, and graver ones').choices(SEVERITIES));
  withEviction(command, KEEP_ALL);
  withFormats(command, FORMATS);
  withMetrics(command);
  withRotation(command, 'with ndjson and --every: ');
  withExamples(command, [
    ['tcpscope trace.pcap', 'the answer'],
    ['tcpscope trace.pcap --all', 'every connection and finding'],
    ['tcpscope trace.pcap --by client --top 20', 'where the time of each client went'],
    ['tcpscope dump.pcap0 dump.pcap1 dump.pcap2', 'a rotation, as one capture'],
    ["tcpscope -f 'host 10.0.0.1' trace.pcap", 'the connections of one host'],
    ["tcpscope --select 'retransmissions.ratio > 0.01' trace.pcap", 'those of which a condition is true'],
    ['tcpscope --all --min-severity warning trace.pcap', 'without what is only good to know'],
    ['tcpscope --since 17:42:16 --until +2min trace.pcap', 'connections with a packet then'],
    ['tcpscope --json trace.pcap | jq .findings', 'for programs'],
    ['tcpscope --csv trace.pcap > flows.csv', 'a line for each connection'],
    ['tcpdump -U -w - | tcpscope - --format openmetrics -o tcp.prom --every 15', 'for a monitor, live'],
    ['tcpdump -U -w - | tcpscope - --ndjson --every 60s', 'what happened in each minute, for days'],
  ]);
  withNote(command, HISTORY);
  command.action(async (captures: string[], options: AnalyzeOptions) => {
    try {
      await analyze(captures, options);
    } catch (error) {
      if (!(error instanceof TwoPlacesError) || chosenFormat(command, FORMATS) !== 'text') throw error;
      // What came through a pipe cannot be read once more.
      if (totalSize(inputNames(captureNames(captures, options))) === null) throw error;
      const { compareInstead } = await import('../compare-instead.ts');
      await compareInstead(captureNames(captures, options), context);
    }
  });

  async function analyze(captures: readonly string[], options: AnalyzeOptions): Promise<void> {
    const format = chosenFormat(command, FORMATS);
    const { filter, count, memory, evict, by, every } = options;
    requireText(format, options);
    requireMetrics(format, options);
    if (format === 'ndjson' && every !== undefined) {
      const { analyzeByInterval } = await import('../intervals.ts');
      await analyzeByInterval(captureNames(captures, options), { ...options, every }, context);
      return;
    }
    if (options.rotate !== undefined) throw new UsageError('--rotate goes with --ndjson --every');
    const table = format === 'parquet' ? await parquetFile(context, options.output, FINDING_FIELDS) : null;
    const names = captureNames(captures, options);
    const metrics =
      format === 'openmetrics' ? await MetricsOutput.open(options, context, (one) => isChosen(one, options)) : null;
    const run = {
      captures: names,
      select: options.select,
      ...(count === undefined ? {} : { limit: count }),
      ...(memory === undefined ? {} : { memory }),
      ...(metrics === null || every === undefined
        ? {}
        : {
            attach: (analyzer: Analyzer, { facts }: CaptureSession) => metrics.attach({ analyzer, facts }, every),
          }),
    };
    const departed = new Departed(by);
    // The models take their share of the time, and only the document shows what they say.
    const roundTrips = options.stream !== undefined || (format !== 'text' && metrics === null);
    const chosen = {
      congestion: format === 'json',
      timeBudget: format === 'json' || format === 'text' || metrics !== null,
      roundTrips,
      eviction: evict ?? (every === undefined ? KEEP_ALL : AS_THEY_END),
      onLeave: (connection: Connection) => {
        metrics?.leaves(connection);
        if (isChosen(connection, options)) departed.add(connection);
      },
      ...(options.stream === undefined ? {} : { staysFor: ({ id }: Connection) => isStream(id, options) }),
      ...(filter === undefined ? {} : { filter }),
    };
    const analysis = await analyzeCaptures(context, run, () => chosen);
    if (metrics !== null) {
      requireStream(analysis.analyzer.opened, options, context);
      await metrics.ends(analysis);
      return;
    }
    const wanted = { ...chosenOf(analysis, options, context), departed };
    if (format === 'text') {
      const { all, sort, top, stream } = options;
      const screen = {
        captures: names,
        isList: all === true || stream !== undefined,
        hasRoundTrips: stream !== undefined,
        by,
        sort,
        top,
      };
      await printScreen(wanted, screen, context);
    } else if (format === 'parquet') {
      const origin = wanted.facts.firstTimestamp ?? 0n;
      for (const finding of wanted.findings) table!.take(findingReport(finding, origin));
      await table!.end();
    } else if (format !== 'openmetrics') await PRINTERS[format](wanted, context);
  }
}

/** Findings that `--min-severity` leaves. */
interface Listed extends Chosen {
  readonly isListed: (finding: { severity: Severity }) => boolean;
}

function chosenOf(analysis: Analysis, options: AnalyzeOptions, context: Context): Omit<Listed, 'departed'> {
  const { analyzer } = analysis;
  const connections = chosenConnections(analyzer.connections, options, context, analyzer.opened);
  const least = SEVERITIES.indexOf(options.minSeverity ?? 'info');
  const isListed = ({ severity }: { severity: Severity }) => SEVERITIES.indexOf(severity) >= least;
  const findings = sortedFindings(analyzer).filter((finding) => isStream(finding.stream, options) && isListed(finding));
  return { ...analysis, connections, findings, isListed };
}

/** An option that the format would ignore is a mistake: whoever gives it expects something. */
function requireText(format: (typeof FORMATS)[number], { all, by, sort, top }: AnalyzeOptions): void {
  if (format === 'text') return;
  const given = Object.entries({ all, by, sort, top }).find(([, value]) => value !== undefined);
  if (given !== undefined) throw new UsageError(`--${given[0]} is for text, not for ${format}`);
}

type Printer = (chosen: Listed, context: Context) => Promise<void>;

const PRINTERS: Record<Exclude<(typeof FORMATS)[number], 'text' | 'openmetrics' | 'parquet'>, Printer> = {
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
  for (const connection of connections) {
    const report = connectionReport(connection, origin);
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

async function csv({ facts, connections }: Chosen, { output, isQuiet }: Context): Promise<void> {
  const origin = facts.firstTimestamp ?? 0n;
  if (!isQuiet) output.line(csvHeader(CONNECTION_FIELDS));
  for (const connection of connections) {
    output.line(csvRow(CONNECTION_FIELDS, connectionReport(connection, origin)));
    await output.yieldWhenFull();
  }
}
