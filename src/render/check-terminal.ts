import type { AssertionResult, CheckReport, Outcome } from '../check/outcome.ts';
import { escapeText } from '../model/escape.ts';
import { placeText, resultLines, summaryText, titleText } from './check-words.ts';
import type { Style } from './style.ts';
import { textWidth, wrap } from './text.ts';

/** Narrower lines cannot be read. */
const LEAST_WIDTH = 30;

const LABELS: Record<Outcome, string> = { pass: 'pass', fail: 'FAIL', inconclusive: '????', error: 'ERROR' };

/** The report for people, in lines of up to `width` columns. Without `isQuiet` what passed is listed too. */
export function checkTerminal(report: CheckReport, style: Style, isQuiet = false, width: number | null = null): string {
  const lines: string[] = [];
  for (const result of report.results) {
    if (isQuiet && result.outcome === 'pass') continue;
    lines.push(...resultText(result, style, width));
  }
  if (report.incomplete !== null)
    lines.push(style.warning(`The capture may lack packets: ${escapeText(report.incomplete)}`));
  lines.push(styleOf(report.outcome, style)(`${report.outcome}: ${summaryText(report.summary)}`));
  return `${lines.join('\n')}\n`;
}

function resultText(result: AssertionResult, style: Style, width: number | null): string[] {
  const place = placeText(result);
  const label = styleOf(result.outcome, style)(LABELS[result.outcome].padEnd(5));
  const head = `${label} ${titleText(result)}${place === '' ? '' : `  ${style.quiet(place)}`}`;
  return [
    head,
    ...(result.outcome === 'pass' ? [] : resultLines(result).flatMap((line) => wrapped(`      ${line}`, width))),
  ];
}

/** A line with what does not fit below it, indented a little more. */
function wrapped(line: string, width: number | null): string[] {
  if (width === null || textWidth(line) <= width) return [line];
  const indent = ' '.repeat(line.search(/\S/));
  const [first, ...rest] = wrap(line.trimStart(), Math.max(width - indent.length - 2, LEAST_WIDTH));
  return [indent + first, ...rest.map((part) => `${indent}  ${part}`)];
}

function styleOf(outcome: Outcome, style: Style): (text: string) => string {
  switch (outcome) {
    case 'pass':
      return style.good;
    case 'inconclusive':
      return style.warning;
    default:
      return style.error;
  }
}
