/**
 * Captures made to exhaust an analyzer, each at half its size and whole: processor time and peak memory of `tcpscope FILE`.
 * Time is to double with the packets, and memory to stay below the bound that docs/limits.md states.
 *
 *     node test/bench/bombs.mjs [--only 'NAME;NAME'] [--share 0.1]
 *
 * `--share` makes smaller ones. Needs `npm run build` and /usr/bin/time; some five minutes.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { floodBlocks } from './flood.mjs';
import { CASES, captureOf } from './growth.mjs';

const program = fileURLToPath(new URL('../../bin/tcpscope.js', import.meta.url));
const RAW = 101;
const ETHERNET = 1;

const flood = (kind) => (n) => floodBlocks({ kind, packets: n });
const single = (name) => (n) => [captureOf(CASES[name], n)];

/** What makes each of them, and how many packets (interfaces, megabytes) it has. */
export const BOMBS = {
  'SYN flood': [flood('syn'), 2_000_000],
  'half-open connections, reset': [flood('half-open'), 3_000_000],
  'port scan': [flood('scan'), 2_000_000],
  'FIN flood': [flood('fin'), 1_000_000],
  'ACK flood, answered': [flood('answered'), 1_000_000],
  'the same ports again': [flood('reuse'), 400_000],
  'holes: every second segment missing': [single('every second missing'), 400_000],
  'segments in reverse order': [single('reverse order'), 200_000],
  'copies of one segment': [single('copies'), 200_000],
  'segments that overlap': [single('overlaps'), 200_000],
  'random SACK blocks': [single('random SACK blocks'), 400_000],
  'one hole, growing SACK': [single('one hole, growing SACK'), 400_000],
  'fragments without an end': [fragments, 1_000_000],
  'fragments that overlap': [overlappingFragments, 1_000_000],
  'tunnels in tunnels': [tunnels, 20_000],
  'sockets that collide': [collisions, 400_000],
  interfaces: [interfaces, 2_000_000],
  'an interface for each packet': [interfaceEach, 50_000],
  'SYNs at two interfaces': [synsAtTwo, 600_000],
  comments: [comments, 1_000_000],
  'gzip of nothing, MB': [zeros, 1024],
};

/** Records of these packets, as a classic capture. */
function* pcap(linkType, packets) {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(0x40000, 16);
  header.writeUInt32LE(linkType, 20);
  yield header;
  let [at, batch] = [0, []];
  for (const packet of packets) {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(1_700_000_000 + Math.floor(at / 1e6), 0);
    record.writeUInt32LE(at % 1e6, 4);
    record.writeUInt32LE(packet.length, 8);
    record.writeUInt32LE(packet.length, 12);
    batch.push(record, packet);
    if (batch.length >= 4096) {
      yield Buffer.concat(batch);
      batch = [];
    }
    at++;
  }
  yield Buffer.concat(batch);
}

/** An IPv4 header without a checksum. */
function ip({ length, id = 1, fragment = 0, protocol = 6, from = 0x0a000001, to = 0x0a000002 }) {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(length, 2);
  header.writeUInt16BE(id & 0xffff, 4);
  header.writeUInt16BE(fragment, 6);
  header[8] = 64;
  header[9] = protocol;
  header.writeUInt32BE(from >>> 0, 12);
  header.writeUInt32BE(to >>> 0, 16);
  return header;
}

function tcp(from, to, seq, flags = 16) {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(from, 0);
  header.writeUInt16BE(to, 2);
  header.writeUInt32BE(seq >>> 0, 4);
  header[12] = 0x50;
  header[13] = flags;
  header.writeUInt16BE(65535, 14);
  return header;
}

const MORE_FRAGMENTS = 0x2000;

function* fragmentPackets(n, fragmentOf) {
  for (let i = 0; i < n; i++) {
    const { id, offset, from } = fragmentOf(i);
    yield Buffer.concat([ip({ length: 28, id, fragment: MORE_FRAGMENTS | offset, from }), Buffer.alloc(8, i)]);
  }
}

/** First fragments of datagrams of which nothing more comes. */
function fragments(n) {
  return pcap(
    RAW,
    fragmentPackets(n, (i) => ({ id: i, offset: 0, from: 0x0b000000 + (i >>> 16) })),
  );
}

/** Fragments of few datagrams, again and again at places that differ in what they hold. */
function overlappingFragments(n) {
  return pcap(
    RAW,
    fragmentPackets(n, (i) => ({ id: i & 15, offset: (i * 7) % 8000, from: 0x0b000000 + (i >>> 12) })),
  );
}

/** IP in IP in IP, as often as a packet of 1,500 octets can hold it. */
function tunnels(n) {
  const layers = [];
  for (let length = 1500; length >= 60; length -= 20) layers.push(ip({ length, protocol: 4 }));
  layers.push(ip({ length: 40 }), tcp(1, 2, 1));
  const packet = Buffer.concat(layers);
  return pcap(
    RAW,
    Array.from({ length: n }, () => packet),
  );
}

/** A thousand connections in turn, whose sockets are one and the same to whoever only adds and mixes them. */
function collisions(n) {
  function* packets() {
    for (let i = 0; i < n; i++) {
      const k = i % 1000;
      // The same sum of the ports, and the same exclusive or of the addresses.
      const header = ip({ length: 40, id: i, from: 0x0a000000 + k, to: 0x0b000000 + k });
      yield Buffer.concat([header, tcp(20000 + k, 40000 - k, Math.floor(i / 1000))]);
    }
  }
  return pcap(RAW, packets());
}

function block(type, body) {
  const length = 12 + body.length;
  const bytes = Buffer.alloc(length);
  bytes.writeUInt32LE(type, 0);
  bytes.writeUInt32LE(length, 4);
  body.copy(bytes, 8);
  bytes.writeUInt32LE(length, length - 4);
  return bytes;
}

function sectionHeader() {
  const body = Buffer.alloc(16);
  body.writeUInt32LE(0x1a2b3c4d, 0);
  body.writeUInt16LE(1, 4);
  body.fill(0xff, 8, 16);
  return block(0x0a0d0d0a, body);
}

function interfaceBlock(name) {
  const text = Buffer.from(name);
  const padded = Buffer.alloc((text.length + 3) & ~3);
  text.copy(padded);
  const body = Buffer.alloc(8 + 4 + padded.length + 4);
  body.writeUInt16LE(ETHERNET, 0);
  body.writeUInt16LE(2, 8);
  body.writeUInt16LE(text.length, 10);
  padded.copy(body, 12);
  return block(1, body);
}

function* interfaces(n) {
  yield sectionHeader();
  let batch = [];
  for (let i = 0; i < n; i++) {
    batch.push(interfaceBlock(`interface ${i}`));
    if (batch.length < 4096) continue;
    yield Buffer.concat(batch);
    batch = [];
  }
  yield Buffer.concat(batch);
}

/** An enhanced packet block of an Ethernet frame with this IP packet, `i` microseconds after 1970. */
function packetBlock(interfaceId, i, packet) {
  const frame = Buffer.concat([Buffer.alloc(12), Buffer.from([8, 0]), packet, Buffer.alloc(2)]);
  const body = Buffer.alloc(20 + frame.length);
  body.writeUInt32LE(interfaceId, 0);
  body.writeUInt32LE(i, 8);
  body.writeUInt32LE(frame.length - 2, 12);
  body.writeUInt32LE(frame.length - 2, 16);
  frame.copy(body, 20);
  return block(6, body);
}

/** One connection of which every interface sees one packet. */
function* interfaceEach(n) {
  yield* interfaces(n);
  const blocks = Array.from({ length: n }, (_, i) =>
    packetBlock(i, 100 * i, Buffer.concat([ip({ length: 40, id: i }), tcp(1, 2, i)])),
  );
  yield Buffer.concat(blocks);
}

/** SYNs of as many addresses, by turns at one interface and at the other. */
function* synsAtTwo(n) {
  yield* interfaces(2);
  for (let done = 0; done < n; done += 4096) {
    const blocks = Array.from({ length: Math.min(4096, n - done) }, (_, k) => {
      const i = done + k;
      return packetBlock(
        i & 1,
        100 * i,
        Buffer.concat([ip({ length: 40, id: i, from: 0x0b000000 + i }), tcp(1, 80, i, 2)]),
      );
    });
    yield Buffer.concat(blocks);
  }
}

function* comments(n) {
  yield sectionHeader();
  yield interfaceBlock('eth0');
  const packet = Buffer.concat([
    Buffer.alloc(12),
    Buffer.from([8, 0]),
    ip({ length: 40 }),
    tcp(1, 2, 1),
    Buffer.alloc(2),
  ]);
  const text = Buffer.alloc(64, 'comment ');
  const body = Buffer.alloc(20 + packet.length + 4 + text.length + 4);
  body.writeUInt32LE(54, 12);
  body.writeUInt32LE(54, 16);
  packet.copy(body, 20);
  body.writeUInt16LE(1, 20 + packet.length);
  body.writeUInt16LE(text.length, 22 + packet.length);
  text.copy(body, 24 + packet.length);
  const one = block(6, body);
  const many = Buffer.concat(Array.from({ length: 1000 }, () => one));
  for (let i = 0; i < n; i += 1000) yield many.subarray(0, Math.min(1000, n - i) * one.length);
}

/** So many megabytes of zeros after the header of a capture, as members of a gzip file: a thousandth of that. */
function* zeros(megabytes) {
  const [header] = pcap(ETHERNET, []);
  yield gzipSync(header);
  const member = gzipSync(Buffer.alloc(1 << 20));
  for (let i = 0; i < megabytes; i++) yield member;
}

/** Processor seconds, peak memory (MiB) and exit status. */
function measure(path, notes) {
  const { status } = spawnSync('/usr/bin/time', ['-o', notes, '-f', '%U %S %M', process.execPath, program, path], {
    stdio: 'ignore',
  });
  const [user, system, kibibytes] = readFileSync(notes, 'utf8').trim().split('\n').at(-1).split(' ').map(Number);
  return { seconds: user + system, mebibytes: kibibytes / 1024, status };
}

function main() {
  const { values } = parseArgs({ options: { only: { type: 'string' }, share: { type: 'string', default: '1' } } });
  const folder = mkdtempSync(join(tmpdir(), 'tcpscope-bombs-'));
  const path = join(folder, 'capture');
  const empty = join(folder, 'empty');
  writeFileSync(empty, [...pcap(ETHERNET, [])][0]);
  const start = measure(empty, join(folder, 'time')).seconds;
  console.log(`starting takes ${start.toFixed(2)} s, which are taken off`);
  console.log('| capture | packets | MB | CPU s of half | CPU s | times | peak MiB of half | peak MiB | status |');
  console.log('|---|---|---|---|---|---|---|---|---|');
  try {
    for (const name of values.only?.split(';') ?? Object.keys(BOMBS)) {
      const [make, most] = BOMBS[name];
      const n = Math.round(most * Number(values.share));
      const [half, whole] = [n / 2, n].map((size) => {
        const file = openSync(path, 'w');
        for (const bytes of make(Math.round(size))) writeSync(file, bytes);
        closeSync(file);
        return measure(path, join(folder, 'time'));
      });
      const [first, second] = [half, whole].map(({ seconds }) => Math.max(0, seconds - start));
      const columns = [
        name,
        n.toLocaleString('en'),
        (statSync(path).size / 1e6).toFixed(1),
        first.toFixed(2),
        second.toFixed(2),
        (second / first).toFixed(1),
        half.mebibytes.toFixed(0),
        whole.mebibytes.toFixed(0),
        whole.status,
      ];
      console.log(`| ${columns.join(' | ')} |`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();
