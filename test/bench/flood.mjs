/**
 * Writes floods and scans as a classic capture, to a file or to a pipe, from a seed. Equal options give equal bytes.
 *
 *     node test/bench/flood.mjs --kind syn --packets 2000000 --out flood.pcap
 *
 * syn        SYNs from spoofed addresses to one socket, half a microsecond apart
 * syn-ack    the same with the answer of the server to each
 * scan       SYNs of one host to many ports of many hosts, each refused
 * half-open  SYN, SYN,ACK and a RST of the client: connections that are given up half open
 * fin        FINs without ACK from spoofed addresses to one socket
 * answered   ACKs of connections that are not there from spoofed addresses, each answered with a RST
 * reuse      one pair of ports again and again: SYN, SYN,ACK, ACK, RST
 * short      whole connections of 10 packets, one after another, without end where --packets is 0
 * mixed      200 connections at a time, packet by packet: whole ones, with losses, reset, refused, unanswered, half closed and
 *            never closed; a millisecond from packet to packet, so that fifty million are fourteen hours
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const [FIN, SYN, RST, PSH, ACK] = [1, 2, 4, 8, 16];
const SERVER = 0xc6336401;
const BLOCK = 1 << 20;
const RECORD = 16 + 14 + 20 + 20 + 4;

/** The packets of one connection or attempt: [from the client?, flags, seq, ack, payload bytes]. Of several shapes each comes as often. */
const SHAPES = {
  syn: [[true, SYN, 0, 0, 0]],
  'syn-ack': [
    [true, SYN, 0, 0, 0],
    [false, SYN | ACK, 0, 1, 0],
  ],
  scan: [
    [true, SYN, 0, 0, 0],
    [false, RST | ACK, 0, 1, 0],
  ],
  'half-open': [
    [true, SYN, 0, 0, 0],
    [false, SYN | ACK, 0, 1, 0],
    [true, RST, 1, 0, 0],
  ],
  fin: [[true, FIN, 0, 0, 0]],
  answered: [
    [true, ACK, 0, 1, 0],
    [false, RST, 1, 0, 0],
  ],
  reuse: [
    [true, SYN, 0, 0, 0],
    [false, SYN | ACK, 0, 1, 0],
    [true, ACK, 1, 1, 0],
    [true, RST | ACK, 1, 1, 0],
  ],
  short: [
    [true, SYN, 0, 0, 0],
    [false, SYN | ACK, 0, 1, 0],
    [true, ACK, 1, 1, 0],
    [true, PSH | ACK, 1, 1, 100],
    [false, ACK, 1, 101, 0],
    [false, PSH | ACK, 1, 101, 400],
    [true, ACK, 101, 401, 0],
    [true, FIN | ACK, 101, 401, 0],
    [false, FIN | ACK, 401, 102, 0],
    [true, ACK, 102, 402, 0],
  ],
};
const OPENED = SHAPES.short.slice(0, 5);
const MIXED = [
  SHAPES.short,
  SHAPES.short,
  // A request and a segment of the response are sent again.
  [...SHAPES.short.slice(0, 4), SHAPES.short[3], ...SHAPES.short.slice(4)],
  [...SHAPES.short.slice(0, 6), SHAPES.short[5], ...SHAPES.short.slice(6)],
  bulk(40),
  [...OPENED, [false, RST | ACK, 1, 101, 0]],
  SHAPES.scan,
  [SHAPES.syn[0], SHAPES.syn[0]],
  SHAPES['half-open'],
  // The client has sent its FIN, and nothing more comes.
  [...OPENED, [true, FIN | ACK, 101, 1, 0], [false, ACK, 1, 102, 0]],
  OPENED,
];

/** A response of so many segments, with an ACK for every two. */
function bulk(segments) {
  const packets = [...OPENED];
  for (let i = 0; i < segments; i++) {
    packets.push([false, ACK, 1 + i * 1448, 101, 1448]);
    if (i % 2 === 1) packets.push([true, ACK, 101, 1 + (i + 1) * 1448, 0]);
  }
  const end = 1 + segments * 1448;
  return [...packets, [true, FIN | ACK, 101, end, 0], [false, FIN | ACK, end, 102, 0], [true, ACK, 102, end + 1, 0]];
}

export const KINDS = [...Object.keys(SHAPES), 'mixed'];
const GAPS = { short: 20, mixed: 1000 };
const AT_A_TIME = { mixed: 200 };

/** Yields blocks of a capture. `gap` is the time between packets in microseconds; `tally.packets` tells how many were yielded. */
export function* floodBlocks({ kind, packets, seed = 1, gap = GAPS[kind] ?? 0.5, tally = { packets: 0 } }) {
  const shapes = kind === 'mixed' ? MIXED : [SHAPES[kind]];
  let state = seed >>> 0 || 1;
  const random = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b23c4d, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65535, 16);
  header.writeUInt32LE(1, 20);
  yield header;
  let block = Buffer.allocUnsafe(BLOCK);
  let used = 0;
  let written = 0;
  let attempts = 0;
  const begin = () => {
    const attempt = attempts++;
    const isSpread = kind === 'short' || kind === 'mixed';
    return {
      shape: shapes.length === 1 ? shapes[0] : shapes[random() % shapes.length],
      at: 0,
      client: kind === 'scan' || kind === 'reuse' ? 0x0a000001 : isSpread ? 0x0a000000 + (attempt & 0xffff) : random(),
      server: kind === 'scan' ? SERVER + (attempt >>> 14) : kind === 'mixed' ? SERVER + (attempt & 15) : SERVER,
      clientPort: kind === 'reuse' ? 40000 : kind === 'scan' ? 50000 : 1024 + (random() % 60000),
      serverPort: kind === 'scan' ? 1 + (attempt & 0x3fff) : 80,
      isn: [random(), random()],
      id: attempt & 0x7fff,
    };
  };
  const lanes = Array.from({ length: AT_A_TIME[kind] ?? 1 }, begin);
  while (packets === 0 || written < packets) {
    const lane = lanes.length === 1 ? 0 : random() % lanes.length;
    const flow = lanes[lane];
    const { client, server, clientPort, serverPort, isn, id } = flow;
    const [isClient, flags, seq, ack, payload] = flow.shape[flow.at++];
    if (flow.at === flow.shape.length) lanes[lane] = begin();
    if (used + RECORD + payload > BLOCK) {
      tally.packets = written;
      yield block.subarray(0, used);
      block = Buffer.allocUnsafe(BLOCK);
      used = 0;
    }
    const ns = Math.round(written * gap * 1000);
    const own = isClient ? 0 : 1;
    const options = flags & SYN ? 4 : 0;
    const ipLength = 40 + options + payload;
    block.writeUInt32LE(1_700_000_000 + Math.floor(ns / 1e9), used);
    block.writeUInt32LE(ns % 1e9, used + 4);
    block.writeUInt32LE(14 + ipLength, used + 8);
    block.writeUInt32LE(14 + ipLength, used + 12);
    used += 16;
    block.fill(0, used, used + 14 + ipLength);
    block[used + 12] = 8;
    const ip = used + 14;
    block[ip] = 0x45;
    block.writeUInt16BE(ipLength, ip + 2);
    block.writeUInt16BE(1 + ((id + written) & 0x7fff), ip + 4);
    block[ip + 8] = 64;
    block[ip + 9] = 6;
    block.writeUInt32BE((isClient ? client : server) >>> 0, ip + 12);
    block.writeUInt32BE((isClient ? server : client) >>> 0, ip + 16);
    block.writeUInt16BE(checksum(block, ip, ip + 20, 0), ip + 10);
    const tcp = ip + 20;
    block.writeUInt16BE(isClient ? clientPort : serverPort, tcp);
    block.writeUInt16BE(isClient ? serverPort : clientPort, tcp + 2);
    block.writeUInt32BE((isn[own] + seq) >>> 0, tcp + 4);
    if (flags & ACK) block.writeUInt32BE((isn[1 - own] + ack) >>> 0, tcp + 8);
    block[tcp + 12] = (20 + options) << 2;
    block[tcp + 13] = flags;
    block.writeUInt16BE(64240, tcp + 14);
    if (options) block.writeUInt32BE(0x020405b4, tcp + 20);
    const pseudo = sum(block, ip + 12, ip + 20) + 6 + ipLength - 20;
    block.writeUInt16BE(checksum(block, tcp, ip + ipLength, pseudo), tcp + 16);
    used += 14 + ipLength;
    written++;
  }
  tally.packets = written;
  yield block.subarray(0, used);
}

function sum(bytes, from, to) {
  let total = 0;
  for (let i = from; i + 1 < to; i += 2) total += (bytes[i] << 8) | bytes[i + 1];
  return (to - from) & 1 ? total + (bytes[to - 1] << 8) : total;
}

function checksum(bytes, from, to, start) {
  let total = start + sum(bytes, from, to);
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return ~total & 0xffff;
}

async function main() {
  const { values } = parseArgs({
    options: {
      kind: { type: 'string', default: 'syn' },
      packets: { type: 'string', default: '2000000' },
      seed: { type: 'string', default: '1' },
      gap: { type: 'string' },
      out: { type: 'string', default: '-' },
    },
  });
  if (!KINDS.includes(values.kind)) throw new Error(`--kind is one of ${KINDS.join(', ')}`);
  const out = values.out === '-' ? process.stdout : createWriteStream(values.out);
  process.stdout.on('error', () => process.exit(0));
  const options = { kind: values.kind, packets: Number(values.packets), seed: Number(values.seed) };
  if (values.gap !== undefined) options.gap = Number(values.gap);
  for (const block of floodBlocks(options)) if (!out.write(block)) await once(out, 'drain');
  if (out !== process.stdout) out.end();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
