/** The captures of the benchmarks: made once for each generator and set of options, in the temporary folder of the system. */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, readSync, renameSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { floodBlocks } from './flood.mjs';
import { generate } from './generate.mjs';

/** Of a million packets each: many short connections, a few long ones, and more connections than packets are good for. */
export const CAPTURES = {
  A: { connections: 19_000, bytes: 813_000_000 },
  B: { connections: 33, bytes: 985_000_000 },
  C: { connections: 65_000, bytes: 539_000_000 },
};
export const PACKETS = 1_000_000;
const SEED = 1;

/** A, B or C, or a smaller one of the same sort. */
export function generated(name, packets = PACKETS) {
  const share = packets / PACKETS;
  const { connections, bytes } = CAPTURES[name];
  const options = {
    packets,
    bytes: Math.round(bytes * share),
    connections: Math.max(1, Math.round(connections * share)),
    seed: SEED,
  };
  const path = made(name, 'generate.mjs', options, (out) => generate({ ...options, out }));
  return { ...options, path };
}

/** A flood, a scan or short connections. */
export function flooded(options) {
  return made(options.kind, 'flood.mjs', options, (out) => {
    const file = openSync(out, 'w');
    for (const block of floodBlocks(options)) writeSync(file, block);
    closeSync(file);
  });
}

/** The same capture with no more than so many bytes of each packet. `path` is one of `generated`. */
export function cut(path, snaplen) {
  return made(`cut-${snaplen}`, 'captures.mjs', { path, snaplen }, (out) => {
    const [from, to] = [openSync(path, 'r'), openSync(out, 'w')];
    const header = Buffer.alloc(24);
    readSync(from, header, 0, 24, 0);
    const little = header.readUInt32LE(0) === 0xa1b2c3d4 || header.readUInt32LE(0) === 0xa1b23c4d;
    writeSync(to, header);
    const buffer = Buffer.alloc(1 << 24);
    for (let at = 24, size = 0; ; at += size) {
      const read = readSync(from, buffer, 0, buffer.length, at);
      const parts = [];
      size = 0;
      while (size + 16 <= read) {
        const length = little ? buffer.readUInt32LE(size + 8) : buffer.readUInt32BE(size + 8);
        if (size + 16 + length > read) break;
        const kept = Math.min(length, snaplen);
        if (little) buffer.writeUInt32LE(kept, size + 8);
        else buffer.writeUInt32BE(kept, size + 8);
        parts.push(Buffer.from(buffer.subarray(size, size + 16 + kept)));
        size += 16 + length;
      }
      if (size === 0) break;
      writeSync(to, Buffer.concat(parts));
    }
    closeSync(from);
    closeSync(to);
  });
}

/** The first packets of a capture. */
export function head(path, packets) {
  return made(`head-${packets}`, 'captures.mjs', { path, packets }, (out) => {
    const bytes = readFileSync(path);
    let at = 24;
    for (let i = 0; i < packets; i++) at += 16 + bytes.readUInt32LE(at + 8);
    const file = openSync(out, 'w');
    writeSync(file, bytes.subarray(0, at));
    closeSync(file);
  });
}

function made(name, generator, options, make) {
  const source = readFileSync(new URL(generator, import.meta.url));
  const key = createHash('sha256').update(source).update(JSON.stringify(options)).digest('hex').slice(0, 12);
  const path = join(tmpdir(), `tcpscope-bench-${name}-${key}.pcap`);
  if (!existsSync(path)) {
    make(`${path}.part`);
    renameSync(`${path}.part`, path);
  }
  return path;
}
