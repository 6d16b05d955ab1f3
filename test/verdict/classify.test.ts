/** What asks and what brings nothing, and what the end of the input tells: the conditions of `classify.ts` with an example on either side. */
import { expect, it } from 'vitest';
import { analyseScenario, fateText, verdictText } from '../support/analyze.ts';

const OPEN = `
  0.000 > S  seq 0 win 1000
  0.010 < S. seq 0 ack 1 win 1000
  0.020 > .  ack 1
  0.030 > P. 1:101(100) ack 1`;
const last = (text: string) => verdictText(analyseScenario(text).rows.at(-1)!);

it('a keep-alive has the number before SND.NXT and one byte at the most, all of which was acknowledged (RFC 9293 section 3.8.4)', () => {
  const probe = (line: string, ack = 101, win = 1000) =>
    last(`${OPEN}\n 0.04 < . ack ${ack} win ${win}\n 60 > ${line}`);
  expect([probe('. seq 100 ack 1'), probe('. 100:101(1) ack 1')]).toEqual(['keep-alive', 'keep-alive']);
  expect(probe('. 100:102(2) ack 1')).toMatch(/^retransmission/);
  expect(probe('. 99:100(1) ack 1')).toMatch(/^retransmission/);
  expect(probe('. 100:101(1) ack 1', 100)).toMatch(/^retransmission/);
  expect(probe('F. 100:101(1) ack 1')).not.toBe('keep-alive');
  expect(probe('P 100:101(1)')).not.toBe('keep-alive');
  expect([probe('. seq 99 ack 1'), probe('. seq 101 ack 1')]).toEqual(['ack', 'ack']);
  expect([probe('. seq 100 ack 1', 101, 0), probe('. seq 100 ack 1', 101, 1)]).toEqual(['window-probe', 'keep-alive']);
});

it('where its receiver has told no MSS, segments have 536 bytes at the least (RFC 9293 section 3.7.1)', () => {
  const fate = (sacked: number, mss: string) => {
    const { rows } = analyseScenario(`
      0.000 > S  seq 0 <sackOK>
      0.010 < S. seq 0 ack 1 <sackOK${mss}>
      0.020 > .  ack 1
      0.030 > .  1:101(100) ack 1
      0.030 > .  101:${101 + sacked}(${sacked}) ack 1
      0.050 < .  ack 1 <nop,nop,sack 101:${101 + sacked}>`);
    return fateText(rows[3]);
  };
  // More than (DupThresh - 1) * SMSS bytes (RFC 6675 section 4).
  expect([fate(1072, ''), fate(1073, '')]).toEqual(['unknown', 'lost']);
  expect([fate(1072, ',mss 100'), fate(1073, ',mss 100')]).toEqual(['unknown', 'lost']);
  expect([fate(1200, ',mss 600'), fate(1201, ',mss 600')]).toEqual(['unknown', 'lost']);
});
