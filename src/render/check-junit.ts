import type { AssertionResult, CheckReport } from '../check/outcome.ts';
import { resultLines, titleText } from './check-words.ts';
import { escapeAttribute, escapeXml } from './xml.ts';

/**
 * JUnit XML as Jenkins, GitLab and the rest read it. An assertion is a test case. What cannot be told is `skipped` with its
 * reason, since the format has no third outcome; the exit status keeps the difference.
 */
export function checkJunit(report: CheckReport): string {
  const { results, captures, summary } = report;
  const counts = `tests="${results.length}" failures="${summary.fail}" errors="${summary.error}" skipped="${summary.inconclusive}"`;
  const name = escapeAttribute(captures.join(' '));
  return `${[
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${name}" ${counts} time="0">`,
    ...results.map(testCase),
    '  </testsuite>',
    '</testsuites>',
  ].join('\n')}\n`;
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
