import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { Analyzer } from '../src/analyze.ts';
import { CaptureReader } from '../src/capture/reader.ts';
import type { PacketRow } from '../src/model/row.ts';
import { floodBlocks } from './bench/flood.mjs';
import { captureOf, type Packets } from './bench/growth.mjs';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

function read(analyzer: Analyzer, blocks: Iterable<Uint8Array>): void {
  const reader = new CaptureReader(analyzer);
  reader.open('test');
  for (const block of blocks) reader.write(block);
  reader.end();
}

/** Rows that left and that somebody still holds, when so many packets have passed an analysis of a queue of ten rows. */
async function rowsHeld(blocks: Iterable<Uint8Array>): Promise<{ left: number; held: number }> {
  const rows: WeakRef<PacketRow>[] = [];
  const analyzer = new Analyzer({ horizon: { time: 10e9, rows: 10 }, onRow: (row) => rows.push(new WeakRef(row)) });
  read(analyzer, blocks);
  const left = rows.length;
  // What was asked of a WeakRef lives until the turn ends.
  await new Promise((resolve) => setTimeout(resolve, 0));
  collectGarbage();
  const held = rows.filter((row) => row.deref() !== undefined).length;
  expect(analyzer.opened).toBeGreaterThan(0);
  return { left, held };
}

describe('a row that has left', () => {
  it('is not held by a segment that waits for its acknowledgment', async () => {
    const sent = (packets: Packets, n: number) => {
      for (let i = 0; i < n; i++) packets.add(0, 1 + i * 1000, 1, 1000);
    };
    const { left, held } = await rowsHeld([captureOf(sent, 500)]);
    expect(left).toBeGreaterThanOrEqual(490);
    expect(held).toBe(0);
  });

  it('is not held by a copy, nor by a finding', async () => {
    const sent = (packets: Packets, n: number) => {
      for (let i = 0; i < n; i++) packets.add(0, 1 + (i >> 1) * 1000, 1, 1000, { gap: 1e6 });
    };
    const { left, held } = await rowsHeld([captureOf(sent, 500)]);
    expect(left).toBeGreaterThanOrEqual(490);
    expect(held).toBe(0);
  });

  it('is not held by an end that waits to know who sent its SYN', async () => {
    const { left, held } = await rowsHeld(floodBlocks({ kind: 'syn', packets: 500 }));
    expect(left).toBeGreaterThanOrEqual(490);
    expect(held).toBe(0);
  });
});

describe('rows', () => {
  it('are answered when their connections leave', () => {
    const rows: PacketRow[] = [];
    const analyzer = new Analyzer({
      eviction: { attempt: Infinity, closed: Infinity, halfClosed: Infinity, open: Infinity, attempts: 64 },
      onLeave: () => {},
      onRow: (row) => rows.push(row),
    });
    read(analyzer, floodBlocks({ kind: 'syn', packets: 5000 }));
    const { connections } = analyzer.left;
    expect(connections).toBeGreaterThan(4000);
    // All of these but the latest, who wait for the next look.
    expect(rows.length).toBe(connections);
    expect(analyzer.hurriedRows).toBe(0);
  });

  it('are made of the connections that they are wanted of', () => {
    const rows: PacketRow[] = [];
    const analyzer = new Analyzer({ rowsOf: ({ id }) => id === 7, onRow: (row) => rows.push(row) });
    read(analyzer, floodBlocks({ kind: 'short', packets: 200 }));
    analyzer.end();
    expect(rows.map(({ connection }) => connection.id)).toEqual(Array(10).fill(7));
    expect(analyzer.counts.tcp).toBe(200);
  });
});
