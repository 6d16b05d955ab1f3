import { execFileSync, spawnSync } from 'node:child_process';
import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { CaptureReader } from '../../src/capture/reader.ts';
import { CaptureError } from '../../src/model/errors.ts';
import { readCapture } from '../support/read-capture.ts';
import { concat, payload, pcap, text } from './build.ts';
import { MemorySource, readSources } from './input.ts';

const packets = Array.from({ length: 3000 }, (_, i) => ({
  seconds: 1_700_000_000 + i,
  fraction: i,
  data: payload(60 + ((i * 7919) % 300), i * i),
}));
const plain = pcap(packets);
const gzipped = new Uint8Array(zlib.gzipSync(plain));

describe('gzip', () => {
  it.each([1, 7, 4096, 1 << 20])('in reads of %d bytes', async (chunk) => {
    const small = packets.slice(0, 50);
    const file = chunk < 100 ? new Uint8Array(zlib.gzipSync(pcap(small))) : gzipped;
    const expected = chunk < 100 ? small : packets;
    const source = new MemorySource('a.gz', file, { chunk });
    const { records, facts } = await readSources([source]);
    expect(records.map((r) => r.data)).toEqual(expected.map((packet) => Array.from(packet.data)));
    expect(facts).toMatchObject({ files: ['a.gz'], formats: ['pcap'], compression: ['gzip'], damages: [] });
    expect(source.openNow).toBe(0);
  });

  it('several members', async () => {
    const cut = 70_001;
    const members = concat(zlib.gzipSync(plain.slice(0, cut)), zlib.gzipSync(plain.slice(cut)));
    expect((await readSources([new MemorySource('a', members)])).records).toHaveLength(packets.length);
  });

  it('cut: everything that was there, and a word about it', async () => {
    const cut = gzipped.slice(0, Math.floor(gzipped.length * 0.6));
    // The oracle: how far Node's own inflater gets when told not to mind.
    const inflated = zlib.gunzipSync(cut, { finishFlush: zlib.constants.Z_SYNC_FLUSH });
    let whole = 0;
    let at = 24;
    while (whole < packets.length && at + 16 + packets[whole].data.length <= inflated.length) {
      at += 16 + packets[whole].data.length;
      whole++;
    }
    const { records, facts } = await readSources([new MemorySource('a', cut, { chunk: 5000 })]);
    expect(whole).toBeGreaterThan(100);
    expect(records).toHaveLength(whole);
    expect(facts.damages.map((d) => d.message)).toEqual([
      'the compressed data is damaged or cut',
      expect.stringContaining('the file ends'),
    ]);
    expect(facts.damages[0].offset).toBe(cut.length);
  });

  it('corrupt: what came before', async () => {
    const bad = gzipped.slice();
    const middle = Math.floor(bad.length / 2);
    bad.fill(0xff, middle, middle + 200);
    const { records, facts } = await readSources([new MemorySource('a', bad, { chunk: 4096 })]);
    expect(records.length).toBeGreaterThan(1000);
    expect(facts.damages.length).toBeGreaterThan(0);
  });

  it('corrupt: all that came before, to the last octet', async () => {
    const few = packets.slice(0, 40);
    const good = new Uint8Array(zlib.gzipSync(pcap(few)));
    const expected = few.map((packet) => Array.from(packet.data));
    // Something after the end, and a wrong checksum there: nothing of the data is missing.
    const after = concat(good, text('garbage'));
    const unsound = good.slice();
    unsound[unsound.length - 6] ^= 1;
    for (const file of [after, unsound]) {
      const { records, facts } = await readSources([new MemorySource('a', file)]);
      expect(records.map((r) => r.data)).toEqual(expected);
      expect(facts.damages.map((d) => d.message)).toEqual(['the compressed data is damaged or cut']);
    }
    // Octets that are no deflate data: as far as gzip(1) gets.
    const broken = good.slice();
    broken.fill(0xff, 3000, 3100);
    const { records } = await readSources([new MemorySource('a', broken)]);
    const { stdout } = spawnSync('gzip', ['-dc'], { input: broken });
    const { records: oracle } = await readSources([new MemorySource('a', new Uint8Array(stdout))]);
    expect(records.length).toBeGreaterThan(5);
    expect(records.map((r) => r.data)).toEqual(oracle.map((r) => r.data));
  });

  it('of something else is refused like that', async () => {
    const source = new MemorySource('a', new Uint8Array(zlib.gzipSync(text('{"a": [1, 2, 3, 4, 5, 6]}'))));
    await expect(readSources([source])).rejects.toThrow('JSON');
    expect(source.openNow).toBe(0);
    const twice = new MemorySource('b', new Uint8Array(zlib.gzipSync(gzipped)));
    await expect(readSources([twice])).rejects.toThrow(CaptureError);
  });

  it('can be left in the middle', async () => {
    const source = new MemorySource('a', gzipped);
    expect((await readSources([source], 5)).records).toHaveLength(5);
    expect(source.openNow).toBe(0);
  });
});

const hasZstd = 'createZstdDecompress' in zlib;
const zstd = (() => {
  try {
    return new Uint8Array(execFileSync('zstd', ['-c'], { input: plain, stdio: ['pipe', 'pipe', 'ignore'] }));
  } catch {
    return null;
  }
})();

describe('zstd', () => {
  it.skipIf(hasZstd)('is refused with advice where Node.js cannot', async () => {
    const source = new MemorySource('a.zst', Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 4, 0, 0, 0));
    await expect(readSources([source])).rejects.toThrow('zstd -dc FILE | tcpscope -');
  });

  it.skipIf(!hasZstd || zstd === null)('is read where it can', async () => {
    const { records, facts } = await readSources([new MemorySource('a.zst', zstd!)]);
    expect(records).toHaveLength(packets.length);
    expect(facts.compression).toEqual(['zstd']);
  });
});

it('is refused, with advice, where nobody brought what takes it off', async () => {
  const file = new Uint8Array(zlib.gzipSync(new Uint8Array(100)));
  const read = async (buffer: Uint8Array, offset: number) => {
    buffer.set(file, offset);
    return file.length;
  };
  const sink = { record: () => {} };
  const refused = readCapture({ read }, new CaptureReader(sink), sink, 'a.gz');
  await expect(refused).rejects.toThrow(/found gzip data, expected a capture that is not compressed; gzip -dc FILE/);
});
