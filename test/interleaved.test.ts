/** Connections have nothing in common but objects that are used again: what is said of one does not depend on the others. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { AnalyzeOptions } from '../src/analysis.ts';
import { Analyzer } from '../src/analyze.ts';
import { CaptureRecord } from '../src/model/record.ts';
import { connectionReport } from '../src/report/connection.ts';
import { recordsOf } from './support/records.ts';

const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));
const SECOND = 1e9;

interface Source {
  name: string;
  records: CaptureRecord[];
  /** Socket pairs. */
  sockets: Set<string>;
}

function sourceOf(name: string): Source {
  const records = recordsOf(fixtures + name);
  const analyzer = new Analyzer();
  for (const kept of records) analyzer.record(kept);
  const sockets = analyzer.connections.map(({ a, b }) =>
    [`${a.address} ${a.port}`, `${b.address} ${b.port}`].sort().join(' '),
  );
  return { name, records, sockets: new Set(sockets) };
}

/** The reports of the connections of each source, when each begins `lag` nanoseconds after the one before it. */
function interleave(sources: readonly Source[], lag: number, options: AnalyzeOptions): Map<string, string[]> {
  const all = sources.flatMap(({ name, records }, i) =>
    records.map((record, place) => ({ name, record, place, time: record.time + i * lag })),
  );
  all.sort((x, y) => x.time - y.time || x.place - y.place);
  const analyzer = new Analyzer(options);
  const owners: { name: string; number: number; lag: number }[] = [];
  for (const { name, record, time } of all) {
    owners.push({ name, number: record.number, lag: time - record.time });
    analyzer.record(Object.assign(new CaptureRecord(), record, { number: owners.length, time }));
  }
  analyzer.end();
  const told = new Map<string, string[]>();
  for (const connection of analyzer.connections) {
    const { name, lag: later } = owners[connection.firstFrame - 1];
    const report = connectionReport(connection, BigInt(100 * SECOND - later));
    const list = told.get(name) ?? [];
    told.set(name, list);
    list.push(JSON.stringify(report, (key, value) => plain(key, value, (frame) => owners[frame - 1].number), 1));
  }
  return told;
}

const NUMBERED = /\b(packets?|stream|connection) #?\d+( (and|to) \d+)?/g;

/** What these say is weighed by the other connections of the same host: their words may differ among others. */
const OF_A_HOST = new Set(['connection-refused']);

function plain(key: string, value: unknown, numberOf: (frame: number) => number): unknown {
  if (key === 'findings')
    return (value as { id: string }[]).map((finding) =>
      OF_A_HOST.has(finding.id) ? { ...finding, cause: undefined, text: undefined } : finding,
    );
  if (key === 'stream' || key === 'previousStream') return undefined;
  if (key === 'text') return String(value).replaceAll(NUMBERED, '$1');
  if (typeof value === 'number' && /packet$/i.test(key)) return numberOf(value);
  if (key === 'evidence' && Array.isArray(value)) return value.map(numberOf);
  return value;
}

/** Sources that share no socket pair. */
function apart(sources: readonly Source[]): Source[] {
  const taken = new Set<string>();
  return sources.filter(({ sockets }) => {
    if ([...sockets].some((pair) => taken.has(pair))) return false;
    for (const pair of sockets) taken.add(pair);
    return true;
  });
}

describe('what is said of a connection', () => {
  // Twenty minutes of silence in it end that of all: among enough packets they are a capture that was paused.
  const silent = 'seed-bsd-loopback.pcap';
  const names = readdirSync(fixtures).filter((name) => name.endsWith('.pcap') && name !== silent);
  const sources = apart(names.map(sourceOf));
  it('has many to stand beside', () => {
    expect(sources.length).toBeGreaterThan(10);
  });
  for (const [what, options] of [
    ['with congestion control', { roundTrips: true }],
    ['without', { congestion: false, roundTrips: true }],
  ] satisfies [string, AnalyzeOptions][])
    describe(what, () => {
      const alone = sources.map((source) => interleave([source], 0, options).get(source.name));
      it('is something', () => expect(alone.every((told) => told !== undefined)).toBe(true));
      it.each([0, 1e6, 50e6, 1e9])('is the same among others that begin %d ns apart', (lag) => {
        for (const order of [sources, sources.toReversed()]) {
          const together = interleave(order, lag, options);
          for (const [i, { name }] of sources.entries()) expect(together.get(name), name).toEqual(alone[i]);
        }
      });
    });
});
