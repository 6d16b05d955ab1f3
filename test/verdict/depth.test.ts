import { expect, it } from 'vitest';
import { analyseScenario } from '../support/analyze.ts';

/**
 * Segments of 1,000 bytes as they reach the receiver, beside which the capture is made; how many overtook each late one. A negative number
 * is a repeat, after all of them.
 */
function depths(...segments: number[]): number[] {
  const lines = segments.map((n, i) => {
    const first = Math.abs(n) * 1000 + 1;
    return `${(0.1 + i / 1e4).toFixed(4)} > . ${first}:${first + 1000}(1000) ack 1 id ${n < 0 ? 1120 : 1100 + n}`;
  });
  const { rows } = analyseScenario(`
    0.0000 > S  seq 0 <mss 1000,sackOK>
    0.0001 < S. seq 0 ack 1 <mss 1000,sackOK>
    0.0401 > .  ack 1
    ${lines.join('\n')}`);
  return rows.flatMap(({ verdict }) => (verdict !== null && verdict.depth > 0 ? [verdict.depth] : []));
}

it('counts the later segments that came before a late one', () => {
  expect(depths(0, 2, 1, 3)).toEqual([1]);
  expect(depths(0, 2, 3, 1)).toEqual([2]);
  expect(depths(0, 3, 2, 1)).toEqual([1, 2]);
});

it('counts neither earlier ones nor second sights of a packet', () => {
  expect(depths(4, 0, 1, 2, 3)).toEqual([1, 1, 1, 1]);
  expect(depths(0, 2, 2, 2, 1)).toEqual([1]);
});

it('counts no repeats: of what lies above the hole, or beside it', () => {
  expect(depths(0, 1, 2, 3, 6, -6, 4)).toEqual([1]);
  expect(depths(0, 1, 2, 3, 6, -5, 4)).toEqual([1]);
  expect(depths(0, 1, 2, 3, 6, 5, 4)).toEqual([1, 2]);
});
