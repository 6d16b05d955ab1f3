import type { AssertionResult, CheckReport, Outcome } from '../check/outcome.ts';
import { escapeText } from '../model/escape.ts';
import { placeText, resultLines, summaryText, titleText } from './check-words.ts';
import type { Style } from './style.ts';

const LABELS: Record<Outcome, string> = { pass: 'pass', fail: 'FAIL', inconclusive: '????', error: 'ERROR' };

/** The report for people. Without `isQuiet` what passed is listed too. */
export function checkTerminal(report: CheckReport, style: Style, isQuiet = false): string {
  const lines: string[] = [];
  for (const result of report.results) {
    if (isQuiet && result.outcome === 'pass') continue;
    lines.push(...resultText(result, style));
  }
  if (report.incomplete !== null)
    lines.push(style.warning(`The capture may lack packets: ${escapeText(report.incomplete)}`));
  lines.push(styleOf(report.outcome, style)(`${report.outcome}: ${summaryText(report.summary)}`));
  return `${lines.join('\n')}\n`;
}

function resultText(result: AssertionResult, style: Style): string[] {
  const place = placeText(result);
  const label = styleOf(result.outcome, style)(LABELS[result.outcome].padEnd(5));
  const head = `${label} ${titleText(result)}${place === '' ? '' : `  ${style.quiet(place)}`}`;
  return [head, ...(result.outcome === 'pass' ? [] : resultLines(result).map((line) => `      ${line}`))];
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
