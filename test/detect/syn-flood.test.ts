import { expect, it } from 'vitest';
import { Analyzer } from '../../src/analyze.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import type { Collector } from '../../src/detect/collector.ts';
import type { CaptureEnd } from '../../src/detect/detector.ts';
import { SynFlood } from '../../src/detect/syn-flood.ts';
import type { Connection } from '../../src/model/connection.ts';
import { floodBlocks } from '../bench/flood.mjs';
import { findingsIn } from '../support/findings.ts';
import { scenario } from '../support/scenario.ts';

/** Each of so many servers gets so many SYNs, each from another port. */
function floods(servers: number, syns: number): readonly Connection[] {
  const connections: Record<string, { client: string; server: string }> = {};
  const lines: string[] = [];
  for (let server = 0; server < servers; server++) {
    for (let i = 0; i < syns; i++) {
      const name = `S${server}C${i}`;
      connections[name] = { client: `10.1.${server}.${i + 1}:${2000 + i}`, server: `192.0.2.${server + 1}:80` };
      lines.push(`${(lines.length / 1000).toFixed(3)} > S seq 0 conn ${name}`);
    }
  }
  const analyzer = new Analyzer({ detection: false });
  const reader = new CaptureReader(analyzer);
  reader.open('test');
  reader.write(scenario({ connections }, lines.join('\n')).pcap);
  reader.end();
  analyzer.end();
  return analyzer.connections;
}

/** What the detector raises, and how many connections it looks at when the capture ends. */
function conclude(connections: readonly Connection[]): { raised: number; visits: number } {
  let raised = 0;
  let visits = 0;
  const findings = { raise: () => raised++, withdraw: () => {} } as unknown as Collector;
  const detector = new SynFlood(findings);
  const counted = {
    visit: (see: (connection: Connection) => void) => {
      for (const connection of connections) {
        visits++;
        see(connection);
      }
    },
  };
  const end = { connections: counted, time: 1e12 } as unknown as CaptureEnd;
  for (const connection of connections) detector.concludeConnection(connection, end);
  detector.concludeCapture(end);
  return { raised, visits };
}

it.each([
  [1, 49, 0],
  [1, 50, 1],
  [2, 50, 2],
  [20, 50, 20],
])('looks at each connection once at the most: %i servers with %i half-open connections', (servers, syns, expected) => {
  const connections = floods(servers, syns);
  expect(connections).toHaveLength(servers * syns);
  expect(conclude(connections)).toEqual({ raised: expected, visits: expected === 0 ? 0 : servers * syns });
});

it('tells of no more addresses than SYNs, though their number is estimated', () => {
  for (const packets of [6200, 8000]) {
    const analyzer = new Analyzer();
    const reader = new CaptureReader(analyzer);
    reader.open('test');
    for (const block of floodBlocks({ kind: 'syn', packets })) reader.write(block);
    reader.end();
    analyzer.end();
    const { text } = analyzer.findings.find(({ id }) => id === 'syn-flood')!;
    const [, told] = /from about ([\d,]+) addresses/.exec(text)!;
    const sources = Number(told.replaceAll(',', ''));
    expect(sources).toBeLessThanOrEqual(packets);
    expect(sources).toBeGreaterThan(0.999 * packets);
  }
});

/** A SYN, and so many SYN,ACKs of the server after it that acknowledge none, to one port of the client or to a new one each. */
function answersOf(answers: number, isOnePort: boolean): string[] {
  const connections: Record<string, { client: string; server: string }> = {};
  const lines = ['0.000 > S seq 0 conn first'];
  connections.first = { client: '10.1.0.1:2000', server: '192.0.2.1:80' };
  for (let i = 1; i <= answers; i++) {
    const name = isOnePort ? 'first' : `C${i}`;
    connections[name] = { client: `10.1.0.1:${isOnePort ? 2000 : 2000 + i}`, server: '192.0.2.1:80' };
    lines.push(`${(i / 1000).toFixed(3)} < S. seq ${1000 * i} ack ${70_000 + 31 * i} conn ${name}`);
  }
  return findingsIn(lines.join('\n'), { connections }).map(({ id }) => id);
}

it('takes SYN,ACKs without their SYNs for so many SYNs only where each has a socket of its own', () => {
  expect(answersOf(48, false)).not.toContain('syn-flood');
  expect(answersOf(49, false)).toContain('syn-flood');
  expect(answersOf(200, true)).not.toContain('syn-flood');
});
