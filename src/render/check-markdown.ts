import type { AssertionResult, CheckReport, Outcome } from '../check/outcome.ts';
import { escapeText } from '../model/escape.ts';
import { placeText, resultLines, summaryText, titleText } from './check-words.ts';

const MARKS: Record<Outcome, string> = { pass: '✅', fail: '❌', inconclusive: '❓', error: '⚠️' };

/** For the summary of a job and for comments on a change. */
export function checkMarkdown(report: CheckReport): string {
  const { outcome, captures, results, summary, incomplete } = report;
  const lines = [
    `### ${MARKS[outcome]} tcpscope check: ${outcome}`,
    '',
    `${summaryText(summary)} on ${captures.map(code).join(', ')} (${report.connections} connections, ${report.packets} packets)`,
    '',
  ];
  if (incomplete !== null) lines.push(`The capture may lack packets: ${plain(incomplete)}`, '');
  if (results.length > 0) {
    lines.push('| | assertion | connections | where |', '|---|---|---|---|');
    for (const result of results) lines.push(row(result));
    lines.push('');
  }
  for (const result of results.filter((candidate) => candidate.outcome !== 'pass')) lines.push(...details(result));
  return `${lines.join('\n')}\n`;
}

function row(result: AssertionResult): string {
  const { outcome, checked, passed } = result;
  const place = placeText(result);
  return `| ${MARKS[outcome]} | ${code(titleText(result))} | ${passed} of ${checked} | ${place === '' ? '' : code(place)} |`;
}

function details(result: AssertionResult): string[] {
  return [
    `<details><summary>${MARKS[result.outcome]} ${html(titleText(result))}</summary>`,
    '',
    '```text',
    ...resultLines(result).map((line) => line.replaceAll('```', "'''")),
    '```',
    '',
    '</details>',
    '',
  ];
}

/** A code span: its fence is longer than any run of backquotes in it, and in a table it has no bar. */
function code(text: string): string {
  const safe = escapeText(text).replaceAll('|', '\\|');
  const longest = Math.max(0, ...(safe.match(/`+/g) ?? []).map((run) => run.length));
  if (longest === 0) return `\`${safe}\``;
  const fence = '`'.repeat(longest + 1);
  return `${fence} ${safe} ${fence}`;
}

function plain(text: string): string {
  return escapeText(text)
    .replace(/[\\`*_{}[\]<>|#]/g, '\\$&')
    .replaceAll('@', '&#64;');
}

function html(text: string): string {
  return escapeText(text).replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
