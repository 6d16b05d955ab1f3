import {
  type BudgetSpan,
  type Exchange,
  type SteadyFlight,
  TIME_USES,
  type TimeBudget,
  TimeUse,
} from '../model/budget.ts';
import { DOUBLE_ZERO } from '../model/packed.ts';
import type { Life } from './life.ts';

/** Where the time went, when the input has ended. */
export function conclusionOf(life: Life): TimeBudget {
  const totals = Array.from(totalsOf(life));
  const { spending, connection } = life;
  const spans: BudgetSpan[] = [];
  for (line.begin(life); line.next(); ) {
    const { start, end, use, exchange } = line;
    spans.push({ start, end, use, exchange });
  }
  const exchanges = spending.exchanges.list();
  noteLimits(exchanges, spans);
  if (!life.isProven(connection.server))
    for (const exchange of exchanges) exchange.serverThinking = exchange.answerStart = Number.NaN;
  if (!life.isProven(connection.client)) for (const exchange of exchanges) exchange.clientThinking = Number.NaN;
  if (!connection.sawHandshake && exchanges.length > 0) exchanges[0].isPartial = true;
  return {
    spans,
    totals,
    exchanges,
    moreExchanges: spending.exchanges.more,
    isCoarse: spending.ledger.joined !== null,
    steady: steadyFlight(life),
  };
}

/** Where the capture began after the connection, a loss may have reduced the window before: then it may stay as it is for long. */
function steadyFlight({ steady, connection }: Life): SteadyFlight | null {
  if (steady === null || !connection.sawHandshake) return null;
  return { isClient: steady.index === connection.client.index, bytes: steady.bytes, time: steady.time };
}

const totals = new Float64Array(TIME_USES.length);

/** The totals of `conclusionOf`, valid until the next call: of tens of thousands of connections nothing else is asked. */
export function totalsOf(life: Life): Float64Array {
  life.conclude();
  return totalsSoFar(life);
}

/** The totals of what is settled of the life, valid as long. Nothing is concluded by it. */
export function totalsSoFar(life: Life): Float64Array {
  totals.fill(0);
  for (line.begin(life); line.next(); ) totals[line.use] += line.end - line.start;
  const { joined } = life.spending.ledger;
  for (let use = 0; joined !== null && use < joined.length; use++) totals[life.meaningOfJoined(use)] += joined[use];
  return totals;
}

/**
 * The spans of a life one after the other, from the earliest packet to the latest: what was estimated for the other end may lie
 * beyond. One object, reused.
 */
class Line implements BudgetSpan {
  start = DOUBLE_ZERO;
  end = DOUBLE_ZERO;
  use: number = TimeUse.UNKNOWN;
  exchange = -1;
  private life!: Life;
  private duration = DOUBLE_ZERO;
  /** The connection's earliest packet is so much earlier than its first. */
  private before = DOUBLE_ZERO;
  /** The next entry of the ledger. */
  private entry = 0;
  /** End, use and exchange of the next span; `hasNext` is false after the last. */
  private hasNext = false;
  private nextEnd = DOUBLE_ZERO;
  private nextUse = 0;
  private nextExchange = -1;

  /** Stands before the first span of `life`. */
  begin(life: Life): void {
    const { connection } = life;
    this.life = life;
    this.duration = connection.duration;
    this.before = connection.firstTime - connection.earliestTime;
    this.start = this.end = 0;
    this.use = TimeUse.UNKNOWN;
    this.exchange = -1;
    this.entry = 0;
    this.hasNext = this.before > 0;
    this.nextEnd = this.before;
    this.nextUse = TimeUse.UNKNOWN;
    this.nextExchange = -1;
    while (!this.hasNext && this.entry < life.spending.ledger.length) this.read();
  }

  /** Moves to the next span; false after the last. */
  next(): boolean {
    if (!this.hasNext) return false;
    this.hasNext = false;
    this.start = this.end;
    this.end = this.nextEnd;
    this.use = this.nextUse;
    this.exchange = this.nextExchange;
    const { length } = this.life.spending.ledger;
    while (!this.hasNext && this.entry < length) {
      this.read();
      if (this.hasNext && this.nextUse === this.use && this.nextExchange === this.exchange) {
        this.end = this.nextEnd;
        this.hasNext = false;
      }
    }
    return true;
  }

  /** Reads an entry; it is the next span if it ends after the present one. */
  private read(): void {
    const { life, entry } = this;
    const { ledger } = life.spending;
    this.entry++;
    const end = Math.min(this.before + ledger.endOf(entry), this.duration);
    if (end <= this.end) return;
    this.hasNext = true;
    this.nextEnd = end;
    this.nextExchange = ledger.exchangeOf(entry);
    this.nextUse = life.meaningIn(this.nextExchange, ledger.useOf(entry), this.use);
  }
}

const line = new Line();

/** Writes down what most of the time of each exchange was spent on, the client's pause before it left out. */
function noteLimits(exchanges: readonly Exchange[], spans: readonly BudgetSpan[]): void {
  const sums = TIME_USES.map(() => 0);
  for (let i = 0; i < spans.length; i++) {
    const { start, end, use, exchange } = spans[i];
    if (exchange < 0 || exchange >= exchanges.length) continue;
    if (use !== TimeUse.CLIENT) sums[use] += end - start;
    if (i + 1 < spans.length && spans[i + 1].exchange === exchange) continue;
    const most = Math.max(...sums);
    if (most > 0) exchanges[exchange].limit = sums.indexOf(most);
    sums.fill(0);
  }
}
