import type { Analyzer } from '../analyze.ts';
import type { CaptureSession } from '../capture/session.ts';
import type { Attempt } from '../model/attempt.ts';
import type { Connection } from '../model/connection.ts';
import type { LeftCounts } from '../model/left.ts';
import { FINDING_FIELDS } from '../render/finding-fields.ts';
import { Departed } from '../summary/departed.ts';
import { KEEP_ALL } from '../tcp/eviction.ts';
import { isChosen, isStream, requireStream } from './choice.ts';
import type { Context } from './context.ts';
import { AS_THEY_END, type EvictionOptions } from './eviction.ts';
import { type FollowedCaptures, type FollowOptions, followedCaptures } from './following.ts';
import type { Divided } from './jobs.ts';
import { type MetricsOptions, MetricsOutput } from './metrics-output.ts';
import type { CaptureOptions, SelectOptions } from './options.ts';
import { parquetFile } from './parquet-file.ts';
import {
  chosenOf,
  type FindingTable,
  printReport,
  type ReportChoice,
  type ReportFormat,
  writeTable,
} from './report-output.ts';
import { analyzeCaptures, type ConcludedAnalysis, type RunOptions, tellNoneThen } from './run.ts';
import { wordsOf } from './time-window.ts';

export interface ReportOptions
  extends CaptureOptions,
    FollowOptions,
    SelectOptions,
    EvictionOptions,
    MetricsOptions,
    ReportChoice {
  count?: number;
}

/** The form of a report, and the file that was opened for it. */
interface Destination {
  readonly format: ReportFormat;
  /** The Parquet file; null for other formats. */
  readonly table: FindingTable | null;
  /** The OpenMetrics file; null for other formats. */
  readonly metrics: MetricsOutput | null;
}

/** Reads the captures with that many threads, and prints the report. */
export async function reportOn(
  captures: readonly string[],
  options: ReportOptions,
  format: ReportFormat,
  jobs: number,
  context: Context,
): Promise<void> {
  const table = format === 'parquet' ? await parquetFile(context, options.output, FINDING_FIELDS) : null;
  const inputs = followedCaptures(captures, options);
  const metrics =
    format === 'openmetrics' ? await MetricsOutput.open(options, context, (one) => isChosen(one, options)) : null;
  const destination = { format, table, metrics };
  const divided = jobs > 1 ? await readInJobs(inputs.captures, options, destination, jobs, context) : null;
  const { analysis, departed } =
    divided !== null && divided.analysis !== null
      ? divided
      : await readAlone(inputs, options, destination, divided?.sourcesOf, context);
  await write(destination, analysis, departed, inputs.captures, options, context);
}

/** What several threads find, or how one has to read the captures in their place. */
async function readInJobs(
  captures: readonly string[],
  options: ReportOptions,
  destination: Destination,
  jobs: number,
  context: Context,
): Promise<Divided> {
  const { count: limit, by: grouping, filter, stream } = options;
  const { analyzeInJobs } = await import('./jobs.ts');
  const divided = await analyzeInJobs(context, jobs, {
    captures,
    limit,
    ...stagesFor(destination, options),
    hasSpans: destination.format === 'json' || stream !== undefined,
    grouping,
    filter: wordsOf(filter),
    isEnough: ({ connections }: LeftCounts) =>
      connections === 0 || (destination.metrics === null && stream === undefined),
  });
  if (divided.analysis !== null) tellNoneThen(context, divided.analysis, filter);
  return divided;
}

/** What one thread finds. */
async function readAlone(
  inputs: FollowedCaptures,
  options: ReportOptions,
  destination: Destination,
  sourcesOf: RunOptions['sourcesOf'],
  context: Context,
): Promise<{ readonly analysis: ConcludedAnalysis; readonly departed: Departed }> {
  const { filter, count, memory, evict, by, every, select, stream } = options;
  const { metrics } = destination;
  const departed = new Departed(by);
  const run = {
    ...inputs,
    select,
    ...(count === undefined ? {} : { limit: count }),
    ...(memory === undefined ? {} : { memory }),
    ...(sourcesOf === undefined ? {} : { sourcesOf }),
    ...(metrics === null || every === undefined
      ? {}
      : { attach: (analyzer: Analyzer, { facts }: CaptureSession) => metrics.attach({ analyzer, facts }, every) }),
  };
  const chosen = {
    ...stagesFor(destination, options),
    eviction: evict ?? (every === undefined ? KEEP_ALL : AS_THEY_END),
    onLeave: (connection: Connection) => {
      metrics?.leaves(connection);
      if (isChosen(connection, options)) departed.add(connection);
    },
    ...(metrics === null ? { onLeaveSyn: (syn: Attempt) => departed.addFirstSyn(syn) } : {}),
    ...(stream === undefined ? {} : { staysFor: ({ id }: Connection) => isStream(id, options) }),
    ...(filter === undefined ? {} : { filter }),
  };
  return { analysis: await analyzeCaptures(context, run, () => chosen), departed };
}

/** The stages that the report shows: each of them takes its share of the time. Only the document shows the congestion models. */
function stagesFor({ format, metrics }: Destination, { stream }: ReportOptions) {
  return {
    congestion: format === 'json',
    timeBudget: format === 'json' || format === 'text' || metrics !== null,
    roundTrips: stream !== undefined || (format !== 'text' && metrics === null),
  };
}

async function write(
  { format, table, metrics }: Destination,
  analysis: ConcludedAnalysis,
  departed: Departed,
  captures: readonly string[],
  options: ReportOptions,
  context: Context,
): Promise<void> {
  if (metrics !== null) {
    requireStream(analysis.analyzer.opened, options, context);
    await metrics.ends(analysis);
    return;
  }
  const wanted = { ...chosenOf(analysis, options, context), departed };
  if (table !== null) await writeTable(wanted, table);
  else if (format !== 'openmetrics' && format !== 'parquet')
    await printReport(format, wanted, captures, options, context);
}
