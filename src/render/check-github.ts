import type { AssertionResult, CheckReport, Outcome } from '../check/outcome.ts';
import { escapeText } from '../model/escape.ts';
import { resultLines, titleText } from './check-words.ts';

const COMMANDS: Record<Exclude<Outcome, 'pass'>, string> = { fail: 'error', error: 'error', inconclusive: 'warning' };

/** Workflow commands of GitHub Actions: an annotation at the line of the rule for everything that did not pass. */
export function checkGithub({ results }: CheckReport): string {
  return results
    .map(annotation)
    .filter((line) => line !== '')
    .join('');
}

function annotation(result: AssertionResult): string {
  const { outcome, location } = result;
  if (outcome === 'pass') return '';
  const place =
    location.file === null
      ? ''
      : `file=${property(escapeText(location.file))},line=${location.line},col=${location.column},`;
  const title = property(`${titleText(result)}: ${outcome}`);
  return `::${COMMANDS[outcome]} ${place}title=${title}::${data(resultLines(result).join('\n'))}\n`;
}

function data(text: string): string {
  return text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}

function property(text: string): string {
  return data(text).replace(/:/g, '%3A').replace(/,/g, '%2C');
}
