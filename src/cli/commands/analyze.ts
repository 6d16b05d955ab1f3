import type { Command } from 'commander';
import { TwoPlacesError, UsageError } from '../../model/errors.ts';
import { KEEP_ALL } from '../../tcp/eviction.ts';
import type { Context } from '../context.ts';
import { withEviction } from '../eviction.ts';
import { followedCaptures, withFollow } from '../following.ts';
import { chosenFormat, withFormats } from '../format.ts';
import { canBeRepeated } from '../input.ts';
import { givenOf, jobsFor, withJobs } from '../jobs-option.ts';
import { requireMetrics, withMetrics } from '../metrics-output.ts';
import { captureNames, parsePositive, withCaptures, withExamples, withNote, withSelect } from '../options.ts';
import { HISTORY_NOTE, REPORT_FORMATS, type ReportFormat, requireText, withReportChoice } from '../report-output.ts';
import { type ReportOptions, reportOn } from '../report-run.ts';
import { type Rotation, withRotation } from '../rotation.ts';

export interface AnalyzeOptions extends ReportOptions {
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
  command.action((captures: string[], options: AnalyzeOptions) => answer(captures, options, command, context));
}

/** Analyses the captures; where they show the same packets at two places, compares them instead, if the answer is text. */
async function answer(
  captures: readonly string[],
  options: AnalyzeOptions,
  command: Command,
  context: Context,
): Promise<void> {
  const format = chosenFormat(command, REPORT_FORMATS);
  try {
    await analyze(captures, options, format, context);
  } catch (error) {
    if (!(error instanceof TwoPlacesError) || format !== 'text') throw error;
    // Standard input cannot be read once more, nor can a pipe.
    if (options.follow !== undefined || !canBeRepeated(captureNames(captures, options))) throw error;
    const { compareInstead } = await import('../compare-instead.ts');
    await compareInstead(captureNames(captures, options), context);
  }
}

async function analyze(
  captures: readonly string[],
  options: AnalyzeOptions,
  format: ReportFormat,
  context: Context,
): Promise<void> {
  const { every, rotate, follow } = options;
  requireText(format, options);
  requireMetrics(format, options);
  const jobs = jobsFor(captureNames(captures, options), options.jobs, givenOf(options, ALONE), context);
  if (format === 'ndjson' && every !== undefined) {
    const { analyzeByInterval } = await import('../intervals.ts');
    await analyzeByInterval(followedCaptures(captures, options), { ...options, every }, context);
    return;
  }
  if (rotate !== undefined) throw new UsageError('--rotate goes with --ndjson --every');
  if (follow !== undefined && every === undefined)
    throw new UsageError('--follow goes with --every (or with the commands connections and live)');
  await reportOn(captures, options, format, jobs, context);
}

/** Options that one thread has to answer, which sees all packets, or connections as they leave. */
const ALONE = ['select', 'memory', 'evict', 'every', 'follow', 'view', 'interface'] as const;
