import { describe, expect, it } from 'vitest';
import { Analyzer } from '../src/analyze.ts';
import { readCaptures } from '../src/capture/merge.ts';
import { CaptureReader } from '../src/capture/reader.ts';
import { CaptureSession } from '../src/capture/session.ts';
import type { Endpoint } from '../src/model/endpoint.ts';
import { KeyedHash } from '../src/model/keyed-hash.ts';
import { SegmentView } from '../src/model/segment.ts';
import { inputSource } from '../src/node/capture-input.ts';
import { KEEP_ALL } from '../src/tcp/eviction.ts';
import { FlowTable } from '../src/tcp/flow-table.ts';
import { MAX_UNANSWERED } from '../src/verdict/scoreboard.ts';
import { BOMBS } from './bench/bombs.mjs';
import { floodBlocks } from './bench/flood.mjs';
import { captureOf } from './bench/growth.mjs';

function analyse(pcap: Iterable<Uint8Array>): Analyzer {
  const analyzer = new Analyzer({ onLeave: () => {} });
  const reader = new CaptureReader(analyzer);
  reader.open('test');
  for (const bytes of pcap) reader.write(bytes);
  reader.end();
  analyzer.end();
  return analyzer;
}

/** What the client sends after the handshake: where each segment begins, and how long it is. */
function sent(count: number, segment: (i: number) => readonly [seq: number, length: number]): Endpoint {
  const capture = captureOf((packets) => {
    // The window of a SYN,ACK is not scaled.
    packets.add(1, 1, 1, 0);
    for (let i = 0; i < count; i++) {
      const [seq, length] = segment(i);
      packets.add(0, seq, 1, length);
    }
  }, count);
  const [{ client }] = analyse([capture]).connections;
  expect(client.packets).toBe(2 + count);
  return client;
}

/** One more than may be kept: what bounds these is the bound, not the capture. */
const MORE = MAX_UNANSWERED + 1000;

describe('what is made to exhaust the analysis does not', { timeout: 120_000 }, () => {
  it.each([
    ['syn', 1],
    ['syn-ack', 2],
    ['scan', 2],
    ['half-open', 3],
    ['fin', 1],
    ['answered', 2],
  ])('%s: connections stay bounded, and all are counted', (kind, perAttempt) => {
    // Beyond the bound, which is looked at every 4,096 packets.
    const packets = 16_000 * perAttempt;
    const analyzer = analyse(floodBlocks({ kind, packets }));
    expect(analyzer.counts.tcp).toBe(packets);
    expect(analyzer.opened).toBe(16_000);
    expect(analyzer.connections.length).toBeLessThanOrEqual(KEEP_ALL.attempts + 4096);
    expect(analyzer.connections.length + analyzer.left.connections).toBe(analyzer.opened);
  });

  it('the same ports again and again: each connection knows the one before, and no more', () => {
    const analyzer = analyse(floodBlocks({ kind: 'reuse', packets: 40_000 }));
    expect(analyzer.opened).toBe(10_000);
    expect(analyzer.connections.at(-1)!.previousId).toBe(9998);
  });

  it('holes: every other segment is missing', () => {
    const { outbound } = sent(MORE, (i) => [1 + 20 * i, 10]);
    // Of the gaps all but 4,096 are given up, and of the segments all but 65,536.
    expect(outbound!.scoreboard.forgotten).toBe(MORE - 1 - 4096 + 1000);
  });

  it('segments in reverse order', () => {
    const { outbound } = sent(MORE, (i) => [1 + 10 * (MORE - i), 10]);
    expect(outbound!.scoreboard.outstanding).toBeLessThanOrEqual(10 * MAX_UNANSWERED);
  });

  it('copies of one segment', () => {
    expect(sent(20_000, () => [1, 10]).connection.findings.length).toBeLessThan(100);
  });

  it('segments that overlap each other', () => {
    expect(sent(10_000, (i) => [1 + i, 1000]).connection.findings.length).toBeLessThan(100);
  });
});

/** An analysis of so many of them, when it has ended. */
async function analyseBomb(kind: string, count: number): Promise<{ session: CaptureSession; analyzer: Analyzer }> {
  const [make] = BOMBS[kind];
  const session = new CaptureSession();
  const analyzer = new Analyzer({ onLeave: () => {} });
  await readCaptures([inputSource(new Uint8Array(Buffer.concat([...make(count)])))], analyzer, session);
  analyzer.end(session.facts);
  return { session, analyzer };
}

// What the heap holds of others is measured by test/heap.test.ts.
describe('what is kept does not grow with', { timeout: 120_000 }, () => {
  it('interfaces', async () => {
    const { session } = await analyseBomb('interfaces', 70_000);
    expect(session.facts.interfaces).toHaveLength(65_536);
    expect(session.facts.damages).toHaveLength(1);
  });

  it('interfaces that see one connection: further packets of it are analysed as they come', async () => {
    const { analyzer } = await analyseBomb('an interface for each packet', 6000);
    expect(analyzer.connections).toHaveLength(1);
    expect(analyzer.connections[0].packets).toBe(6000);
    expect(analyzer.connections[0].views!.shares).toHaveLength(96);
  });

  it('connections that are one and the same to whoever mixes their sockets without a key: each is found', async () => {
    const { analyzer } = await analyseBomb('sockets that collide', 10_000);
    expect(analyzer.connections).toHaveLength(1000);
    expect(analyzer.connections.every(({ packets }) => packets === 10)).toBe(true);
  });
});

describe('sockets that were made to collide under one key', () => {
  /** Sockets whose keyed hashes end alike. */
  function colliding(key: readonly number[], count: number): number[] {
    const keyed = new KeyedHash(3, key);
    const clients: number[] = [];
    for (let client = 1; clients.length < count; client++) {
      keyed.words.set([(80 << 16) | 40000, 0x0a000001, client]);
      if ((keyed.hash(3) & 0x3ff) === 0) clients.push(client);
    }
    return clients;
  }

  /** How many of them lie in the first sixteenth of a table with this key. */
  function crowded(key: readonly number[], clients: readonly number[]): number {
    const keyed = new KeyedHash(3, key);
    return clients.filter((client) => {
      keyed.words.set([(80 << 16) | 40000, 0x0a000001, client]);
      return (keyed.hash(3) & 0x3ff) < 64;
    }).length;
  }

  it('lie apart under another, and every table has one of its own', () => {
    const clients = colliding([1, 2], 160);
    expect(crowded([1, 2], clients)).toBe(160);
    // Ten are to be expected.
    expect(crowded([3, 4], clients)).toBeLessThan(30);
    const views = clients.map((client) => {
      const view = new SegmentView();
      Object.assign(view, { ipVersion: 4, srcPort: 40000, dstPort: 80, src3: client, dst3: 0x0a000001 });
      return view;
    });
    const table = new FlowTable();
    for (const view of views) table.open(view);
    expect(views.map((view) => table.find(view)!.id)).toEqual(clients.map((_, i) => i));
  });
});
