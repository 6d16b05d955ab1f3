import { type OwnerAndCause, TIME_USES, type TimeBudget } from '../model/budget.ts';
import { isAffected, isWorthSentence, KINDS } from '../summary/kinds.ts';
import type { Expense } from './item.ts';

const LOST: ReadonlySet<number> = new Set(KINDS.map(({ use }) => use));

/** Time lost: what somebody could mend. A client's pauses, latency and idle time are told and not counted. */
export function isLost({ owner, cause }: OwnerAndCause): boolean {
  return LOST.has(TIME_USES.findIndex((use) => use.owner === owner && use.cause === cause));
}

/** Time lost (ns) that the first screen has a sentence about, of so much busy time: what went wrong. */
export function isTrouble(expense: Expense, busy: number): boolean {
  return isLost(expense) && isAffected(expense.time, busy) && isWorthSentence(expense.time, busy);
}

/** What took time, the most first. */
export function expensesOf({ totals }: TimeBudget): Expense[] {
  const whole = totals.reduce((sum, time) => sum + time, 0);
  return totals
    .map((time, use) => ({ ...TIME_USES[use], time, share: time / whole }))
    .filter(({ time }) => time > 0)
    .sort((a, b) => b.time - a.time);
}
