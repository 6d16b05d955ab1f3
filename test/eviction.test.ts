import { describe, expect, it, vi } from 'vitest';
import { type AnalyzeOptions, Analyzer } from '../src/analyze.ts';
import { CaptureReader } from '../src/capture/reader.ts';
import type { Connection } from '../src/model/connection.ts';
import type { Left } from '../src/model/left.ts';
import { type EvictionRules, KEEP_ALL, Leavers, leaveForMemory } from '../src/tcp/eviction.ts';
import { HalfOpen } from '../src/tcp/half-open.ts';
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

/** A connection of each standing, the last packet of each a second after that of the one before. */
const STANDINGS = `
  0.0 > S seq 0 conn Attempt
  1.0 > S seq 0 conn Closed
  1.1 < S. seq 0 ack 1 conn Closed
  1.2 > . ack 1 conn Closed
  1.3 > R. seq 1 ack 1 conn Closed
  2.0 > S seq 0 conn Half
  2.1 < S. seq 0 ack 1 conn Half
  2.2 > . ack 1 conn Half
  2.3 > F. seq 1 ack 1 conn Half
  3.0 > S seq 0 conn Open
  3.1 < S. seq 0 ack 1 conn Open
  3.2 > . ack 1 conn Open
  3.3 > P. 1:101(100) ack 1 conn Open`;
const CONNECTIONS = Object.fromEntries(
  ['Attempt', 'Closed', 'Half', 'Open'].map((name, i) => [
    name,
    { client: `10.0.0.1:${40000 + i}`, server: '192.0.2.1:80' },
  ]),
);
const standings = () => analyse([scenario({ connections: CONNECTIONS }, STANDINGS).pcap], {}).analyzer.connections;
const rules = (changed: Partial<EvictionRules>) => ({ ...KEEP_ALL, ...changed });
const ids = (leaving: { readonly connections: readonly { id: number }[] }) => leaving.connections.map(({ id }) => id);
const flowsOf = (connections: readonly Connection[], opened = connections.length) => ({
  size: connections.length,
  opened,
  connections,
  waiting: new HalfOpen(),
});

describe('who leaves', () => {
  it.each([
    ['attempt', 0, 0],
    ['halfClosed', 2, 2.3],
    ['open', 3, 3.3],
  ] as const)('%s: only when its time is over', (rule, id, last) => {
    const connections = standings();
    const now = (last + 5) * 1e9;
    const at = (limit: number) => ids(new Leavers(rules({ [rule]: limit })).at(now, flowsOf(connections)));
    expect(at(5e9 - 1)).toContain(id);
    expect(at(now - connections[id].latestTime)).not.toContain(id);
  });

  it('is nobody by default, while there are few attempts', () => {
    expect(ids(new Leavers(KEEP_ALL).at(1e18, flowsOf(standings())))).toEqual([]);
  });

  it('looks through the connections once there can be too many attempts, and not before', () => {
    const [attempt, closed] = standings();
    const leavers = new Leavers(rules({ attempts: 4 }));
    const there = Array.from({ length: 10 }, () => closed);
    const left: number[] = [];
    for (let opened = 11; opened <= 20; opened++) {
      there.push(attempt);
      const leaving = leavers.at(0, flowsOf(there, opened)).connections;
      expect(new Set(leaving)).toEqual(new Set(leaving.length === 0 ? [] : [attempt]));
      there.splice(10, leaving.length);
      left.push(leaving.length);
    }
    // Of five attempts three leave: two are left, and with three more there are five again.
    expect(left).toEqual([0, 0, 0, 0, 3, 0, 0, 3, 0, 0]);
    const look = vi.spyOn(there, Symbol.iterator);
    leavers.at(0, flowsOf(there, 20));
    expect(look).not.toHaveBeenCalled();
    leavers.at(0, flowsOf(there, 21));
    expect(look).toHaveBeenCalled();
  });

  it('for memory: the closed first, then those that are idle for longest', () => {
    expect(ids(leaveForMemory(flowsOf(standings())))).toEqual([1, 0]);
    expect(ids(leaveForMemory(flowsOf([...standings()].reverse())))).toEqual([1, 0]);
  });
});

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
  const { analyzer, left } = analyse([scenario({ connections }, text).pcap], { eviction: rules({ open: 20e9 }) });
  expect(left).toEqual([[0, 'idle']]);
  const late = analyzer.connections.find(({ continues }) => continues >= 0)!;
  expect(late).toMatchObject({ id: 2, continues: 0, previousId: 0, previous: null });
  expect(analyzer.left.heardAgain).toBe(1);
  expect(analyzer.connections.find(({ id }) => id === 3)).toMatchObject({ continues: -1, previousId: -1 });
  const midStream = analyzer.findings.filter(({ id }) => id === 'mid-stream');
  expect(midStream.map(({ evidence }) => evidence)).toEqual([[4]]);
});
