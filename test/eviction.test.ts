import { describe, expect, it } from 'vitest';
import type { AnalyzeOptions } from '../src/analysis.ts';
import { Analyzer } from '../src/analyze.ts';
import { CaptureReader } from '../src/capture/reader.ts';
import type { Left } from '../src/model/left.ts';
import { KEEP_ALL } from '../src/tcp/eviction.ts';
import { floodBlocks } from './bench/flood.mjs';
import { scenario } from './support/scenario.ts';

function analyse(pcap: Iterable<Uint8Array>, options: AnalyzeOptions) {
  const left: [number, Left][] = [];
  const analyzer = new Analyzer({ congestion: false, onLeave: ({ id }, why) => left.push([id, why]), ...options });
  const reader = new CaptureReader(analyzer);
  reader.open('test');
  for (const bytes of pcap) reader.write(bytes);
  reader.end();
  analyzer.end();
  return { analyzer, left };
}

const flood = (kind: string, packets: number, options: AnalyzeOptions = {}) =>
  analyse(floodBlocks({ kind, packets }), options);

describe('a flood', () => {
  it.each([
    ['syn', 1],
    ['syn-ack', 2],
  ])('of %s is told as it is, and keeps few connections', (kind, packets) => {
    const { analyzer, left } = flood(kind, 40_000);
    const syns = 40_000 / packets;
    expect(analyzer.opened).toBe(syns);
    expect(analyzer.connections.length).toBeLessThanOrEqual(KEEP_ALL.attempts + 4096);
    expect(left.length + analyzer.connections.length).toBe(syns);
    expect(analyzer.left).toMatchObject({ connections: left.length, by: { attempt: left.length }, heardAgain: 0 });
    const [found] = analyzer.findings.filter(({ id }) => id === 'syn-flood');
    expect(found.text).toContain(`got ${syns.toLocaleString('en')} SYNs from about `);
    expect(found.evidence[0]).toBe(1);
    const [told] = analyzer.findings.filter(({ id }) => id === 'connections-evicted');
    expect(told).toMatchObject({ severity: 'info', cause: 'rules of eviction' });
    expect(told.text).toContain(`${left.length.toLocaleString('en')} attempts that came to nothing`);
  });

  it('of exactly as many attempts as are kept is kept whole', () => {
    expect(flood('syn', KEEP_ALL.attempts).left).toEqual([]);
  });

  it('leaves all connections where nobody takes them', () => {
    const analyzer = new Analyzer({ congestion: false });
    const reader = new CaptureReader(analyzer);
    reader.open('test');
    for (const bytes of floodBlocks({ kind: 'syn', packets: 20_000 })) reader.write(bytes);
    reader.end();
    expect(analyzer.connections).toHaveLength(20_000);
  });

  it('does not take a connection that stays', () => {
    const { analyzer } = flood('scan', 40_000, { staysFor: ({ id }) => id === 7 });
    expect(analyzer.connections[0].id).toBe(7);
  });
});

describe('short memory', () => {
  it('lets connections leave, and the analysis goes on', () => {
    let asked = 0;
    const { analyzer, left } = flood('short', 20_000, { isMemoryShort: () => ++asked % 2 === 0 });
    expect(analyzer.counts.total).toBe(20_000);
    expect(analyzer.isCutShort).toBe(false);
    expect(left.length).toBeGreaterThan(500);
    expect(analyzer.left.forMemory).toBe(left.length);
    expect(left.every(([, why]) => why === 'closed')).toBe(true);
    expect(analyzer.connections.length + left.length).toBe(2000);
    const [told] = analyzer.findings.filter(({ id }) => id === 'connections-evicted');
    expect(told).toMatchObject({ severity: 'warning', cause: 'limit of memory' });
  });

  it('ends the reading where it is not the connections that fill it', () => {
    const text = Array.from({ length: 2000 }, (_, i) => `${(i / 1e5).toFixed(5)} > . ${1 + i}:${2 + i}(1) ack 1`);
    const { analyzer, left } = analyse([scenario({}, text.join('\n')).pcap], { isMemoryShort: () => true });
    expect(analyzer.isCutShort).toBe(true);
    expect(analyzer.counts.total).toBe(1024);
    expect(left).toEqual([]);
  });
});

it('knows the late packets of a connection that left', () => {
  const text = [
    '0.00 > S seq 0 conn Early',
    '0.01 < S. seq 0 ack 1 conn Early',
    '0.02 > . ack 1 conn Early',
    // Enough packets of another for a look at who leaves.
    ...Array.from({ length: 5000 }, (_, i) => `${(10 + i / 100).toFixed(2)} > . ${1 + i}:${2 + i}(1) ack 1 conn Busy`),
    '61.0 > P. 1:101(100) ack 1 conn Early',
    '61.1 > S seq 5000 conn Again',
  ].join('\n');
  const connections = {
    Early: { client: '10.0.0.1:40000', server: '192.0.2.1:80' },
    Busy: { client: '10.0.0.2:40000', server: '192.0.2.1:80' },
    Again: { client: '10.0.0.3:40000', server: '192.0.2.1:80' },
  };
  const { analyzer, left } = analyse([scenario({ connections }, text).pcap], { eviction: { ...KEEP_ALL, open: 20e9 } });
  expect(left).toEqual([[0, 'idle']]);
  const late = analyzer.connections.find(({ continues }) => continues >= 0)!;
  expect(late).toMatchObject({ id: 2, continues: 0, previousId: 0, previous: null });
  expect(analyzer.left.heardAgain).toBe(1);
  expect(analyzer.connections.find(({ id }) => id === 3)).toMatchObject({ continues: -1, previousId: -1 });
  const midStream = analyzer.findings.filter(({ id }) => id === 'mid-stream');
  expect(midStream.map(({ evidence }) => evidence)).toEqual([[4]]);
});
