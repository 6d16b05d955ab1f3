import type { AnswerWords } from '../messages/answer.ts';
import { ENGLISH } from '../messages/en/index.ts';
import { OWNERS, TIME_USES } from '../model/budget.ts';
import { formatDuration } from '../model/units.ts';
import type { Tally } from '../summary/tally.ts';
import { bar } from './bar.ts';
import { DEFAULT_WIDTH, type ScreenOptions } from './screen-options.ts';
import { pad, textWidth } from './text.ts';

/** Where the time of one connection went, by owner and cause, most first. */
export function causeLines(
  tally: Tally,
  { width, style, hasBars }: ScreenOptions,
  words: AnswerWords = ENGLISH.answer,
): string[] {
  const { time, totals } = tally;
  if (time === 0) return [];
  const rows = TIME_USES.map(({ owner, cause }, use) => ({ owner, cause, spent: totals[use] }))
    .filter(({ spent }) => spent >= 0.0005 * time)
    .sort((a, b) => b.spent - a.spent || OWNERS.indexOf(a.owner) - OWNERS.indexOf(b.owner));
  const labels = rows.map(({ owner, cause }) => {
    const [who, what] = [words.owners[owner], words.causes[cause]];
    return who === what ? who : `${who}: ${what}`;
  });
  const labelWidth = Math.max(...labels.map(textWidth), 19);
  const room = Math.max(Math.min((width ?? DEFAULT_WIDTH) - labelWidth - 20, 40), 10);
  return [
    style.heading('Where the time went'),
    ...rows.map(({ spent, owner }, i) => {
      const share = spent / time;
      const percent = `${(100 * share).toFixed(1)} %`;
      const paint =
        owner === 'client'
          ? style.client
          : owner === 'server'
            ? style.server
            : owner === 'network'
              ? style.warning
              : style.quiet;
      const drawn = hasBars ? `  ${paint(bar(share, room))}` : '';
      return `${pad(labels[i], labelWidth, 'left')}${pad(formatDuration(spent), 10, 'right')}${pad(percent, 8, 'right')}${drawn}`;
    }),
  ];
}
