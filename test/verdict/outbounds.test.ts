/** Senders that have closed or rest are kept as numbers: nothing that anybody asks for may be lost by that. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AnalyzeOptions } from '../../src/analysis.ts';
import { Analyzer } from '../../src/analyze.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import type { Connection } from '../../src/model/connection.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import { RoundTrips } from '../../src/model/round-trips.ts';
import { captureReport } from '../../src/report/capture.ts';
import { connectionReport } from '../../src/report/connection.ts';
import { Outbound } from '../../src/verdict/outbound.ts';
import { Outbounds } from '../../src/verdict/outbounds.ts';
import { isPlain, load, PastMemory, PastOutbound, store } from '../../src/verdict/past-outbound.ts';
import { SentTally } from '../../src/verdict/sent-tally.ts';
import { TransmissionPool } from '../../src/verdict/transmission.ts';
import { analyseScenario } from '../support/analyze.ts';
import { scenario } from '../support/scenario.ts';

const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const captures = readdirSync(fixtures, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.pcap'));

/** What holds the objects; no more senders than `mostAwake` keep theirs while they rest. */
function outboundsOf(analyzer: Analyzer, mostAwake: number): Outbounds {
  const { outbounds } = (analyzer as unknown as { stages: { classifier: { outbounds: Outbounds } } }).stages.classifier;
  return Object.assign(outbounds, { mostAwake });
}

/** All that is said of a capture, and every verdict. */
function told(capture: Uint8Array, options: AnalyzeOptions, mostAwake = 1000): { text: string; past: number } {
  const lines: string[] = [];
  const analyzer = new Analyzer({
    ...options,
    onSegment: ({ verdict, effect, unacceptable }, { frame }) => {
      const { kind, cause, spurious } = verdict ?? { kind: -1, cause: -1, spurious: false };
      lines.push([frame, kind, cause, spurious, unacceptable, effect.advanced, effect.duplicate].join(' '));
      // Of one that has sent something since the first time is taken note only.
      if (mostAwake === 0) for (let i = 0; i < 2; i++) outbounds.tidy();
    },
  });
  const outbounds = outboundsOf(analyzer, mostAwake);
  const reader = new CaptureReader(analyzer);
  reader.open('test');
  reader.write(capture);
  reader.end();
  analyzer.end();
  const report = analyzer.connections.map((connection) => connectionReport(connection, 0n));
  const bigints = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
  const text = JSON.stringify([captureReport(analyzer, reader.session.facts), report, lines], bigints);
  const ends = analyzer.connections.flatMap(({ a, b }) => [a.outbound, b.outbound]);
  return { text, past: ends.filter((outbound) => outbound instanceof PastOutbound).length };
}

afterEach(() => vi.restoreAllMocks());

describe('a sender that has closed', () => {
  it.each([
    ['as the report has it', { congestion: false, roundTrips: true }],
    ['with congestion control', { congestion: true }],
  ] satisfies [string, AnalyzeOptions][])(
    'is told of as if its objects had stayed, in every fixture, %s',
    (_, options) => {
      const files = captures.map((name) => readFileSync(fixtures + name));
      const settled = files.map((capture) => told(capture, options));
      const settle = vi.spyOn(Outbounds.prototype, 'settle').mockImplementation(() => {});
      const kept = files.map((capture) => told(capture, options));
      expect(settle).toHaveBeenCalled();
      expect(kept.reduce((sum, { past }) => sum + past, 0)).toBe(0);
      expect(settled.reduce((sum, { past }) => sum + past, 0)).toBeGreaterThan(10);
      for (const [i, name] of captures.entries()) expect(settled[i].text, name).toBe(kept[i].text);
    },
  );

  it('takes no more memory however often it is heard of again', () => {
    const late = Array.from({ length: 2000 }, (_, i) => `${(0.1 + i / 1000).toFixed(3)} < . seq 202 ack 102`);
    const { analyzer } = analyseScenario(`
      0.00 > S  seq 0 <mss 1460>
      0.01 < S. seq 0 ack 1 <mss 1460>
      0.02 > .  ack 1
      0.03 > P. 1:101(100) ack 1
      0.04 < P. 1:201(200) ack 101
      0.05 > .  ack 201
      0.06 > F. seq 101 ack 201
      0.07 < F. seq 201 ack 102
      0.08 > .  ack 202
      ${late.join('\n')}`);
    const [{ a, b }] = analyzer.connections;
    const pasts = [a.outbound, b.outbound].filter((outbound) => outbound instanceof PastOutbound);
    expect(pasts.length).toBeGreaterThan(0);
    for (const { sender } of pasts) expect(sender).toBeLessThan(2);
  });
});

describe('a sender that rests', () => {
  it('is told of as if its object had stayed, in every fixture', () => {
    let rested = 0;
    for (const name of captures) {
      const capture = readFileSync(fixtures + name);
      for (const congestion of [false, true]) {
        const kept = told(capture, { congestion, roundTrips: true });
        const some = told(capture, { congestion, roundTrips: true }, 0);
        expect(some.text, name).toBe(kept.text);
        rested += some.past - kept.past;
      }
    }
    // Those of connections that have closed are numbers all the same.
    expect(rested).toBeGreaterThan(10);
  });

  /** Connections in turn: two exchanges each, one packet at a time. */
  function analyzerOfOpen(connections: number, mostAwake: number): Analyzer {
    const lines: string[] = [];
    const packets = [
      '> S seq 0',
      '< S. seq 0 ack 1',
      '> . ack 1',
      '> P. 1:101(100) ack 1',
      '< P. 1:201(200) ack 101',
      '> . ack 201',
    ];
    const named: Record<string, { client: string; server: string }> = {};
    for (const packet of packets) {
      for (let i = 0; i < connections; i++) {
        named[`C${i}`] = { client: `10.0.0.1:${2000 + i}`, server: '192.0.2.1:80' };
        lines.push(`${(lines.length / 1000).toFixed(3)} ${packet} conn C${i}`);
      }
    }
    const analyzer = new Analyzer({ congestion: false });
    const outbounds = outboundsOf(analyzer, mostAwake);
    const reader = new CaptureReader(analyzer);
    reader.open('test');
    reader.write(scenario({ connections: named }, lines.join('\n')).pcap);
    reader.end();
    for (let i = 0; i < 2; i++) outbounds.tidy();
    return analyzer;
  }

  it('gives its object to the next', () => {
    const objects = (mostAwake: number) =>
      analyzerOfOpen(60, mostAwake).connections.flatMap(({ a, b }) =>
        [a, b].filter(({ outbound }) => outbound instanceof Outbound),
      ).length;
    expect(objects(1000)).toBe(120);
    expect(objects(20)).toBeLessThan(40);
  });

  it('keeps it while something is in question', () => {
    const analyzer = analyzerOfOpen(60, 20);
    const resting = analyzer.connections
      .flatMap(({ a, b }) => [a, b])
      .filter(({ outbound }) => outbound instanceof PastOutbound);
    expect(resting.length).toBeGreaterThan(0);
    for (const { outbound, sndUna, sndNxt } of resting) {
      expect(outbound!.scoreboard.isEmpty).toBe(true);
      expect(sndUna).toBe(sndNxt);
    }
  });
});

it('takes along what others hold as well, and leaves nothing of it to the next sender', () => {
  const outbounds = new Outbounds();
  const endpoint = (): Endpoint =>
    ({ outbound: null, congestion: null, peer: { outbound: null } }) as unknown as Endpoint;
  const wake = (one: Endpoint) => {
    outbounds.wake(one);
    return one.outbound as Outbound;
  };
  const a = endpoint();
  const first = wake(a);
  const tally = new SentTally();
  const roundTrips = new RoundTrips();
  first.scoreboard.tally = tally;
  first.rtt.roundTrips = roundTrips;
  outbounds.settle({ a, b: endpoint() } as Connection);
  expect(a.outbound).toBeInstanceOf(PastOutbound);
  expect(a.outbound!.tally).toBe(tally);
  expect(a.outbound!.rtt.roundTrips).toBe(roundTrips);
  const next = wake(endpoint());
  expect(next).toBe(first);
  expect([next.scoreboard.tally, next.rtt.roundTrips]).toEqual([null, null]);
  const again = wake(a);
  expect(again.tally).toBe(tally);
  expect(again.rtt.roundTrips).toBe(roundTrips);
});

it.each([
  ['of another connection', PastOutbound],
  ['of the same, whose segment concerns both', Outbound],
])('a sender that rests gives its object to one %s', (name, kind) => {
  const outbounds = new Outbounds(1);
  const [a, b] = ['a', 'b'].map(() => ({ outbound: null, congestion: null }) as unknown as Endpoint);
  const pairs = (one: Endpoint, other: Endpoint) => Object.assign(one, { peer: other });
  pairs(a, b);
  pairs(b, name.startsWith('of the same') ? a : ({ outbound: null } as Endpoint));
  outbounds.wake(a);
  (a.outbound as Outbound).wasUsed = false;
  outbounds.wake(b);
  expect(a.outbound).toBeInstanceOf(kind);
  expect(b.outbound).toBeInstanceOf(Outbound);
});

it('keeps nothing of a connection that has left', () => {
  const outbounds = new Outbounds();
  const ends = [false, true].map(
    (hasLeft) =>
      ({ outbound: null, congestion: null, peer: { outbound: null }, connection: { hasLeft } }) as unknown as Endpoint,
  );
  for (const end of ends) outbounds.wake(end);
  outbounds.forget();
  const { awake } = outbounds as unknown as { awake: { objects: Outbound[] } };
  expect(awake.objects.map(({ owner }) => owner)).toEqual([ends[0]]);
});

/** Names of what can be set of an object, accessors included. */
function settable(part: object): string[] {
  const own = Object.entries(part).filter(([, value]) => typeof value === 'number' || typeof value === 'boolean');
  const accessors = Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(part)));
  return [...own.map(([name]) => name), ...accessors.filter(([, { set }]) => set !== undefined).map(([name]) => name)];
}

describe('the numbers', () => {
  const pool = new TransmissionPool();
  type Part = Record<string, unknown>;
  /** The parts of an outbound by the names that it has for them. */
  const PARTS: Record<string, (outbound: Outbound) => object> = {
    outbound: (outbound) => outbound,
    rtt: ({ rtt }) => rtt,
    clocks: ({ clocks }) => clocks,
    feedback: ({ feedback }) => feedback,
    acceptance: ({ acceptance }) => acceptance,
    scoreboard: ({ scoreboard }) => scoreboard,
  };
  /** Where it lies in memory and among the others, and whether it was used lately, is no part of what it knows. */
  const PLACES = ['row', 'slab', 'place', 'wasUsed', 'isCalm'];
  /** Says something only while something is outstanding, and then it keeps its objects. */
  const OF_OUTSTANDING = ['sentEnd'];
  const fields = Object.entries(PARTS).flatMap(([part, of]) =>
    settable(of(new Outbound(pool)))
      .filter((name) => !PLACES.includes(name) && !OF_OUTSTANDING.includes(name))
      .map((name) => [part, name] as const),
  );
  const valuesOf = (outbound: Outbound) =>
    Object.fromEntries(fields.map(([part, name]) => [`${part}.${name}`, (PARTS[part](outbound) as Part)[name]]));

  it('are many', () => expect(fields.length).toBeGreaterThan(40));

  it.each(fields)('%s.%s is kept, or whoever differs in it keeps its objects', (part, name) => {
    const outbound = new Outbound(pool);
    const target = PARTS[part](outbound) as Part;
    target[name] = typeof target[name] === 'boolean' ? true : 4711;
    if (!isPlain(outbound)) return;
    const memory = new PastMemory(1);
    store(outbound, memory, 0);
    const again = new Outbound(pool);
    load(again, memory, 0);
    expect(valuesOf(again)).toEqual(valuesOf(outbound));
  });
});
