import type { CaptureFacts } from '../model/capture-facts.ts';
import type { Shard } from '../model/shard.ts';
import type { Part } from './part.ts';
import { FIELDS } from './snapshot.ts';

/** Raised when a part that was written before cannot be read any more. */
export const PART_VERSION = 1;

/** The capture as JSON holds it: the time of its first packet is a text. */
export type WrittenFacts = Omit<CaptureFacts, 'firstTimestamp'> & { readonly firstTimestamp: string | null };

export function writtenFacts(facts: CaptureFacts): WrittenFacts {
  return { ...facts, firstTimestamp: facts.firstTimestamp === null ? null : String(facts.firstTimestamp) };
}

export function readFacts({ firstTimestamp, ...facts }: WrittenFacts): CaptureFacts {
  return { ...facts, firstTimestamp: firstTimestamp === null ? null : BigInt(firstTimestamp) };
}

/** The first line of a part: what it is, and what all of the capture shows. */
interface Head {
  readonly tcpscopePart: number;
  /** Of which division it is a part. */
  readonly division: string;
  readonly shard: Shard;
  readonly fields: typeof FIELDS;
  readonly facts: WrittenFacts;
  readonly overview: Part['overview'];
}

/** The last line: what the shard knows of the capture, and how many connections stand before it. */
type Tail = Omit<Part, 'shard' | 'facts' | 'overview' | 'connections'> & { readonly connections: number };

/** Why something is no part, or not a whole one. */
export class PartError extends Error {
  override readonly name = 'PartError';
}

/** A part as lines of JSON, without their ends: what it is, each connection, what the shard knows. */
export function* partLines(part: Part, division: string): Generator<string> {
  const { shard, facts, overview, connections, ...rest } = part;
  const head: Head = {
    tcpscopePart: PART_VERSION,
    division,
    shard,
    fields: FIELDS,
    facts: writtenFacts(facts),
    overview,
  };
  yield JSON.stringify(head);
  for (const connection of connections) yield JSON.stringify(connection);
  const tail: Tail = { ...rest, connections: connections.length };
  yield JSON.stringify({ end: tail });
}

export interface ReadPart {
  readonly part: Part;
  readonly division: string;
}

/** The part that lines hold. Throws a PartError that says which line is wrong, and how. */
export function readPart(lines: Iterable<string>): ReadPart {
  let head: Head | null = null;
  let tail: Tail | null = null;
  const connections: Part['connections'][number][] = [];
  let number = 0;
  for (const line of lines) {
    number++;
    const value = objectOf(line, number);
    if (head === null) head = headOf(value);
    else if (tail !== null) throw new PartError(`line ${number} comes after the end of the part`);
    else if ('end' in value) tail = value.end as Tail;
    else connections.push(connectionOf(value, number));
  }
  if (head === null) throw new PartError('it is empty');
  if (tail === null) throw new PartError(`it ends after line ${number}, before the end of the part`);
  if (tail.connections !== connections.length)
    throw new PartError(`it holds ${connections.length} connections, and says that there are ${tail.connections}`);
  const { shard, facts, overview, division } = head;
  return { part: { ...tail, shard, facts: readFacts(facts), overview, connections }, division };
}

function objectOf(line: string, number: number): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new PartError(number === 1 ? NOT_A_PART : `line ${number} is damaged: no JSON object`);
}

const NOT_A_PART = 'it is no part of an analysis (tcpscope part makes them)';

function headOf(value: Record<string, unknown>): Head {
  const { tcpscopePart: version, fields } = value;
  if (typeof version !== 'number') throw new PartError(NOT_A_PART);
  if (version !== PART_VERSION)
    throw new PartError(`it has version ${version}, and this tcpscope reads version ${PART_VERSION}`);
  if (JSON.stringify(fields) !== JSON.stringify(FIELDS))
    throw new PartError('it was made by another version of tcpscope: make all parts and merge them with one version');
  return value as unknown as Head;
}

function connectionOf(value: Record<string, unknown>, number: number): Part['connections'][number] {
  const { values, a, b, findings } = value;
  const isWhole =
    Array.isArray(values) &&
    values.length === FIELDS.connection.length &&
    Array.isArray(findings) &&
    [a, b].every((end) => (end as { values?: unknown[] } | null)?.values?.length === FIELDS.endpoint.length);
  if (!isWhole) throw new PartError(`line ${number} is damaged: no connection`);
  return value as unknown as Part['connections'][number];
}
