import { type AnalyzeOptions, type Concluded, DEFAULT_HORIZON } from '../analysis.ts';
import { Analyzer } from '../analyze.ts';
import { CaptureSession, DamageLog } from '../capture/session.ts';
import type { CaptureSink, CaptureSource } from '../capture/source.ts';
import type { ConnectionSelector } from '../check/selection.ts';
import type { CaptureFacts } from '../model/capture-facts.ts';
import { timestampText } from '../model/timestamp.ts';
import { formatDuration, formatNumberOf } from '../model/units.ts';
import { dateText } from '../render/clock.ts';
import { readAsOne } from '../two-views.ts';
import { ringSource } from './capture-ring.ts';
import type { Context } from './context.ts';
import { reportDamages } from './damages.ts';
import { Exit } from './exit.ts';
import { captureSources, type InputWatch, inputNames, totalSize } from './input.ts';
import { LiveHorizon } from './live-horizon.ts';
import { heapWatch, keepYoungSmall } from './memory.ts';
import { Progress } from './progress.ts';
import { onInterrupt } from './signals.ts';
import { isTimed, startFilter } from './time-window.ts';
import { requireViews } from './views.ts';

export interface Analysis {
  readonly analyzer: Analyzer;
  readonly facts: CaptureFacts;
}

/** One that has ended, whoever made it. */
export interface ConcludedAnalysis {
  readonly analyzer: Concluded;
  readonly facts: CaptureFacts;
}

/** Who looks at an analysis while it runs. */
export interface Attached {
  /** Awaited between reads. */
  pause(): Promise<void>;
  /** The reading is over, however it ended. */
  close(): void;
}

export interface RunOptions {
  /** Files, or `-`. */
  captures: readonly string[];
  /** Read at most so many packets. */
  limit?: number;
  /** Results appear while the captures are read, so that a progress line on the same screen would disturb them. */
  isStreaming?: boolean;
  /** A condition: of the connections those of which it is true are selected. */
  select?: string | undefined;
  /** They were read before: what is wrong with them has been said. */
  isRepeated?: boolean;
  /** What is read of the captures by their names, in place of the captures themselves. */
  sourcesOf?: (names: readonly string[], watch: InputWatch) => CaptureSource[];
  /** Bytes that the process may take; a share of the heap where it is left out. */
  memory?: number;
  /** In place of captures: files of a ring as they come, `DIR/PATTERN`. */
  follow?: string;
  /** Looks at the analysis while it runs. */
  attach?: (analyzer: Analyzer, session: CaptureSession) => Attached;
  /** Called before every packet that is analysed, with its time. */
  before?: (analyzer: Analyzer, session: CaptureSession) => (time: number) => void;
  /** Called when all is analysed: the last results stand before what is to be said about the captures. */
  atEnd?: () => void;
}

/** How often it is looked who leaves on a live input (ms). */
const LOOK = 1000;

/**
 * Reads the captures through an analyzer and reports what was wrong with them. `configure` gets the session, whose facts
 * are known when the first row comes, and whose `stop` ends the reading early.
 */
export async function analyzeCaptures(
  context: Context,
  {
    captures,
    limit,
    select,
    isStreaming = false,
    isRepeated = false,
    sourcesOf = captureSources,
    memory,
    follow,
    attach,
    before,
    atEnd,
  }: RunOptions,
  configure: (session: CaptureSession) => AnalyzeOptions,
): Promise<Analysis> {
  const names = follow === undefined ? inputNames(captures) : [];
  context.files.reads(names);
  const session = new CaptureSession();
  session.isSequence = follow !== undefined;
  const options = configure(session);
  if (options.onRow === undefined) keepYoungSmall();
  const selector = select === undefined ? null : await selectorOf(select);
  const filter = startFilter(options.filter, session.origin);
  const analyzer = analyzerFor(options, selector, filter, memory, context);
  const { counts } = analyzer;
  const size = follow === undefined ? totalSize(names) : null;
  const live = isStreaming && size === null ? liveHorizonOf(analyzer, session, options, context) : null;
  const attached = attach?.(analyzer, session) ?? (live === null ? null : leavers(analyzer));
  const reading = { names, size, attached, isStreaming, packets: () => counts.total, session: () => session, live };
  const isInterrupted = await readWatched(context, reading, async (watch) => {
    const sink = untilShort(analyzer, session, limit, before?.(analyzer, session));
    const sources = follow === undefined ? sourcesOf(names, watch) : [ringSource(follow, watch)];
    await readAsOne(sources, sink, session);
  });
  const { facts } = session;
  if (analyzer.isCutShort) reportShortage(session, analyzer.counts.total, analyzer);
  analyzer.end(facts);
  if (selector !== null) analyzer.narrow(selector.chosen(analyzer, facts));
  requireViews(analyzer, context.views);
  atEnd?.();
  if (selector !== null && selector.unknown > 0)
    context.note(
      `${formatNumberOf(selector.unknown, 'connection')} left out, of which it cannot be told: ${selector.reason}`,
    );
  await finish(
    context,
    { analyzer, facts },
    // A pipe is often ended so, and then it was read to its end; of files something is left.
    { isInterrupted: isInterrupted && size !== null, isRepeated },
  );
  tellNoneThen(context, { analyzer, facts }, options.filter);
  return { analyzer, facts };
}

/** The analyzer that the options ask for. A condition is asked of all connections when everything was read: until then nobody is told who leaves. */
function analyzerFor(
  options: AnalyzeOptions,
  selector: ConnectionSelector | null,
  filter: AnalyzeOptions['filter'],
  memory: number | undefined,
  context: Context,
): Analyzer {
  const { onLeave, onLeaveSyn, ...others } = options;
  return new Analyzer({
    views: context.views,
    ...others,
    ...(onLeave === undefined || selector !== null ? {} : { onLeave }),
    ...(onLeaveSyn === undefined || selector !== null ? {} : { onLeaveSyn }),
    ...(filter === undefined ? {} : { filter }),
    ...(selector === null ? {} : askedBy(selector, options)),
    isMemoryShort: heapWatch(memory),
  });
}

/** Makes what prints the packets of a live input in time, though no more may come; given how to end a wait for the input. */
function liveHorizonOf(
  analyzer: Analyzer,
  session: CaptureSession,
  { horizon = DEFAULT_HORIZON }: AnalyzeOptions,
  context: Context,
): (wake: () => void) => LiveHorizon {
  return (wake) =>
    new LiveHorizon(analyzer, horizon.time / 1e6, () => {
      void context.output.flush();
      if (session.stopped) wake();
    });
}

/** Says what was wrong with the captures, and decides on the exit status. */
export async function finish(
  context: Context,
  { analyzer, facts }: ConcludedAnalysis,
  { isInterrupted, isRepeated = false }: { readonly isInterrupted: boolean; readonly isRepeated?: boolean },
): Promise<void> {
  const { counts, isCutShort } = analyzer;
  // Messages come after the results that they are about, also where both go to one screen.
  await context.output.flush();
  if (isInterrupted) breakOff(context, counts.total);
  if (!isRepeated) reportDamages(context, facts.damages, counts.total);
  if (counts.total === 0 && facts.damages.some((damage) => damage.fatal)) context.status = Exit.UNREADABLE;
  else if ((facts.leftOut.length > 0 || isCutShort) && context.status === Exit.DONE) context.status = Exit.FAILED;
}

/** What is being read, for those who watch it. */
export interface Reading {
  readonly names: readonly string[];
  /** Bytes of all of them; null for pipes. */
  readonly size?: number | null;
  readonly attached?: Attached | null;
  /** Results appear while the captures are read. */
  readonly isStreaming: boolean;
  /** How many packets were read so far. */
  readonly packets: () => number;
  /** The session that is reading at present. */
  readonly session: () => Pick<CaptureSession, 'stop' | 'stopped'>;
  /** Makes what looks after a live input, given how to end a wait for it; null without. */
  readonly live: ((wake: () => void) => LiveHorizon) | null;
}

/** Lets `read` read, with a progress line and so that a signal ends it. True where one did. */
export async function readWatched(
  context: Context,
  { names, size = totalSize(names), attached = null, isStreaming, packets, session, live: liveOf }: Reading,
  read: (watch: InputWatch) => Promise<void>,
): Promise<boolean> {
  const sees = context.stderr.isTerminal && !context.isQuiet && !(isStreaming && context.stdout.isTerminal);
  const progress = sees ? new Progress(process.stderr, size, packets) : null;
  const wakes: (() => void)[] = [];
  const wakeAll = () => {
    for (const wake of wakes) wake();
  };
  const live = liveOf === null ? null : liveOf(wakeAll);
  let isInterrupted = false;
  const stopListening = onInterrupt((status) => {
    isInterrupted = true;
    context.status = status;
    session().stop();
    wakeAll();
  });
  try {
    await read({
      mayRead: async () => {
        await context.output.flush();
        await context.files.flush();
        await attached?.pause();
        live?.waits();
        return !session().stopped;
      },
      taken: (length) => {
        live?.reads();
        progress?.advance(length);
      },
      onStop: (wake) => wakes.push(wake),
    });
  } finally {
    stopListening();
    attached?.close();
    live?.stop();
    progress?.clear();
  }
  return isInterrupted;
}

/** On a live input connections leave however little comes. */
function leavers(analyzer: Analyzer): Attached {
  let looked = performance.now();
  return {
    pause: async () => {
      if (performance.now() - looked < LOOK) return;
      analyzer.lookWhoLeaves();
      looked = performance.now();
    },
    close: () => {},
  };
}

/** Files hold what all of the captures say, or what they held before. */
function breakOff(context: Context, packets: number): void {
  const left = context.files.discardAll();
  const unwritten = left.length === 0 ? '' : `; not written: ${left.join(', ')}`;
  context.warn(`interrupted: only the first ${formatNumberOf(packets, 'packet')} were read${unwritten}`);
}

/** Says that the rest was not read for want of memory, as damage of the file that was being read. */
export function reportShortage(session: CaptureSession, packets: number, sink: CaptureSink): void {
  const file = session.facts.files.at(-1) ?? '';
  const message = `the memory is nearly full after ${formatNumberOf(packets, 'packet')}: the rest was not read (NODE_OPTIONS=--max-old-space-size=MIB allows more)`;
  new DamageLog(session, sink, file).report(null, message, 'a full heap', 'room for every connection', {
    fatal: true,
  });
}

/** Everything that a condition may ask of. */
function askedBy(selector: ConnectionSelector, { onRow, congestion }: AnalyzeOptions): AnalyzeOptions {
  return {
    onRow: (row) => {
      selector.take(row);
      onRow?.(row);
    },
    timeBudget: true,
    congestion: congestion || true,
  };
}

/** Loaded when it is wanted: the language of conditions takes its time. */
async function selectorOf(select: string): Promise<ConnectionSelector> {
  const { ConnectionSelector } = await import('../check/selection.ts');
  return new ConnectionSelector(select);
}

/** Tells where a filter of times selected nothing. */
export function tellNoneThen(
  context: Context,
  { analyzer: { counts }, facts }: ConcludedAnalysis,
  filter: AnalyzeOptions['filter'],
): void {
  if (isTimed(filter) && counts.tcp > 0 && counts.filteredOut === counts.tcp)
    reportNoneThen(context, { counts }, facts);
}

/** Whoever mistook a time zone, or a day, sees it here. */
export function reportNoneThen(
  context: Context,
  { counts }: Pick<Concluded, 'counts'>,
  { firstTimestamp }: CaptureFacts,
  whose = '',
): void {
  const at = (time: number) => dateText(timestampText(firstTimestamp ?? 0n, time));
  const span = `${at(counts.firstTime)} to ${at(counts.lastTime)} (${formatDuration(counts.lastTime - counts.firstTime)})`;
  context.note(`no packet ${whose}is selected: the capture spans ${span}`);
}

/** Ends the reading after `limit` packets, and when the analysis has ended for want of memory. */
function untilShort(
  analyzer: Analyzer,
  session: CaptureSession,
  limit: number | undefined,
  before: ((time: number) => void) | undefined,
): CaptureSink {
  const { counts } = analyzer;
  const most = limit ?? Number.POSITIVE_INFINITY;
  return {
    record: (record) => {
      before?.(record.time);
      analyzer.record(record);
      if (counts.total >= most || analyzer.isCutShort) session.stop();
    },
    interfaceSeen: (id, described) => analyzer.interfaceSeen(id, described),
  };
}
