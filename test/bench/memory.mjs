/**
 * What a connection takes while a capture is read: bytes in objects and in typed arrays, of many that are all alike, when nobody
 * looks at each packet.
 *
 *     node --expose-gc test/bench/memory.mjs [--connections 20000] [--json]
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';

const dist = new URL('../../dist/', import.meta.url);
const [FIN, SYN, PSH, ACK] = [1, 2, 8, 16];
/** What is kept of a host is no part of what is kept of a connection. */
const HOSTS = 200;
/** They come first: what is there once is there when it is measured. */
const SHARE_BEFORE = 0.2;
/** Every analyzer, to the end: what one of them gives back while the next is measured would be taken off. */
const kept = [];

/** [from the client?, flags, seq, ack, bytes of data] */
const OPENING = [
  [true, SYN, 0, 0, 0],
  [false, SYN | ACK, 0, 1, 0],
  [true, ACK, 1, 1, 0],
];
const exchange = (i) => [
  [true, PSH | ACK, 1 + i * 100, 1 + i * 200, 100],
  [false, PSH | ACK, 1 + i * 200, 101 + i * 100, 200],
  [true, ACK, 101 + i * 100, 201 + i * 200, 0],
];
const OPEN = [...OPENING, ...exchange(0), ...exchange(1)];
const CASES = {
  'a SYN without an answer': OPENING.slice(0, 1),
  'a SYN and its answer': OPENING.slice(0, 2),
  'open, two exchanges': OPEN,
  closed: [...OPEN, [true, FIN | ACK, 201, 401, 0], [false, FIN | ACK, 401, 202, 0], [true, ACK, 202, 402, 0]],
};

/** One packet as raw IPv4, and where to write whose it is. */
function packetOf([isClient, flags, seq, ack, payload]) {
  const bytes = new Uint8Array(40 + payload);
  const data = new DataView(bytes.buffer);
  data.setUint16(0, 0x4500);
  data.setUint16(2, bytes.length);
  data.setUint16(8, (64 << 8) | 6);
  data.setUint32(12, isClient ? 0x0a000000 : 0xc6336401);
  data.setUint32(16, isClient ? 0xc6336401 : 0x0a000000);
  data.setUint16(20, 80);
  data.setUint16(22, 80);
  data.setUint32(24, 1000 + seq);
  data.setUint32(28, ack === 0 ? 0 : 1000 + ack);
  data.setUint16(32, 0x5000 | flags);
  data.setUint16(34, 64240);
  return { bytes, data, address: isClient ? 12 : 16, port: isClient ? 20 : 22 };
}

function held() {
  for (let i = 0; i < 3; i++) globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Bytes of each of so many connections with these packets, which come one connection after the other. */
function bytesOf(shape, connections, { Analyzer, CaptureRecord }, options) {
  const packets = shape.map(packetOf);
  const analyzer = new Analyzer({ verifyChecksums: false, congestion: false, ...options });
  kept.push(analyzer);
  const record = new CaptureRecord();
  record.linkType = 101;
  let number = 0;
  const give = (index) => {
    for (const { bytes, data, address, port } of packets) {
      data.setUint32(address, 0x0a000000 + (index % HOSTS));
      data.setUint16(port, 1024 + Math.floor(index / HOSTS));
      record.bytes = bytes;
      record.data = data;
      record.capturedLength = record.originalLength = bytes.length;
      record.number = ++number;
      record.time = number * 1e5;
      analyzer.record(record);
    }
  };
  const before = Math.round(connections * SHARE_BEFORE);
  for (let i = 0; i < before; i++) give(i);
  const first = held();
  for (let i = before; i < before + connections; i++) give(i);
  const bytes = (held() - first) / connections;
  if (analyzer.opened !== before + connections) throw new Error(`${analyzer.opened} connections were opened`);
  return Math.round(bytes);
}

async function main() {
  const { values } = parseArgs({
    options: { connections: { type: 'string', default: '20000' }, json: { type: 'boolean', default: false } },
  });
  if (globalThis.gc === undefined || !existsSync(new URL('analyze.js', dist))) {
    console.error('usage: npm run build; node --expose-gc test/bench/memory.mjs');
    process.exit(2);
  }
  const engine = {
    ...(await import(new URL('analyze.js', dist))),
    ...(await import(new URL('model/record.js', dist))),
  };
  const results = Object.entries(CASES).map(([connection, shape]) => {
    const of = (options) => bytesOf(shape, Number(values.connections), engine, options);
    return { connection, bytes: of({}), withoutTimeBudget: of({ timeBudget: false }) };
  });
  if (values.json) {
    console.log(JSON.stringify(results));
    return;
  }
  console.log('| connection | bytes | without time budget |');
  console.log('|---|---|---|');
  for (const { connection, bytes, withoutTimeBudget } of results)
    console.log(`| ${connection} | ${bytes} | ${withoutTimeBudget} |`);
}

await main();
