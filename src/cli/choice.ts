import type { Concluded } from '../analysis.ts';
import type { Connection } from '../model/connection.ts';
import { type ConnectionList, listOf } from '../model/connection-list.ts';
import { UsageError } from '../model/errors.ts';
import { formatCount, formatNumberOf } from '../model/units.ts';
import type { Context } from './context.ts';
import type { CaptureOptions } from './options.ts';

type Choice = Pick<CaptureOptions, 'stream' | 'filter'>;

/** Whether `--stream` leaves a connection: known from its first packet on. */
export function isStream(id: number, { stream }: Choice): boolean {
  return stream === undefined || stream.has(id);
}

/** Whether `--stream` and `--filter` leave a connection. */
export function isChosen({ id, isSelected }: Connection, choice: Choice): boolean {
  return isSelected && isStream(id, choice);
}

/** The connections that `--stream` and `--filter` leave, when all was read. `count`: those that there were. */
export function chosenConnections(
  all: readonly Connection[],
  choice: Choice,
  context: Context,
  count = all.length,
): readonly Connection[] {
  requireStream(count, choice, context);
  return all.filter((connection) => isChosen(connection, choice));
}

/** The same as a list, of which most may have no object of their own. */
export function chosenList(analysis: Concluded, choice: Choice, context: Context): ConnectionList {
  requireStream(analysis.opened, choice, context);
  return choice.stream === undefined
    ? analysis.list
    : listOf(chosenConnections(analysis.connections, choice, context, analysis.opened));
}

/** Where one connection is wanted: the number that `--stream` has, undefined without it. */
export function oneStream({ stream }: Choice): number | undefined {
  if (stream === undefined) return undefined;
  if (stream.only === null) throw new UsageError('--stream names several connections, and here one is wanted');
  return stream.only;
}

/** Asking for a stream that is not there is a mistake on the command line, unless the captures were not read to the end. */
export function requireStream(count: number, { stream }: Choice, context: Context): void {
  const missing = stream?.missing(count) ?? null;
  if (missing === null || context.isCutOff) return;
  throw new UsageError(`there is no stream ${missing}: ${whatThereIs(count)}`);
}

/** Connections that are listed for the user to choose from. */
export const MAX_LISTED = 20;

/** Where one connection is wanted: what to say when there is none, or more than one: `count`, the first of which are `connections`. */
export function choiceError(
  connections: readonly Connection[],
  { filter }: Choice,
  count = connections.length,
): UsageError {
  const which = filter === undefined ? '' : ' with a packet that the filter accepts';
  if (connections.length === 0) return new UsageError(`there is no TCP connection${which}`);
  const lines = connections.slice(0, MAX_LISTED).map(({ id, client, server, packets }) => {
    return `  ${String(id).padStart(4)}  ${client.name} > ${server.name}  ${formatNumberOf(packets, 'packet')}`;
  });
  const more = count - lines.length;
  if (more > 0) lines.push(`  ... and ${formatCount(more)} more (tcpscope --all lists them)`);
  return new UsageError(
    `there are ${formatCount(count)} connections${which}: choose one with --stream NUMBER`,
    ...lines,
  );
}

function whatThereIs(count: number): string {
  if (count === 0) return 'the capture holds no TCP connection';
  const numbers = count === 1 ? 'number 0' : `numbers 0 to ${count - 1}`;
  return `the capture holds ${formatNumberOf(count, 'connection')}, ${numbers}`;
}
