import { type BudgetSpan, type Exchange, TIME_USES, type TimeBudget, TimeUse } from '../model/budget.ts';
import type { Life } from './life.ts';

/** Where the time went, when the input has ended. */
export function conclusionOf(life: Life): TimeBudget {
  life.conclude();
  const { ledger, connection } = life;
  const spans = spansOf(life);
  const totals = TIME_USES.map(() => 0);
  for (const { start, end, use } of spans) totals[use] += end - start;
  ledger.joined?.forEach((time, use) => {
    totals[life.meaning(use, TimeUse.CONGESTION_WINDOW)] += time;
  });
  const exchanges = life.exchanges.list();
  noteLimits(exchanges, spans);
  if (!connection.sawHandshake && exchanges.length > 0) exchanges[0].isPartial = true;
  return { spans, totals, exchanges, moreExchanges: life.exchanges.more, isCoarse: ledger.joined !== null };
}

/** One after the other, from the earliest packet to the latest: what was estimated for the other end may lie beyond. */
function spansOf(life: Life): BudgetSpan[] {
  const { ledger, connection } = life;
  const { duration } = connection;
  const before = connection.firstTime - connection.earliestTime;
  const spans: BudgetSpan[] = [];
  let last: BudgetSpan = { start: 0, end: 0, use: TimeUse.UNKNOWN, exchange: -1 };
  const add = (end: number, use: number, exchange: number) => {
    if (end <= last.end) return;
    if (spans.length > 0 && last.use === use && last.exchange === exchange) last.end = end;
    else {
      last = { start: last.end, end, use, exchange };
      spans.push(last);
    }
  };
  add(before, TimeUse.UNKNOWN, -1);
  for (let i = 0; i < ledger.length; i++) {
    const use = life.meaning(ledger.useOf(i), last.use);
    add(Math.min(before + ledger.endOf(i), duration), use, ledger.exchangeOf(i));
  }
  return spans;
}

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
