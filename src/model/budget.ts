import type { Connection } from './connection.ts';
import type { Endpoint } from './endpoint.ts';

/** Who owns a stretch of a connection's life. */
export const OWNERS = ['network', 'server', 'client', 'idle', 'closing', 'unknown'] as const;
export type Owner = (typeof OWNERS)[number];

export const TIME_CAUSES = [
  'handshake',
  'timeout',
  'round-trip',
  'congestion-window',
  'path-rate',
  'recovery',
  'thinking',
  'sending',
  'receive-window',
  'delayed-ack',
  'idle',
  'closing',
  'unknown',
] as const;
export type TimeCause = (typeof TIME_CAUSES)[number];

/**
 * What a stretch of time was spent on: an owner and a cause in one small integer. Those of the two ends are `SERVER` or
 * `CLIENT` plus one of `Doing`.
 */
export const TimeUse = {
  HANDSHAKE: 0,
  /** Waiting for a retransmission timer, of a SYN or of data, or for a tail loss probe. */
  TIMEOUT: 1,
  /** The flight of the first segment of a message. */
  ROUND_TRIP: 2,
  CONGESTION_WINDOW: 3,
  /** The queue of the bottleneck, or its link. */
  PATH_RATE: 4,
  RECOVERY: 5,
  SERVER: 6,
  CLIENT: 10,
  /** Nobody owes anybody anything. */
  IDLE: 14,
  CLOSING: 15,
  UNKNOWN: 16,
} as const;

/** What an end does while the other waits. */
export const Doing = { THINKING: 0, SENDING: 1, RECEIVE_WINDOW: 2, DELAYED_ACK: 3 } as const;

const ENDS = ['thinking', 'sending', 'receive-window', 'delayed-ack'] as const;

export interface OwnerAndCause {
  readonly owner: Owner;
  readonly cause: TimeCause;
}

/** By `TimeUse`. */
export const TIME_USES: readonly OwnerAndCause[] = [
  ...TIME_CAUSES.slice(0, 6).map((cause) => ({ owner: 'network', cause }) as const),
  ...ENDS.map((cause) => ({ owner: 'server', cause }) as const),
  ...ENDS.map((cause) => ({ owner: 'client', cause }) as const),
  { owner: 'idle', cause: 'idle' },
  { owner: 'closing', cause: 'closing' },
  { owner: 'unknown', cause: 'unknown' },
];

/** A stretch of a connection's life; it begins where the one before ends. Nanoseconds since the connection's first packet. */
export interface BudgetSpan {
  start: number;
  end: number;
  /** One of `TimeUse`. */
  use: number;
  /** Index of the exchange that it belongs to, -1 none. */
  exchange: number;
}

/**
 * A turn of the conversation: what the client sends, and what the server sends until the client sends again. Times are
 * nanoseconds since the connection's first packet, each at the end where it happens; NaN where there is none or it is not known.
 */
export interface Exchange {
  index: number;
  requestBytes: number;
  answerBytes: number;
  /** The first byte of the request leaves the client, and its last byte has arrived at the server. */
  requestStart: number;
  requestEnd: number;
  /** The first byte of the answer leaves the server and arrives at the client, and its last byte has arrived. */
  answerStart: number;
  answerFirst: number;
  answerEnd: number;
  /** The client's pause before the request, and the time from the whole request to the first byte of the answer. */
  clientThinking: number;
  serverThinking: number;
  /** Segments of it that arrived only when they were sent again. */
  losses: number;
  /** One of `TimeUse`: what most of its time was spent on, -1 when it took none. */
  limit: number;
  /** Its first packet with data. */
  frame: number;
  /** The message of which a part never arrived: a gap that nobody filled, or data that was sent again in vain. Null: none. */
  unfinished: 'request' | 'answer' | null;
  /** The capture began after the connection, and perhaps after the exchange. */
  isPartial: boolean;
}

/** From the first byte of the request to the last of the answer (ns); NaN when one of them is not known, or never came. */
export function durationOf({ answerEnd, requestStart, unfinished }: Exchange): number {
  return unfinished === null ? answerEnd - requestStart : Number.NaN;
}

/**
 * What a sender had in flight at most (bytes) while it waited for ACKs for `time` (ns), and nothing had reduced its congestion window: a
 * window that was full for so long would have grown.
 */
export interface SteadyFlight {
  readonly isClient: boolean;
  readonly bytes: number;
  readonly time: number;
}

/** Where the time of a connection went. */
export interface TimeBudget {
  /** From the first packet to the last without gap or overlap. */
  readonly spans: readonly BudgetSpan[];
  /** Nanoseconds by `TimeUse`. */
  readonly totals: readonly number[];
  readonly exchanges: readonly Exchange[];
  /** Exchanges beyond those that are listed. */
  readonly moreExchanges: number;
  /** Short spans were joined to their neighbours because there were too many. */
  readonly isCoarse: boolean;
  /** Of the end that was held so for longer; null: of none. */
  readonly steady: SteadyFlight | null;
}

/** Keeps the line of time of a connection while the capture is read. */
export interface TimeKeeper {
  budgetOf(connection: Connection): TimeBudget;
  /** Its totals alone, valid until any totals are asked for again. */
  totalsOf(connection: Connection): ArrayLike<number>;
  /** The totals up to the latest arrival, valid as long: of a connection that goes on. Asking for `totalsOf` ends the keeping of its time. */
  soFar(connection: Connection): ArrayLike<number>;
}

/** Where the time of a connection went, when the input has ended; null where the analysis left that out. */
export function budgetOf(connection: Connection): TimeBudget | null {
  return connection.life?.budgetOf(connection) ?? null;
}

/** Where the time went while a message of this end was on its way: from its first byte leaving to its last byte arriving. */
export function waitsOf({ connection, isClient }: Endpoint): BudgetSpan[] {
  const budget = budgetOf(connection);
  if (budget === null) return [];
  const waits: BudgetSpan[] = [];
  let i = 0;
  for (const { requestStart, requestEnd, answerStart, answerEnd } of budget.exchanges) {
    const [from, to] = isClient ? [requestStart, requestEnd] : [answerStart, answerEnd];
    if (!(to > from)) continue;
    while (i < budget.spans.length && budget.spans[i].end <= from) i++;
    for (let j = i; j < budget.spans.length && budget.spans[j].start < to; j++) {
      const span = budget.spans[j];
      waits.push({ ...span, start: Math.max(span.start, from), end: Math.min(span.end, to) });
    }
  }
  return waits;
}
