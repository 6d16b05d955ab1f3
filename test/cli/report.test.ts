import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/report/report.ts';
import { scenario } from '../support/scenario.ts';
import { toolVersion } from '../support/tools.ts';
import { expectGolden, fixture, objects, output, tcpscope } from './tcpscope.ts';

const LOSS = 'fixtures/linux-single-loss-sack.pcap';
const report = (...args: string[]): Report => JSON.parse(output(['--json', ...args]));

describe('tcpscope CAPTURE', () => {
  it('reports on capture, connections and findings', () => {
    expectGolden('report.txt', output([LOSS]));
    expectGolden('report-half-close.txt', output(['analyze', 'fixtures/linux-half-close.pcap']));
  });

  it.each([60, 80, 120, 200])('fits %i columns', (columns) => {
    const text = output([LOSS], { env: { COLUMNS: String(columns) } });
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
    for (const fact of ['10.9.0.1:40438', 'TIME-WAIT / CLOSED', '195 KiB', 'closed', 'ShADaTFf'])
      expect(text).toContain(fact);
    expectGolden(`report-${columns}.txt`, text);
  });

  it('says the same in JSON, NDJSON and CSV', () => {
    const { connections, findings, capture, schemaVersion } = report(LOSS);
    expect(schemaVersion).toBe(1);
    const lines = objects(['--ndjson', LOSS]);
    expect(lines[0]).toEqual({ type: 'capture', schemaVersion, ...capture });
    const [{ findings: own, congestion, timeBudget: _, ...connection }] = connections;
    // The models take their share of the time: lines and tables are without.
    expect(congestion).toMatchObject({
      client: { model: 'cubic', episodes: [{ trigger: 'fast-retransmit' }] },
      server: null,
    });
    expect(lines[1]).toEqual({ type: 'connection', ...connection });
    expect(lines.slice(2)).toEqual(findings.map((finding) => ({ type: 'finding', ...finding })));
    expect(findings).toEqual(expect.arrayContaining(own));
    const [head, line] = output(['--csv', LOSS])
      .split('\n')
      .map((text) => text.split(','));
    const cells = Object.fromEntries(head.map((key, i) => [key, line[i]]));
    expect(cells).toMatchObject({
      stream: '0',
      'client.address': '10.9.0.1',
      'client.streamBytes': '200000',
      'server.state': 'CLOSED',
      ending: 'closed',
      history: connection.history,
      findings: String(own.length),
    });
  });

  it('puts the most serious findings first', () => {
    const rank = ['error', 'warning', 'info'];
    const severities = report(LOSS).findings.map(({ severity }) => rank.indexOf(severity));
    expect(severities).toEqual([...severities].sort());
  });

  it.skipIf(toolVersion('tshark') === null)('counts as tshark -z conv,tcp does', () => {
    // tshark 4.0 of the same file: 60 frames from the server, 143 from the client, 203 together.
    const [{ client, server, packets }] = report(LOSS).connections;
    expect([server.packets, client.packets, packets]).toEqual([60, 143, 203]);
  });

  it('merges the files of a rotation by time, in any order', () => {
    const files = [fixture('linux-half-close.pcap'), fixture('linux-echo.pcap')];
    const merged = report(...files);
    expect(merged.connections).toHaveLength(2);
    expect(report(...files.reverse()).connections.map(({ client }) => client.port)).toEqual(
      merged.connections.map(({ client }) => client.port),
    );
    // 44 and 14 frames.
    expect(merged.capture.packets.total).toBe(58);
  });

  it('reads gzip and hex dumps, from files and from pipes', () => {
    const bytes = readFileSync(fixture('linux-echo.pcap'));
    const zipped = JSON.parse(output(['--json', '-'], { input: gzipSync(bytes) }));
    expect(zipped.capture.files).toMatchObject([{ name: 'standard input', format: 'pcap', compression: 'gzip' }]);
    expect(zipped.connections).toEqual(report('fixtures/linux-echo.pcap').connections);
    const [connection] = report('fixtures/seed-loopback-echo.txt').connections;
    expect(connection).toMatchObject({ client: { port: 48496 }, server: { port: 30002 }, ending: 'closed' });
  });

  it('reads so many packets with -c, and one connection with --stream', () => {
    expect(report('-c', '10', LOSS).capture.packets.total).toBe(10);
    const { pcap } = scenario(
      { connections: { b: { client: '10.0.0.1:41000' } } },
      `0.0  > S seq 0 win 1000
       0.01 > S seq 0 win 1000 conn b`,
    );
    const only = JSON.parse(output(['--json', '--stream', '1', '-'], { input: pcap }));
    expect(only.connections).toMatchObject([{ stream: 1, client: { port: 41000 } }]);
  });

  it('says so when there is no TCP', () => {
    const { pcap } = scenario({}, '0.0 raw ffffffffffff0200000000010806');
    const text = output(['-'], { input: pcap });
    expect(text).toContain('1 packet, ');
    expect(text).toContain('0 TCP, 1 not TCP');
    expect(text).toContain('No TCP connections.');
  });

  it('a capture without packets is no error', () => {
    const { pcap } = scenario({}, '');
    expect(tcpscope(['-'], { input: pcap })).toMatchObject({ status: 0, stderr: '' });
  });

  it('lists thousands of connections, row by row', () => {
    const clients = Object.fromEntries(
      Array.from({ length: 300 }, (_, i) => [`c${i}`, { client: `10.0.${i >> 8}.${i & 255}:40000` }]),
    );
    const lines = Object.keys(clients).map((name, i) => `${i}.0 > S seq 0 win 1000 conn ${name}`);
    const { pcap } = scenario({ connections: clients }, lines.join('\n'));
    const text = output(['-q', '--all', '-'], { input: pcap });
    expect(text.match(/SYN-SENT/g)!.length).toBe(300);
    const columns = text
      .split('\n')
      .slice(1, 300)
      .map((line) => line.indexOf('SYN-SENT'));
    expect(new Set(columns).size).toBe(1);
  });
});
