/** When a capture has stopped rather than its hosts: `pauses.ts`, with an example on either side of each of its conditions. */
import { describe, expect, it } from 'vitest';
import { Pauses } from '../../src/detect/pauses.ts';
import { analyseScenario } from '../support/analyze.ts';

const SECOND = 1e9;

describe('a pause of the capture', () => {
  /** A thousand packets in `busy` seconds, then nothing for `gap` seconds. */
  const heard = (busy: number, gap: number, records = 1000) => {
    const pauses = new Pauses();
    pauses.see(records + 1, busy * SECOND, (busy + gap) * SECOND);
    return pauses.heardUntil(0, 1e6 * SECOND) / SECOND;
  };

  it('lasts a minute at least', () => {
    expect(heard(10, 60)).toBe(10);
    expect(heard(10, 59.999)).toBe(1e6);
  });

  it('is longer than a hundred times what was usual', () => {
    expect(heard(1000, 100.001)).toBe(1000);
    expect(heard(1000, 100)).toBe(1e6);
  });

  it('is not told after fewer than a thousand packets', () => {
    expect(heard(10, 3600, 999)).toBe(1e6);
  });

  it('ends what was heard since a moment only if it comes after it', () => {
    const pauses = new Pauses();
    pauses.see(1001, 10 * SECOND, 100 * SECOND);
    expect(pauses.heardUntil(10 * SECOND, 200 * SECOND)).toBe(10 * SECOND);
    expect(pauses.heardUntil(11 * SECOND, 200 * SECOND)).toBe(200 * SECOND);
  });

  it('is the earliest one since then, also where the clock went back', () => {
    const pauses = new Pauses();
    pauses.see(5000, 1000 * SECOND, 2000 * SECOND);
    pauses.see(9000, 200 * SECOND, 400 * SECOND);
    expect(pauses.heardUntil(150 * SECOND, 600 * SECOND)).toBe(200 * SECOND);
    expect(pauses.heardUntil(201 * SECOND, 3000 * SECOND)).toBe(1000 * SECOND);
  });

  it('is remembered 1,024 times', () => {
    const pauses = new Pauses();
    for (let i = 0; i < 1025; i++) pauses.see(1e9, i * SECOND, (i + 60) * SECOND);
    expect(pauses.heardUntil(1023 * SECOND, 1e6 * SECOND)).toBe(1023 * SECOND);
    expect(pauses.heardUntil(1024 * SECOND, 1e6 * SECOND)).toBe(1e6 * SECOND);
  });
});

it('an application is not said to leave its end open while the capture was stopped', () => {
  const lines = ['0 > S seq 0 win 8192', '0.01 < S. seq 0 ack 1 win 8192', '0.02 > . ack 1', '0.03 < F. seq 1 ack 1'];
  lines.push('0.04 > . ack 2');
  const stuck = (others: number, until: number) => {
    const more = Array.from(
      { length: others },
      (_, i) => `${(0.05 + i * 0.01).toFixed(2)} < . seq 1 ack 1 win 8192 conn B`,
    );
    const text = [...lines, ...more, `${until} < . seq 1 ack 1 win 8192 conn B`].join('\n');
    const { analyzer } = analyseScenario(text, { connections: { B: { client: '10.9.0.1:1', server: '10.9.0.2:2' } } });
    return analyzer.connections.flatMap(({ findings }) => findings).some(({ id }) => id === 'close-wait-stuck');
  };
  expect(stuck(994, 3600)).toBe(true);
  expect(stuck(995, 3600)).toBe(false);
});
