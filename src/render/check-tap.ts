import type { AssertionResult, CheckReport } from '../check/outcome.ts';
import { resultLines, titleText } from './check-words.ts';
import { jsonOf } from './json.ts';

/** Test Anything Protocol, version 14. What cannot be told is `not ok` with the directive TODO of that protocol, which harnesses count apart. */
export function checkTap({ results }: CheckReport): string {
  const lines = ['TAP version 14', `1..${results.length}`];
  for (const [i, result] of results.entries()) lines.push(...point(result, i + 1));
  return `${lines.join('\n')}\n`;
}

function point(result: AssertionResult, number: number): string[] {
  const title = titleText(result).replace(/[\\#]/g, '\\$&');
  if (result.outcome === 'pass') return [`ok ${number} - ${title}`];
  const directive = result.outcome === 'inconclusive' ? ' # TODO inconclusive' : '';
  const { file, line } = result.location;
  // JSON strings are YAML strings.
  const block = [
    `  outcome: ${result.outcome}`,
    ...(file === null ? [] : [`  at: ${jsonOf(`${file}:${line}`)}`]),
    '  found:',
    ...resultLines(result).map((text) => `    - ${jsonOf(text.trim())}`),
  ];
  return [`not ok ${number} - ${title}${directive}`, '  ---', ...block, '  ...'];
}
