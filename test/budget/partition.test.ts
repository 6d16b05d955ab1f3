import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Analyzer } from '../../src/analyze.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import { FIXTURES } from '../support/make-fixtures.ts';
import { scenario } from '../support/scenario.ts';
import { partitionOf } from './partition.ts';

const SHARED = fileURLToPath(new URL('../../../shared/', import.meta.url));
const CAPTURE = /\.(pcap|pcapng|cap|txt)(\.gz)?$/;

function capturesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => CAPTURE.test(name))
    .map((name) => `${folder}/${name}`);
}

function check(capture: Uint8Array): void {
  const analyzer = new Analyzer({ congestion: false });
  const reader = new CaptureReader(analyzer);
  reader.open('test');
  try {
    reader.write(capture);
    reader.end();
  } catch {
    // What came before the damage counts.
  }
  analyzer.end();
  for (const connection of analyzer.connections) partitionOf(connection);
}

function read(file: string): Uint8Array {
  const bytes = readFileSync(file);
  return file.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

describe('the spans of every connection are its life, without gap or overlap', () => {
  it('in all fixtures', () => {
    const files = capturesIn(fileURLToPath(FIXTURES));
    expect(files.length).toBeGreaterThan(25);
    for (const file of files) check(read(file));
  });

  it.each(['corpus/budget', 'corpus/open', 'corpus/foreign', 'corpus/views', 'peers'])(
    'in %s',
    (folder) => {
      for (const file of capturesIn(SHARED + folder)) check(read(file));
    },
    300_000,
  );

  const flags = fc.constantFrom('S', 'S.', '.', 'P.', 'F.', 'R', 'R.', 'FP.');
  const line = fc.record({
    time: fc.oneof(fc.integer({ min: 0, max: 4000 }), fc.integer({ min: 0, max: 20_000_000 })),
    toServer: fc.boolean(),
    flags,
    seq: fc.integer({ min: 0, max: 6000 }),
    length: fc.constantFrom(0, 1, 7, 500, 1460),
    ack: fc.integer({ min: 0, max: 6000 }),
    win: fc.constantFrom(0, 1, 500, 8000),
  });

  it('of random segments, at times that go back', () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 40 }), (lines) => {
        const text = lines.map((x) => {
          const ack = x.flags.includes('.') ? `ack ${x.ack}` : '';
          const from = x.length > 0 ? `${x.seq}:${x.seq + x.length}(${x.length})` : `seq ${x.seq}`;
          return `${(x.time / 1000).toFixed(6)} ${x.toServer ? '>' : '<'} ${x.flags} ${from} ${ack} win ${x.win}`;
        });
        check(scenario({}, text.join('\n')).pcap);
      }),
      { numRuns: 300 },
    );
  });
});
