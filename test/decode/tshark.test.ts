import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { Decoder } from '../../src/decode/decoder.ts';
import { linkName } from '../../src/model/link-type.ts';
import { CaptureRecord } from '../../src/model/record.ts';
import { ChecksumStatus, DecodeStatus, Option, SegmentView } from '../../src/model/segment.ts';
import { writePcap } from '../support/pcap-file.ts';
import { decode } from './build.ts';
import { ENCAPSULATIONS } from './encapsulations.ts';

/**
 * A few captures beside tshark, when both are there. Its checksum status has no word for offload before version 4.2:
 * there it is bad.
 */
const shared = fileURLToPath(new URL('../../../shared/', import.meta.url));
const captures = [
  'corpus/open/any_sll2/server.pcap',
  'corpus/open/snaplen_68/client.pcap',
  'corpus/open/multi_loss_sack/server.pcap',
  'peers/zeek/testing__btest__Traces__tunnels__vxlan-encapsulated-http.pcap',
].filter((name) => existsSync(shared + name));
const hasTshark = spawnSync('tshark', ['--version']).status === 0;

const FIELDS = [
  'tcp.srcport',
  'tcp.dstport',
  'tcp.seq_raw',
  'tcp.ack_raw',
  'tcp.len',
  'tcp.flags',
  'tcp.window_size_value',
  'tcp.hdr_len',
  'tcp.checksum.status',
  'tcp.options.mss_val',
  'tcp.options.wscale.shift',
  'tcp.options.timestamp.tsval',
  'tcp.options.sack_le',
  'tcp.options.sack_re',
];

/** Classic pcap in any byte order; enough for the captures above. */
function* records(path: string): Generator<CaptureRecord> {
  const file = readFileSync(path);
  const data = new DataView(file.buffer, file.byteOffset, file.length);
  const magic = data.getUint32(0);
  const little = magic === 0xd4c3b2a1 || magic === 0x4d3cb2a1;
  const record = new CaptureRecord();
  record.bytes = new Uint8Array(file.buffer, file.byteOffset, file.length);
  record.data = data;
  record.linkType = data.getUint32(20, little) & 0xffff;
  for (let at = 24; at + 16 <= file.length; at += 16 + record.capturedLength) {
    record.number++;
    record.offset = at + 16;
    record.time = data.getUint32(at, little) * 1e9;
    record.capturedLength = data.getUint32(at + 8, little);
    record.originalLength = data.getUint32(at + 12, little);
    yield record;
  }
}

describe.skipIf(!hasTshark || captures.length === 0)('beside tshark', () => {
  it.each(captures)('%s', { timeout: 60_000 }, (name) => {
    const preferences = [
      'tcp.check_checksum:TRUE',
      'tcp.relative_sequence_numbers:FALSE',
      'tcp.desegment_tcp_streams:FALSE',
    ];
    const args = ['-n', '-r', shared + name, ...preferences.flatMap((p) => ['-o', p])];
    const output = spawnSync(
      'tshark',
      [...args, '-T', 'fields', '-E', 'aggregator=;', ...FIELDS.flatMap((f) => ['-e', f])],
      {
        encoding: 'utf8',
        maxBuffer: 1 << 28,
      },
    );
    const rows = output.stdout.split('\n');
    const decoder = new Decoder();
    const view = new SegmentView();
    let segments = 0;
    for (const record of records(shared + name)) {
      const row = (rows[record.number - 1] ?? '').split('\t');
      decoder.decode(record, view);
      expect([record.number, view.status === DecodeStatus.TCP]).toEqual([record.number, row[0] !== '']);
      if (view.status !== DecodeStatus.TCP) continue;
      segments++;
      const last = (i: number) => Number(row[i].split(';').at(-1));
      const ours = [
        view.srcPort,
        view.dstPort,
        view.seq,
        view.ack,
        view.payloadLength,
        view.flags,
        view.rawWindow,
        view.headerLength,
      ];
      expect([record.number, ...ours]).toEqual([record.number, ...ours.map((_, i) => last(i))]);
      if (view.tcpChecksumStatus !== ChecksumStatus.OFFLOAD && view.tcpChecksumFound !== 0xffff) {
        expect(view.tcpChecksumStatus).toBe(
          [ChecksumStatus.BAD, ChecksumStatus.GOOD, ChecksumStatus.UNVERIFIED][last(8)],
        );
      }
      const has = (bit: number) => (view.options & bit) !== 0;
      // tshark shows the octets of an option that the capture cut in two.
      if (!has(Option.CUT)) {
        const present = [has(Option.MSS), has(Option.WSCALE), has(Option.TIMESTAMPS)];
        expect(present).toEqual([9, 10, 11].map((column) => row[column] !== ''));
      }
      if (has(Option.MSS)) expect(view.mss).toBe(last(9));
      if (has(Option.WSCALE)) expect(view.wscale).toBe(last(10));
      if (has(Option.TIMESTAMPS)) expect(view.tsVal).toBe(last(11));
      const edges =
        row[12] === '' ? [] : row[12].split(';').flatMap((le, i) => [Number(le), Number(row[13].split(';')[i])]);
      expect([...view.sack.subarray(0, 2 * view.sackCount)]).toEqual(edges);
    }
    expect(segments).toBeGreaterThan(0);
  });
});

describe.skipIf(!hasTshark)('links and tunnels beside tshark', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tcpscope-test-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const linkTypes = [...new Set(ENCAPSULATIONS.map(({ linkType }) => linkType))];

  it.each(linkTypes.map((type) => [linkName(type), type] as const))('%s', { timeout: 60_000 }, (_, linkType) => {
    const packets = ENCAPSULATIONS.filter((one) => one.linkType === linkType);
    const path = join(folder, `${linkType}.pcap`);
    const records = packets.map(({ bytes }, i) => ({ time: BigInt(i) * 1_000_000_000n, bytes }));
    writeFileSync(path, writePcap({ linkType, resolution: 'us', byteOrder: 'little', snaplen: 65535 }, records));
    const fields = ['ip.version', 'tcp.srcport', 'tcp.seq_raw', 'tcp.len', 'tcp.checksum.status'];
    const options = ['-E', 'occurrence=l', '-o', 'tcp.check_checksum:TRUE', ...fields.flatMap((f) => ['-e', f])];
    const { stdout } = spawnSync('tshark', ['-n', '-r', path, '-T', 'fields', ...options], { encoding: 'utf8' });
    const theirs = stdout
      .trimEnd()
      .split('\n')
      .map((row) => row.split('\t').slice(1).map(Number));
    const ours = packets.map(({ bytes }) => {
      const { srcPort, seq, payloadLength, tcpChecksumStatus } = decode(bytes, { linkType });
      return [srcPort, seq, payloadLength, tcpChecksumStatus === ChecksumStatus.GOOD ? 1 : 0];
    });
    const named = (rows: number[][]) => rows.map((row, i) => [packets[i]?.name, ...row]);
    expect(named(ours)).toEqual(named(theirs));
  });
});
