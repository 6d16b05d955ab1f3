import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/report/report.ts';
import { scenario } from '../support/scenario.ts';
import { expectGolden, output } from './tcpscope.ts';

/** Many clients that ask one server each; `think` says how long (ms) the server takes for the client of that number. */
function manyClients(count: number, think: (i: number) => number): Uint8Array {
  const name = (i: number) => `c${i}`;
  const connections = Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      name(i),
      { client: `10.0.${i >> 8}.${i & 255}:40000`, server: i % 5 === 4 ? '10.9.0.9:443' : '10.9.0.5:5432' },
    ]),
  );
  const lines = Array.from({ length: count }, (_, i) => {
    const at = (ms: number) => ((i * 7 + ms) / 1000).toFixed(6);
    const answered = 21 + think(i);
    return [
      [0, '> S seq 0 win 65535 <mss 1460>'],
      [20, '< S. seq 0 ack 1 win 65535 <mss 1460>'],
      [20.05, '> . ack 1'],
      [20.1, '> P. 1:101(100) ack 1'],
      [40.1 + think(i), '< P. 1:501(500) ack 101'],
      [40.2 + think(i), '> . ack 501'],
      [answered + 20, '> F. seq 101 ack 501'],
      [answered + 40, '< F. seq 501 ack 102'],
      [answered + 40.1, '> . ack 502'],
    ].map(([ms, text]) => ({ time: Number(at(Number(ms))), text: `${at(Number(ms))} ${text} conn ${name(i)}` }));
  })
    .flat()
    .sort((a, b) => a.time - b.time);
  return scenario({ connections }, lines.map(({ text }) => text).join('\n')).pcap;
}

/** Requests for connections from many addresses that nobody ever completes. */
function flood(count: number): Uint8Array {
  const connections = Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `f${i}`,
      { client: `172.16.${i >> 8}.${i & 255}:${1024 + i}`, server: '10.9.0.5:80', clientIsn: (i * 2654435761) >>> 0 },
    ]),
  );
  const lines = Array.from({ length: count }, (_, i) => {
    const at = (i * 0.001).toFixed(6);
    const answer = (i * 0.001 + 0.0001).toFixed(6);
    return `${at} > S seq 0 win 1024 conn f${i}\n${answer} < S. seq 0 ack 1 win 65535 <mss 1460> conn f${i}`;
  });
  return scenario({ connections }, lines.join('\n')).pcap;
}

/** What the client sent, and nothing of the answers. */
const ONE_DIRECTION = scenario(
  {},
  `0.0   > S seq 0 win 65535 <mss 1460>
   0.02  > . ack 1
   0.021 > P. 1:101(100) ack 1
   0.05  > . ack 501
   0.06  > P. 101:201(100) ack 501
   0.1   > F. seq 201 ack 1001`,
).pcap;

const CASES: readonly (readonly [name: string, input: () => Uint8Array])[] = [
  ['good', () => readFileSync('fixtures/linux-echo.pcap')],
  ['slow-server', () => manyClients(500, (i) => (i === 41 || i === 43 ? 1500 + i : i % 3))],
  ['lossy-path', () => readFileSync('fixtures/linux-single-loss-sack.pcap')],
  ['timeouts', () => readFileSync('fixtures/linux-syn-lost-backoff.pcap')],
  ['tail-loss', () => readFileSync('fixtures/linux-answer-tail-loss.pcap')],
  ['slow-reader', () => readFileSync('fixtures/linux-slow-reader.pcap')],
  ['flood', () => flood(400)],
  ['one-direction', () => ONE_DIRECTION],
  ['refused', () => readFileSync('fixtures/linux-refused.pcap')],
  ['empty', () => readFileSync('fixtures/linux-echo.pcap').subarray(0, 24)],
];

describe('the first screen', () => {
  it.each(CASES)('of %s fits on a screen', (name, input) => {
    for (const columns of [80, 120]) {
      const text = output(['-'], { input: input(), env: { COLUMNS: String(columns) } });
      const lines = text.split('\n');
      expect(lines.length).toBeLessThanOrEqual(60);
      for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(columns);
      expectGolden(`first-${name}-${columns}.txt`, text);
    }
  });

  it('keeps its columns on a narrow screen, and names that can be read', () => {
    const input = manyClients(500, (i) => (i === 41 || i === 43 ? 1500 + i : i % 3));
    for (const columns of [60, 70, 77, 78]) {
      const text = output(['-'], { input, env: { COLUMNS: String(columns) } });
      const lines = text.split('\n');
      for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(columns);
      const table = lines.slice(lines.findIndex((line) => line.startsWith('What went wrong')));
      const end = table[0].indexOf('conns') + 'conns'.length;
      expect(table[1]).toMatch(/^server slow to answer /);
      expect(table[1].slice(0, end)).toMatch(/ \d+$/);
      expect(table[1][end] ?? ' ').toBe(' ');
      expect(text).toMatch(/^10\.9\.0\.5:5432 /m);
    }
  });

  it('names the two slow connections of five hundred, and what they waited for', () => {
    const report: Report = JSON.parse(
      output(['--json', '-'], { input: manyClients(500, (i) => (i === 41 || i === 43 ? 1500 : 1)) }),
    );
    const { statements, worst, services, kinds } = report.summary;
    expect(statements[0]).toMatchObject({
      key: 'cost',
      kind: 'server-thinking',
      cost: { service: '10.9.0.5:5432', connections: 2, of: 400 },
    });
    expect(statements[0].cost!.medianMs).toBeCloseTo(1500, 0);
    expect(worst.slice(0, 2).map(({ stream }) => stream)).toEqual([41, 43]);
    expect(services[0].name).toBe('10.9.0.5:5432');
    expect(kinds[0]).toMatchObject({ kind: 'server-thinking', connections: 2 });
  });

  it('says the same in text and in JSON', () => {
    for (const [, input] of CASES.slice(0, -1)) {
      const text = output(['-'], { input: input(), env: { COLUMNS: '1000' } });
      const report: Report = JSON.parse(output(['--json', '-'], { input: input() }));
      for (const statement of report.summary.statements) expect(text).toContain(statement.text);
    }
  });

  it('gathers by client, server and network, and orders by what is asked for', () => {
    const input = manyClients(20, (i) => i * 10);
    expect(output(['-', '--by', 'network'], { input })).toMatch(/^10\.9\.0\.0\/24 +20 /m);
    expect(output(['-', '--by', 'server'], { input })).toMatch(/^10\.9\.0\.9 +4 /m);
    const rows = output(['-', '--sort', 'server-thinking', '--top', '3'], { input }).match(/^ *(\d+) {2}10\./gm)!;
    expect(rows.map((row) => Number.parseInt(row, 10))).toEqual([19, 18, 17]);
  });

  it('tells the time of day beside findings, in the zone of TZ', () => {
    // fixtures/linux-single-loss-sack.pcap begins at 00:58:53.679 UTC; packet 100 is 182.505 ms later.
    const one = (env: Record<string, string>, ...args: string[]) =>
      output([...args, 'fixtures/linux-single-loss-sack.pcap'], { env });
    expect(one({ TZ: 'UTC' })).toContain('Packet 100, at 00:58:53.861: ');
    expect(one({ TZ: 'Asia/Shanghai' })).toContain('Packet 100, at 08:58:53.861: ');
    expect(one({ TZ: 'Asia/Shanghai' }, 'explain')).toContain('Packet 100, at 08:58:53.861: ');
    expect(one({ TZ: 'UTC' }, 'explain', '--lang', 'zh')).toContain('包 100（00:58:53.861）：');
  });

  it('tells the time of day of many connections in the zone of TZ', () => {
    const input = manyClients(40, (i) => (i === 3 ? 3000 : 20));
    const clock = (zone: string) =>
      / at (\d\d):(\d\d:\d\d\.\d{3})/.exec(output(['-'], { input, env: { TZ: zone, COLUMNS: '200' } }))!;
    const [, hours, rest] = clock('UTC');
    const [, laterHours, laterRest] = clock('Asia/Shanghai');
    expect(laterRest).toBe(rest);
    expect((Number(laterHours) - Number(hours) + 24) % 24).toBe(8);
  });

  it('names standard input in the next commands, also where the command line did not', () => {
    const input = readFileSync('fixtures/linux-single-loss-sack.pcap');
    const text = output([], { input });
    expect(text).toContain('tcpscope explain - --stream 0');
    expect(output(['-'], { input })).toBe(text);
  });

  it('lists everything with --all', () => {
    const text = output(['-', '--all'], { input: manyClients(300, () => 1) });
    expect(text).toContain('300 connections');
    expect(text.match(/10\.9\.0\.[59]:/g)!.length).toBeGreaterThanOrEqual(300);
  });
});
