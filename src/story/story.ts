import { type Told, tell } from '../messages/story.ts';
import type { TimeBudget } from '../model/budget.ts';
import { shownPosition } from '../model/capture-position.ts';
import type { Connection } from '../model/connection.ts';
import { endingOf } from '../model/ending.ts';
import type { Finding } from '../model/finding.ts';
import { busyOf } from '../summary/tally.ts';
import { adviceOf } from './advice.ts';
import { closingOf, isForged } from './closing.ts';
import { conversationOf } from './conversation.ts';
import { expensesOf, isLost, isTrouble } from './expenses.ts';
import type { Expense, Section, Story } from './item.ts';
import { openingOf } from './opening.ts';

/** What took less of the time is not listed. */
const LEAST_SHARE = 0.01;
/** Findings that are told; the others are counted. */
const MOST_FINDINGS = 6;

/**
 * The story of one connection, when the input has ended. `budget` is null where nobody asked for it. Not `isClocked`: no clock gave the times of
 * the capture, so nothing is told of them.
 */
export function storyOf(connection: Connection, budget: TimeBudget | null, isClocked: boolean): Story {
  const expenses = budget === null || !isClocked ? [] : expensesOf(budget);
  const troubles = troublesOf(expenses, budget);
  const advice = adviceOf(connection, isClocked ? budget : null);
  // Where nothing is known of the time, nothing is known of what could be better.
  const isDark = isClocked && budget !== null && expenses.every(({ owner }) => owner === 'unknown');
  const sections: Section[] = [
    { heading: 'connect', told: openingOf(connection, isClocked ? budget : null) },
    { heading: 'data', told: conversationOf(connection, budget, isClocked) },
  ];
  if (expenses.length > 0)
    sections.push({ heading: 'time', told: [], expenses: expenses.filter(({ share }) => share >= LEAST_SHARE) });
  sections.push(
    wrong(connection, troubles),
    { heading: 'end', told: [closingOf(connection)] },
    { heading: 'help', told: advice.length === 0 ? [tell(isDark ? 'help.unknown' : 'help.none', {})] : [], advice },
    { heading: 'sure', told: certainty(connection, budget) },
  );
  return { connection, overview: overview(connection, expenses, troubles, isClocked), sections };
}

/** What went wrong, as the first screen says. */
function troublesOf(expenses: readonly Expense[], budget: TimeBudget | null): readonly Expense[] {
  const busy = budget === null ? 0 : busyOf(budget.totals);
  return expenses.filter((expense) => isTrouble(expense, busy));
}

/** Exchanges that the short story tells one by one, and its advice. */
const FEW_EXCHANGES = 2;
const FEW_ADVICE = 1;

/** Of the story what stands below a verdict: the verdict has told what it cost, and where the capture was made. */
export function shortStoryOf(
  connection: Connection,
  budget: TimeBudget | null,
  isClocked: boolean,
): readonly Section[] {
  const all = budget === null || !isClocked ? [] : expensesOf(budget);
  const expenses = all.filter(({ share }) => share >= LEAST_SHARE);
  const { findings = [], more = null, told } = wrong(connection, troublesOf(all, budget));
  const advice = adviceOf(connection, isClocked ? budget : null).slice(0, FEW_ADVICE);
  const sections: Section[] = [
    { heading: 'data', told: conversationOf(connection, budget, isClocked, FEW_EXCHANGES) },
    { heading: 'time', told: [], expenses },
    // With findings, they say what cost it.
    {
      heading: 'wrong',
      told: findings.length > 0 ? told.filter(({ key }) => key !== 'wrong.cost') : told,
      findings,
      more,
    },
    { heading: 'help', told: [], advice },
  ];
  return sections.filter((section) =>
    [section.told, section.expenses, section.findings, section.advice].some((list) => list?.length),
  );
}

function overview(
  connection: Connection,
  expenses: readonly Expense[],
  troubles: readonly Expense[],
  isClocked: boolean,
): Told[] {
  const { id, client, server, duration } = connection;
  const told = [
    tell('overview', {
      stream: id,
      client: client.name,
      server: server.name,
      duration,
      packets: client.packets + server.packets,
      ending: endingOf(connection),
    }),
  ];
  const whole = expenses.reduce((sum, { time }) => sum + time, 0);
  const losses = expenses.filter(isLost);
  const lost = losses.reduce((sum, { time }) => sum + time, 0);
  if (!isClocked) told.push(tell('overview.untimed', {}));
  else if (whole === 0) told.push(tell('overview.no-time', {}));
  else if (troubles.length > 0) told.push(tell('overview.cost', { duration: whole, lost, most: losses[0] }));
  else if (problems(connection).length === 0 && hasOrderlyEnd(connection))
    told.push(
      expenses[0].owner === 'unknown'
        ? tell('overview.unknown', { duration: whole, most: expenses[0] })
        : tell('overview.fine', { duration: whole, most: expenses[0] }),
    );
  return told;
}

function problems({ findings }: Connection): Finding[] {
  return findings.filter(({ severity }) => severity !== 'info');
}

/** A capture may end before a connection does. */
function hasOrderlyEnd(connection: Connection): boolean {
  const { kind } = endingOf(connection);
  return kind === 'closed' || kind === 'half-closed' || kind === 'open';
}

function wrong(connection: Connection, troubles: readonly Expense[]): Section {
  const all = problems(connection).sort(
    (a, b) => Number(b.severity === 'error') - Number(a.severity === 'error') || a.frame - b.frame,
  );
  const findings = all.slice(0, MOST_FINDINGS);
  const told: Told[] = troubles.map((expense) => tell('wrong.cost', expense));
  // Who is named by a forged reset did not end it: the finding says what happened.
  if (!hasOrderlyEnd(connection) && !isForged(connection))
    told.push(tell('wrong.ending', { ending: endingOf(connection) }));
  if (all.length + told.length === 0) told.push(tell('wrong.nothing', {}));
  const unlisted = all.length - findings.length;
  const more = unlisted > 0 ? tell('wrong.more', { findings: unlisted, stream: connection.id }) : null;
  return { heading: 'wrong', told, findings, more };
}

/** What the story rests on. */
function certainty(connection: Connection, budget: TimeBudget | null): Told[] {
  const { client, server } = connection;
  const told: Told[] = [];
  if (!client.seen || !server.seen) told.push(tell('sure.one-direction', { role: client.seen ? 'client' : 'server' }));
  else {
    const position = shownPosition(connection);
    if (position === 'client' || position === 'server') told.push(tell('sure.near', { role: position }));
    else if (position === 'middle') told.push(tell('sure.middle', {}));
    else if (position === 'loopback') told.push(tell('sure.loopback', {}));
    else told.push(tell('sure.position-unknown', {}));
  }
  if (client.hasIss && server.hasIss) told.push(tell('sure.windows', {}));
  else if (client.dataPackets + server.dataPackets > 0) told.push(tell('sure.no-windows', {}));
  if (connection.findings.some(({ id }) => id === 'missing-in-capture')) told.push(tell('sure.missing', {}));
  if (budget?.isCoarse) told.push(tell('sure.coarse', {}));
  return told;
}
