import { exchangeReport } from '../budget/report.ts';
import { type ExchangeTold, type Told, tell } from '../messages/story.ts';
import type { Exchange, TimeBudget } from '../model/budget.ts';
import type { Connection } from '../model/connection.ts';

/** Exchanges up to here are told one by one. */
export const ONE_BY_ONE = 5;
/** Of more, those that took more than this many times the usual time, and of them the slowest. */
const SLOW = 2;
const SLOWEST = 3;
/** Below so many bytes a rate says nothing but how far it is. */
export const LEAST_RATED = 10_000;

/** What was asked and answered: one by one up to so many exchanges. Where times mean nothing (not `isClocked`), only how much. */
export function conversationOf(
  connection: Connection,
  budget: TimeBudget | null,
  isClocked: boolean,
  oneByOne = ONE_BY_ONE,
): Told[] {
  const exchanges = budget?.exchanges ?? [];
  if (exchanges.length === 0) return [withoutExchanges(connection)];
  if (!isClocked) return [manyTold(connection, budget!, Number.NaN)];
  const tellOf = (exchange: Exchange) => exchangeTold(exchange, connection);
  if (exchanges.length <= oneByOne) return exchanges.map((exchange) => tell('data.exchange', tellOf(exchange)));
  const told = exchanges.map(tellOf);
  const usual = median(told.map(({ duration }) => duration));
  return [
    manyTold(connection, budget!, median(told.map(({ firstByte }) => firstByte))),
    ...told
      .filter(({ duration }) => duration > SLOW * usual)
      .sort((a, b) => b.duration - a.duration)
      .slice(0, SLOWEST)
      .map((exchange) => tell('data.slowest', exchange)),
  ];
}

function manyTold({ client, server }: Connection, { exchanges, moreExchanges }: TimeBudget, median: number): Told {
  // What is asked before the capture begins is asked all the same.
  const unasked = exchanges.filter(({ requestBytes, isPartial }) => requestBytes === 0 && !isPartial).length;
  return tell('data.many', {
    exchanges: exchanges.length + moreExchanges - unasked,
    unasked,
    requestBytes: client.streamBytes,
    answerBytes: server.streamBytes,
    median,
  });
}

/** Data is there where one direction was captured, or where nobody kept the budget; turns are not. */
function withoutExchanges({ client, server }: Connection): Told {
  const [clientBytes, serverBytes] = [client.streamBytes, server.streamBytes];
  if (clientBytes + serverBytes === 0) return tell('data.none', {});
  return tell('data.unpaired', { clientBytes, serverBytes, isOneWay: !client.seen || !server.seen });
}

function exchangeTold(exchange: Exchange, connection: Connection): ExchangeTold {
  const report = exchangeReport(exchange, connection, 0n, true);
  const isRated = exchange.answerBytes >= Math.max(exchange.requestBytes, LEAST_RATED);
  return {
    number: exchange.index + 1,
    frame: exchange.frame,
    at: nanoseconds(report.startMs),
    requestBytes: exchange.requestBytes,
    answerBytes: exchange.answerBytes,
    serverThinking: exchange.serverThinking,
    firstByte: nanoseconds(report.firstByteMs),
    duration: nanoseconds(report.durationMs),
    transfer: exchange.unfinished === 'answer' ? Number.NaN : exchange.answerEnd - exchange.answerStart,
    bitsPerSecond: isRated ? (report.bitsPerSecond ?? 0) : 0,
    losses: exchange.losses,
    limit: report.limitedBy,
    unfinished: exchange.unfinished,
    isPartial: exchange.isPartial,
  };
}

function nanoseconds(ms: number | null): number {
  return ms === null ? Number.NaN : ms * 1e6;
}

/** The lower of the two in the middle of those that are known; NaN of none. */
function median(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  return known.length === 0 ? Number.NaN : known[Math.ceil(known.length / 2) - 1];
}
