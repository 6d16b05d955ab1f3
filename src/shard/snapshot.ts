import { congestionOf } from '../congestion/stage.ts';
import { type SettledFinding, settledFinding } from '../detect/collector.ts';
import {
  type BudgetSpan,
  budgetOf,
  type Exchange,
  TIME_USES,
  type TimeBudget,
  type TimeKeeper,
} from '../model/budget.ts';
import { type CongestionEpisode, CongestionState, type Stall } from '../model/congestion.ts';
import { Connection, type Endpoint } from '../model/connection.ts';
import type { Finding } from '../model/finding.ts';
import type { CopyTally, OutboundView } from '../model/outbound.ts';
import { RoundTrips, type RoundTripsFacts } from '../model/round-trips.ts';
import { SegmentView } from '../model/segment.ts';
import { assign, fieldsOf, numberOf, type Plain, plainNumbers, valuesLike, valuesOf } from './plain.ts';
import {
  isCount,
  isNumber,
  isPlainNumber,
  isSaying,
  isText,
  isTruth,
  listOf,
  listOfAll,
  nullOr,
  objectOf,
} from './shape.ts';

/*
 * A connection that its analysis has concluded as plain data, and the connection again: all that reports, summaries and
 * conclusions about the capture ask of it, and nothing of what only further packets would ask.
 */

type Numbers = readonly (number | string)[];

export interface EndpointSnapshot {
  /** By `FIELDS.endpoint`. */
  readonly values: readonly Plain[];
  /** Time and code of each change of state. */
  readonly changes: Numbers;
  /** By `FIELDS.rtt`; null where nothing of what it sends was followed. */
  readonly rtt: Numbers | null;
  readonly tally: CopyTally | null;
  readonly roundTrips: RoundTripsFacts | null;
  /** Segments whose fate was given up. */
  readonly forgotten: number;
  readonly congestion: CongestionSnapshot | null;
  /** Places of its findings in the list of the connection, or the findings themselves. */
  readonly violations: readonly (number | FindingSnapshot)[] | null;
}

export interface CongestionSnapshot {
  /** By `FIELDS.congestion`. */
  readonly values: Numbers;
  readonly episodes: readonly Plain[];
  readonly stalls: readonly Plain[];
}

export interface FindingSnapshot extends Omit<SettledFinding, 'account'> {
  readonly account: Plain;
}

export interface BudgetSnapshot {
  readonly totals: Numbers;
  /** Null where nobody can ask for more than the totals. */
  readonly whole: {
    readonly spans: Numbers;
    readonly exchanges: readonly Plain[];
    readonly moreExchanges: number;
    readonly isCoarse: boolean;
  } | null;
}

export interface ConnectionSnapshot {
  /** By `FIELDS.connection`. */
  readonly values: readonly Plain[];
  readonly a: EndpointSnapshot;
  readonly b: EndpointSnapshot;
  readonly findings: readonly FindingSnapshot[];
  readonly budget: BudgetSnapshot | null;
  /** Packets of it are missing in the capture. */
  readonly lacksPackets: boolean;
}

class StoredCongestion extends CongestionState {
  refresh(): void {}

  /** It was concluded. */
  conclude(): void {}
}

const sample = new Connection(0, new SegmentView(), null);

/** Where an object lies in memory is nobody else's business. */
const isValue = (name: string) => name !== 'row';

/** The fields of each list of values, in its order. A part names them, so that one of another version is told. */
export const FIELDS = {
  connection: fieldsOf(sample).filter(isValue),
  endpoint: fieldsOf(sample.a).filter(isValue),
  rtt: ['sample', 'srtt', 'rttvar', 'rto', 'min', 'samples'],
  congestion: fieldsOf(new StoredCongestion(sample.a)),
  span: ['start', 'end', 'use', 'exchange'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

const isNumbers = listOf(isPlainNumber);

const isFinding = objectOf({
  frame: isCount,
  time: isNumber,
  sort: isText,
  place: isCount,
  listed: isCount,
  more: isCount,
  account: isSaying,
});

const isEndpoint = objectOf({
  values: valuesLike(sample.a, FIELDS.endpoint),
  changes: isNumbers,
  rtt: nullOr(listOfAll(FIELDS.rtt.map(() => isPlainNumber))),
  tally: nullOr(
    objectOf({
      retransmittedPackets: isNumber,
      retransmittedBytes: isNumber,
      lostPackets: isNumber,
      lostBytes: isNumber,
    }),
  ),
  roundTrips: nullOr(
    objectOf({
      count: isCount,
      min: isNumber,
      max: isNumber,
      samples: listOf(isNumber),
      buckets: nullOr(listOf(isCount)),
    }),
  ),
  forgotten: isCount,
  congestion: nullOr(
    objectOf({
      values: valuesLike(new StoredCongestion(sample.a), FIELDS.congestion),
      episodes: listOf(isSaying),
      stalls: listOf(isSaying),
    }),
  ),
  violations: nullOr(listOf((one) => isCount(one) || isFinding(one))),
});

/** Whether what was read has the form of a connection. */
export const isConnectionSnapshot = objectOf({
  values: valuesLike(sample, FIELDS.connection),
  a: isEndpoint,
  b: isEndpoint,
  findings: listOf(isFinding),
  budget: nullOr(
    objectOf({
      totals: listOfAll(TIME_USES.map(() => isPlainNumber)),
      whole: nullOr(
        objectOf({ spans: isNumbers, exchanges: listOf(isSaying), moreExchanges: isCount, isCoarse: isTruth }),
      ),
    }),
  ),
  lacksPackets: isTruth,
}) as (value: unknown) => value is ConnectionSnapshot;

export function snapshotOf(connection: Connection, lacksPackets: boolean, isWhole = true): ConnectionSnapshot {
  return {
    values: valuesOf(connection, FIELDS.connection),
    a: endpointSnapshot(connection.a),
    b: endpointSnapshot(connection.b),
    findings: connection.findings.map((finding) => findingSnapshot(finding, connection)),
    budget: budgetSnapshot(connection, isWhole),
    lacksPackets,
  };
}

function endpointSnapshot(endpoint: Endpoint): EndpointSnapshot {
  const { connection, changes, changeCount, outbound, violations } = endpoint;
  return {
    values: valuesOf(endpoint, FIELDS.endpoint),
    changes: plainNumbers(changes.slice(0, 2 * changeCount)),
    rtt: outbound === null ? null : (valuesOf(outbound.rtt, FIELDS.rtt) as Numbers),
    tally: tallyOf(outbound),
    roundTrips: outbound?.rtt.roundTrips?.facts ?? null,
    forgotten: outbound?.scoreboard.forgotten ?? 0,
    congestion: congestionSnapshot(congestionOf(endpoint)),
    violations:
      violations?.map((finding) => {
        const place = connection.findings.indexOf(finding);
        return place < 0 ? findingSnapshot(finding, connection) : place;
      }) ?? null,
  };
}

function congestionSnapshot(state: CongestionState | null): CongestionSnapshot | null {
  if (state === null) return null;
  return {
    values: valuesOf(state, FIELDS.congestion) as Numbers,
    episodes: state.episodes.map((episode) => plainOf({ ...episode }, state.endpoint.connection)),
    stalls: state.stalls.map((stall) => plainOf({ ...stall }, state.endpoint.connection)),
  };
}

function findingSnapshot(finding: Finding, connection: Connection): FindingSnapshot {
  const { account, ...rest } = settledFinding(finding);
  return { ...rest, account: plainOf(account, connection) };
}

/** What JSON has no form for: an end of the connection by its number, a number that is not finite, bytes. */
interface Marked {
  readonly end?: 0 | 1;
  readonly number?: string;
  readonly bytes?: readonly number[];
}

/** What a finding or a list tells, as plain data. */
function plainOf(value: unknown, connection: Connection): Plain {
  if (value === connection.a) return { end: 0 };
  if (value === connection.b) return { end: 1 };
  if (typeof value === 'number') return plainNumberIn(value);
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((one) => plainOf(one, connection));
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    const entries = Object.entries(value).filter(([, one]) => one !== undefined);
    return Object.fromEntries(entries.map(([key, one]) => [key, plainOf(one, connection)]));
  }
  throw new Error(`a finding cannot be written: ${typeof value} ${(value as object | undefined)?.constructor?.name}`);
}

/** Among texts a number that JSON cannot hold needs a mark of its own. */
function plainNumberIn(value: number): Plain {
  return Number.isFinite(value) ? value : { number: String(value) };
}

/** What plain data tells. `streams`: the number of each connection among all. */
function unplain(plain: Plain, connection: Connection, streams: Streams = same): unknown {
  if (plain === null || typeof plain !== 'object') return plain;
  if (Array.isArray(plain)) return plain.map((one) => unplain(one, connection, streams));
  const { end, number, bytes } = plain as unknown as Marked;
  const keys = Object.keys(plain);
  if (keys.length === 1 && typeof end === 'number') return end === 0 ? connection.a : connection.b;
  if (keys.length === 1 && typeof number === 'string') return Number(number);
  if (keys.length === 1 && Array.isArray(bytes)) return Uint8Array.from(bytes);
  return Object.fromEntries(
    Object.entries(plain).map(([key, value]) => [
      key,
      key === 'stream' ? streams(value as number) : unplain(value, connection, streams),
    ]),
  );
}

function budgetSnapshot(connection: Connection, isWhole: boolean): BudgetSnapshot | null {
  const { life } = connection;
  if (life === null) return null;
  if (!isWhole) return { totals: plainNumbers(life.totalsOf(connection)), whole: null };
  const { totals, spans, exchanges, moreExchanges, isCoarse } = budgetOf(connection)!;
  return {
    totals: plainNumbers(totals),
    whole: {
      spans: spans.flatMap(({ start, end, use, exchange }) => plainNumbers([start, end, use, exchange])),
      exchanges: exchanges.map((exchange) => plainOf({ ...exchange }, connection)),
      moreExchanges,
      isCoarse,
    },
  };
}

class StoredBudget implements TimeKeeper {
  private readonly stored: BudgetSnapshot;
  private readonly totals: number[];

  constructor(stored: BudgetSnapshot) {
    this.stored = stored;
    this.totals = stored.totals.map(numberOf);
  }

  budgetOf(connection: Connection): TimeBudget {
    const { whole } = this.stored;
    if (whole === null) throw new Error('the spans of this connection were left out');
    const { spans: flat, exchanges, moreExchanges, isCoarse } = whole;
    const spans: BudgetSpan[] = [];
    for (let i = 0; i < flat.length; i += FIELDS.span.length) {
      const [start, end, use, exchange] = flat.slice(i, i + FIELDS.span.length).map(numberOf);
      spans.push({ start, end, use, exchange });
    }
    return {
      totals: this.totals,
      spans,
      exchanges: exchanges.map((exchange) => unplain(exchange, connection) as Exchange),
      moreExchanges,
      isCoarse,
    };
  }

  totalsOf(): ArrayLike<number> {
    return this.totals;
  }
}

const same: Streams = (id) => id;

/** The number of a connection among all, by that which it had in its shard; -1 stays -1. */
export type Streams = (id: number) => number;

/** The connection that a snapshot was made of. Its findings are attached by `findingsOf`. */
export function revive(snapshot: ConnectionSnapshot, streams: Streams): Connection {
  const connection = new Connection(0, new SegmentView(), null);
  assign(connection, FIELDS.connection, snapshot.values);
  connection.id = streams(connection.id);
  connection.previousId = streams(connection.previousId);
  connection.continues = streams(connection.continues);
  reviveEndpoint(connection.a, snapshot.a);
  reviveEndpoint(connection.b, snapshot.b);
  if (snapshot.budget !== null) connection.life = new StoredBudget(snapshot.budget);
  return connection;
}

function reviveEndpoint(endpoint: Endpoint, stored: EndpointSnapshot): void {
  assign(endpoint, FIELDS.endpoint, stored.values);
  endpoint.changes = stored.changes.map(numberOf);
  if (stored.rtt !== null) endpoint.outbound = outboundOf(stored.rtt, stored);
  if (stored.congestion === null) return;
  const state = new StoredCongestion(endpoint);
  assign(state, FIELDS.congestion, stored.congestion.values);
  state.episodes = stored.congestion.episodes.map(
    (episode) => unplain(episode, endpoint.connection) as CongestionEpisode,
  );
  state.stalls = stored.congestion.stalls.map((stall) => unplain(stall, endpoint.connection) as Stall);
  endpoint.congestion = state;
}

function tallyOf(outbound: OutboundView | null): CopyTally | null {
  if (!outbound?.tally) return null;
  const { retransmittedPackets, retransmittedBytes, lostPackets, lostBytes } = outbound.tally;
  return { retransmittedPackets, retransmittedBytes, lostPackets, lostBytes };
}

/** Of what was followed only what reports ask for when the input has ended. */
function outboundOf(rtt: Numbers, { roundTrips, tally, forgotten }: EndpointSnapshot): OutboundView {
  const [sample, srtt, rttvar, rto, min, samples] = rtt.map(numberOf);
  return {
    rtt: {
      sample,
      srtt,
      rttvar,
      rto,
      min,
      samples,
      roundTrips: roundTrips === null ? null : RoundTrips.of(roundTrips),
    },
    scoreboard: { isEmpty: true, oldestTime: -1, outstanding: 0, highSacked: 0, forgotten },
    clocks: { maxTsVal: -1, firstTsVal: -1, firstTsTime: -1, maxIpId: -1, idRises: 0, idBreaks: 0 },
    tally,
    caState: 0,
    episodeStart: -1,
    timeouts: 0,
    dupAcks: 0,
    synAckSent: false,
    sendsUnstamped: false,
  };
}

/** What was found about a revived connection. */
export function findingsOf(
  stored: readonly FindingSnapshot[],
  connection: Connection,
  streams: Streams,
): SettledFinding[] {
  return stored.map((finding) => ({
    ...finding,
    account: unplain(finding.account, connection, streams) as SettledFinding['account'],
  }));
}
