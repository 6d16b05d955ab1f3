import type { Command } from 'commander';
import type { Analyzer } from '../../analyze.ts';
import type { CaptureSession } from '../../capture/session.ts';
import type { Attempt } from '../../model/attempt.ts';
import type { Connection } from '../../model/connection.ts';
import { TwoPlacesError, UsageError } from '../../model/errors.ts';
import type { LeftCounts } from '../../model/left.ts';
import { FINDING_FIELDS } from '../../render/finding-fields.ts';
import { Departed } from '../../summary/departed.ts';
import { KEEP_ALL } from '../../tcp/eviction.ts';
import { isChosen, isStream, requireStream } from '../choice.ts';
import type { Context } from '../context.ts';
import { AS_THEY_END, type EvictionOptions, withEviction } from '../eviction.ts';
import { type FollowOptions, followedCaptures, withFollow } from '../following.ts';
import { chosenFormat, withFormats } from '../format.ts';
import { canBeRepeated } from '../input.ts';
import { givenOf, jobsFor, withJobs } from '../jobs-option.ts';
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
import {
  chosenOf,
  HISTORY_NOTE,
  printReport,
  REPORT_FORMATS,
  type ReportChoice,
  requireText,
  withReportChoice,
  writeTable,
} from '../report-output.ts';
import { type Rotation, withRotation } from '../rotation.ts';
import { analyzeCaptures, type ConcludedAnalysis, type RunOptions, tellNoneThen } from '../run.ts';
import { wordsOf } from '../time-window.ts';

export interface AnalyzeOptions
  extends CaptureOptions,
    FollowOptions,
    SelectOptions,
    EvictionOptions,
    MetricsOptions,
    ReportChoice {
  count?: number;
  rotate?: Rotation;
  jobs?: number;
}

export function registerAnalyze(program: Command, context: Context): void {
  const command = withSelect(withCaptures(program.command('analyze', { isDefault: true })))
    .description(
      'Reads captures and says on one screen what went wrong, where the time went, and which connections are worst.',
    )
    .option('-c, --count <number>', 'read at most N packets', parsePositive);
  withReportChoice(command);
  withJobs(command);
  withEviction(command, KEEP_ALL);
  withFormats(command, REPORT_FORMATS);
  withMetrics(command);
  withRotation(command, 'with ndjson and --every: ');
  withFollow(command, 'with --every: ');
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
    ['tcpscope --jobs 4 large.pcap', 'with four threads; the report is the same'],
    ['tcpdump -U -w - | tcpscope - --format openmetrics -o tcp.prom --every 15', 'for a monitor, live'],
    ['tcpdump -U -w - | tcpscope - --ndjson --every 60s', 'what happened in each minute, for days'],
    ["tcpscope --ndjson --every 60s --follow '/captures/trace-*.pcap'", 'the same of the files of tcpdump -G'],
  ]);
  withNote(command, HISTORY_NOTE);
  command.action(async (captures: string[], options: AnalyzeOptions) => {
    try {
      await analyze(captures, options);
    } catch (error) {
      if (!(error instanceof TwoPlacesError) || chosenFormat(command, REPORT_FORMATS) !== 'text') throw error;
      // Standard input cannot be read once more, nor can a pipe.
      if (options.follow !== undefined || !canBeRepeated(captureNames(captures, options))) throw error;
      const { compareInstead } = await import('../compare-instead.ts');
      await compareInstead(captureNames(captures, options), context);
    }
  });

  async function analyze(captures: readonly string[], options: AnalyzeOptions): Promise<void> {
    const format = chosenFormat(command, REPORT_FORMATS);
    const { filter, count, memory, evict, by, every } = options;
    requireText(format, options);
    requireMetrics(format, options);
    const jobs = jobsFor(captureNames(captures, options), options.jobs, givenOf(options, ALONE), context);
    if (format === 'ndjson' && every !== undefined) {
      const { analyzeByInterval } = await import('../intervals.ts');
      await analyzeByInterval(followedCaptures(captures, options), { ...options, every }, context);
      return;
    }
    if (options.rotate !== undefined) throw new UsageError('--rotate goes with --ndjson --every');
    if (options.follow !== undefined && every === undefined)
      throw new UsageError('--follow goes with --every (or with the commands connections and live)');
    const table = format === 'parquet' ? await parquetFile(context, options.output, FINDING_FIELDS) : null;
    const inputs = followedCaptures(captures, options);
    const metrics =
      format === 'openmetrics' ? await MetricsOutput.open(options, context, (one) => isChosen(one, options)) : null;
    const run = {
      ...inputs,
      select: options.select,
      ...(count === undefined ? {} : { limit: count }),
      ...(memory === undefined ? {} : { memory }),
      ...(metrics === null || every === undefined
        ? {}
        : {
            attach: (analyzer: Analyzer, { facts }: CaptureSession) => metrics.attach({ analyzer, facts }, every),
          }),
    };
    // The models take their share of the time, and only the document shows what they say.
    const roundTrips = options.stream !== undefined || (format !== 'text' && metrics === null);
    const stages = {
      congestion: format === 'json',
      timeBudget: format === 'json' || format === 'text' || metrics !== null,
      roundTrips,
    };
    let sourcesOf: RunOptions['sourcesOf'];
    if (jobs > 1) {
      const { analyzeInJobs } = await import('../jobs.ts');
      const work = {
        captures: inputs.captures,
        limit: count,
        ...stages,
        hasSpans: format === 'json' || options.stream !== undefined,
        grouping: by,
        filter: wordsOf(filter),
        isEnough: ({ connections }: LeftCounts) =>
          connections === 0 || (metrics === null && options.stream === undefined),
      };
      const made = await analyzeInJobs(context, jobs, work);
      if (made.analysis !== null) {
        tellNoneThen(context, made.analysis, filter);
        await tell(made.analysis, made.departed);
        return;
      }
      sourcesOf = made.sourcesOf;
    }
    const departed = new Departed(by);
    const chosen = {
      ...stages,
      eviction: evict ?? (every === undefined ? KEEP_ALL : AS_THEY_END),
      onLeave: (connection: Connection) => {
        metrics?.leaves(connection);
        if (isChosen(connection, options)) departed.add(connection);
      },
      ...(metrics === null ? { onLeaveSyn: (syn: Attempt) => departed.addFirstSyn(syn) } : {}),
      ...(options.stream === undefined ? {} : { staysFor: ({ id }: Connection) => isStream(id, options) }),
      ...(filter === undefined ? {} : { filter }),
    };
    const reading = sourcesOf === undefined ? run : { ...run, sourcesOf };
    await tell(await analyzeCaptures(context, reading, () => chosen), departed);

    async function tell(analysis: ConcludedAnalysis, departed: Departed): Promise<void> {
      if (metrics !== null) {
        requireStream(analysis.analyzer.opened, options, context);
        await metrics.ends(analysis);
        return;
      }
      const wanted = { ...chosenOf(analysis, options, context), departed };
      if (format === 'parquet') await writeTable(wanted, table!);
      else if (format !== 'openmetrics') await printReport(format, wanted, inputs.captures, options, context);
    }
  }
}

/** Options that one thread has to answer, which sees all packets, or connections as they leave. */
const ALONE = ['select', 'memory', 'evict', 'every', 'follow', 'view', 'interface'] as const;
