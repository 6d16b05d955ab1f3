import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { AnalyzeOptions } from '../src/analysis.ts';
import { Analyzer } from '../src/analyze.ts';
import { CaptureReader } from '../src/capture/reader.ts';
import type { PacketRow } from '../src/model/row.ts';
import { packetFields } from '../src/render/packet-fields.ts';
import { packetObject } from '../src/render/packet-json.ts';

const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));
const captures = readdirSync(fixtures).filter((name) => name.endsWith('.pcap'));
const objectOf = packetObject(packetFields(() => 0n));

function read(capture: Uint8Array, options: AnalyzeOptions): void {
  const analyzer = new Analyzer(options);
  const reader = new CaptureReader(analyzer);
  reader.open('test');
  reader.write(capture);
  reader.end();
  analyzer.end();
}

/** What each row says when it leaves, with its bytes. */
function told(capture: Uint8Array, options: AnalyzeOptions): { lines: string[]; objects: number } {
  const lines: string[] = [];
  const rows = new Set<PacketRow>();
  read(capture, {
    ...options,
    onRow: (row) => {
      rows.add(row);
      const { recordBytes, recordOffset, capturedLength } = row.view;
      const end = Math.min(recordOffset + capturedLength, recordBytes.length);
      const bytes =
        options.keep === 'record' ? Buffer.from(recordBytes.subarray(recordOffset, end)).toString('hex') : '';
      lines.push(JSON.stringify([objectOf(row), bytes]));
    },
  });
  return { lines, objects: rows.size };
}

describe('rows that are lent', () => {
  for (const name of captures) {
    it(`${name}: say what rows say that are kept`, () => {
      const capture = readFileSync(fixtures + name);
      for (const keep of ['headers', 'record'] as const) {
        const kept = told(capture, { keep });
        const lent = told(capture, { keep, lendsRows: true });
        expect(lent.lines).toEqual(kept.lines);
        expect(kept.objects).toBe(kept.lines.length);
      }
    });
  }

  it('are as many as waited at once', () => {
    const capture = readFileSync(`${fixtures}linux-shaper.pcap`);
    const { lines, objects } = told(capture, { lendsRows: true, horizon: { time: 10e9, rows: 20 } });
    expect(lines.length).toBeGreaterThan(100);
    // Twenty that wait, the one that comes, and those that leave together.
    expect(objects).toBeLessThanOrEqual(22);
  });

  it('keep nothing of the packet that they were about', () => {
    const capture = readFileSync(`${fixtures}linux-echo.pcap`);
    const rows: PacketRow[] = [];
    read(capture, { lendsRows: true, onRow: (row) => rows.push(row) });
    for (const { connection, sender, verdict, findings, wireshark, view, congestion } of rows) {
      expect([sender.connection === connection, connection.lastFrame]).toEqual([true, 0]);
      expect([verdict, findings, wireshark, view.sight, congestion]).toEqual([null, [], null, null, [null, null]]);
      expect([view.bytes.length, view.recordBytes.length]).toEqual([0, 0]);
    }
  });
});
