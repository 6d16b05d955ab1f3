import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Analyzer } from '../src/analyze.ts';
import { CaptureReader } from '../src/capture/reader.ts';
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
