import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { AnalyzeOptions } from '../src/analysis.ts';
import { Analyzer } from '../src/analyze.ts';
import { CaptureReader } from '../src/capture/reader.ts';
import { KNOWN_LATER, type PacketRow, ROW_PARTS } from '../src/model/row.ts';
import { packetFields } from '../src/render/packet-fields.ts';
import { packetObject } from '../src/render/packet-json.ts';

const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));
const captures = readdirSync(fixtures).filter((name) => name.endsWith('.pcap'));
const fields = packetFields(() => 0n);
const isLater = (part: string | undefined) => KNOWN_LATER.some((later) => later === part);
const rowsTell = new Set(ROW_PARTS.filter((part) => !isLater(part)));

function read(capture: Uint8Array, options: AnalyzeOptions): void {
  const analyzer = new Analyzer(options);
  const reader = new CaptureReader(analyzer);
  reader.open('test');
  reader.write(capture);
  reader.end();
  analyzer.end();
}

type Told = Record<string, unknown>;

/** What each row says, and how many left early: as soon as nothing is open about them. */
function told(capture: Uint8Array, tell: (row: PacketRow) => Told, options: AnalyzeOptions) {
  const lines: Told[] = [];
  const held: Told[] = [];
  let early = 0;
  read(capture, {
    ...options,
    onRow: (row) => lines.push(tell(row)),
    earlyRows: {
      take: (row) => {
        early++;
        held.push(tell(row));
      },
      turn: () => lines.push(held.shift()!),
      after: 0,
    },
  });
  return { lines, early };
}

describe('rows that leave before their turn', () => {
  const tell = packetObject(fields.filter(({ part }) => !isLater(part)));
  let early = 0;
  for (const name of captures) {
    it(`${name}: say what they say in their turn`, () => {
      const capture = readFileSync(fixtures + name);
      const inTurn = told(capture, tell, {});
      const before = told(capture, tell, { rowsTell, lendsRows: true });
      expect(inTurn.early).toBe(0);
      expect(before.lines).toEqual(inTurn.lines);
      early += before.early;
    });
  }

  it('are many', () => {
    expect(early).toBeGreaterThan(500);
  });

  it('are none where a part is asked for of which more may become known', () => {
    const capture = readFileSync(`${fixtures}linux-shaper.pcap`);
    for (const part of ROW_PARTS) {
      const { early } = told(capture, () => ({}), { rowsTell: new Set([part]) });
      expect([part, early > 0]).toEqual([part, !isLater(part)]);
    }
  });

  it('would not know all states', () => {
    const states = packetObject(fields.filter(({ part }) => part === 'states'));
    const capture = readFileSync(`${fixtures}linux-half-close.pcap`);
    const inTurn = told(capture, states, {});
    const before = told(capture, states, { rowsTell });
    expect(before.lines).not.toEqual(inTurn.lines);
  });
});
