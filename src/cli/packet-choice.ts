import { horizonOf } from '../analysis.ts';
import type { Analyzer } from '../analyze.ts';
import type { CaptureSession } from '../capture/session.ts';
import type { Severity } from '../model/finding.ts';
import type { KeepBytes, PacketRow, RowPart } from '../model/row.ts';
import type { SegmentView } from '../model/segment.ts';
import { formatNumberOf } from '../model/units.ts';
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
  const { horizon, problems } = options;
  const choice = await choiceOf(options);
  let left = options.count ?? Number.POSITIVE_INFINITY;
  let sink: RowSink | undefined;
  let picked: Picked | undefined;
  const { analyzer } = await analyzeCaptures(context, runOptions(captures, options), (session) => {
    sink = open(session);
    const { take: print, gap, other } = sink;
    const counted = (row: PacketRow) => {
      if (left <= 0) return;
      print(row);
      if (--left <= 0) session.stop();
    };
    const { isWanted } = choice;
    picked =
      isWanted === null
        ? undefined
        : new Picked(isWanted, options.context ?? (problems ? CONTEXT : 0), {
            take: counted,
            ...(gap === undefined ? {} : { gap }),
          });
    const take = picked === undefined ? counted : picked.take.bind(picked);
    const filter = startFilter(options.filter, session.origin);
    // Without a verdict, and of no connection, they are wanted with everything or by the filter only.
    const takesOthers = other !== undefined && picked === undefined && options.stream === undefined;
    return {
      ...(options.stream === undefined ? {} : { rowsOf: ({ id }) => isStream(id, options) }),
      onRow: (row) => {
        if (left <= 0 || !row.isSelected || !isChosen(row.connection, options)) return;
        take(row);
      },
      ...(takesOthers
        ? {
            onOther: (view: SegmentView) => {
              if (left > 0 && (filter === undefined || filter(view))) other(view);
            },
          }
        : {}),
      keep,
      ...leavingOf(options),
      ...stagesOf(sink.parts, options),
      everyView,
      ...(horizon === undefined ? {} : { horizon: horizonOf(horizon) }),
      ...(options.filter === undefined ? {} : { filter: options.filter }),
    };
  });
  requireStream(analyzer.opened, options, context);
  if (picked !== undefined && left > 0) {
    picked.end();
    if (picked.found === 0) context.note(problems ? 'no packet has a problem' : 'no packet is selected');
  }
  choice.report(context);
  sink?.end?.(left <= 0);
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
