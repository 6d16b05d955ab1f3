import type { Overview } from '../analysis.ts';
import { TIME_USES } from '../model/budget.ts';
import type { CaptureFacts } from '../model/capture-facts.ts';
import type { LeftCounts } from '../model/left.ts';
import { MOST_SHARDS, type Shard } from '../model/shard.ts';
import type { PacketCounts } from '../packet-counts.ts';
import { isGathered, isJumps, isRecords } from './gathered-shape.ts';
import type { Part } from './part.ts';
import { formOf, isCount, isNumber, isSaying, isText, isTruth, listOf, listOfAll, nullOr, objectOf } from './shape.ts';
import { FIELDS } from './snapshot.ts';
import { isConnectionSnapshot } from './snapshot-shape.ts';

/** Raised when a part that was written before cannot be read any more. */
const PART_VERSION = 1;

/** The capture as JSON holds it: the time of its first packet is a text. */
export type WrittenFacts = Omit<CaptureFacts, 'firstTimestamp'> & { readonly firstTimestamp: string | null };

/** The facts as JSON can hold them. */
export function writtenFacts(facts: CaptureFacts): WrittenFacts {
  return { ...facts, firstTimestamp: facts.firstTimestamp === null ? null : String(facts.firstTimestamp) };
}

/** The facts that `writtenFacts` wrote. */
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
export async function readPart(lines: AsyncIterable<string>): Promise<ReadPart> {
  let head: Head | null = null;
  let tail: Tail | null = null;
  const connections: Part['connections'][number][] = [];
  let number = 0;
  for await (const line of lines) {
    number++;
    const value = objectIn(line, number);
    if (head === null) head = headOf(value);
    else if (tail !== null) throw new PartError(`line ${number} comes after the end of the part`);
    else if ('end' in value) tail = tailOf(value.end, number);
    else connections.push(connectionOf(value, number));
  }
  if (head === null) throw new PartError('it is empty');
  if (tail === null) throw new PartError(`it ends after line ${number}, before the end of the part`);
  if (tail.connections !== connections.length)
    throw new PartError(`it holds ${connections.length} connections, and says that there are ${tail.connections}`);
  requireNumbers(connections, tail.openedAt.length);
  const { shard, facts, overview, division } = head;
  return { part: { ...tail, shard, facts: readFacts(facts), overview, connections }, division };
}

const ID = FIELDS.connection.indexOf('id');
const OTHER_IDS = ['previousId', 'continues'].map((name) => FIELDS.connection.indexOf(name));

/** Every connection is another one of the `count` that the shard has seen, and names none beside them. */
function requireNumbers(connections: Part['connections'], count: number): void {
  const seen = new Uint8Array(count);
  const isOne = (id: unknown): id is number => isCount(id) && (id as number) < count;
  connections.forEach(({ values }, i) => {
    const line = `line ${i + 2} is damaged`;
    const id = values[ID];
    if (!isOne(id)) throw new PartError(`${line}: connection ${id} of ${count} (from 0)`);
    if (seen[id] === 1) throw new PartError(`${line}: connection ${id} is there twice`);
    seen[id] = 1;
    for (const place of OTHER_IDS) {
      const other = values[place];
      if (other !== -1 && !isOne(other))
        throw new PartError(`${line}: it names connection ${other} of ${count} (from 0)`);
    }
  });
}

function objectIn(line: string, number: number): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new PartError(number === 1 ? NOT_A_PART : `line ${number} is damaged: no JSON object`);
}

/** How every part begins. */
export const BEGIN = '{"tcpscopePart":';
export const NOT_A_PART = 'it is no part of an analysis (tcpscope part makes them)';

function headOf(value: Record<string, unknown>): Head {
  const { tcpscopePart: version, fields } = value;
  if (typeof version !== 'number') throw new PartError(NOT_A_PART);
  if (version !== PART_VERSION)
    throw new PartError(`it has version ${version}, and this tcpscope reads version ${PART_VERSION}`);
  if (JSON.stringify(fields) !== JSON.stringify(FIELDS))
    throw new PartError('it was made by another version of tcpscope: make all parts and merge them with one version');
  if (!isHead(value))
    throw new PartError('line 1 is damaged: it does not say which shard this is, and of what capture');
  const head = value as unknown as Head;
  const { index, count } = head.shard;
  if (count > MOST_SHARDS || index >= count)
    throw new PartError(`line 1 is damaged: shard ${index} of ${count} (from 0, of at most ${MOST_SHARDS})`);
  return head;
}

function tailOf(value: unknown, number: number): Tail {
  if (!isTail(value)) throw new PartError(`line ${number} is damaged: it does not say what the shard knows`);
  return value as Tail;
}

/** What a capture says of itself, and what all of its packets show. */
export const isFacts = objectOf({
  leftOut: listOf(isText),
  files: listOf(isText),
  formats: listOf(isText),
  compression: listOf(nullOr(isText)),
  byteOrder: listOf(nullOr(isText)),
  interfaces: listOf(isSaying),
  comments: listOf(isText),
  firstTimestamp: nullOr((text) => typeof text === 'string' && /^-?\d{1,20}$/.test(text)),
  times: isText,
  damages: listOf(isSaying),
});

export const isOverview = formOf<Overview>({
  counts: formOf<PacketCounts>({
    total: isCount,
    tcp: isCount,
    icmpErrors: isCount,
    fragments: isCount,
    notTcp: isCount,
    cutShort: isCount,
    malformed: isCount,
    unknownLink: isCount,
    filteredOut: isCount,
    wireBytes: isCount,
    capturedBytes: isCount,
    snapped: isCount,
    snappedTo: isNumber,
    firstTime: isNumber,
    lastTime: isNumber,
    endTime: isNumber,
  }),
  records: isRecords,
  jumps: isJumps,
});

const isHead = objectOf({
  division: isText,
  shard: objectOf({ index: isCount, count: isCount }),
  facts: isFacts,
  overview: isOverview,
});

const isTally = objectOf({ totals: listOfAll(TIME_USES.map(() => isNumber)), connections: isCount });

const isTail = objectOf({
  gathered: isGathered,
  openedAt: listOf(isCount),
  isFiltered: isTruth,
  filteredOut: isCount,
  left: formOf<LeftCounts>({
    connections: isCount,
    packets: isCount,
    by: formOf<LeftCounts['by']>({ attempt: isCount, closed: isCount, 'half-closed': isCount, idle: isCount }),
    heardAgain: isCount,
    forMemory: isCount,
  }),
  departed: nullOr(
    objectOf({
      grouping: isText,
      overall: isTally,
      groups: listOf(listOfAll([isText, isTally])),
      services: listOf(listOfAll([isText, isCount])),
      findings: listOf(listOfAll([isText, objectOf({ severity: isText, connections: isCount, times: isCount })])),
      lostBy: listOf(listOfAll([isText, isNumber])),
      connections: isCount,
      oneWay: isCount,
      midStream: isCount,
    }),
  ),
  isCutShort: isTruth,
  connections: isCount,
});

function connectionOf(value: Record<string, unknown>, number: number): Part['connections'][number] {
  if (!isConnectionSnapshot(value)) throw new PartError(`line ${number} is damaged: no connection`);
  return value;
}
