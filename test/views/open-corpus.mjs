#!/usr/bin/env node
// Runs `compare client.pcap server.pcap` over captures of real connections at both ends, whose losses an emulator logged, and
// scores where it places the losses and how it fits the clocks. The server's clock is shifted and stretched before.
//
//   node test/views/open-corpus.mjs [--corpus ../shared/corpus/open] [--fails N] [SCENARIO ...]
//
// Exit status 0 when 99.5 % of the losses are placed rightly, none are made up beyond that share, and the clock is within
// 0.5 ms everywhere but where nobody can know it. Needs dist/.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const args = process.argv.slice(2);
const take = (name, fallback) => {
  const i = args.indexOf(name);
  return i < 0 ? fallback : args.splice(i, 2)[1];
};
const corpus = take('--corpus', '../shared/corpus/open');
const shown = Number(take('--fails', '5'));
const wanted = new Set(args);
/** The offset of one clock cannot be known: paths of different length, and one direction only. */
const UNKNOWABLE = new Set(['asymmetric_delay']);
/** No packet is in both captures: the one holds what its end sent only, the other is empty. */
const NOTHING_COMMON = new Set(['oneway_capture', 'black_hole']);
const SHIFT_MS = -7251.125;
const STRETCH_PPM = 60;

/** A classic capture with another clock; null for other formats. */
export function restamp(bytes, shiftMs, ppm) {
  const magic = bytes.readUInt32LE(0);
  const formats = { 2712847316: [true, 1e3], 3569595041: [false, 1e3], 2712812621: [true, 1], 1295823521: [false, 1] };
  const format = formats[magic];
  if (format === undefined) return null;
  const [isLittle, unit] = format;
  const read = (at) => (isLittle ? out.readUInt32LE(at) : out.readUInt32BE(at));
  const write = (value, at) => (isLittle ? out.writeUInt32LE(value, at) : out.writeUInt32BE(value, at));
  const out = Buffer.from(bytes);
  let start = null;
  for (let at = 24; at + 16 <= out.length; at += 16 + read(at + 8)) {
    const time = BigInt(read(at)) * 1_000_000_000n + BigInt(read(at + 4) * unit);
    start ??= time;
    const since = Number(time - start);
    const ns = time + BigInt(Math.round(shiftMs * 1e6 + since * ppm * 1e-6));
    write(Number(ns / 1_000_000_000n), at);
    write(Math.round(Number(ns % 1_000_000_000n) / unit), at + 4);
  }
  return out;
}

const table = ({ columns, rows }) => rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])));
const compare = (...argv) => {
  const run = spawnSync('node', ['bin/tcpscope.js', 'compare', ...argv], { encoding: 'utf8', maxBuffer: 1 << 30 });
  if (run.status !== 0) throw new Error(`exit ${run.status}: ${run.stderr.split('\n')[0]}`);
  return run.stdout;
};

const total = { placed: 0, missed: 0, false: 0, frames: 0, wrongFrames: 0, scenarios: 0 };
const fails = [];
const clocks = [];
const folder = mkdtempSync(join(tmpdir(), 'tcpscope-compare-'));
try {
  for (const name of readdirSync(corpus).sort()) {
    if (wanted.size > 0 && !wanted.has(name)) continue;
    if (NOTHING_COMMON.has(name)) continue;
    const dir = join(corpus, name);
    if (!existsSync(join(dir, 'client.pcap')) || !existsSync(join(dir, 'server.pcap'))) continue;
    const truth = JSON.parse(readFileSync(join(dir, 'truth.json'), 'utf8'));
    if (truth.packets === undefined) continue;
    score(name, dir, truth);
  }
} finally {
  rmSync(folder, { recursive: true });
}

function score(name, dir, truth) {
  const other = restamp(readFileSync(join(dir, 'server.pcap')), SHIFT_MS, STRETCH_PPM);
  if (other === null) return;
  const files = [join(dir, 'client.pcap'), join(folder, 'server.pcap')];
  writeFileSync(files[1], other);
  let rows;
  let summary;
  try {
    rows = compare('--ndjson', ...files)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
    summary = JSON.parse(compare('--json', ...files));
  } catch (error) {
    fails.push(`${name}: ${error.message}`);
    total.missed++;
    return;
  }
  total.scenarios++;
  const rowOf = new Map();
  for (const row of rows)
    row.packets.forEach((packet, i) => {
      if (packet !== null) rowOf.set(`${i} ${packet.number}`, row);
    });
  // Frames that a file does not hold, although they passed, are no losses; nor are frames of packets that were damaged on the
  // way, which arrive.
  const captured = (packet, file) => (packet.frames[file] ?? []).length;
  const clientSends = new Map(truth.connections.map(({ id, initiator_endpoint: end }) => [id, end !== 'server']));
  for (const packet of table(truth.packets)) {
    const fromClient = (packet.dir === 'c2s') === (clientSends.get(packet.conn) ?? true) || packet.dir === 'c2s';
    const [near, far] = fromClient ? ['client.pcap', 'server.pcap'] : ['server.pcap', 'client.pcap'];
    const at = near === 'client.pcap' ? 0 : 1;
    if (captured(packet, near) !== 1) continue;
    const row = rowOf.get(`${at} ${packet.frames[near][0]}`);
    const isLost = packet.t_out.length === 0 && captured(packet, far) === 0;
    const saysLost = row !== undefined && row.lostBetween !== null;
    const where = `${name} ${near} #${packet.frames[near][0]} (${packet.dir} ${packet.flags} len ${packet.len})`;
    if (isLost && saysLost && row.lostBetween[0] === files[at]) total.placed++;
    else if (isLost) {
      total.missed++;
      fails.push(`not placed: ${where}`);
    } else if (saysLost) {
      total.false++;
      fails.push(`not lost: ${where}`);
    }
    if (captured(packet, far) === 1) {
      total.frames++;
      if (row?.packets[1 - at]?.number !== packet.frames[far][0]) {
        total.wrongFrames++;
        fails.push(`pairs ${where} with ${row?.packets[1 - at]?.number}, not ${packet.frames[far][0]}`);
      }
    }
  }
  const [, clock] = summary.clocks;
  // The captures begin at times of their own: what the stretched clock shows more at the first packet that both hold.
  const error = Math.abs(clock.offsetMs - SHIFT_MS);
  if (!UNKNOWABLE.has(name)) clocks.push({ name, error, uncertainty: clock.uncertaintyMs, drift: clock.driftPpm });
}

clocks.sort((a, b) => b.error - a.error);
const lost = total.placed + total.missed;
const share = lost === 0 ? 1 : total.placed / lost;
const precision = total.placed + total.false === 0 ? 1 : total.placed / (total.placed + total.false);
const bad = clocks.filter(({ error }) => !(error <= 0.5));
console.log(
  `${total.scenarios} scenarios: losses ${total.placed} of ${lost} placed (${(100 * share).toFixed(2)} %), ${total.false} that were none`,
);
console.log(`frames of one packet in one row: ${total.frames - total.wrongFrames} of ${total.frames}`);
console.log(
  `clock: ${clocks.length - bad.length} of ${clocks.length} within 0.5 ms, worst ${clocks[0]?.error.toFixed(3)} ms (${clocks[0]?.name})`,
);
const uncovered = clocks.filter(({ error, uncertainty }) => !(error <= uncertainty + 0.001));
console.log(`clock: error within the uncertainty in ${clocks.length - uncovered.length} of ${clocks.length}`);
for (const { name, error, uncertainty, drift } of bad)
  console.log(
    `! clock ${name}: off by ${error.toFixed(3)} ms, drift ${drift.toFixed(1)} ppm, uncertainty ${uncertainty}`,
  );
for (const { name, error, uncertainty } of uncovered) console.log(`! uncertainty ${name}: ${error} > ${uncertainty}`);
for (const fail of fails.slice(0, shown)) console.log(`! ${fail}`);
if (fails.length > shown) console.log(`  and ${fails.length - shown} more`);
process.exitCode = share >= 0.995 && precision >= 0.995 && bad.length === 0 ? 0 : 1;
