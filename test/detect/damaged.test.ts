import { expect, it } from 'vitest';
import { Analyzer } from '../../src/analyze.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import { analyseScenario } from '../support/analyze.ts';
import { scenario } from '../support/scenario.ts';

function findingsOf(capture: Uint8Array, keepsRows: boolean): string[] {
  const analyzer = new Analyzer(keepsRows ? { onRow: () => {} } : {});
  const reader = new CaptureReader(analyzer);
  reader.open('test');
  reader.write(capture);
  reader.end();
  analyzer.end();
  return analyzer.connections.flatMap(({ findings }) => findings.map(({ id, text }) => `${id}: ${text}`));
}

it.each([
  ['a reset', 'R seq 601 ack 1'],
  ['a reset with data', 'R. 601:701(100) ack 1'],
  ['an ACK', '. seq 601 ack 1'],
  ['a SYN', 'S seq 601'],
  ['a FIN', 'F. seq 601 ack 1'],
  ['data', 'P. 601:701(100) ack 1'],
])('%s that arrived damaged is told of, with rows and without', (_, damaged) => {
  const data = Array.from({ length: 6 }, (_, i) => `0.0${30 + i} > . ${1 + 100 * i}:${101 + 100 * i}(100) ack 1`);
  const { pcap } = scenario(
    {},
    `0.000 > S seq 0 win 64240 <mss 1460>
    0.020 < S. seq 0 ack 1 win 65160 <mss 1460>
    0.021 > . ack 1
    ${data.join('\n')}
    0.040 > ${damaged} badcksum
    0.060 < . ack 601`,
  );
  const [kept, passed] = [true, false].map((keepsRows) => findingsOf(pcap, keepsRows));
  expect(kept).toEqual([expect.stringMatching(/^corrupted-segment: 1 segment/)]);
  expect(passed).toEqual(kept);
});

it('is a warning where bytes were damaged, not where an ACK was: the next one says as much', () => {
  const severity = (damaged: string) => {
    const data = Array.from({ length: 6 }, (_, i) => `0.0${30 + i} > . ${1 + 100 * i}:${101 + 100 * i}(100) ack 1`);
    const { analyzer } = analyseScenario(`0.000 > S seq 0 win 64240 <mss 1460>
      0.020 < S. seq 0 ack 1 win 65160 <mss 1460>
      0.021 > . ack 1
      ${data.join('\n')}
      0.040 > ${damaged} badcksum
      0.060 < . ack 601
      0.340 > P. 601:602(1) ack 1
      0.360 < . ack 602`);
    const found = analyzer.connections.flatMap(({ findings }) => findings);
    return found.find(({ id }) => id === 'corrupted-segment')?.severity;
  };
  expect(severity('. seq 601 ack 1')).toBe('info');
  expect(severity('P. 601:602(1) ack 1')).toBe('warning');
});

it('counts a packet once that the capture holds twice, and each that was damaged by itself', () => {
  const text = (...damaged: string[]) => {
    const data = Array.from(
      { length: 100 },
      (_, i) => `${(0.03 + i / 1e4).toFixed(4)} > . ${1 + 100 * i}:${101 + 100 * i}(100) ack 1`,
    );
    const { analyzer } = analyseScenario(`0.000 > S seq 0 win 64240 <mss 1460>
      0.020 < S. seq 0 ack 1 win 65160 <mss 1460>
      0.021 > . ack 1
      ${data.join('\n')}
      ${damaged.map((line, i) => `${(0.07 + i / 1e5).toFixed(5)} > ${line} badcksum`).join('\n')}
      0.090 < . ack 10001`);
    const found = analyzer.connections.flatMap(({ findings }) => findings);
    return found.find(({ id }) => id === 'corrupted-segment')?.text;
  };
  const packet = 'P. 10001:10101(100) ack 1 id 77';
  expect(text(packet)).toMatch(/^1 segment \(100 bytes\)/);
  expect(text(packet, packet)).toMatch(/^1 segment \(100 bytes\)/);
  // Copies need not follow one another, nor be among the first sixteen; one of the seventeenth packet before is counted.
  const others = (count: number) => Array.from({ length: count }, (_, i) => `P. 10001:10101(100) ack 1 id ${100 + i}`);
  expect(text(packet, ...others(1), packet, ...others(1))).toMatch(/^2 segments \(200 bytes\)/);
  expect(text(...others(17), others(17)[16])).toMatch(/^17 segments \(1,700 bytes\)/);
  expect(text(packet, ...others(15), packet)).toMatch(/^16 segments \(1,600 bytes\)/);
  expect(text(packet, ...others(16), packet)).toMatch(/^18 segments \(1,800 bytes\)/);
  expect(text(packet, 'P. 10001:10101(100) ack 1 id 78')).toMatch(/^2 segments \(200 bytes\)/);
  expect(text(packet, 'P. 10101:10201(100) ack 1 id 77')).toMatch(/^2 segments \(200 bytes\)/);
});
