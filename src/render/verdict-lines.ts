import type { AnswerWords } from '../messages/answer.ts';
import { ENGLISH } from '../messages/en/index.ts';
import { statementText } from '../summary/report.ts';
import type { Statement } from '../summary/statements.ts';
import type { Summary } from '../summary/summary.ts';
import { DEFAULT_WIDTH, MIN_WIDTH, type ScreenOptions } from './screen-options.ts';
import type { Style } from './style.ts';
import { wrap } from './text.ts';

/** What the capture is worth, and the sentences of the verdict, each with the command that shows its evidence. */
export function verdictLines(
  summary: Summary,
  { width, style, capture }: ScreenOptions,
  words: AnswerWords = ENGLISH.answer,
): string[] {
  const total = Math.max(width ?? DEFAULT_WIDTH, MIN_WIDTH);
  const trust = wrap(`Capture: ${words.trust(summary.trust)}.`, total);
  const isDoubtful = summary.trust.doubts.length > 0 || summary.trust.damaged;
  return [
    ...trust.map((line) => (isDoubtful ? style.warning(line) : style.quiet(line))),
    '',
    ...summary.statements.flatMap((statement, i, all) => {
      const next = i + 1 < all.length ? commandOf(all[i + 1], capture) : null;
      // One command for those that it shows.
      return statementLines(statement, commandOf(statement, capture) === next ? null : capture, total, style);
    }),
  ];
}

/** `capture`: null for a sentence without a command. */
function statementLines(statement: Statement, capture: string | null, width: number, style: Style): string[] {
  const text = statementText(statement);
  const full = capture === null ? null : commandOf(statement, capture);
  const command = full === null || full.length + 4 <= width ? full : commandOf(statement, 'CAPTURE');
  const paint = statement.key === 'quiet' ? style.good : style.strong;
  const lines = wrap(text, width).map(paint);
  return command === null ? lines : [...lines, `    ${style.quiet(command)}`];
}

/** What to type to see the evidence. */
function commandOf(statement: Statement, capture: string): string | null {
  if (!('stream' in statement)) return null;
  if (statement.stream < 0) return `tcpscope ${capture} --all`;
  const stream = ` --stream ${statement.stream}`;
  if (statement.key === 'failure') return `tcpscope flow ${capture}${stream}`;
  switch (statement.kind) {
    case 'client-window':
    case 'server-window':
      return `tcpscope graph ${capture}${stream} --type window`;
    case 'timeout':
    case 'recovery':
      return `tcpscope flow ${capture}${stream}`;
    case 'path-rate':
      return `tcpscope graph ${capture}${stream} --type rtt`;
    default:
      return `tcpscope exchanges ${capture}${stream}`;
  }
}
