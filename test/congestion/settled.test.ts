/** Of a sender that sends no more the figures are kept, and not the models that it was replayed through. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Analyzer } from '../../src/analyze.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import { ConcludedCongestion } from '../../src/congestion/concluded.ts';
import { congestionReport } from '../../src/congestion/report.ts';
import { SenderReplay } from '../../src/congestion/sender.ts';
import { CongestionStage, congestionOf } from '../../src/congestion/stage.ts';
import { analyseScenario } from '../support/analyze.ts';

const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const captures = readdirSync(fixtures, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.pcap'));

afterEach(() => vi.restoreAllMocks());

/** The reports of all senders of a capture, and how many of them were concluded before its end. */
function reports(capture: Uint8Array): { text: string; concluded: number } {
  const analyzer = new Analyzer({});
  const reader = new CaptureReader(analyzer);
  reader.open('test');
  reader.write(capture);
  reader.end();
  const ends = analyzer.connections.flatMap(({ a, b }) => [a, b]);
  const concluded = ends.filter(({ congestion }) => congestion instanceof ConcludedCongestion).length;
  analyzer.end();
  const all = ends.map((end) => {
    const state = congestionOf(end);
    return state === null ? null : congestionReport(state);
  });
  return { text: JSON.stringify(all), concluded };
}

it('tells of every fixture what the models tell that are followed to the end of the capture', () => {
  const files = captures.map((name) => readFileSync(fixtures + name));
  const settled = files.map(reports);
  expect(settled.reduce((sum, { concluded }) => sum + concluded, 0)).toBeGreaterThan(0);
  vi.spyOn(CongestionStage.prototype, 'settle').mockReturnValue();
  const followed = files.map(reports);
  expect(followed.every(({ concluded }) => concluded === 0)).toBe(true);
  for (const [i, name] of captures.entries()) expect(settled[i].text, name).toBe(followed[i].text);
});

it('keeps every figure', () => {
  const { client } = analyseScenario('0.00 > S seq 0').analyzer.connections[0];
  const state = new ConcludedCongestion(client);
  const figures = state as unknown as Record<string, unknown>;
  Object.keys(state).forEach((name, i) => {
    if (name !== 'endpoint') figures[name] = Array.isArray(figures[name]) ? [i] : i;
  });
  const { endpoint, ...all } = ConcludedCongestion.of(state);
  expect(endpoint).toBe(client);
  expect({ endpoint, ...all }).toEqual({ ...state });
});

const TRANSFER = `
  0.00 > S  seq 0 <mss 1000>
  0.10 < S. seq 0 ack 1 <mss 1000>
  0.10 > .  ack 1
  0.20 > .  1:1001(1000) ack 1
  0.20 > .  1001:2001(1000) ack 1
  0.20 > .  2001:3001(1000) ack 1
  0.20 > .  3001:4001(1000) ack 1
  0.20 > .  4001:5001(1000) ack 1
  0.20 > .  5001:6001(1000) ack 1
  0.20 > F. 6001:7001(1000) ack 1
  0.30 < .  ack 7002`;

describe('a sender is concluded', () => {
  const state = (more: string) => analyseScenario(TRANSFER + more).analyzer.connections[0].client.congestion;

  it.each([
    ['not while the other end may still send', '', SenderReplay],
    ['not before the other FIN is acknowledged', '\n0.31 < F. seq 1 ack 7002', SenderReplay],
    ['when both FINs are', '\n0.31 < F. seq 1 ack 7002\n0.41 > . ack 2', ConcludedCongestion],
    ['not when a RST ends the connection: it may be forged', '\n0.31 < R. seq 1 ack 7002', SenderReplay],
  ])('%s', (_, more, kind) => {
    expect(state(more)).toBeInstanceOf(kind);
  });

  it('not when it has repeated something: a D-SACK may still tell that this was not needed', () => {
    const closed = `
      0.00 > S  seq 0 <mss 1460,sackOK>
      0.00 < S. seq 0 ack 1 <mss 1460,sackOK>
      0.10 > .  ack 1
      0.20 < .  1:1461(1460) ack 1
      0.20 < .  1461:2921(1460) ack 1
      0.20 < .  2921:4381(1460) ack 1
      0.20 < .  4381:5841(1460) ack 1
      0.20 < .  5841:7301(1460) ack 1
      0.20 < .  7301:8761(1460) ack 1
      0.20 < F. 8761:10221(1460) ack 1
      0.30 > .  ack 1461 <sack 2921:4381>
      0.30 > .  ack 1461 <sack 2921:5841>
      0.30 > .  ack 1461 <sack 2921:7301>
      0.30 < .  1461:2921(1460) ack 1
      0.40 > F. 1:1(0) ack 10222
      0.40 < .  ack 2`;
    const { server } = analyseScenario(`${closed}\n0.45 > .  ack 10222 <sack 1461:2921>`).analyzer.connections[0];
    expect(server.congestion).toBeInstanceOf(SenderReplay);
    expect(server.congestion!.episodes).toMatchObject([{ needless: 1, undone: true }]);
  });

  it('and what comes after that moves no window', () => {
    const closed = '\n0.31 < F. seq 1 ack 7002\n0.41 > . ack 2';
    const repeated = `${closed}\n0.95 > F. 6001:7001(1000) ack 2\n1.05 < . ack 7002`;
    const told = congestionReport(state(closed)!);
    expect(congestionReport(state(repeated)!)).toEqual(told);
    expect(told.episodes).toEqual([]);
  });
});
