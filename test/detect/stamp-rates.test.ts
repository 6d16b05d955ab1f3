/** TCP timestamps against the clock of the capture: each constant with an example on either side. */

import { describe, expect, it } from 'vitest';
import { addStampRates } from '../../src/detect/stamp-rates.ts';
import type { Connection } from '../../src/model/connection.ts';
import { analyseScenario } from '../support/analyze.ts';

/** An end whose clock ticked so often within a second of the capture. */
const end = (ticks: number, rstFrame = 0) => ({
  rstFrame,
  outbound: { clocks: { firstTsVal: 5, maxTsVal: 5 + ticks, firstTsTime: 0 } },
});
const rates = (a: object, b: object, seconds = 1) => {
  const found = { measured: 0, tooFast: 0 };
  addStampRates(found, { a, b, latestTime: seconds * 1e9 } as unknown as Connection);
  return [found.measured, found.tooFast];
};

describe('the clocks of both ends', () => {
  it('tick a thousand times before they measure anything', () => {
    expect(rates(end(1000), end(1000))).toEqual([1, 0]);
    expect(rates(end(999), end(1000))).toEqual([0, 0]);
    expect(rates(end(1000), end(1000, 7))).toEqual([0, 0]);
  });

  it('are too fast above 4000 ticks a second, both of them', () => {
    expect(rates(end(4001), end(4001))).toEqual([1, 1]);
    expect(rates(end(4000), end(4001))).toEqual([1, 0]);
    expect(rates(end(4001), end(4000))).toEqual([1, 0]);
  });

  it('may count microseconds, from 100,000 to 1,200,000 a second', () => {
    expect(rates(end(99_999), end(99_999))).toEqual([1, 1]);
    expect(rates(end(100_000), end(100_000))).toEqual([1, 0]);
    expect(rates(end(1_200_000), end(1_200_000))).toEqual([1, 0]);
    expect(rates(end(1_200_001), end(1_200_001))).toEqual([1, 1]);
  });
});

describe('a capture that was played back faster', () => {
  const talk = (speed: number) => {
    const at = (ms: number) => (ms / 1000 / speed).toFixed(6);
    const rows = Array.from({ length: 40 }, (_, i) => {
      const ms = 50 + 37 * i + (i % 7);
      return `${at(ms)} > P. ${1 + 10 * i}:${11 + 10 * i}(10) ack 1 <nop,nop,TS val ${1000 + ms} ecr ${7000 + ms}>
        ${at(ms + 20)} < . ack ${11 + 10 * i} <nop,nop,TS val ${7000 + ms + 20} ecr ${1000 + ms}>`;
    });
    const { analyzer } = analyseScenario(`
      ${at(0)} > S  seq 0 win 64240 <mss 1460,sackOK,TS val 1000 ecr 0>
      ${at(20)} < S. seq 0 ack 1 win 65160 <mss 1460,sackOK,TS val 7020 ecr 1000>
      ${at(21)} > .  ack 1 <nop,nop,TS val 1021 ecr 7020>
      ${rows.join('\n')}`);
    return analyzer.findings.find(({ id }) => id === 'invented-times');
  };

  it('is known by its timestamps', () => {
    expect(talk(1)).toBeUndefined();
    expect(talk(3.5)).toBeUndefined();
    expect(talk(4.5)).toMatchObject({ severity: 'info' });
    expect(talk(4.5)?.text).toMatch(/timestamps of both ends/);
  });
});
