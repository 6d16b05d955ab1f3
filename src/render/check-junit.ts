import { type AssertionResult, type CheckReport, summaryOf } from '../check/outcome.ts';
import { resultLines, titleText } from './check-words.ts';
import { escapeAttribute, escapeXml } from './xml.ts';

/**
 * JUnit XML as Jenkins, GitLab and the rest read it. An assertion is a test case. What cannot be told is `skipped` with its
 * reason, since the format has no third outcome; the exit status keeps the difference.
 */
export function checkJunit(report: CheckReport): string {
  const { results, captures } = report;
  // A suite for each capture that was checked, or one for all that were read as one.
  const suites = new Map<string, AssertionResult[]>();
  for (const result of results) {
    const name = result.capture ?? captures.join(' ');
    const suite = suites.get(name);
    if (suite === undefined) suites.set(name, [result]);
    else suite.push(result);
  }
  return `${[
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${countsOf(results)}>`,
    ...[...suites].flatMap(([name, own]) => [
      `  <testsuite name="${escapeAttribute(name)}" ${countsOf(own)} time="0">`,
      ...own.map(testCase),
      '  </testsuite>',
    ]),
    '</testsuites>',
  ].join('\n')}\n`;
}

function countsOf(results: readonly AssertionResult[]): string {
  const { fail, error, inconclusive } = summaryOf(results);
  return `tests="${results.length}" failures="${fail}" errors="${error}" skipped="${inconclusive}"`;
}

function testCase(result: AssertionResult): string {
  const { rule, assertion, location, outcome } = result;
  const place = location.file === null ? '' : ` file="${escapeAttribute(location.file)}" line="${location.line}"`;
  const head = `    <testcase classname="${escapeAttribute(rule ?? 'capture')}" name="${escapeAttribute(assertion)}"${place} time="0"`;
  if (outcome === 'pass') return `${head}/>`;
  const lines = resultLines(result);
  const message = escapeAttribute(lines[0] ?? titleText(result));
  if (outcome === 'inconclusive')
    return `${head}>\n      <skipped message="${escapeAttribute('inconclusive: ')}${message}"/>\n    </testcase>`;
  const tag = outcome === 'fail' ? 'failure' : 'error';
  return `${head}>\n      <${tag} message="${message}" type="${outcome}">${escapeXml(lines.join('\n'))}</${tag}>\n    </testcase>`;
}
