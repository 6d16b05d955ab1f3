import { congestionOf } from '../congestion/stage.ts';
import { TIME_USES } from '../model/budget.ts';
import { fill, WIDTH } from '../model/change-rooms.ts';
import { CONNECTION_ROW_WORDS, Connection } from '../model/connection.ts';
import { ENDPOINT_ROW_WORDS, type Endpoint } from '../model/endpoint.ts';
import type { Packed } from '../model/packed.ts';
import type { RoundTripsFacts } from '../model/round-trips.ts';
import { SegmentView } from '../model/segment.ts';
import { ownFieldsOf } from './plain.ts';
import {
  type CongestionSnapshot,
  congestionSnapshot,
  renumber,
  reviveCongestion,
  type SpansSnapshot,
  spansOf,
  spansSnapshot,
  type ViolationsSnapshot,
  violationsSnapshot,
} from './snapshot.ts';
import { OUTBOUND_SIZE, StoredBudget, storedOutbound, storeOutbound } from './stored.ts';
import { type FindingSnapshot, findingSnapshot, type Streams } from './telling.ts';

/*
 * Connections that one thread hands to another: their numbers in columns that change hands without being copied, and as objects
 * only what few connections have.
 */

/** Their numbers, and the rows that they have outside of the heap (`model/packed.ts`), one object after the other. */
interface Columns {
  readonly numbers: Float64Array;
  readonly rows: Int32Array;
}

export interface PackedConnections {
  readonly count: number;
  readonly connections: Columns;
  /** Of each connection `a` and `b`. */
  readonly ends: Columns;
  /** What is told of the data that each end has sent (`storeOutbound`). */
  readonly outbounds: Float64Array;
  /** Times and codes of the changes of state, of all ends one after the other. */
  readonly changes: Float64Array;
  /** By `TimeUse`, of those with `HAS_LIFE`. */
  readonly totals: Float64Array;
  /** `HAS_LIFE` and `LACKS_PACKETS`. */
  readonly marks: Uint8Array;
  /** Of each connection, on a line of its own. */
  readonly histories: string;
  /** In the order of the connections. */
  readonly further: readonly Further[];
}

/** What few connections have. */
interface Further {
  /** Of the connection. */
  readonly place: number;
  readonly findings: readonly FindingSnapshot[];
  readonly violations: Both<ViolationsSnapshot>;
  readonly congestion: Both<CongestionSnapshot | null>;
  readonly roundTrips: Both<RoundTripsFacts | null>;
  readonly spans: SpansSnapshot | null;
}

/** Of `a` and of `b`. */
type Both<T> = readonly [T, T];

const HAS_LIFE = 1;
const LACKS_PACKETS = 2;

const view = new SegmentView();
const sample = new Connection(0, view, null);

/** Names of the fields that an object itself has; where it lies in memory is nobody else's business. */
class Fields {
  readonly numbers: readonly string[];
  readonly flags: readonly string[];
  /** Words of its row. */
  readonly words: number;

  constructor(object: object, words: number) {
    const values = object as Readonly<Record<string, unknown>>;
    const names = ownFieldsOf(object).filter((name) => !['row', 'place', 'wasUsed'].includes(name));
    this.numbers = names.filter((name) => typeof values[name] === 'number');
    this.flags = names.filter((name) => typeof values[name] === 'boolean');
    this.words = words;
  }

  columns(count: number): Columns {
    const size = this.numbers.length + this.flags.length;
    return { numbers: new Float64Array(count * size), rows: new Int32Array(count * this.words) };
  }

  write({ numbers, rows }: Columns, place: number, object: Packed): void {
    const values = object as unknown as Readonly<Record<string, number>>;
    const truths = object as unknown as Readonly<Record<string, boolean>>;
    const { words } = this;
    let at = place * (this.numbers.length + this.flags.length);
    for (const name of this.numbers) numbers[at++] = values[name];
    for (const name of this.flags) numbers[at++] = truths[name] ? 1 : 0;
    // As integers: what lies there need not be doubles, and no double may change its bits.
    const { integers } = object;
    const row = 2 * object.row;
    at = place * words;
    for (let k = 0; k < words; k++) rows[at++] = integers[row + k];
  }

  read({ numbers, rows }: Columns, place: number, object: Packed): void {
    const values = object as unknown as Record<string, number>;
    const truths = object as unknown as Record<string, boolean>;
    const { words } = this;
    let at = place * (this.numbers.length + this.flags.length);
    for (const name of this.numbers) {
      const value = numbers[at++];
      // As V8 holds the numbers of this thread's own: of doubles in their place it would make another class, and move all to it.
      const integer = value | 0;
      values[name] = integer === value && (value !== 0 || !Object.is(value, -0)) ? integer : value;
    }
    for (const name of this.flags) truths[name] = numbers[at++] !== 0;
    const { integers } = object;
    const row = 2 * object.row;
    at = place * words;
    for (let k = 0; k < words; k++) integers[row + k] = rows[at++];
  }
}

const CONNECTION = new Fields(sample, CONNECTION_ROW_WORDS);
const ENDPOINT = new Fields(sample.a, ENDPOINT_ROW_WORDS);

/** `spansFor`: with which totals every span of time is wanted as well. */
export function packConnections(
  connections: readonly Connection[],
  lacksPackets: (connection: Connection) => boolean,
  spansFor: (totals: ArrayLike<number>) => boolean,
): PackedConnections {
  const count = connections.length;
  let changed = 0;
  for (const { a, b } of connections) changed += WIDTH * (a.changeCount + b.changeCount);
  const packed = {
    count,
    connections: CONNECTION.columns(count),
    ends: ENDPOINT.columns(2 * count),
    outbounds: new Float64Array(2 * count * OUTBOUND_SIZE),
    changes: new Float64Array(changed),
    totals: new Float64Array(count * TIME_USES.length),
    marks: new Uint8Array(count),
  };
  const further: Further[] = [];
  changed = 0;
  for (let i = 0; i < count; i++) {
    const connection = connections[i];
    const { a, b, life } = connection;
    CONNECTION.write(packed.connections, i, connection);
    ENDPOINT.write(packed.ends, 2 * i, a);
    ENDPOINT.write(packed.ends, 2 * i + 1, b);
    storeOutbound(packed.outbounds, 2 * i, a.outbound);
    storeOutbound(packed.outbounds, 2 * i + 1, b.outbound);
    changed = writeChanges(packed.changes, changed, a);
    changed = writeChanges(packed.changes, changed, b);
    let hasSpans = false;
    if (life !== null) {
      const totals = life.totalsOf(connection);
      packed.totals.set(totals, i * TIME_USES.length);
      hasSpans = spansFor(totals);
    }
    packed.marks[i] = (life === null ? 0 : HAS_LIFE) | (lacksPackets(connection) ? LACKS_PACKETS : 0);
    if (hasSpans || isMore(a) || isMore(b) || connection.findings.length > 0)
      further.push(furtherOf(connection, i, hasSpans));
  }
  return { ...packed, histories: connections.map(({ historyText }) => historyText).join('\n'), further };
}

function writeChanges(memory: Float64Array, at: number, { changes, changesAt, changeCount }: Endpoint): number {
  for (let k = 0; k < WIDTH * changeCount; k++) memory[at + k] = changes[changesAt + k];
  return at + WIDTH * changeCount;
}

/** The memory that changes hands. */
export function memoryOf({ connections, ends, outbounds, changes, totals, marks }: PackedConnections): ArrayBuffer[] {
  const arrays = [connections.numbers, connections.rows, ends.numbers, ends.rows, outbounds, changes, totals, marks];
  return arrays.map(({ buffer }) => buffer as ArrayBuffer);
}

/** A connection again; what was found about it is not attached. */
export interface Unpacked {
  readonly connection: Connection;
  readonly findings: readonly FindingSnapshot[];
  readonly violations: Both<ViolationsSnapshot>;
  readonly lacksPackets: boolean;
}

/** Makes the connections anew, one after the other. */
export function* unpackConnections(packed: PackedConnections, streams: Streams): Generator<Unpacked> {
  const { further, outbounds, totals } = packed;
  const histories = packed.histories.split('\n');
  let changed = 0;
  let next = 0;
  for (let i = 0; i < packed.count; i++) {
    const connection = new Connection(0, view, null);
    const { a, b } = connection;
    CONNECTION.read(packed.connections, i, connection);
    connection.historyText = histories[i];
    renumber(connection, streams);
    ENDPOINT.read(packed.ends, 2 * i, a);
    ENDPOINT.read(packed.ends, 2 * i + 1, b);
    changed = readChanges(packed.changes, changed, a);
    changed = readChanges(packed.changes, changed, b);
    const more = further[next]?.place === i ? further[next++] : null;
    a.outbound = storedOutbound(outbounds, 2 * i, more?.roundTrips[0] ?? null);
    b.outbound = storedOutbound(outbounds, 2 * i + 1, more?.roundTrips[1] ?? null);
    if (more !== null) readCongestion(a, more);
    if (more !== null) readCongestion(b, more);
    if (packed.marks[i] & HAS_LIFE) {
      const spans = more?.spans ?? null;
      connection.life = new StoredBudget(totals, i * TIME_USES.length, spans && ((asked) => spansOf(spans, asked)));
    }
    yield {
      connection,
      findings: more?.findings ?? NO_FINDINGS,
      violations: more?.violations ?? NO_VIOLATIONS,
      lacksPackets: (packed.marks[i] & LACKS_PACKETS) !== 0,
    };
  }
}

const NO_FINDINGS: readonly FindingSnapshot[] = [];
const NO_VIOLATIONS = [null, null] as const;

function readChanges(memory: Float64Array, at: number, end: Endpoint): number {
  fill(end, memory, at, end.changeCount);
  return at + WIDTH * end.changeCount;
}

function readCongestion(end: Endpoint, { congestion }: Further): void {
  const stored = congestion[end.index];
  if (stored !== null) end.congestion = reviveCongestion(end, stored);
}

/** Something of it is more than numbers. */
function isMore({ violations, congestion, outbound }: Endpoint): boolean {
  return violations !== null || congestion !== null || (outbound?.rtt.roundTrips ?? null) !== null;
}

function furtherOf(connection: Connection, place: number, hasSpans: boolean): Further {
  const { a, b, findings } = connection;
  const both = <T>(of: (end: Endpoint) => T): Both<T> => [of(a), of(b)];
  return {
    place,
    findings: findings.map((finding) => findingSnapshot(finding, connection)),
    violations: both(violationsSnapshot),
    congestion: both((end) => congestionSnapshot(congestionOf(end))),
    roundTrips: both(({ outbound }) => outbound?.rtt.roundTrips?.facts ?? null),
    spans: hasSpans ? spansSnapshot(connection) : null,
  };
}
