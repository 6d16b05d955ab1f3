/**
 * What the heap does while captures are read, in a process that does nothing else: bytes that each packet of the common path
 * makes, bytes that stay of each, and bytes that stay of captures made to exhaust the program, of so many packets and of three times as
 * many.
 *
 *     npm run build
 *     node --expose-gc --min-semi-space-size=64 --max-semi-space-size=64 test/bench/heap.mjs
 *
 * Young objects have so much room that none is collected while they are counted.
 */
import { readFileSync } from 'node:fs';
import { BOMBS } from './bombs.mjs';
import { captureOf } from './growth.mjs';

const dist = new URL('../../dist/', import.meta.url);
const engine = {};
for (const name of ['analyze', 'capture/merge', 'capture/reader', 'capture/session', 'decode/decoder', 'model/record'])
  Object.assign(engine, await import(new URL(`${name}.js`, dist)));
const { inputSource } = await import(new URL('node/capture-input.js', dist));
const { SegmentView } = await import(new URL('model/segment.js', dist));

const PACKETS = 400_000;
const used = () => process.memoryUsage().heapUsed;
const held = () => {
  globalThis.gc();
  return used();
};

/** Bytes that a reader makes for each record that it hands over. */
function read() {
  const chunk = captureOf((packets, n) => {
    for (let i = 0; i < n; i++) packets.add(0, 1, 1, 0);
  }, 997).slice(24);
  let records = 0;
  const sink = {
    record: () => {
      records++;
    },
  };
  const reader = new engine.CaptureReader(sink);
  reader.open('test');
  reader.write(captureOf(() => {}, 0));
  const give = (times) => {
    for (let i = 0; i < times; i++) reader.write(chunk);
  };
  give(200);
  records = 0;
  held();
  const before = used();
  give(PACKETS / 1000);
  return (used() - before) / records;
}

/** The records of a capture, each with bytes of its own. */
function recordsOf(bytes) {
  const records = [];
  const keep = (packet) => {
    const record = new engine.CaptureRecord();
    record.bytes = Uint8Array.from(packet.bytes.subarray(packet.offset, packet.offset + packet.capturedLength));
    record.data = new DataView(record.bytes.buffer);
    for (const name of ['capturedLength', 'originalLength', 'linkType', 'number', 'time']) record[name] = packet[name];
    records.push(record);
  };
  const reader = new engine.CaptureReader({ record: keep });
  reader.open('test');
  reader.write(bytes);
  reader.end();
  return records;
}

/** Bytes that the decoder makes for a segment with data and timestamps. */
function decode() {
  const fixture = readFileSync(new URL('../../fixtures/linux-single-loss-sack.pcap', import.meta.url));
  const record = recordsOf(fixture).find(({ capturedLength }) => capturedLength > 1000);
  const decoder = new engine.Decoder();
  const view = new SegmentView();
  const give = (times) => {
    for (let i = 0; i < times; i++) {
      record.number++;
      decoder.decode(record, view);
    }
  };
  give(100_000);
  held();
  const before = used();
  give(PACKETS);
  if (view.payloadLength === 0) throw new Error('no data was decoded');
  return (used() - before) / PACKETS;
}

/** Bytes that stay of each packet of an exchange that goes on and on. */
function analyze() {
  const records = recordsOf(
    captureOf((packets) => {
      packets.add(0, 1, 1, 1000);
      packets.add(1, 1, 1001, 0);
    }, 2),
  );
  const analyzer = new engine.Analyzer({ verifyChecksums: false });
  const [data, ack] = records.splice(-2);
  for (const record of records) analyzer.record(record);
  // IPv4 without options: the sequence number is at 24, the acknowledgement at 28.
  let seq = data.data.getUint32(24);
  let number = records.length;
  const exchange = (rounds) => {
    for (let i = 0; i < rounds; i++) {
      data.data.setUint32(24, seq);
      data.number = ++number;
      data.time = number * 1e6;
      analyzer.record(data);
      seq = (seq + 1000) >>> 0;
      ack.data.setUint32(28, seq);
      ack.number = ++number;
      ack.time = number * 1e6;
      analyzer.record(ack);
    }
  };
  exchange(50_000);
  const before = held();
  exchange(PACKETS / 2);
  const bytes = (held() - before) / PACKETS;
  if (analyzer.counts.tcp !== number) throw new Error(`${analyzer.counts.tcp} of ${number} packets are TCP`);
  return bytes;
}

/** Bytes that an analysis of so many of them holds when it has ended; and how much it says of them. */
async function heldBy(kind, count) {
  const input = new Uint8Array(Buffer.concat([...BOMBS[kind][0](count)]));
  const before = held();
  const session = new engine.CaptureSession();
  const analyzer = new engine.Analyzer({ onLeave: () => {} });
  await engine.readCaptures([inputSource(input)], analyzer, session);
  analyzer.end(session.facts);
  const bytes = held() - before;
  const { comments, damages } = session.facts;
  return { bytes, packets: analyzer.counts.total, comments: comments.length, damages: damages.length };
}

// Beyond the bounds of docs/limits.md: 1,000 comments, the fragments of 64 KiB each that are held.
const KINDS = {
  'fragments without an end': 10_000,
  'fragments that overlap': 10_000,
  'tunnels in tunnels': 500,
  comments: 10_000,
  'gzip of nothing, MB': 8,
};
const bombs = {};
for (const [kind, count] of Object.entries(KINDS)) {
  // Code that is compiled takes some as well: once before.
  await heldBy(kind, count);
  bombs[kind] = [await heldBy(kind, count), await heldBy(kind, 3 * count)];
}
console.log(JSON.stringify({ read: read(), decode: decode(), analyze: analyze(), bombs }, null, 2));
