import { expect, it } from 'vitest';
import { emptyCaptureFacts } from '../../src/model/capture-facts.ts';
import { buildReport } from '../../src/report/report.ts';
import { analyseScenario } from '../support/analyze.ts';

/** Clients of one host, one each second, that begin with the numbers given. */
function choice(isn: (i: number) => number, clients = 9) {
  const connections = Object.fromEntries(
    Array.from({ length: clients }, (_, i) => [
      `C${i}`,
      {
        client: `10.0.0.1:${40000 + i}`,
        server: `10.0.1.${i + 1}:80`,
        clientIsn: isn(i) >>> 0,
        serverIsn: Math.imul(i + 1, 0x9e3779b1) >>> 0,
      },
    ]),
  );
  const text = Array.from(
    { length: clients },
    (_, i) => `${i}.0 > S seq 0 conn C${i}\n${i}.02 < S. seq 0 ack 1 conn C${i}\n${i}.021 > . ack 1 conn C${i}`,
  );
  const { analyzer } = analyseScenario(text.join('\n'), { connections });
  const { capture, findings } = buildReport(analyzer, emptyCaptureFacts());
  const told = findings.filter(({ id }) => id.startsWith('isn'));
  return { ...capture.initialSequenceNumbers[0], ids: told.map(({ id }) => id), text: told[0]?.text };
}

it('tells how a host chooses its initial sequence numbers, random ones too', () => {
  expect(choice(() => 77)).toMatchObject({
    address: '10.0.0.1',
    connections: 9,
    choice: 'constant',
    ids: ['isn-constant'],
  });
  expect(choice((i) => 64000 * i)).toMatchObject({ choice: 'step', step: 64000, ids: ['isn-predictable'] });
  expect(choice((i) => 1_000_000 + 50_000 * i * i)).toMatchObject({ choice: 'rising', ids: ['isn-predictable'] });
  expect(choice((i) => Math.imul(i + 1, 0x85ebca6b) ^ (i << 19))).toMatchObject({
    choice: 'random',
    step: null,
    ids: [],
  });
});

it('counts the numbers where a host uses more than one, and how often the most frequent', () => {
  const changing = (changes: number) => choice((i) => (i < changes ? 90 + i : 77), 11);
  expect(changing(0).text).toBe('10.0.0.1 began its 11 connections with the same initial sequence number, 77.');
  expect(changing(1).text).toBe(
    '10.0.0.1 began its 11 connections with 2 initial sequence numbers, 10 of them with 77.',
  );
  // Of ten steps nine are none; with eight it is not called constant any more.
  expect(changing(2).choice).not.toBe('constant');
});

it('knows a clock from a step', () => {
  // 250,000 a second (RFC 9293 section 3.4.1), a little jittered by when the connections came.
  expect(choice((i) => 250_000 * i + 90 * (i % 3))).toMatchObject({
    choice: 'time',
    perSecond: expect.closeTo(250_000, -3),
  });
});
