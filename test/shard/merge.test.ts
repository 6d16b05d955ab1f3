import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SeveralVantagesError } from '../../src/analysis.ts';
import { Analyzer } from '../../src/analyze.ts';
import { FINDING_IDS } from '../../src/detect/catalogue.ts';
import { compileFilter } from '../../src/filter/compile.ts';
import type { Finding } from '../../src/model/finding.ts';
import { CaptureRecord } from '../../src/model/record.ts';
import { SegmentView } from '../../src/model/segment.ts';
import { shardOf } from '../../src/model/shard.ts';
import { buildReport } from '../../src/report/report.ts';
import { KEEP_ALL } from '../../src/tcp/eviction.ts';
import { floodBlocks } from '../bench/flood.mjs';
import { CASES } from '../detect/cases.ts';
import { FIXTURES } from '../support/make-fixtures.ts';
import { scenario } from '../support/scenario.ts';
import { analyseFiles, analyseInShards } from './support.ts';

const captures = readdirSync(FIXTURES).filter((name) => /\.pcap(ng)?$/.test(name));
/** One after the other: without the one of which a packet has a VLAN tag, for equal packets without are in the others. */
const inTurn = captures.filter((name) => name.endsWith('.pcap') && name !== 'tshark-01-duplicate-frames.pcap');
const bytesOf = (name: string) => readFileSync(new URL(name, FIXTURES));

describe('shards that are put together say what one analysis says', () => {
  it.each(captures)('%s', (name) => {
    const files = [bytesOf(name)];
    const one = analyseFiles(files);
    const whole = buildReport(one.analyzer, one.facts);
    for (const count of [1, 2, 3, 7]) {
      for (const merged of analyseInShards(files, count)) expect(buildReport(merged, merged.facts)).toEqual(whole);
    }
  });

  it('of all captures one after the other, where clocks step and sockets are used again', () => {
    const files = inTurn.map(bytesOf);
    const one = analyseFiles(files);
    const whole = buildReport(one.analyzer, one.facts);
    expect(whole.connections.length).toBeGreaterThan(15);
    expect(whole.findings.length).toBeGreaterThan(40);
    expect(whole.findings.filter(({ stream }) => stream === null).length).toBeGreaterThan(3);
    for (const count of [2, 3, 7]) {
      for (const merged of analyseInShards(files, count)) {
        const report = buildReport(merged, merged.facts);
        expect(report.capture).toEqual(whole.capture);
        expect(report.connections).toEqual(whole.connections);
        expect(report.findings).toEqual(whole.findings);
        expect(report.summary).toEqual(whole.summary);
        expect(JSON.stringify(report)).toBe(JSON.stringify(whole));
      }
    }
  });

  it.each(FINDING_IDS.filter((id) => CASES[id].raises !== null))('of a capture with %s', (id) => {
    const { text, options } = CASES[id].raises!;
    const files = [scenario(options ?? {}, text).pcap];
    const one = analyseFiles(files);
    const whole = buildReport(one.analyzer, one.facts).findings;
    expect(whole.map((finding) => finding.id)).toContain(id);
    for (const merged of analyseInShards(files, 2)) expect(buildReport(merged, merged.facts).findings).toEqual(whole);
  });

  it('of keep-alives that nobody answered until the capture ended, which another connection outlives', () => {
    const text = `
      0.00 > S  seq 0
      0.02 < S. seq 0 ack 1
      0.03 > .  ack 1
      10.0 > .  seq 0 ack 1
      20.0 > .  seq 0 ack 1
      40.0 > S  seq 0 conn B`;
    const files = [scenario({ connections: { B: { client: '10.0.0.3:40001' } } }, text).pcap];
    const one = analyseFiles(files);
    const whole = buildReport(one.analyzer, one.facts).findings;
    expect(whole.map(({ id }) => id)).toContain('keep-alive-failure');
    for (const count of [2, 3, 7]) {
      for (const merged of analyseInShards(files, count))
        expect(buildReport(merged, one.facts).findings).toEqual(whole);
    }
  });

  it('of a scan whose attempts left the analysis while it ran', () => {
    // 7,500 attempts, 2,500 in each shard: more than may be kept.
    const capture = Buffer.concat([...floodBlocks({ kind: 'scan', packets: 15_000 })]);
    const scansOf = (findings: readonly Finding[]) =>
      findings.filter(({ id }) => id === 'port-scan').map(({ text, evidence, time }) => ({ text, evidence, time }));
    const options = { eviction: { ...KEEP_ALL, attempts: 1000 }, onLeave: () => {} };
    const { analyzer } = analyseFiles([capture], options);
    expect(analyzer.connections.length).toBeLessThan(7500);
    const whole = scansOf(analyzer.findings);
    expect(whole).toHaveLength(1);
    expect(whole[0].text).toContain('7,500 refused');
    for (const merged of analyseInShards([capture], 3, options)) expect(scansOf(merged.findings)).toEqual(whole);
  }, 60_000);

  it('of the packets that a filter selects', () => {
    const files = inTurn.map(bytesOf);
    const filter = compileFilter('tcp[13] & 4 != 0');
    const one = analyseFiles(files, { filter });
    for (const merged of analyseInShards(files, 3, { filter })) {
      expect(merged.selected.length).toBe(one.analyzer.selected.length);
      expect(merged.selected.length).toBeLessThan(merged.connections.length);
      expect(merged.selected.length).toBeGreaterThan(0);
      expect(buildReport(merged, merged.facts)).toEqual(buildReport(one.analyzer, one.facts));
    }
  });
});

describe('the shard of a segment', () => {
  const view = (a: [number, number], b: [number, number]) => {
    const made = new SegmentView();
    made.ipVersion = 4;
    [made.src3, made.srcPort] = a;
    [made.dst3, made.dstPort] = b;
    return made;
  };

  it('is that of its answer, and the same in every run', () => {
    for (let i = 0; i < 1000; i++) {
      const there = shardOf(view([0x0a000001, 40_000 + i], [0x0a000002, 80]), 7);
      expect(shardOf(view([0x0a000002, 80], [0x0a000001, 40_000 + i]), 7)).toBe(there);
    }
    // What files on disk rest on: a change of the hash is a change of their version.
    const places = [1, 2, 3, 4, 5, 6, 7, 8].map((i) => shardOf(view([0x0a000001, 40_000 + i], [0x0a000002, 80]), 1000));
    expect(new Set(places).size).toBeGreaterThan(6);
  });

  it('spreads connections evenly', () => {
    const counts = new Array<number>(8).fill(0);
    for (let i = 0; i < 8000; i++) counts[shardOf(view([0x0a000000 + (i >> 4), 1024 + (i & 15)], [7, 443]), 8)]++;
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});

it('does not divide what may have several points of view', () => {
  const analyzer = new Analyzer({ shard: { index: 0, count: 2 } });
  for (const id of [0, 1]) {
    analyzer.interfaceSeen(id, {
      linkType: 1,
      snaplen: 0,
      name: `eth${id}`,
      description: null,
      timeResolution: '1e-6',
      received: null,
      dropped: null,
    });
  }
  expect(() => analyzer.record(new CaptureRecord())).toThrow(SeveralVantagesError);
});
