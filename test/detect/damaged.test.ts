import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Analyzer } from '../../src/analyze.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import { isFindingId } from '../../src/detect/catalogue.ts';
import { FIXTURES } from '../support/make-fixtures.ts';

/** Where the packets begin in a classic capture. */
const FILE_HEADER = 24;

/** A generator of its own, so that a failure can be repeated (mulberry32). */
function randomFrom(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Every finding is worded, whatever the packets say. */
function readAll(bytes: Uint8Array): number {
  const analyzer = new Analyzer({ onRow: (row) => JSON.stringify(row.findings) });
  const reader = new CaptureReader(analyzer);
  reader.open('damaged');
  reader.write(bytes);
  reader.end();
  analyzer.end();
  const all = [...analyzer.findings, ...analyzer.connections.flatMap((connection) => connection.findings)];
  for (const finding of all) {
    if (!isFindingId(finding.id)) throw new Error(`unknown id ${finding.id}`);
    if (!/^[A-Z0-9].*\.$/.test(finding.text)) throw new Error(`not a sentence: ${finding.text}`);
    if (/undefined|NaN|Infinity|null/.test(finding.text)) throw new Error(finding.text);
  }
  return all.length;
}

it('words its findings about captures with damaged packets', () => {
  const files = readdirSync(FIXTURES).filter((name) => name.endsWith('.pcap'));
  let found = 0;
  for (const [i, file] of files.entries()) {
    const whole = new Uint8Array(readFileSync(new URL(file, FIXTURES)));
    for (let round = 0; round < 12; round++) {
      const random = randomFrom(1000 * i + round);
      const bytes = whole.slice();
      const damages = 1 + Math.floor(random() * 40);
      for (let n = 0; n < damages; n++) {
        bytes[FILE_HEADER + Math.floor(random() * (bytes.length - FILE_HEADER))] = Math.floor(random() * 256);
      }
      found += readAll(bytes);
    }
  }
  expect(found).toBeGreaterThan(500);
});
