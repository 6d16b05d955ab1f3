import type { AssertionResult, CheckReport, Outcome } from '../check/outcome.ts';
import { titleOf } from '../check/outcome.ts';
import { placeText, resultLines, summaryText } from './check-words.ts';
import { escapeText } from './text.ts';

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
  return `| ${MARKS[outcome]} | ${code(titleOf(result))} | ${passed} of ${checked} | ${place === '' ? '' : code(place)} |`;
}

function details(result: AssertionResult): string[] {
  return [
    `<details><summary>${MARKS[result.outcome]} ${html(titleOf(result))}</summary>`,
    '',
    '```text',
    ...resultLines(result).map((line) => escapeText(line).replaceAll('```', "'''")),
    '```',
    '',
    '</details>',
    '',
  ];
}

/** A code span that may hold backquotes, and in a table no bar. */
function code(text: string): string {
  const safe = escapeText(text).replaceAll('|', '\\|');
  return safe.includes('`') ? `\`\` ${safe} \`\`` : `\`${safe}\``;
}

function plain(text: string): string {
  return escapeText(text).replace(/[\\`*_{}[\]<>|#]/g, '\\$&');
}

function html(text: string): string {
  return escapeText(text).replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
