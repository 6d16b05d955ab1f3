import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { AnalyzeOptions } from '../../src/analysis.ts';
import { Analyzer } from '../../src/analyze.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import { Decoder } from '../../src/decode/decoder.ts';
import { emptyCaptureFacts } from '../../src/model/capture-facts.ts';
import { SYN } from '../../src/model/flags.ts';
import { ChecksumStatus, Option, SegmentView } from '../../src/model/segment.ts';
import { buildReport } from '../../src/report/report.ts';
import { Departed } from '../../src/summary/departed.ts';
import { KEEP_ALL } from '../../src/tcp/eviction.ts';
import type { FlowTable } from '../../src/tcp/flow-table.ts';
import { HalfOpen, isPlainSyn } from '../../src/tcp/half-open.ts';
import { floodBlocks } from '../bench/flood.mjs';
import { randomNumbers } from '../support/random.ts';
import { type ScenarioOptions, scenario } from '../support/scenario.ts';

function synOf(fields: Partial<SegmentView> = {}): SegmentView {
  const view = new SegmentView();
  return Object.assign(view, {
    ipVersion: 4,
    src3: 0x0a000001,
    dst3: 0x0a000002,
    srcPort: 40000,
    dstPort: 80,
    flags: SYN,
    ttl: 64,
    ipTotalLength: 60,
    tcpChecksumStatus: ChecksumStatus.GOOD,
    ...fields,
  });
}

/** Its own fields, but for arrays. A zero has no sign. */
function numbersOf(view: SegmentView): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(view)
      .filter(([, value]) => typeof value !== 'object')
      .map(([name, value]) => [name, Object.is(value, -0) ? 0 : value]),
  );
}

describe('a row', () => {
  it.each([
    ['zeros', { frame: 1, src3: 0, dst3: 0, srcPort: 0, dstPort: 0, ttl: 0, ipTotalLength: 0 }],
    [
      'the largest numbers',
      {
        frame: 0xffffffff,
        time: 1e18 + 512,
        ipVersion: 6,
        src0: -1,
        src1: -2,
        src2: -3,
        src3: -4,
        dst0: -5,
        dst1: -6,
        dst2: -7,
        dst3: -8,
        srcPort: 65535,
        dstPort: 65534,
        seq: 0xffffffff,
        rawWindow: 65535,
        mss: 65534,
        options: Option.MSS | Option.WSCALE | Option.SACK_PERMITTED | Option.TIMESTAMPS,
        ttl: 255,
        wscale: 14,
        tsVal: 0xffffffff,
        tsEcr: 0xfffffffe,
        ipId: 65535,
        ipTotalLength: 65535,
        tcpChecksumStatus: ChecksumStatus.UNVERIFIED,
      },
    ],
  ] as const)('gives back what it took: %s', (_, fields) => {
    const taken = synOf(fields);
    const table = new HalfOpen();
    const row = table.add(taken, -123, 7);
    table.setSerial(row, 0x7fffffff);
    expect([table.hashOf(row), table.idOf(row), table.serialOf(row), table.timeOf(row)]).toEqual([
      -123,
      7,
      0x7fffffff,
      taken.time,
    ]);
    const given = new SegmentView();
    table.read(row, given);
    expect(numbersOf(given)).toEqual(numbersOf(taken));
  });

  it('holds nothing of the rows beside it', () => {
    const random = randomNumbers(5);
    const table = new HalfOpen();
    const words = () => random(2 ** 32) | 0;
    const rows = Array.from({ length: 100 }, (_, i) => {
      const taken = synOf({
        ...{ frame: random(2 ** 32), time: random(2 ** 32) * 1000, ipVersion: random(2) === 0 ? 4 : 6 },
        ...{ src0: words(), src1: words(), src2: words(), src3: words() },
        ...{ dst0: words(), dst1: words(), dst2: words(), dst3: words() },
        ...{ srcPort: random(65536), dstPort: random(65536), seq: random(2 ** 32), rawWindow: random(65536) },
        ...{ mss: random(65535), ttl: random(256), wscale: random(15), tsVal: random(2 ** 32), tsEcr: random(2 ** 32) },
        ...{ options: random(16), ipId: random(65536), ipTotalLength: random(65536) },
      });
      const hash = words();
      const row = table.add(taken, hash, 500 + i);
      table.setSerial(row, 900 + i);
      return { row, taken, hash };
    });
    for (const [i, { row, taken, hash }] of rows.entries()) {
      expect([table.hashOf(row), table.idOf(row), table.serialOf(row), table.timeOf(row)]).toEqual([
        ...[hash, 500 + i, 900 + i, taken.time],
      ]);
      const given = new SegmentView();
      table.read(row, given);
      expect(numbersOf(given)).toEqual(numbersOf(taken));
      expect(table.find(hash, taken)).toBe(row);
      expect(table.after(row)).toBe(rows[i + 1]?.row ?? -1);
    }
  });

  it('has no place among the latest packets until it gets one', () => {
    const table = new HalfOpen();
    expect(table.serialOf(table.add(synOf(), 1, 1))).toBe(-1);
  });

  it('takes fewer than 300 bytes, however many there are', () => {
    const table = new HalfOpen();
    const view = synOf();
    let most = 0;
    for (let i = 0; i < 70_000; i++) {
      view.src3 = i;
      table.add(view, Math.imul(i, 0x9e3779b1), i);
      if (table.length >= 1000) most = Math.max(most, table.size / table.length);
    }
    expect(most).toBeLessThan(300);
  });

  it('gives its memory back when the last has left', () => {
    const table = new HalfOpen();
    const view = synOf();
    const rows = Array.from({ length: 20_000 }, (_, i) => table.add(view, Math.imul(i, 0x9e3779b1), i));
    for (const row of rows) table.remove(row);
    expect(table.length).toBe(0);
    expect(table.first).toBe(-1);
    expect(table.size).toBeLessThan(10_000);
  });

  it('keeps it for the next ones while there were 16,384 at the most', () => {
    const sizeAfter = (count: number) => {
      const table = new HalfOpen();
      const view = synOf();
      const rows = Array.from({ length: count }, (_, i) => table.add(view, Math.imul(i, 0x9e3779b1), i));
      const { size } = table;
      for (const row of rows) table.remove(row);
      return table.size === size;
    };
    expect([sizeAfter(1), sizeAfter(1 << 14), sizeAfter((1 << 14) + 1)]).toEqual([true, true, false]);
  });
});

describe('the table', () => {
  it('finds what is there, in both directions, and nothing else, whatever collides and leaves', () => {
    const table = new HalfOpen();
    const there = new Map<number, number>();
    let state = 1;
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const viewOf = (i: number) => synOf({ src3: i, srcPort: i & 0xff });
    // Few hashes, so that runs of full slots meet and wrap around.
    const hashOf = (i: number) => Math.imul(i % 37, 0x01000193) | (i % 3 === 0 ? -64 : 0);
    // Each of 400 comes and goes twenty times.
    for (let step = 0, id = 0; step < 16_000; step++) {
      const i = random(400);
      const row = there.get(i);
      if (row === undefined) there.set(i, table.add(viewOf(i), hashOf(i), id++));
      else {
        const { src3, srcPort, dst3, dstPort } = viewOf(i);
        const answer = synOf({ src3: dst3, srcPort: dstPort, dst3: src3, dstPort: srcPort });
        const found = [viewOf(i), answer, synOf({ src3: i, srcPort: (i & 0xff) + 1000 })].map((view) =>
          table.find(hashOf(i), view),
        );
        found.push(table.find(hashOf(i), synOf({ src3: i, srcPort: i & 0xff, ipVersion: 6 })));
        table.remove(row);
        there.delete(i);
        found.push(table.find(hashOf(i), viewOf(i)));
        if (found.join() !== [row, row, -1, -1, -1].join()) expect(found).toEqual([row, row, -1, -1, -1]);
      }
      if (table.length !== there.size) expect(table.length).toBe(there.size);
    }
    const ids: number[] = [];
    for (let row = table.first; row >= 0; row = table.after(row)) ids.push(table.idOf(row));
    expect(ids).toHaveLength(there.size);
    expect(ids).toEqual([...ids].sort((one, other) => one - other));
    for (const [i, row] of there) expect(table.find(hashOf(i), viewOf(i))).toBe(row);
  });
});

describe('a SYN that waits', () => {
  const six = {
    ...{ ipVersion: 6, srcPort: 5, dstPort: 6 },
    ...{ src0: 11, src1: 12, src2: 13, src3: 14, dst0: 21, dst1: 22, dst2: 23, dst3: 24 },
  };
  const answer = {
    ...{ ipVersion: 6, srcPort: 6, dstPort: 5 },
    ...{ src0: 21, src1: 22, src2: 23, src3: 24, dst0: 11, dst1: 12, dst2: 13, dst3: 14 },
  };

  it.each(Object.keys(six) as (keyof typeof six)[])('is another one where %s differs, in either direction', (name) => {
    const table = new HalfOpen();
    const row = table.add(synOf(six), 77, 0);
    for (const same of [six, answer]) {
      expect(table.find(77, synOf(same))).toBe(row);
      expect(table.find(77, synOf({ ...same, [name]: same[name] + 1 }))).toBe(-1);
    }
    expect(table.find(78, synOf(six))).toBe(-1);
    // The ports of one direction with the addresses of the other.
    expect(table.find(77, synOf({ ...six, srcPort: 6, dstPort: 5 }))).toBe(-1);
  });

  it('leaves the others in their order, wherever it stood', () => {
    const idsWithout = (...gone: number[]) => {
      const table = new HalfOpen();
      const rows = [0, 1, 2, 3].map((i) => table.add(synOf({ src3: i }), i, i));
      for (const i of gone) table.remove(rows[i]);
      const row = table.add(synOf({ src3: 9 }), 9, 9);
      // A row that was left is taken first.
      expect(row).toBe(gone.length === 0 ? 4 : rows[gone.at(-1)!]);
      const ids: number[] = [];
      for (let at = table.first; at >= 0; at = table.after(at)) ids.push(table.idOf(at));
      return ids.join('');
    };
    expect([[], [0], [1], [3], [1, 2], [0, 3], [3, 2], [0, 1, 2]].map((gone) => idsWithout(...gone))).toEqual([
      ...['01239', '1239', '0239', '0129', '039', '129', '019', '39'],
    ]);
  });
});

describe('a plain SYN', () => {
  it('has what nearly all of them have', () => {
    const options = Option.MSS | Option.WSCALE | Option.SACK_PERMITTED | Option.TIMESTAMPS;
    expect(isPlainSyn(synOf({ options, wscale: 14 }))).toBe(true);
    expect(isPlainSyn(synOf({ tcpChecksumStatus: ChecksumStatus.UNVERIFIED, ipTotalLength: 65535 }))).toBe(true);
  });

  it.each<[string, Partial<SegmentView>]>([
    ['another flag', { flags: SYN | 16 }],
    ['ECN', { flags: SYN | 0xc0 }],
    ['no SYN', { flags: 16 }],
    ['data', { payloadLength: 1 }],
    ['an option beyond the usual', { options: Option.TFO }],
    ['a malformed option', { options: Option.MALFORMED }],
    ['options that were cut off', { options: Option.CUT }],
    ['too large a window scale', { options: Option.WSCALE, wscale: 15 }],
    ['an urgent pointer', { urgentPointer: 1 }],
    ['a wrong checksum', { tcpChecksumStatus: ChecksumStatus.BAD }],
    ['a partial checksum', { tcpChecksumStatus: ChecksumStatus.OFFLOAD }],
    ['a wrong checksum of IP', { ipChecksumStatus: ChecksumStatus.BAD }],
    ['a length that a row has no room for', { ipTotalLength: 65536 }],
    ['a sight of another view', { sight: {} as SegmentView['sight'] }],
  ])('has not: %s', (_, fields) => {
    expect(isPlainSyn(synOf(fields))).toBe(false);
  });
});

/** The report of a capture. `isFollowed`: somebody looks at each segment, so that no SYN waits. */
function reportOf(pcap: Iterable<Uint8Array>, isFollowed: boolean, options: AnalyzeOptions = {}) {
  const departed = new Departed();
  const analyzer = new Analyzer({
    onLeave: (connection) => departed.add(connection),
    onLeaveSyn: (syn) => departed.addFirstSyn(syn),
    ...(isFollowed ? { onSegment: () => {} } : {}),
    ...options,
  });
  const reader = new CaptureReader(analyzer);
  reader.open('test');
  for (const bytes of pcap) reader.write(bytes);
  reader.end();
  const waiting = analyzer.opened - heldBy(analyzer);
  analyzer.end();
  return { waiting, report: JSON.stringify(buildReport(analyzer, emptyCaptureFacts())), departed: departed.facts };
}

/** Connections that are objects. */
function heldBy(analyzer: Analyzer): number {
  const { size, waiting } = (analyzer as unknown as { stages: { tracker: { flows: FlowTable } } }).stages.tracker.flows;
  return size - waiting.length + analyzer.left.connections;
}

function isSame(pcap: Iterable<Uint8Array>, options: AnalyzeOptions = {}): number {
  const bytes = [...pcap];
  const waited = reportOf(bytes, false, options);
  const followed = reportOf(bytes, true, options);
  expect(followed.waiting).toBe(0);
  expect(waited.report).toBe(followed.report);
  expect(waited.departed).toEqual(followed.departed);
  return waited.waiting;
}

describe('what waits is told as what does not', () => {
  /** Of more attempts than these the oldest leave. */
  const eviction = { ...KEEP_ALL, attempts: 1 << 10 };

  it.each([
    ['syn', 1700],
    ['syn-ack', 2600],
    ['scan', 2600],
    ['half-open', 3500],
    ['reuse', 800],
    ['short', 800],
    ['mixed', 2400],
  ])('a flood of %s', (kind, packets) => {
    isSame(floodBlocks({ kind, packets }), { congestion: false, eviction });
  });

  it('without rules of its own', () => {
    isSame(floodBlocks({ kind: 'syn', packets: KEEP_ALL.attempts + 800 }), { congestion: false });
  });

  it('as long as few wait', () => {
    expect(isSame(floodBlocks({ kind: 'syn', packets: 5000, gap: 1000 }))).toBe(5000);
  });

  it('by rules of time, and where the memory is short', () => {
    const packets = 8000;
    const eviction = { attempt: 1e9, closed: 1e9, halfClosed: 5e9, open: 5e9, attempts: 1000 };
    isSame(floodBlocks({ kind: 'mixed', packets }), { eviction });
    isSame(floodBlocks({ kind: 'syn', packets, gap: 500 }), { eviction });
    for (const kind of ['mixed', 'syn']) {
      const asked = [0, 0];
      const isShort = (i: number) => () => ++asked[i] % 5 === 0;
      const bytes = [...floodBlocks({ kind, packets })];
      const waited = reportOf(bytes, false, { isMemoryShort: isShort(0) });
      const followed = reportOf(bytes, true, { isMemoryShort: isShort(1) });
      expect(waited.report).toBe(followed.report);
      expect(waited.departed).toEqual(followed.departed);
    }
  });

  const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url));
  const captures = readdirSync(fixtures).filter((name) => /\.pcap(ng)?$/.test(name));
  it.each(captures)('%s', (name) => {
    isSame([readFileSync(fixtures + name)]);
  });

  it.each<[string, string, ScenarioOptions?]>([
    ['sent again', '0 > S seq 0\n1 > S seq 0\n3 > S seq 0'],
    ['seen twice', '0 > S seq 0 id 5\n0.00001 > S seq 0 id 5\n0.1 < S. seq 0 ack 1'],
    ['sent again with another number', '0 > S seq 0\n1 > S seq 5000\n1.1 < S. seq 0 ack 5001'],
    ['refused', '0 > S seq 0\n0.1 < R. seq 0 ack 1'],
    ['answered by a bare ACK', '0 > S seq 0\n0.1 < . seq 77 ack 999\n0.2 > R seq 999'],
    ['crossed', '0 > S seq 0\n0.01 < S seq 0\n0.02 > S. seq 0 ack 1\n0.03 < S. seq 0 ack 1\n0.04 > . ack 1'],
    ['followed by data at once', '0 > S seq 0\n0.01 > P. 1:101(100) ack 1'],
  ])('a SYN that is %s', (_, text, options = {}) => {
    isSame([scenario(options, text).pcap]);
  });
});

it('a SYN that waits is given to whoever asks for the connections, in their order', () => {
  const analyzer = new Analyzer();
  const reader = new CaptureReader(analyzer);
  reader.open('test');
  const text = [
    '0 > S seq 0 conn A',
    '0.001 > S seq 0 conn B',
    '0.002 > S seq 0 conn C',
    '0.003 < S. seq 0 ack 1 conn B',
  ].join('\n');
  const connections = Object.fromEntries(
    ['A', 'B', 'C'].map((name, i) => [name, { client: `10.0.0.1:${40000 + i}`, server: '192.0.2.1:80' }]),
  );
  reader.write(scenario({ connections }, text).pcap);
  reader.end();
  expect(heldBy(analyzer)).toBe(1);
  expect(analyzer.connections.map(({ id, packets, firstFrame }) => [id, packets, firstFrame])).toEqual([
    [0, 1, 1],
    [1, 2, 2],
    [2, 1, 3],
  ]);
  expect(heldBy(analyzer)).toBe(3);
});

it('a view that is read from a row has no more than the decoder gives a plain SYN', () => {
  const seen: SegmentView[] = [];
  const view = new SegmentView();
  const decoder = new Decoder();
  const reader = new CaptureReader({
    record: (record) => {
      decoder.decode(record, view);
      seen.push(view);
    },
  });
  reader.open('test');
  reader.write(scenario({}, '0 > S seq 0').pcap);
  reader.end();
  expect(seen).toHaveLength(1);
  expect(isPlainSyn(view)).toBe(true);
  expect([view.payloadLength, view.payloadCaptured, view.payloadSum, view.ack]).toEqual([0, 0, -1, 0]);
});
