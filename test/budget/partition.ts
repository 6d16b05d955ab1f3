import { expect } from 'vitest';
import { type BudgetSpan, budgetOf, TIME_USES } from '../../src/model/budget.ts';
import type { Connection } from '../../src/model/connection.ts';

/** The spans of a connection, which are one after the other from its first packet to its last. */
export function partitionOf(connection: Connection): readonly BudgetSpan[] {
  const { spans, totals } = budgetOf(connection)!;
  let at = 0;
  const wrong = spans.filter(({ start, end, use }) => {
    const isRight = start === at && end > start && TIME_USES[use] !== undefined;
    at = end;
    return !isRight;
  });
  expect(wrong).toEqual([]);
  expect(at).toBe(connection.duration);
  expect(totals.reduce((sum, time) => sum + time, 0)).toBeCloseTo(connection.duration, 3);
  return spans;
}

/** One line a span, in milliseconds: `0..40 network handshake`, with the exchange after a hash. */
export function spanTexts(connection: Connection): string[] {
  return partitionOf(connection).map(({ start, end, use, exchange }) => {
    const { owner, cause } = TIME_USES[use];
    const who = owner === cause ? owner : `${owner} ${cause}`;
    return `${ms(start)}..${ms(end)} ${who}${exchange < 0 ? '' : ` #${exchange}`}`;
  });
}

function ms(time: number): number {
  return Math.round(time / 1e3) / 1e3;
}
