import type { AssertionResult, CheckReport, Outcome } from '../check/outcome.ts';
import { resultLines, titleText } from './check-words.ts';
import { jsonOf } from './json.ts';

const LEVELS: Record<Exclude<Outcome, 'pass'>, 'error' | 'warning'> = {
  fail: 'error',
  error: 'error',
  inconclusive: 'warning',
};

/**
 * SARIF 2.1.0 (OASIS): a result for each assertion that did not pass. Its location is the rule, or the capture where the
 * assertion stands in no file; the packets are in its properties.
 */
export function checkSarif(report: CheckReport, version: string): string {
  const broken = report.results.filter(({ outcome }) => outcome !== 'pass');
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'tcpscope',
            version,
            rules: broken.map((result) => ({
              id: ruleId(result),
              shortDescription: { text: plainText(titleText(result)) },
            })),
          },
        },
        artifacts: report.captures.map((name) => ({ location: { uri: uriOf(name) } })),
        results: broken.map((result, index) => sarifResult(result, index, report.captures)),
      },
    ],
  };
  return `${jsonOf(log, 2)}\n`;
}

function sarifResult(result: AssertionResult, ruleIndex: number, captures: readonly string[]) {
  const { outcome, location, cases } = result;
  const { file, line, column } = location;
  const physicalLocation =
    file === null
      ? { artifactLocation: { uri: uriOf(captures[0] ?? '-') } }
      : { artifactLocation: { uri: uriOf(file) }, region: { startLine: line, startColumn: column } };
  return {
    ruleId: ruleId(result),
    ruleIndex,
    level: LEVELS[outcome as Exclude<Outcome, 'pass'>],
    message: { text: plainText([titleText(result), ...resultLines(result)].join('\n')) },
    locations: [{ physicalLocation }],
    partialFingerprints: { 'tcpscopeRule/v1': fingerprint(result) },
    properties: {
      outcome,
      connections: cases.map(({ stream, flow, packets }) => ({ stream, flow, packets })),
    },
  };
}

/** A message is plain text, but for links in brackets (section 3.11.6): those of others are none. */
function plainText(text: string): string {
  return /\]\s*\(/.test(text) ? text.replace(/[[\]\\]/g, '\\$&') : text;
}

function ruleId({ rule, assertion }: AssertionResult): string {
  return rule === null ? assertion : `${rule}/${assertion}`;
}

/** Stable from run to run, so that a viewer knows the same problem again: the rule and the ends, without client ports. */
function fingerprint(result: AssertionResult): string {
  const servers = new Set(result.cases.map(({ flow }) => flow?.split(' -> ')[1] ?? 'capture'));
  return `${ruleId(result)} @ ${[...servers].sort().join(' ')}`;
}

function uriOf(name: string): string {
  const path = encodeURI(name.replace(/\p{Cs}/gu, '\ufffd').replaceAll('\\', '/')).replace(/[?#]/g, encodeURIComponent);
  // What looks like a scheme (`mailto:x`) is the name of a file here.
  return /^[a-z][a-z0-9+.-]*:/i.test(path) ? `./${path}` : path;
}
