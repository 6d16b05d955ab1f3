import type { CaptureSession } from '../capture/session.ts';
import type { Connection } from '../model/connection.ts';
import { UsageError } from '../model/errors.ts';
import type { PacketRow } from '../model/row.ts';
import { choiceError, chosenConnections, oneStream } from './choice.ts';
import type { Context } from './context.ts';
import { inputNames, totalSize } from './input.ts';
import type { CaptureOptions } from './options.ts';
import { analyzeCaptures } from './run.ts';
import { StreamChoice } from './stream-choice.ts';

/**
 * Hands the rows of one connection to `take`: of the one that `--stream` or `--filter` chooses, or of the only one. Null when
 * the captures could not be read.
 * @throws UsageError with a list to choose from where there is none, or more than one
 */
export async function readOne(
  captures: readonly string[],
  options: CaptureOptions,
  context: Context,
  take: (row: PacketRow, session: CaptureSession) => void,
): Promise<Connection | null> {
  const { stream, isRepeated } = await streamOf(captures, options, context);
  if (stream === null) return null;
  const { analyzer } = await analyzeCaptures(context, { captures, isRepeated }, (session) => ({
    onRow: (row) => {
      if (row.connection.id === (stream ?? 0)) take(row, session);
    },
  }));
  const chosen = chosenConnections(
    analyzer.connections,
    stream === undefined ? {} : { stream: StreamChoice.of(stream) },
    context,
  );
  const [only] = chosen;
  if (only === undefined && context.isCutOff) return null;
  if (only === undefined || chosen.length > 1) throw choiceError(chosen, options);
  return only;
}

/** Which connection is wanted: undefined for the only one, null when the captures could not be read. */
async function streamOf(
  captures: readonly string[],
  options: CaptureOptions,
  context: Context,
): Promise<{ stream: number | null | undefined; isRepeated: boolean }> {
  const { filter } = options;
  const stream = oneStream(options);
  if (filter === undefined) return { stream, isRepeated: false };
  if (stream !== undefined) throw new UsageError('--stream and --filter both choose the connection: give one of them');
  return { stream: await onlyAccepted(captures, options, context), isRepeated: true };
}

/** The one connection with a packet that the filter accepts, which may be any packet of it: the captures are read twice. */
export async function onlyAccepted(
  names: readonly string[],
  options: CaptureOptions,
  context: Context,
): Promise<number | null> {
  const { filter } = options;
  const { analyzer } = await analyzeCaptures(context, { captures: names }, () => ({
    congestion: false,
    timeBudget: false,
    filter: filter!,
  }));
  if (context.isCutOff) return null;
  const chosen = chosenConnections(analyzer.connections, options, context);
  const [only] = chosen;
  if (only === undefined || chosen.length > 1) throw choiceError(chosen, options);
  if (inputNames(names).includes('-') || totalSize(names) === null) {
    throw new UsageError(`standard input cannot be read twice: choose with --stream ${only.id} instead of --filter`);
  }
  return only.id;
}
