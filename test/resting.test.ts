/** A connection that rests is told as one that does not, whatever comes after it. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { AnalyzeOptions } from '../src/analysis.ts';
import { Analyzer } from '../src/analyze.ts';
import type { BudgetStage } from '../src/budget/stage.ts';
import { CaptureReader } from '../src/capture/reader.ts';
import { emptyCaptureFacts } from '../src/model/capture-facts.ts';
import type { Connection } from '../src/model/connection.ts';
import { KeyedHash } from '../src/model/keyed-hash.ts';
import { CaptureRecord } from '../src/model/record.ts';
import { SOCKET_PAIR_WORDS } from '../src/model/socket-pair.ts';
import { connectionReport } from '../src/report/connection.ts';
import { buildReport } from '../src/report/report.ts';
import { Resting } from '../src/resting.ts';
import type { FlowTable } from '../src/tcp/flow-table.ts';
import type { Classifier } from '../src/verdict/classify.ts';
import { floodBlocks } from './bench/flood.mjs';
import { scenario } from './support/scenario.ts';

const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));

interface Inner {
  tracker: { flows: FlowTable };
  classifier: Classifier;
  budget: BudgetStage | null;
}

/** Where the IPv4 header is, by link type. */
const NETWORK: Readonly<Record<number, number>> = { 0: 4, 1: 14, 101: 0, 113: 16, 276: 20 };

function recordsOf(pcap: Iterable<Uint8Array>): CaptureRecord[] {
  const records: CaptureRecord[] = [];
  const record = (seen: CaptureRecord) => {
    const bytes = Uint8Array.from(seen.bytes.subarray(seen.offset, seen.offset + seen.capturedLength));
    records.push(Object.assign(new CaptureRecord(), seen, { bytes, data: new DataView(bytes.buffer), offset: 0 }));
  };
  const reader = new CaptureReader({ record });
  reader.open('test');
  for (const bytes of pcap) reader.write(bytes);
  reader.end();
  return records;
}

/** All fixtures at the same time, each between addresses of its own. */
function crowd(): CaptureRecord[] {
  const names = readdirSync(fixtures).filter((name) => name.endsWith('.pcap'));
  const all = names.flatMap((name, i) =>
    recordsOf([readFileSync(fixtures + name)]).map((record, place) => {
      const network = NETWORK[record.linkType];
      if (network !== undefined) {
        record.bytes[network + 13] ^= i;
        record.bytes[network + 17] ^= i;
      }
      return { record, place, time: record.time + i * 3e6 };
    }),
  );
  all.sort((x, y) => x.time - y.time || x.place - y.place);
  return all.map(({ record, time }, i) => Object.assign(record, { time, number: i + 1 }));
}

/** `mostAwake`: connections that have an object; null: none rests. */
function analyzed(records: readonly CaptureRecord[], mostAwake: number | null, options: AnalyzeOptions) {
  const left: string[] = [];
  const onLeave = (connection: Connection, why: string) =>
    left.push(`${why} ${JSON.stringify(connectionReport(connection, 0n))}`);
  const analyzer = new Analyzer({
    onLeave,
    ...options,
    verifyChecksums: false,
    views: false,
    ...(mostAwake === null ? { staysFor: () => false } : {}),
  });
  const { tracker, classifier, budget } = (analyzer as unknown as { stages: Inner }).stages;
  const { flows } = tracker;
  // Late packets of two connections that left may be taken for those of one: of the same two in every run.
  Object.assign(flows, { keyed: new KeyedHash(SOCKET_PAIR_WORDS, [1, 2]) });
  if (mostAwake !== null) flows.letRest(new Resting(classifier, budget, mostAwake));
  let rested = 0;
  for (const record of records) {
    analyzer.record(Object.assign(new CaptureRecord(), record));
    rested = Math.max(rested, flows.resting.length);
  }
  analyzer.end();
  const lent: unknown[] = [];
  const { list } = analyzer;
  list.visit((connection, i) => lent.push([i, connectionReport(connection, 0n)]));
  const report = JSON.stringify(buildReport(analyzer, emptyCaptureFacts()));
  return { rested, told: { report, left, lent: JSON.stringify(lent) } };
}

describe('what rests is told as what does not', () => {
  const records = crowd();
  it.each<[string, AnalyzeOptions]>([
    ['and all is asked', {}],
    ['without congestion control', { congestion: false }],
    ['without a time budget', { congestion: false, timeBudget: false }],
  ])('in a crowd of many sorts, %s', (_, options) => {
    const { told } = analyzed(records, null, options);
    for (const mostAwake of [1, 8]) {
      const resting = analyzed(records, mostAwake, options);
      expect(resting.rested).toBeGreaterThan(2);
      expect(resting.told).toEqual(told);
    }
  });

  it.each(['short', 'mixed', 'syn-ack', 'half-open', 'reuse'])('in a flood of %s', (kind) => {
    const flood = recordsOf(floodBlocks({ kind, packets: 3000 }));
    for (const eviction of [
      {},
      { eviction: { attempt: 1e9, closed: 1e6, halfClosed: 5e6, open: 5e6, attempts: 100 } },
    ]) {
      const options = { congestion: false, ...eviction };
      const { told } = analyzed(flood, null, options);
      const resting = analyzed(flood, 16, options);
      if (kind === 'short') expect(resting.rested).toBeGreaterThan(50);
      expect(resting.told).toEqual(told);
    }
  });

  it('where the memory is short', () => {
    const flood = recordsOf(floodBlocks({ kind: 'short', packets: 12_000 }));
    const asked = [0, 0];
    const options = (i: number) => ({ congestion: false, isMemoryShort: () => ++asked[i] % 5 === 0 });
    const { told } = analyzed(flood, null, options(0));
    const resting = analyzed(flood, 16, options(1));
    expect(told.left.length).toBeGreaterThan(100);
    expect(resting.rested).toBeGreaterThan(500);
    expect(resting.told).toEqual(told);
  });
});

const ends = Object.fromEntries(
  Array.from({ length: 6 }, (_, i) => [`C${i}`, { client: `10.0.0.${i + 1}:4000${i}`, server: '192.0.2.1:80' }]),
);
const open = (i: number, at: number) => `
  ${at} > S seq 0 conn C${i}
  ${at + 0.01} < S. seq 0 ack 1 conn C${i}
  ${at + 0.02} > . ack 1 conn C${i}
  ${at + 0.03} > P. 1:101(100) ack 1 conn C${i}
  ${at + 0.04} < P. 1:201(200) ack 101 conn C${i}
  ${at + 0.05} > . ack 201 conn C${i}`;
const close = (i: number, at: number) => `
  ${at} > F. seq 101 ack 201 conn C${i}
  ${at + 0.01} < F. seq 201 ack 102 conn C${i}
  ${at + 0.02} > . ack 202 conn C${i}`;

it.each<[string, string]>([
  ['a late copy', '9 > F. seq 101 ack 201 conn C0'],
  ['late data', '9 > P. 51:151(100) ack 201 conn C0'],
  ['a late reset', '9 < R. seq 202 ack 102 conn C0'],
  ['its sockets used again', open(0, 9) + close(0, 10)],
  ['its sockets used the other way round', '9 < S seq 70000 conn C0\n9.1 > R. seq 0 ack 70001 conn C0'],
  ['its ISN used again', '9 > S seq 0 conn C0\n10 > S seq 0 conn C0'],
])('a closed connection that rests takes %s as any other', (_, late) => {
  const text = `${open(0, 0)}${close(0, 1)}${open(1, 2)}${open(2, 3)}${open(3, 4)}${close(2, 5)}${open(4, 6)}${open(5, 7)}\n${late}`;
  const records = recordsOf([scenario({ connections: ends }, text).pcap]);
  const { told } = analyzed(records, null, {});
  const resting = analyzed(records, 2, {});
  expect(resting.rested).toBeGreaterThan(1);
  expect(resting.told).toEqual(told);
});

it('all have an object from when somebody asks for all of them', () => {
  const analyzer = new Analyzer({ congestion: false });
  const { tracker, classifier, budget } = (analyzer as unknown as { stages: Inner }).stages;
  const { flows } = tracker;
  flows.letRest(new Resting(classifier, budget, 1));
  const records = recordsOf([scenario({ connections: ends }, [0, 1, 2, 3].map((i) => open(i, 2 * i)).join('')).pcap]);
  for (const record of records) analyzer.record(record);
  expect(flows.resting.length).toBeGreaterThan(0);
  const { list } = analyzer;
  const asked = list.at(1);
  expect(list.at(1)).toBe(asked);
  const { connections } = analyzer;
  expect(connections.map(({ id }) => id)).toEqual([0, 1, 2, 3]);
  expect(connections[1]).toBe(asked);
  expect(analyzer.connections).toBe(connections);
  expect(flows.resting).toEqual([]);
  list.visit((connection, i) => expect(connection).toBe(connections[i]));
  for (const record of recordsOf([scenario({ connections: ends }, open(4, 20)).pcap])) analyzer.record(record);
  expect([flows.resting.length, analyzer.connections.length]).toEqual([0, 5]);
});
