import { type Command, Option } from 'commander';
import type { Connection } from '../model/connection.ts';
import { UsageError } from '../model/errors.ts';
import { SEVERITIES, type Severity } from '../model/finding.ts';
import { openMetrics } from '../render/openmetrics.ts';
import { captureReport } from '../report.ts';
import { Metrics } from '../summary/metrics.ts';
import type { Context } from './context.ts';
import { parsePositive, type SelectOptions } from './options.ts';
import type { OutputFile } from './output-file.ts';
import type { Analysis, Attached } from './run.ts';
import { packageVersion } from './version.ts';

export interface MetricsOptions extends SelectOptions {
  /** Findings that are counted. */
  minSeverity?: Severity;
  output?: string;
  every?: number;
}

/** Adds what goes with `--format openmetrics`. */
export function withMetrics(command: Command): Command {
  return command
    .option('-o, --output <file>', 'with openmetrics and parquet (the findings): where to, replaced as a whole')
    .addOption(
      new Option('--every <seconds>', 'with openmetrics and -o: write it anew while the capture goes on').argParser(
        parsePositive,
      ),
    );
}

/** They would be ignored otherwise. */
export function requireMetrics(isMetrics: boolean, { output, every, select }: MetricsOptions): void {
  if (!isMetrics && output !== undefined) throw new UsageError('-o goes with --format openmetrics');
  if (every === undefined) return;
  if (select !== undefined) throw new UsageError('--every: which connections --select leaves is known at the end only');
  if (output === undefined || output === '-') throw new UsageError('--every writes a file anew: name it with -o FILE');
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
  async ends(analysis: Analysis): Promise<void> {
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

  private textOf({ analyzer, facts }: Analysis, isOver: boolean): string {
    const metrics = this.departed.copy();
    for (const connection of analyzer.connections) if (this.isChosen(connection)) metrics.add(connection, isOver);
    for (const finding of analyzer.findings) metrics.addFinding(finding);
    const least = SEVERITIES.indexOf(this.options.minSeverity ?? 'info');
    for (const [key, { severity }] of metrics.findings)
      if (SEVERITIES.indexOf(severity) < least) metrics.findings.delete(key);
    return openMetrics(captureReport(analyzer, facts), metrics, packageVersion());
  }
}
