import { expect, it } from 'vitest';
import { analyseScenario, verdictText } from '../support/analyze.ts';

const OPEN = ['0.00 > S seq 0', '0.01 < S. seq 0 ack 1', '0.02 > . ack 1'];

// What many of them cost is measured by test/bench/growth.mjs.
it('segments that are sent three times without an answer are two retransmissions each, however many wait', () => {
  const segments = 4000;
  const lines = [...OPEN];
  for (let i = 0; i < segments; i++) {
    for (let k = 0; k < 3; k++) lines.push(`+0.01 > P. ${1 + 10 * i}:${11 + 10 * i}(10) ack 1 id ${3 * i + k + 1}`);
  }
  const verdicts = analyseScenario(lines.join('\n')).rows.slice(OPEN.length).map(verdictText);
  const retransmissions = verdicts.flatMap((verdict, i) => (verdict.startsWith('retransmission') ? [i] : []));
  expect(retransmissions).toEqual(verdicts.flatMap((_, i) => (i % 3 > 0 ? [i] : [])));
});
