import { expect, it } from 'vitest';
import { analyseScenario, statesAfter, verdictText } from '../support/analyze.ts';

it('a segment without ACK, SYN and RST establishes nothing and is no keep-alive (RFC 9293 section 3.10.7.4, fifth)', () => {
  const { rows } = analyseScenario(`
    0.000 > FPU  seq 0 urg 0
    0.010 > none seq 0
    0.020 > FS   seq 0`);
  expect(rows.map(verdictText).join()).not.toMatch(/keep-alive/);
  expect(rows.map(statesAfter).join()).not.toMatch(/ESTABLISHED|FIN-WAIT/);
});
