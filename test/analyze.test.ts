import { existsSync, readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { Analyzer } from '../src/analyze.ts';
import { CaptureReader } from '../src/capture/reader.ts';
import { CaptureRecord } from '../src/model/record.ts';
import type { PacketRow } from '../src/model/row.ts';
import { analyse, statesAfter, verdictText } from './support/analyze.ts';
import { scenario } from './support/scenario.ts';

const fixture = (name: string) => new URL(`../fixtures/${name}`, import.meta.url);

/** What a row says, for comparing two runs. */
function said(row: PacketRow): string {
  const { view, verdict } = row;
  return `${view.frame} ${row.connection.id} ${row.seq} ${row.ack} ${statesAfter(row)} ${verdictText(row)} ${verdict!.fate}`;
}

function rowsOf(capture: Uint8Array, chunk: number): string[] {
  const rows: string[] = [];
  const analyzer = new Analyzer({ onRow: (row) => rows.push(said(row)) });
  const reader = new CaptureReader(analyzer);
  reader.open('test');
  for (let i = 0; i < capture.length; i += chunk) reader.write(capture.subarray(i, i + chunk));
  reader.end();
  analyzer.end();
  return rows;
}

describe('a pipe and a file', () => {
  it.each(['linux-single-loss-sack.pcap', 'seed-loopback-echo.pcap', 'linux-syn-lost-backoff.pcap'])(
    'give the same rows however the bytes come: %s',
    (name) => {
      if (!existsSync(fixture(name))) throw new Error(`no fixture ${name}`);
      const capture = readFileSync(fixture(name));
      const whole = rowsOf(capture, capture.length);
      expect(whole.length).toBeGreaterThan(5);
      for (const chunk of [1, 7, 16, 4096]) expect(rowsOf(capture, chunk)).toEqual(whole);
    },
  );
});

describe('what comes before a cut', () => {
  it('is analysed whatever byte the capture ends at', () => {
    const { pcap } = scenario(
      {},
      `0.00 > S seq 0
       0.01 < S. seq 0 ack 1
       0.02 > . ack 1
       0.03 > F. seq 1 ack 1
       0.04 < F. seq 1 ack 2
       0.05 > . ack 2`,
    );
    const whole = analyse(pcap).rows.map((row) => row.view.frame);
    // 24 bytes are the file's header; below that it is no capture at all.
    for (let end = 24; end <= pcap.length; end++) {
      const { rows } = analyse(pcap.slice(0, end));
      expect(rows.map((row) => row.view.frame)).toEqual(whole.slice(0, rows.length));
    }
  });
});

describe('the summary run', () => {
  it('keeps nothing of a packet in order', { timeout: 60_000 }, () => {
    setFlagsFromString('--expose_gc');
    const gc = runInNewContext('gc') as () => void;
    const { packets } = scenario(
      {},
      `0.00 > S seq 0
       0.01 < S. seq 0 ack 1
       0.02 > . ack 1
       0.03 > P. 1:1001(1000) ack 1
       0.04 < . ack 1001`,
    );
    const analyzer = new Analyzer({ verifyChecksums: false });
    const record = new CaptureRecord();
    const give = (bytes: Uint8Array, number: number, time: number) => {
      record.bytes = bytes;
      record.data = views.get(bytes)!;
      record.capturedLength = record.originalLength = bytes.length;
      record.linkType = 1;
      record.number = number;
      record.time = time;
      analyzer.record(record);
    };
    const frames = packets.map((packet) => Uint8Array.from(packet));
    const views = new Map<Uint8Array, DataView>(frames.map((bytes) => [bytes, new DataView(bytes.buffer)]));
    for (let i = 0; i < 3; i++) give(frames[i], i + 1, i * 1e7);
    const data = views.get(frames[3])!;
    const ack = views.get(frames[4])!;
    // Ethernet and IPv4 without options: the sequence number is at 38, the acknowledgement at 42.
    let seq = data.getUint32(38);
    let number = 4;
    const exchange = (rounds: number) => {
      for (let i = 0; i < rounds; i++) {
        data.setUint32(38, seq);
        give(frames[3], number, number * 1e6);
        seq = (seq + 1000) >>> 0;
        ack.setUint32(42, seq);
        give(frames[4], number + 1, number * 1e6 + 5e5);
        number += 2;
      }
    };
    exchange(50_000);
    gc();
    const before = process.memoryUsage().heapUsed;
    exchange(500_000);
    gc();
    const grown = process.memoryUsage().heapUsed - before;
    expect(analyzer.counts.tcp).toBe(1_100_003);
    // A million packets: not even one byte for each.
    expect(grown).toBeLessThan(1_000_000);
  });
});
