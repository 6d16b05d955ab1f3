import { expect, it } from 'vitest';
import { analyseScenario, verdictText } from '../support/analyze.ts';

const OPEN = ['0.00 > S seq 0', '0.01 < S. seq 0 ack 1', '0.02 > . ack 1'];

/** Milliseconds for `n` segments without any ACK, each sent three times. */
function timeOf(n: number): number {
  const lines = [...OPEN];
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < 3; k++) lines.push(`+0.01 > P. ${1 + 10 * i}:${11 + 10 * i}(10) ack 1 id ${3 * i + k + 1}`);
  }
  const text = lines.join('\n');
  const empty = performance.now();
  const { rows } = analyseScenario(text);
  const taken = performance.now() - empty;
  expect(rows.filter((row) => verdictText(row).startsWith('retransmission')).length).toBe(2 * n);
  return taken;
}

it('segments that are sent again and again without an answer cost no more each, however many wait', () => {
  timeOf(500);
  const small = timeOf(4000);
  const large = timeOf(32000);
  // Eight times as many: 64 times as long where each walks past all the others.
  expect(large / small).toBeLessThan(12);
}, 60000);
