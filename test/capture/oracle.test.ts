/**
 * pcap-parser, an independent reader of classic microsecond captures, must read what we read.
 */
import { EventEmitter } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'pcap-parser';
import { describe, expect, it } from 'vitest';
import { readChunks } from './collect.ts';

const folders = ['../../fixtures/', '../../../shared/corpus/open/', '../../../shared/peers/'];

function captures(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.p?cap$/.test(name))
    .map((name) => join(folder, name))
    .filter((file) => /^(a1b2c3d4|d4c3b2a1)/.test(readFileSync(file).subarray(0, 4).toString('hex')));
}

interface OracleRecord {
  microseconds: bigint;
  data: Buffer;
  originalLength: number;
}

/** Feeds pcap-parser without a stream, as it parses synchronously what it is given. */
function oracle(bytes: Buffer): { records: OracleRecord[]; linkType: number } {
  const feeder = Object.assign(new EventEmitter(), { pause() {}, resume() {} });
  const records: OracleRecord[] = [];
  let linkType = -1;
  const parser = parse(feeder);
  parser.on('globalHeader', (header) => {
    linkType = header.linkLayerType & 0xffff;
  });
  parser.on('packet', ({ header, data }) => {
    const microseconds = BigInt(header.timestampSeconds) * 1_000_000n + BigInt(header.timestampMicroseconds);
    records.push({ microseconds, data: Buffer.from(data), originalLength: header.originalLength });
  });
  parser.on('error', (error) => {
    throw error;
  });
  feeder.emit('data', bytes);
  feeder.emit('end');
  return { records, linkType };
}

for (const folder of folders) {
  const path = fileURLToPath(new URL(folder, import.meta.url));
  const files = captures(path);
  describe.skipIf(files.length === 0)(
    `pcap-parser and we read the same in ${folder} (${files.length} captures)`,
    () => {
      it.each(files.map((file) => [file.slice(path.length), file]))('%s', (_, file) => {
        const bytes = readFileSync(file);
        const theirs = oracle(bytes);
        const ours = readChunks(bytes, 0x10000, 0x10000);
        expect(ours.records.length).toBe(theirs.records.length);
        const first = theirs.records.length > 0 ? theirs.records[0].microseconds : 0n;
        // One assertion for all records: a capture has thousands.
        const different = theirs.records.flatMap((record, i) => {
          const mine = ours.records[i];
          const time = (record.microseconds - first) * 1000n;
          // Exact within 104 days; some of these captures were put together from parts that lie years apart.
          const isSameTime =
            BigInt.asIntN(54, time) === time
              ? BigInt(mine.time) === time
              : Math.abs(mine.time / Number(time) - 1) < 2 ** -51;
          const isSame =
            isSameTime &&
            record.data.equals(Buffer.from(mine.data)) &&
            mine.originalLength === Math.max(record.originalLength, record.data.length) &&
            mine.linkType === theirs.linkType;
          return isSame ? [] : [{ record: i, mine, theirs: record }];
        });
        expect(different).toEqual([]);
      });
    },
  );
}

const peers = fileURLToPath(new URL('../../../shared/peers/', import.meta.url));
interface ContainerCase {
  kind: string;
  id: string;
  file: string;
  expected: { capinfos_rc: number; capinfos: { encap: string | null; packets: string | null } };
}
const cases: ContainerCase[] = existsSync(`${peers}cases.json`)
  ? JSON.parse(readFileSync(`${peers}cases.json`, 'utf8')).filter(
      (one: ContainerCase) => one.kind === 'pcapng-container',
    )
  : [];

describe.skipIf(cases.length === 0)('pcapng containers of gopacket, by what capinfos says of them', () => {
  it.each(cases.map((one) => [one.id, one] as const))('%s', (_, { file, expected }) => {
    const read = readChunks(readFileSync(peers + file), 100);
    if (expected.capinfos_rc !== 0) {
      // capinfos gives up at the section of an unknown version: at least what came before it is delivered.
      expect(read.records.length).toBeGreaterThan(0);
      expect(read.facts.damages.length).toBeGreaterThan(0);
      return;
    }
    expect(read.records.length).toBe(Number(expected.capinfos.packets));
    expect(read.facts.damages).toEqual([]);
    const types = new Set(read.facts.interfaces.map((described) => described.linkType));
    const encap =
      types.size === 0 ? 'unknown' : types.size > 1 ? 'per-packet' : types.has(1) ? 'ether' : `${[...types]}`;
    expect(encap).toBe(expected.capinfos.encap);
  });
});
