import { ConcludedCongestion } from '../congestion/concluded.ts';
import { congestionOf } from '../congestion/stage.ts';
import { type BudgetSpan, budgetOf, type Exchange, type SteadyFlight } from '../model/budget.ts';
import { fill, WIDTH } from '../model/change-rooms.ts';
import type { CongestionEpisode, CongestionState, Stall } from '../model/congestion.ts';
import { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { CopyTally, OutboundView } from '../model/outbound.ts';
import type { RoundTripsFacts } from '../model/round-trips.ts';
import { SegmentView } from '../model/segment.ts';
import { assign, fieldsOf, numberOf, type Plain, plainNumbers, valuesOf } from './plain.ts';
import {
  OUTBOUND_SIZE,
  RTT_FIELDS,
  type StorableOutbound,
  StoredBudget,
  type StoredSpans,
  storedOutbound,
  storeOutbound,
} from './stored.ts';
import { type FindingSnapshot, findingSnapshot, plainOf, type Streams, unplain } from './telling.ts';

/*
 * A connection that its analysis has concluded as plain data, and the connection again: all that reports, summaries and
 * conclusions about the capture ask of it, and nothing of what only further packets would ask.
 */

type Numbers = readonly (number | string)[];

/** Findings about rules of congestion control: places in the list of the connection, or the findings themselves. */
export type ViolationsSnapshot = readonly (number | FindingSnapshot)[] | null;

interface EndpointSnapshot {
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
  readonly violations: ViolationsSnapshot;
}

export interface CongestionSnapshot {
  /** By `FIELDS.congestion`. */
  readonly values: Numbers;
  readonly episodes: readonly Plain[];
  readonly stalls: readonly Plain[];
}

/** Spans and exchanges; the spans by `FIELDS.span`, one after the other. */
export interface SpansSnapshot {
  readonly spans: Numbers;
  readonly exchanges: readonly Plain[];
  readonly moreExchanges: number;
  readonly isCoarse: boolean;
  readonly steady: SteadyFlight | null;
}

interface BudgetSnapshot {
  readonly totals: Numbers;
  /** Null where nobody can ask for more than the totals. */
  readonly whole: SpansSnapshot | null;
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

const sample = new Connection(0, new SegmentView(), null);

/**
 * Where an object and its changes lie, how it is found and who holds it is nobody else's business; which end it is, and how many changes
 * there are, is told by the rest.
 */
const NO_VALUES = [
  ...['row', 'index', 'changesAt', 'changesRoom', 'changeCount'],
  ...['place', 'wasUsed', 'hash', 'hasFollowed', 'hasEnded', 'isRemembered'],
];
const isValue = (name: string) => !NO_VALUES.includes(name);

/** The fields of each list of values, in its order. A part names them, so that one of another version is told. */
export const FIELDS = {
  connection: fieldsOf(sample).filter(isValue),
  endpoint: fieldsOf(sample.a).filter(isValue),
  rtt: [...RTT_FIELDS],
  congestion: fieldsOf(new ConcludedCongestion(sample.a)),
  span: ['start', 'end', 'use', 'exchange'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** What is known of a connection, as plain data. */
export function snapshotOf(connection: Connection, lacksPackets: boolean): ConnectionSnapshot {
  const { life } = connection;
  return {
    values: valuesOf(connection, FIELDS.connection),
    a: endpointSnapshot(connection.a),
    b: endpointSnapshot(connection.b),
    findings: connection.findings.map((finding) => findingSnapshot(finding, connection)),
    budget:
      life === null ? null : { totals: plainNumbers(life.totalsOf(connection)), whole: spansSnapshot(connection) },
    lacksPackets,
  };
}

function endpointSnapshot(endpoint: Endpoint): EndpointSnapshot {
  const { changes, changesAt, changeCount, outbound } = endpoint;
  return {
    values: valuesOf(endpoint, FIELDS.endpoint),
    changes: plainNumbers([...changes.subarray(changesAt, changesAt + WIDTH * changeCount)]),
    rtt: outbound === null ? null : (valuesOf(outbound.rtt, FIELDS.rtt) as Numbers),
    tally: tallyOf(outbound),
    roundTrips: outbound?.rtt.roundTrips?.facts ?? null,
    forgotten: outbound?.scoreboard.forgotten ?? 0,
    congestion: congestionSnapshot(congestionOf(endpoint)),
    violations: violationsSnapshot(endpoint),
  };
}

export function violationsSnapshot({ connection, violations }: Endpoint): ViolationsSnapshot {
  if (violations === null) return null;
  return violations.map((finding) => {
    const place = connection.findings.indexOf(finding);
    return place < 0 ? findingSnapshot(finding, connection) : place;
  });
}

export function congestionSnapshot(state: CongestionState | null): CongestionSnapshot | null {
  if (state === null) return null;
  return {
    values: valuesOf(state, FIELDS.congestion) as Numbers,
    episodes: state.episodes.map((episode) => plainOf({ ...episode }, state.endpoint.connection)),
    stalls: state.stalls.map((stall) => plainOf({ ...stall }, state.endpoint.connection)),
  };
}

/** Of a connection whose time was divided. */
export function spansSnapshot(connection: Connection): SpansSnapshot {
  const { spans, exchanges, moreExchanges, isCoarse, steady } = budgetOf(connection)!;
  return {
    spans: spans.flatMap(({ start, end, use, exchange }) => plainNumbers([start, end, use, exchange])),
    exchanges: exchanges.map((exchange) => plainOf({ ...exchange }, connection)),
    moreExchanges,
    isCoarse,
    steady,
  };
}

/** The spans and exchanges that a snapshot was made of. */
export function spansOf(
  { spans: flat, exchanges, moreExchanges, isCoarse, steady }: SpansSnapshot,
  connection: Connection,
): StoredSpans {
  const spans: BudgetSpan[] = [];
  for (let i = 0; i < flat.length; i += FIELDS.span.length) {
    const [start, end, use, exchange] = flat.slice(i, i + FIELDS.span.length).map(numberOf);
    spans.push({ start, end, use, exchange });
  }
  return {
    spans,
    exchanges: exchanges.map((exchange) => unplain(exchange, connection) as Exchange),
    moreExchanges,
    isCoarse,
    steady,
  };
}

/** The connection that a snapshot was made of. Its findings are not attached. */
export function revive(snapshot: ConnectionSnapshot, streams: Streams): Connection {
  const connection = new Connection(0, new SegmentView(), null);
  assign(connection, FIELDS.connection, snapshot.values);
  renumber(connection, streams);
  reviveEndpoint(connection.a, snapshot.a);
  reviveEndpoint(connection.b, snapshot.b);
  if (snapshot.budget === null) return connection;
  const { totals, whole } = snapshot.budget;
  connection.life = new StoredBudget(totals.map(numberOf), 0, whole && ((asked) => spansOf(whole, asked)));
  return connection;
}

/** Gives a connection the numbers that it and others have among all. */
export function renumber(connection: Connection, streams: Streams): void {
  connection.id = streams(connection.id);
  connection.previousId = streams(connection.previousId);
  connection.continues = streams(connection.continues);
}

function reviveEndpoint(endpoint: Endpoint, stored: EndpointSnapshot): void {
  const { rtt, roundTrips, tally, forgotten, congestion } = stored;
  assign(endpoint, FIELDS.endpoint, stored.values);
  endpoint.changeCount = Math.floor(stored.changes.length / WIDTH);
  fill(endpoint, stored.changes.map(numberOf), 0, endpoint.changeCount);
  if (rtt !== null) {
    const memory = new Float64Array(OUTBOUND_SIZE);
    storeOutbound(memory, 0, { rtt: rttOf(rtt), scoreboard: { forgotten }, tally });
    endpoint.outbound = storedOutbound(memory, 0, roundTrips);
  }
  if (congestion !== null) endpoint.congestion = reviveCongestion(endpoint, congestion);
}

function rttOf(numbers: Numbers): StorableOutbound['rtt'] {
  const [sample, srtt, rttvar, rto, min, samples] = numbers.map(numberOf);
  return { sample, srtt, rttvar, rto, min, samples };
}

/** The concluded state of a sender, of what `congestionSnapshot` wrote. */
export function reviveCongestion(endpoint: Endpoint, stored: CongestionSnapshot): CongestionState {
  const { connection } = endpoint;
  const state = new ConcludedCongestion(endpoint);
  assign(state, FIELDS.congestion, stored.values);
  state.episodes = stored.episodes.map((episode) => unplain(episode, connection) as CongestionEpisode);
  state.stalls = stored.stalls.map((stall) => unplain(stall, connection) as Stall);
  return state;
}

function tallyOf(outbound: OutboundView | null): CopyTally | null {
  if (!outbound?.tally) return null;
  const { retransmittedPackets, retransmittedBytes, lostPackets, lostBytes } = outbound.tally;
  return { retransmittedPackets, retransmittedBytes, lostPackets, lostBytes };
}
