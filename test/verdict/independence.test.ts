import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { AnalyzeOptions } from '../../src/analysis.ts';
import { Analyzer } from '../../src/analyze.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import type { PacketRow } from '../../src/model/row.ts';
import { Kind, type Verdict } from '../../src/model/verdict.ts';
import { analyseScenario } from '../support/analyze.ts';

const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const captures = readdirSync(fixtures, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.pcap'));

/** What became of every segment that is not plain, when the input has ended. */
function verdictsOf(capture: Uint8Array, options: AnalyzeOptions): string[] {
  const verdicts: { frame: number; verdict: Verdict }[] = [];
  const analyzer = new Analyzer({
    ...options,
    onSegment: ({ verdict }, { frame }) => {
      if (verdict !== null && verdict.kind !== Kind.NEW && verdict.kind !== Kind.ACK) verdicts.push({ frame, verdict });
    },
  });
  const reader = new CaptureReader(analyzer);
  reader.open('test');
  reader.write(capture);
  reader.end();
  analyzer.end();
  return verdicts.map(({ frame, verdict: { kind, cause, spurious, fate, waited } }) =>
    [frame, kind, cause, spurious, fate, waited].join(' '),
  );
}

describe('verdicts rest on the packets alone', () => {
  it('found some captures', () => expect(captures.length).toBeGreaterThan(20));

  for (const name of captures) {
    it(`${name}: the same with and without findings, congestion control and rows`, () => {
      const capture = readFileSync(fixtures + name);
      const all = verdictsOf(capture, { onRow: () => {} });
      expect(verdictsOf(capture, {})).toEqual(all);
      expect(verdictsOf(capture, { detection: false, onRow: () => {} })).toEqual(all);
      expect(verdictsOf(capture, { congestion: false, timeBudget: false, detection: false })).toEqual(all);
    });
  }
});

describe('rows wait for evidence', () => {
  it('none is open when everything was answered', () => {
    let answered = 0;
    for (const name of captures) {
      const rows: PacketRow[] = [];
      const analyzer = new Analyzer({ onRow: (row) => rows.push(row) });
      const reader = new CaptureReader(analyzer);
      reader.open(name);
      reader.write(readFileSync(fixtures + name));
      reader.end();
      analyzer.end();
      for (const row of rows) {
        // What was never acknowledged may still be; the first SYN of a handshake that was not answered too.
        const { outbound } = row.sender;
        if (outbound === null || !outbound.scoreboard.isEmpty || row.sender.synRow !== null) continue;
        answered++;
        expect(row.question.isAnswered, `${name} packet ${row.view.frame}`).toBe(true);
      }
    }
    expect(answered).toBeGreaterThan(500);
  });

  it('the row of a segment that nobody acknowledges stays open', () => {
    const { rows } = analyseScenario(`0.000 > S  seq 0 <mss 1460>
  0.040 < S. seq 0 ack 1 <mss 1460>
  0.040 > .  ack 1
  0.100 > P. 1:1001(1000) ack 1`);
    expect(rows.map((row) => row.question.isAnswered)).toEqual([true, true, true, false]);
  });
});
