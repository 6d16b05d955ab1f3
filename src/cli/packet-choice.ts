import { horizonOf } from '../analysis.ts';
import type { Analyzer } from '../analyze.ts';
import type { CaptureSession } from '../capture/session.ts';
import type { Severity } from '../model/finding.ts';
import type { KeepBytes, PacketRow, RowPart } from '../model/row.ts';
import type { SegmentView } from '../model/segment.ts';
import { formatNumberOf } from '../model/units.ts';
import type { EarlyRows } from '../row-queue.ts';
import { isChosen, isStream, requireStream } from './choice.ts';
import type { Context } from './context.ts';
import { type CaptureOptions, captureNames, type ModelOptions, modelsOf } from './options.ts';
import { othersLeave, tellWhoLeft } from './others-leave.ts';
import { isOfSeverity, isProblem, Picked } from './problems.ts';
import { analyzeCaptures, type RunOptions } from './run.ts';
import { startFilter } from './time-window.ts';
import { ALL_VIEWS } from './views.ts';

export interface PacketsOptions extends CaptureOptions, ModelOptions {
  count?: number;
  verbose: number;
  absolute?: boolean;
  t: number;
  x: number;
  X: number;
  A: number;
  link?: boolean;
  nano?: boolean;
  fields?: string;
  horizon?: number;
  problems?: boolean;
  minSeverity?: Severity;
  select?: string;
  context?: number;
  write?: string;
  output?: string;
  comments?: boolean;
}

/** Takes rows, writes them. */
export interface RowSink {
  /** The parts of rows that it reads; without it, all of them. */
  readonly parts?: ReadonlySet<RowPart>;
  take(row: PacketRow): void;
  /** Takes a row before its turn, null for one that is not wanted. */
  hold?(row: PacketRow | null): void;
  /** It is the turn of the first of these. False: it is not wanted. */
  tell?(): boolean;
  /** A packet that is no TCP segment: only a capture file takes it. */
  other?(view: SegmentView): void;
  /** Text alone says where packets are left out. */
  gap?(packets: number): void;
  /** There are no more; with `isCut`, because as many as were wanted have come. */
  end?(isCut: boolean): void;
}

/** Packets before and after each problem. */
const CONTEXT = 5;

/** No view was asked for, or all of them. */
export function isAnyView({ view }: PacketsOptions): boolean {
  return view === undefined || view === ALL_VIEWS;
}

/** Reads the captures and hands what is selected to the sink. */
export async function printRows(
  captures: readonly string[],
  options: PacketsOptions,
  { keep, everyView }: { keep: KeepBytes; everyView: boolean },
  context: Context,
  open: (session: CaptureSession) => RowSink,
): Promise<void> {
  const { horizon } = options;
  const choice = await choiceOf(options);
  let chosen: ChosenRows | undefined;
  const { analyzer } = await analyzeCaptures(context, runOptions(captures, options), (session) => {
    const sink = open(session);
    const rows = new ChosenRows(sink, session, options, choice.isWanted);
    chosen = rows;
    return {
      ...(options.stream === undefined ? {} : { rowsOf: ({ id }) => isStream(id, options) }),
      onRow: (row) => rows.take(row),
      ...rows.early,
      ...(rows.takesOthers ? { onOther: (view: SegmentView) => rows.takeOther(view) } : {}),
      keep,
      // Those around the next problem are kept until it comes.
      lendsRows: choice.isWanted === null,
      ...leavingOf(options),
      ...stagesOf(sink.parts, options),
      everyView,
      ...(horizon === undefined ? {} : { horizon: horizonOf(horizon) }),
      ...(options.filter === undefined ? {} : { filter: options.filter }),
    };
  });
  requireStream(analyzer.opened, options, context);
  chosen?.end(context);
  choice.report(context);
  chosen?.endSink();
  tellWhoLeft(analyzer, LATE, context);
  tellHurried(analyzer, context);
}

/**
 * The stages that rows with these parts want (undefined: with all). What no part reads is left out: verdicts are the same without it.
 * Findings look at all that is known.
 */
function stagesOf(parts: RowSink['parts'], options: PacketsOptions) {
  const { problems, minSeverity, select } = options;
  const models = modelsOf(options);
  if (parts === undefined || select !== undefined) return { congestion: models };
  const detection = parts.has('findings') || problems === true || minSeverity !== undefined;
  return {
    rowsTell: parts,
    congestion: (detection || parts.has('congestion')) && models,
    timeBudget: detection || parts.has('waits'),
    detection,
  };
}

/** Hands the packets that the options choose to a sink, and stops reading when it has as many as `--count` says. */
class ChosenRows {
  private readonly sink: RowSink;
  private readonly session: CaptureSession;
  private readonly options: PacketsOptions;
  /** Null when every packet is wanted. */
  private readonly picked: Picked | null;
  private readonly filter: ReturnType<typeof startFilter>;
  private left: number;

  constructor(
    sink: RowSink,
    session: CaptureSession,
    options: PacketsOptions,
    isWanted: ((row: PacketRow) => boolean) | null,
  ) {
    const { count, context, problems, filter } = options;
    this.sink = sink;
    this.session = session;
    this.options = options;
    this.left = count ?? Number.POSITIVE_INFINITY;
    this.filter = startFilter(filter, session.origin);
    this.picked =
      isWanted === null
        ? null
        : new Picked(isWanted, context ?? (problems ? CONTEXT : 0), {
            take: (row) => this.print(row),
            gap: (packets) => sink.gap?.(packets),
          });
  }

  take(row: PacketRow): void {
    if (this.left <= 0 || !this.isChosen(row)) return;
    if (this.picked === null) this.print(row);
    else this.picked.take(row);
  }

  /** Rows may come before their turn where each is picked by itself. */
  get early(): { earlyRows?: EarlyRows } {
    const { sink, picked } = this;
    if (sink.hold === undefined || picked !== null) return {};
    const take = (row: PacketRow) => sink.hold!(this.isChosen(row) ? row : null);
    const turn = () => {
      if (this.left > 0 && sink.tell!()) this.count();
    };
    return { earlyRows: { take, turn } };
  }

  /** Packets that are no segments have no verdict and no connection: they are wanted where neither is asked for. */
  get takesOthers(): boolean {
    return this.sink.other !== undefined && this.picked === null && this.options.stream === undefined;
  }

  takeOther(view: SegmentView): void {
    if (this.left > 0 && (this.filter === undefined || this.filter(view))) this.sink.other?.(view);
  }

  /** There are no more packets: says so where none was wanted. */
  end(context: Context): void {
    if (this.picked === null || this.left <= 0) return;
    this.picked.end();
    if (this.picked.found === 0)
      context.note(this.options.problems ? 'no packet has a problem' : 'no packet is selected');
  }

  endSink(): void {
    this.sink.end?.(this.left <= 0);
  }

  private print(row: PacketRow): void {
    if (this.left <= 0) return;
    this.sink.take(row);
    this.count();
  }

  /** One more was written. */
  private count(): void {
    if (--this.left <= 0) this.session.stop();
  }

  private isChosen(row: PacketRow): boolean {
    return row.isSelected && isChosen(row.connection, this.options);
  }
}

/** Says how many packets were printed before their verdicts were settled. */
function tellHurried({ hurriedRows }: Analyzer, context: Context): void {
  if (hurriedRows > 0)
    context.warn(
      `${formatNumberOf(hurriedRows, 'packet')} left before the questions about them were settled: too many were waiting (--horizon)`,
    );
}

/** Which packets --problems, --min-severity and --select leave (all of them together; null: every packet), and what is to be said of it. */
async function choiceOf({ problems, minSeverity, select }: PacketsOptions) {
  const conditions: ((row: PacketRow) => boolean)[] = [];
  if (problems) conditions.push(isProblem);
  if (minSeverity !== undefined) conditions.push((row) => isOfSeverity(row, minSeverity));
  const selector = select === undefined ? null : new (await import('../check/selection.ts')).PacketSelector(select);
  if (selector !== null) conditions.push((row) => selector.selects(row));
  return {
    isWanted: conditions.length === 0 ? null : (row: PacketRow) => conditions.every((holds) => holds(row)),
    report: (context: Context) => {
      if (selector !== null && selector.unknown > 0)
        context.note(
          `${formatNumberOf(selector.unknown, 'packet')} left out, of which it cannot be told: ${selector.reason}`,
        );
    },
  };
}

/** A late packet of a connection that left. */
export const LATE = 'a late packet of theirs has a stream of its own';

/** Connections leave while they are read, but for those that `--stream` names. */
export function leavingOf({ stream, ...choice }: PacketsOptions) {
  return othersLeave(stream === undefined ? null : (id) => isStream(id, { ...choice, stream }));
}

/** How the captures are read for packets. */
export function runOptions(captures: readonly string[], options: PacketsOptions): RunOptions {
  return { captures: captureNames(captures, options), isStreaming: true };
}
