import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { analyse } from '../support/analyze.ts';
import { randomStreams } from './random-streams.ts';
import { differences, hasTshark40, tsharkSays, weSay } from './tshark-peer.ts';

/** Every field beside tshark 4.0, packet by packet: a sample of the captures, with TSHARK_ALL=1 all of them. */
const SHARED = join(import.meta.dirname, '../../../shared');
const OWN = [join(import.meta.dirname, '../../fixtures')];
const OTHERS = [join(SHARED, 'corpus/open'), join(SHARED, 'peers')];
const SAMPLE = process.env.TSHARK_ALL ? 1 : 40;

/** What differs on purpose: the reasons are in docs/wireshark.md. */
const DIFFERENT: Record<string, { frames: number; fields: RegExp }> = {
  // Wireshark takes the last four octets after a FabricPath header for a frame check sequence.
  'testing__btest__Traces__cisco-fabric-path.pcap': { frames: 16, fields: /retransmission|rto/ },
  // The FTP dissector announces the connection, so that its SYN is not the first of it.
  'tests__filestore-v2.7-stream-depth__input.pcap': { frames: 201, fields: /completeness/ },
  // Fractions of more than a second.
  'tests__timestamp_invalid_micro.pcap': { frames: 1, fields: /rtt/ },
  'tests__timestamp_invalid_nano.pcap': { frames: 1, fields: /rtt/ },
};

function captures(folders: readonly string[]): string[] {
  const files: string[] = [];
  for (const folder of folders.filter((path) => existsSync(path))) {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (/\.pcap(ng)?(\.gz)?$/.test(name)) files.push(join(folder, name));
    }
  }
  return files.sort();
}

async function compare(file: string): Promise<{ frames: number; found: [number, string[]][] }> {
  const theirs = await tsharkSays(file);
  const bytes = readFileSync(file);
  const { rows } = analyse(file.endsWith('.gz') ? gunzipSync(bytes) : bytes, { horizon: { time: 0, rows: 1 } });
  const found: [number, string[]][] = [];
  for (const { view, wireshark } of rows) {
    const said = theirs.get(view.frame);
    const differing = said === undefined ? ['not TCP there'] : differences(said, weSay(wireshark!));
    if (differing.length > 0) found.push([view.frame, differing]);
    theirs.delete(view.frame);
  }
  // What is left is quoted by ICMP errors or cut within the fixed header: it says nothing of those.
  for (const [frame, { flags }] of theirs) if (flags.length > 0) found.push([frame, ['no packet here']]);
  return { frames: rows.length, found };
}

describe.skipIf(!hasTshark40)('beside tshark 4.0', () => {
  const files = [...captures(OWN), ...captures(OTHERS).filter((_, i) => i % SAMPLE === 0)].map((file) => ({
    name: relative(join(SHARED, '..'), file),
    file,
  }));
  it.concurrent.each(files)('$name', { timeout: 120_000 }, async ({ file }) => {
    const { found } = await compare(file);
    const expected = DIFFERENT[basename(file)];
    if (expected === undefined) expect(found).toEqual([]);
    else {
      expect(found.length).toBe(expected.frames);
      for (const [, fields] of found) for (const field of fields) expect(field).toMatch(expected.fields);
    }
  });

  it.concurrent.each([1, 2, 3, 4])('random streams, seed %i', { timeout: 120_000 }, async (seed) => {
    const folder = mkdtempSync(join(tmpdir(), 'tcpscope-test-'));
    try {
      const file = join(folder, 'capture');
      writeFileSync(file, randomStreams(seed, 60, 80));
      const { frames, found } = await compare(file);
      expect(frames).toBeGreaterThan(4000);
      expect(found).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
