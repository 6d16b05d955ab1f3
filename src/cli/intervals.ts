import type { Analyzer } from '../analyze.ts';
import type { CaptureSession } from '../capture/session.ts';
import { Intervals } from '../interval/intervals.ts';
import type { Connection } from '../model/connection.ts';
import { GRAVITY } from '../model/finding.ts';
import { jsonOf } from '../render/json.ts';
import { SCHEMA_VERSION } from '../report/report.ts';
import { isChosen, requireStream } from './choice.ts';
import type { AnalyzeOptions } from './commands/analyze.ts';
import type { Context } from './context.ts';
import { AS_THEY_END } from './eviction.ts';
import type { FollowedCaptures } from './following.ts';
import { totalSize } from './input.ts';
import { LineOutput } from './rotation.ts';
import { type Attached, analyzeCaptures } from './run.ts';

/** How often it is looked whether an interval is over on a live input where nothing comes (ms). */
const LOOK = 1000;

/** A line for each interval of the captures' time, as they end; and one for the last when the input ends or somebody ends it. */
export async function analyzeByInterval(
  inputs: FollowedCaptures,
  options: AnalyzeOptions & { readonly every: number },
  context: Context,
): Promise<void> {
  const { filter, count, memory, evict, every, minSeverity = 'info' } = options;
  const lines = new LineOutput(context, options, null);
  await lines.open();
  const least = GRAVITY[minSeverity];
  let intervals: Intervals | null = null;
  const begin = (analyzer: Analyzer, session: CaptureSession) => {
    intervals = new Intervals(analyzer, {
      length: every * 1e9,
      origin: () => session.origin.base,
      wantsConnection: (connection) => isChosen(connection, options),
      wantsSeverity: (severity) => GRAVITY[severity] >= least,
      onInterval: (report, time) => lines.line(jsonOf({ schemaVersion: SCHEMA_VERSION, ...report }), time),
    });
    return intervals;
  };
  const isLive = inputs.follow !== undefined || totalSize(inputs.captures) === null;
  const { analyzer } = await analyzeCaptures(
    context,
    {
      ...inputs,
      isStreaming: true,
      ...(count === undefined ? {} : { limit: count }),
      ...(memory === undefined ? {} : { memory }),
      ...(isLive ? { attach: (analyzer: Analyzer) => new SilenceWatch(analyzer, () => intervals, context) } : {}),
      before: (analyzer, session) => {
        const its = begin(analyzer, session);
        return (time) => its.before(time);
      },
      atEnd: () => intervals?.finish(),
    },
    () => ({
      congestion: false,
      eviction: evict ?? AS_THEY_END,
      onRow: (row) => intervals!.row(row),
      onLeave: (connection: Connection) => intervals?.leaves(connection),
      ...(filter === undefined ? {} : { filter }),
    }),
  );
  requireStream(analyzer.opened, options, context);
  await lines.end();
}

/** On a live input an interval ends though nothing comes: when as much time has gone by on the wall as was left of it. */
class SilenceWatch implements Attached {
  private readonly analyzer: Analyzer;
  private readonly intervals: () => Intervals | null;
  private readonly context: Context;
  private readonly timer: NodeJS.Timeout;
  private packets = 0;
  private since = performance.now();
  private looked = performance.now();

  constructor(analyzer: Analyzer, intervals: () => Intervals | null, context: Context) {
    this.analyzer = analyzer;
    this.intervals = intervals;
    this.context = context;
    this.timer = setInterval(() => this.look(), LOOK);
  }

  /** Connections leave also where little comes. */
  async pause(): Promise<void> {
    if (performance.now() - this.looked < LOOK) return;
    this.analyzer.lookWhoLeaves();
    this.looked = performance.now();
  }

  close(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const { counts } = this.analyzer;
    const now = performance.now();
    if (counts.total !== this.packets) {
      this.packets = counts.total;
      this.since = now;
      return;
    }
    const intervals = this.intervals();
    const end = intervals?.endsAt ?? null;
    if (end === null || (now - this.since) * 1e6 < end - counts.endTime) return;
    intervals!.silence();
    void this.context.output.flush();
  }
}
