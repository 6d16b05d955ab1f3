import {
  type BudgetSpan,
  type Exchange,
  type Owner,
  type OwnerAndCause,
  TIME_USES,
  type TimeBudget,
  type TimeCause,
} from '../model/budget.ts';
import type { Connection } from '../model/connection.ts';
import { timestampText } from '../model/timestamp.ts';

/** A stretch of a connection's life, milliseconds since its first packet. */
export interface SpanReport {
  fromMs: number;
  toMs: number;
  owner: Owner;
  cause: TimeCause;
  /** Index of the exchange that it belongs to. */
  exchange: number | null;
}

/** Where the time of a connection went. */
export interface TimeBudgetReport {
  spans: SpanReport[];
  /** Milliseconds by owner and cause, those that took none left out. */
  totals: { owner: Owner; cause: TimeCause; ms: number }[];
  /** Short spans were joined to their neighbours because there were too many; the totals are exact. */
  coarse: boolean;
}

/** The budget as reports have it: times in milliseconds. */
export function timeBudgetReport({ spans, totals, isCoarse }: TimeBudget): TimeBudgetReport {
  return {
    spans: spans.map(spanReport),
    totals: totals.flatMap((time, use) => (time > 0 ? [{ ...TIME_USES[use], ms: time / 1e6 }] : [])),
    coarse: isCoarse,
  };
}

function spanReport({ start, end, use, exchange }: BudgetSpan): SpanReport {
  const { owner, cause } = TIME_USES[use];
  return { fromMs: start / 1e6, toMs: end / 1e6, owner, cause, exchange: exchange < 0 ? null : exchange };
}

/** A turn of the conversation: one request (or several that were sent together) and its answer. Null: there is none. */
export interface ExchangeReport {
  stream: number;
  /** From 0 within its connection. */
  index: number;
  client: { address: string; port: number };
  server: { address: string; port: number };
  /** Unix time in seconds, with nine decimals, at which its first byte left. */
  start: string | null;
  /** The same in milliseconds since the connection's first packet. */
  startMs: number | null;
  /** Its first packet with data. */
  packet: number;
  requestBytes: number;
  answerBytes: number;
  /** Time that the client took before the request, and the server before the answer. */
  thinkingMs: { client: number | null; server: number | null };
  /** From the first byte of the request to the first byte of the answer, and to its last byte, at the client. */
  firstByteMs: number | null;
  durationMs: number | null;
  /** From the first byte of the larger message leaving to its last byte arriving, and its bits per second in that time. */
  transferMs: number | null;
  bitsPerSecond: number | null;
  /** What most of its time was spent on. */
  limitedBy: OwnerAndCause | null;
  /** Segments that arrived only when they were sent again. */
  losses: number;
  /** The message of which a part never arrived: its duration and rate are not known. Null: none. */
  unfinished: 'request' | 'answer' | null;
  /** The capture began in the middle of its connection, and perhaps in the middle of it. */
  partial: boolean;
}

/** `origin` is the time of the first record: nanoseconds since 1970. Not `isClocked`: no clock gave the times, and how long anything took is not known. */
export function exchangeReport(
  exchange: Exchange,
  connection: Connection,
  origin: bigint,
  isClocked: boolean,
): ExchangeReport {
  const report = timedReport(exchange, connection, origin);
  return isClocked ? report : { ...report, ...UNTIMED };
}

const UNTIMED = {
  thinkingMs: { client: null, server: null },
  firstByteMs: null,
  durationMs: null,
  transferMs: null,
  bitsPerSecond: null,
  limitedBy: null,
} satisfies Partial<ExchangeReport>;

function timedReport(exchange: Exchange, connection: Connection, origin: bigint): ExchangeReport {
  const { client, server } = connection;
  const { unfinished } = exchange;
  const begin = Number.isNaN(exchange.requestStart) ? exchange.answerStart : exchange.requestStart;
  const end = Number.isNaN(exchange.answerEnd) ? exchange.requestEnd : exchange.answerEnd;
  const isUpload = exchange.requestBytes > exchange.answerBytes;
  const isWhole = unfinished !== (isUpload ? 'request' : 'answer');
  const [from, to] = isUpload
    ? [exchange.requestStart, exchange.requestEnd]
    : [exchange.answerStart, exchange.answerEnd];
  const transfer = isWhole ? to - from : Number.NaN;
  return {
    stream: connection.id,
    index: exchange.index,
    client: { address: client.address, port: client.port },
    server: { address: server.address, port: server.port },
    start: Number.isNaN(begin) ? null : timestampText(origin, connection.firstTime + begin),
    startMs: ms(begin),
    packet: exchange.frame,
    requestBytes: exchange.requestBytes,
    answerBytes: exchange.answerBytes,
    thinkingMs: { client: ms(exchange.clientThinking), server: ms(exchange.serverThinking) },
    firstByteMs: lengthMs(exchange.answerFirst - begin),
    durationMs: unfinished === null ? lengthMs(end - begin) : null,
    transferMs: lengthMs(transfer),
    bitsPerSecond: bitRate(Math.max(exchange.requestBytes, exchange.answerBytes), transfer),
    limitedBy: exchange.limit < 0 ? null : TIME_USES[exchange.limit],
    losses: exchange.losses,
    unfinished,
    partial: exchange.isPartial,
  };
}

function ms(time: number): number | null {
  return Number.isNaN(time) ? null : time / 1e6;
}

/** Not known where estimates of the other end's times contradict the order of the packets. */
function lengthMs(time: number): number | null {
  return time >= 0 ? ms(time) : null;
}

function bitRate(bytes: number, time: number): number | null {
  return time > 0 ? Math.round((bytes * 8e9) / time) : null;
}
