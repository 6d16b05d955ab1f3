import { describe, expect, it } from 'vitest';
import { FAMILIES, FINDING_IDS, type FindingId } from '../../src/detect/catalogue.ts';
import { listOf } from '../../src/model/connection-list.ts';
import { FINDINGS_WITH_COST } from '../../src/summary/kinds.ts';
import { summarize } from '../../src/summary/summary.ts';
import { weightOf } from '../../src/summary/weight.ts';
import { CASES } from '../detect/cases.ts';
import { analyseScenario } from '../support/analyze.ts';

/** Warnings and errors of the capture that raises `id`, and what the first screen says of it. */
function answerTo(id: FindingId) {
  const { text, options } = CASES[id].raises!;
  const { analyzer } = analyseScenario(text, options);
  const findings = [...analyzer.connections.flatMap((connection) => connection.findings), ...analyzer.findings];
  const { statements } = summarize(listOf(analyzer.connections), findings, { dropped: null, damages: [] });
  return {
    grave: findings.filter(({ severity, id }) => severity !== 'info' && !Object.hasOwn(FAMILIES.capture, id)),
    told: statements.map((statement) => (statement.key === 'failure' ? statement.values.id : statement.key)),
  };
}

const RAISED = FINDING_IDS.filter((id) => CASES[id].raises !== null);

describe('a warning that is not minor is never followed by "Nothing stands out"', () => {
  it.each(RAISED)('%s', (id) => {
    const { grave, told } = answerTo(id);
    const weighty = grave.filter(
      ({ id, severity }) => weightOf(id, severity) !== 'minor' && !FINDINGS_WITH_COST.has(id),
    );
    if (weighty.length > 0) expect(told).not.toContain('quiet');
    for (const { id, severity } of weighty) {
      if (weightOf(id, severity) === 'failure' && told.length < 3) expect(told).toContain(id);
    }
  });

  it.each([
    'forged-reset',
    'keep-alive-failure',
    'peer-unresponsive',
    'peer-forgot',
    'reset-after-fin',
    'close-wait-stuck',
    'syn-unanswered',
    'connection-refused',
  ] as const)('what ended a connection comes first: %s', (id) => expect(answerTo(id).told[0]).toBe(id));

  it.each(['port-scan', 'host-sweep'] as const)('and what explains it before that: %s', (id) =>
    expect(answerTo(id).told).toEqual([id, 'connection-refused']),
  );

  it.each(['timeout-too-short', 'window-growth-too-fast', 'timestamps-missing'] as const)(
    'a fault that harms nobody by itself is no headline: %s',
    (id) => expect(answerTo(id).told).toEqual(['quiet']),
  );

  it('a finding that nobody has weighed stands out, and an error is a failure', () => {
    expect(weightOf('brand-new', 'warning')).toBe('notable');
    expect(weightOf('reserved-bits', 'warning')).toBe('minor');
    expect(weightOf('reserved-bits', 'error')).toBe('failure');
  });
});

it('what is notable gives way to what costs time', () => {
  expect(answerTo('injected-segment').told).toEqual(['injected-segment']);
  expect(answerTo('blind-reset').told).toEqual(['cost']);
});
