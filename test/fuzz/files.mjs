/** Packets into files of every sort that is read, and damage to those files. */
import { gzipSync } from 'node:zlib';

const clamp = (time) => BigInt.asUintN(64, time);

function writePcap({ linkType, packets }, random) {
  const big = random.once(3);
  const nano = random.once(3);
  const u32 = (n) => {
    const bytes = Buffer.alloc(4);
    if (big) bytes.writeUInt32BE(n >>> 0);
    else bytes.writeUInt32LE(n >>> 0);
    return bytes;
  };
  const version = big ? Buffer.from([0, 2, 0, 4]) : Buffer.from([2, 0, 4, 0]);
  const snaplen = random.once(6) ? random.field(32) : 262144;
  const parts = [u32(nano ? 0xa1b23c4d : 0xa1b2c3d4), version, u32(0), u32(0), u32(snaplen), u32(linkType)];
  for (const { time, data, original } of packets) {
    const seconds = Number(BigInt.asUintN(32, time / 1_000_000_000n));
    const rest = Number(clamp(time) % 1_000_000_000n);
    parts.push(u32(seconds), u32(nano ? rest : Math.floor(rest / 1000)), u32(data.length), u32(original), data);
  }
  return Buffer.concat(parts);
}

function writePcapng({ linkType, packets }, random) {
  const big = random.once(3);
  const number = (n, size) => {
    const bytes = Buffer.alloc(size);
    if (big) bytes.writeUIntBE(n, 0, size);
    else bytes.writeUIntLE(n, 0, size);
    return bytes;
  };
  const padded = (bytes) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
  const block = (type, body) => {
    const length = number(12 + padded(body).length, 4);
    return Buffer.concat([number(type, 4), length, padded(body), length]);
  };
  const option = (code, value) => Buffer.concat([number(code, 2), number(value.length, 2), padded(value)]);
  const comment = (text) => (text === null ? [] : [option(1, Buffer.from(text)), number(0, 4)]);
  const section = () =>
    block(0x0a0d0d0a, Buffer.concat([number(0x1a2b3c4d, 4), number(1, 2), number(0, 2), Buffer.alloc(8, 255)]));
  const describe = () => {
    const options = [];
    if (random.once(2)) options.push(option(2, Buffer.from(random.pick(['eth0', '\x1b]0;x\x07', '']))));
    if (random.once(3))
      options.push(option(9, Buffer.from([random.pick([0, 3, 6, 9, 12, 0x8a, 0xff, random.next(256)])])));
    if (random.once(6)) options.push(option(14, Buffer.from(Array.from({ length: 8 }, () => random.field(8)))));
    const fixed = Buffer.concat([number(linkType, 2), number(0, 2), number(random.once(5) ? random.field(32) : 0, 4)]);
    return block(1, Buffer.concat([fixed, ...options]));
  };
  const parts = [section(), ...Array.from({ length: 1 + random.next(3) }, describe)];
  const isSimple = random.once(5);
  for (const { time, data, original, comment: text } of packets) {
    if (random.once(40)) parts.push(section(), describe());
    if (isSimple || random.once(40)) parts.push(block(3, Buffer.concat([number(original, 4), data])));
    else {
      const at = clamp(time / 1000n);
      const times = [number(Number(at >> 32n), 4), number(Number(at & 0xffffffffn), 4)];
      const lengths = [number(data.length, 4), number(original, 4)];
      const id = number(random.once(50) ? random.next(4) : 0, 4);
      parts.push(block(6, Buffer.concat([id, ...times, ...lengths, padded(data), ...comment(text)])));
    }
  }
  if (random.once(3)) {
    const counters = Buffer.concat([
      option(4, Buffer.alloc(8, random.next(3))),
      option(5, Buffer.alloc(8, random.next(2))),
    ]);
    parts.push(block(5, Buffer.concat([number(0, 4), number(0, 4), number(0, 4), counters])));
  }
  return Buffer.concat(parts);
}

/** As tcpdump -xx prints it, and others. */
function writeHexdump({ packets }, random) {
  const form = random.next(4);
  const lines = [];
  for (const { time, data } of packets) {
    const moment = new Date(Number(clamp(time) % 4_000_000_000_000_000_000n) / 1e6);
    const iso = Number.isNaN(moment.getTime()) ? '1970-01-01T00:00:00.000Z' : moment.toISOString();
    const stamp = [
      iso.slice(11, 23).padEnd(15, '0'),
      iso.slice(0, 23).replace('T', ' '),
      `${Number(clamp(time) / 10n ** 9n)}.000001`,
      '',
    ];
    lines.push(`${stamp[form]} IP 10.0.0.1.1 > 10.0.0.2.2: Flags [.], length 0`);
    for (let at = 0; at < data.length; at += 16) {
      const row = data
        .subarray(at, at + 16)
        .toString('hex')
        .replace(/(.{4})/g, '$1 ');
      lines.push(`\t0x${at.toString(16).padStart(4, '0')}:  ${row}`);
    }
  }
  return Buffer.from(`${lines.join('\n')}\n`);
}

const WRITERS = [writePcap, writePcap, writePcapng, writePcapng, writeHexdump];

/** Damage that knows nothing of what it hits. */
function damage(file, random) {
  const bytes = Buffer.from(file);
  for (let n = random.next(6); n >= 0 && bytes.length > 0; n--) {
    const at = random.next(random.once(3) ? Math.min(200, bytes.length) : bytes.length);
    const sort = random.next(4);
    if (sort === 0) bytes[at] ^= 1 << random.next(8);
    else if (sort === 1) bytes[at] = random.field(8);
    else if (sort === 2) bytes.fill(random.next(2) * 255, at, Math.min(bytes.length, at + random.next(9)));
    else bytes.copyWithin(at, random.next(bytes.length), random.next(bytes.length));
  }
  return random.once(4) ? bytes.subarray(0, random.next(bytes.length + 1)) : bytes;
}

/** A file of the packets, damaged in half of all cases. */
export function writeFile(capture, random) {
  let file = random.pick(WRITERS)(capture, random);
  if (random.once(2)) file = damage(file, random);
  if (random.once(12)) file = Buffer.concat([file, writePcap(capture, random)]);
  if (random.once(8)) file = damageSome(gzipSync(file), random);
  return file;
}

const damageSome = (file, random) => (random.once(3) ? damage(file, random) : file);
