import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Connection } from '../model/connection.ts';
import { UsageError } from '../model/errors.ts';
import { GRAVITY, type Severity } from '../model/finding.ts';
import { openMetrics } from '../render/openmetrics.ts';
import { captureReport } from '../report/capture.ts';
import { Metrics } from '../summary/metrics.ts';
import type { Context } from './context.ts';
import { timeOf } from './eviction.ts';
import type { SelectOptions } from './options.ts';
import type { OutputFile } from './output-file.ts';
import type { Analysis, Attached, ConcludedAnalysis } from './run.ts';
import { packageVersion } from './version.ts';

export interface MetricsOptions extends SelectOptions {
  /** Findings that are counted. */
  minSeverity?: Severity;
  output?: string;
  /** Seconds. */
  every?: number;
}

/** Seconds that `--every` may have: from a second to a week. */
const EVERY = { least: 1, most: 7 * 86_400 };

/** Adds what goes with `--format openmetrics`, and with intervals. */
export function withMetrics(command: Command): Command {
  return command
    .option(
      '-o, --output <file>',
      'with openmetrics, parquet (the findings), and ndjson with --every: where to, replaced as a whole',
    )
    .addOption(
      new Option(
        '--every <time>',
        'with ndjson: a line for each 60s, 5m, 1h of the capture, as they end; with openmetrics and -o: write the file anew each time',
      ).argParser(parseEvery),
    );
}

function parseEvery(text: string): number {
  const seconds = timeOf(text) / 1e9;
  if (!(seconds >= EVERY.least && seconds <= EVERY.most))
    throw new InvalidArgumentError('It must be from 1s to 7d: 60s, 5m, 1h.');
  return seconds;
}

/** They would be ignored otherwise. */
export function requireMetrics(format: string, { output, every, select }: MetricsOptions): void {
  const isRepeated = every !== undefined && format === 'ndjson';
  if (output !== undefined && format !== 'openmetrics' && format !== 'parquet' && !isRepeated)
    throw new UsageError('-o goes with --format openmetrics, parquet, and ndjson with --every');
  if (every === undefined) return;
  if (format !== 'openmetrics' && format !== 'ndjson')
    throw new UsageError('--every is for --ndjson and --format openmetrics');
  if (select !== undefined) throw new UsageError('--every: which connections --select leaves is known at the end only');
  if (!isRepeated && (output === undefined || output === '-'))
    throw new UsageError('--every writes a file anew: name it with -o FILE');
}

/** Metrics of the connections that were chosen, written at the end and, with `--every`, on the way. */
export class MetricsOutput {
  private readonly context: Context;
  private readonly options: MetricsOptions;
  private readonly isChosen: (connection: Connection) => boolean;
  /** Of the connections that left. */
  private readonly departed = new Metrics();
  private file: OutputFile;
  private timer: NodeJS.Timeout | null = null;
  /** The write that is under way. */
  private writing: Promise<void> = Promise.resolve();

  private constructor(
    file: OutputFile,
    options: MetricsOptions,
    context: Context,
    isChosen: (connection: Connection) => boolean,
  ) {
    this.file = file;
    this.options = options;
    this.context = context;
    this.isChosen = isChosen;
  }

  /** Claims the file before anything is read. */
  static async open(
    options: MetricsOptions,
    context: Context,
    isChosen: (connection: Connection) => boolean,
  ): Promise<MetricsOutput> {
    return new MetricsOutput(await context.files.claim(options.output ?? '-'), options, context, isChosen);
  }

  leaves(connection: Connection): void {
    if (this.isChosen(connection)) this.departed.add(connection, true);
  }

  /** The analysis begins: from now on it can be asked for how it stands. */
  attach(analysis: Analysis, every: number): Attached {
    this.timer = setInterval(() => {
      this.writing = this.writing.then(() => this.rewrite(analysis));
      // Told where it is awaited.
      this.writing.catch(() => {});
    }, every * 1000);
    return { pause: () => this.writing, close: () => this.stop() };
  }

  /** All is read. */
  async ends(analysis: ConcludedAnalysis): Promise<void> {
    await this.writing;
    await this.context.files.write(this.file, this.textOf(analysis, true));
  }

  private stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  private async rewrite(analysis: Analysis): Promise<void> {
    if (this.timer === null) return;
    analysis.analyzer.lookWhoLeaves();
    await this.context.files.write(this.file, this.textOf(analysis, false));
    this.file = await this.context.files.reclaim(this.file);
  }

  private textOf({ analyzer, facts }: ConcludedAnalysis, isOver: boolean): string {
    const metrics = this.departed.copy();
    for (const connection of analyzer.connections) if (this.isChosen(connection)) metrics.add(connection, isOver);
    for (const finding of analyzer.findings) metrics.addFinding(finding);
    const least = GRAVITY[this.options.minSeverity ?? 'info'];
    for (const [key, { severity }] of metrics.findings) if (GRAVITY[severity] < least) metrics.findings.delete(key);
    return openMetrics(captureReport(analyzer, facts), metrics, packageVersion());
  }
}
