import type { CaptureFacts } from '../model/capture-facts.ts';
import type { Connection } from '../model/connection.ts';
import { UsageError } from '../model/errors.ts';
import type { PacketRow } from '../model/row.ts';
import { isClocked } from '../summary/trust.ts';
import { choiceError, chosenConnections, MAX_LISTED, oneStream } from './choice.ts';
import type { Context } from './context.ts';
import { canBeRepeated } from './input.ts';
import type { CaptureOptions } from './options.ts';
import { AcceptedStay, othersLeave } from './others-leave.ts';
import { analyzeCaptures, reportNoneThen } from './run.ts';
import { StreamChoice } from './stream-choice.ts';
import { isTimed, startWindow, untimed } from './time-window.ts';

/** The connection that was wanted, and its capture. */
export interface One {
  readonly connection: Connection;
  readonly facts: CaptureFacts;
  /** A clock gave the times of the capture. */
  readonly isClocked: boolean;
}

/** Takes a row of the connection, and whether it is within `--since` and `--until`. */
export type TakeRow = (row: PacketRow, isShown: boolean) => void;

/**
 * Hands the rows of one connection to `take`: of the one that `--stream` or `--filter` chooses, or of the only one. Null when
 * the captures could not be read. The times choose it too where `--stream` does not.
 * @throws UsageError with a list to choose from where there is none, or more than one
 */
export async function readOne(
  captures: readonly string[],
  options: CaptureOptions,
  context: Context,
  take: TakeRow,
): Promise<One | null> {
  const { stream, isRepeated } = await streamOf(captures, options, context);
  if (stream === null) return null;
  let shown = 0;
  const { analyzer, facts } = await analyzeCaptures(context, { captures, isRepeated }, ({ origin }) => {
    const isWithin = startWindow(options.filter, origin);
    return {
      ...othersLeave((id) => (stream === undefined ? id < MAX_LISTED : id === stream)),
      rowsOf: ({ id }) => id === (stream ?? 0),
      onRow: (row) => {
        const isShown = isWithin(row.view);
        if (isShown) shown++;
        take(row, isShown);
      },
    };
  });
  const chosen = chosenConnections(
    analyzer.connections,
    stream === undefined ? {} : { stream: StreamChoice.of(stream) },
    context,
    analyzer.opened,
  );
  const [only] = chosen;
  if (only === undefined && context.isCutOff) return null;
  const count = stream === undefined ? analyzer.opened : chosen.length;
  if (only === undefined || count > 1) throw choiceError(chosen, options, count);
  if (shown === 0 && isTimed(options.filter)) reportNoneThen(context, analyzer, facts, `of stream ${only.id} `);
  return { connection: only, facts, isClocked: isClocked(analyzer.findings) };
}

/** Which connection is wanted: undefined for the only one, null when the captures could not be read. */
async function streamOf(
  captures: readonly string[],
  options: CaptureOptions,
  context: Context,
): Promise<{ stream: number | null | undefined; isRepeated: boolean }> {
  const { filter } = options;
  const stream = oneStream(options);
  if (!choosesByFilter(captures, options)) return { stream, isRepeated: false };
  return { stream: await onlyAccepted(captures, { ...options, filter: filter! }, context), isRepeated: true };
}

/**
 * Whether the filter, or the times, say which connection is wanted. Of captures that can be read only once the times choose
 * nothing: they are one connection's, or `--stream` is needed.
 * @throws UsageError where `--stream` says it too
 */
export function choosesByFilter(captures: readonly string[], { filter, stream }: CaptureOptions): boolean {
  if (filter === undefined) return false;
  const isFiltered = untimed(filter) !== undefined;
  if (isFiltered && stream !== undefined)
    throw new UsageError('--stream and --filter both choose the connection: give one of them');
  return isFiltered || (stream === undefined && canBeRepeated(captures));
}

/** The one connection with a packet that the filter accepts, which may be any packet of it: the captures are read twice. */
export async function onlyAccepted(
  names: readonly string[],
  options: CaptureOptions,
  context: Context,
): Promise<number | null> {
  const { filter } = options;
  const accepted = new AcceptedStay();
  const { analyzer } = await analyzeCaptures(context, { captures: names }, () => ({
    congestion: false,
    timeBudget: false,
    filter: filter!,
    staysFor: accepted.staysFor,
    onLeave: accepted.onLeave,
  }));
  if (context.isCutOff) return null;
  const chosen = chosenConnections(analyzer.connections, options, context, analyzer.opened);
  const [only] = chosen;
  const count = chosen.length + accepted.others;
  if (only === undefined || count > 1) throw choiceError(chosen, options, count);
  if (!canBeRepeated(names)) {
    throw new UsageError(`standard input cannot be read twice: choose with --stream ${only.id} instead of --filter`);
  }
  return only.id;
}
