/**
 * Does the work grow with the packets, and with nothing else? Single connections whose segments come in ways that tempt an
 * analyzer to look through all that it has seen before, with n, 2n, 4n ... packets. The last column is the exponent of the time between
 * the smallest and the largest: 1 is linear.
 *
 *     node test/bench/growth.mjs [--from 12500] [--doublings 4] [--only 'NAME;NAME'] [--modes analyze,packets,follow]
 */
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const dist = new URL('../../dist/', import.meta.url);
const ACK = 16;
const FIN_SYN = 2;
const MSS = 1000;
/** Processor time below this (ms) says little. */
const TELLING = 20;

/** Packets of a connection from 10.0.0.1 to 10.0.0.2 in memory, as a capture of raw IP. Only headers are kept. */
class Packets {
  constructor() {
    this.bytes = new Uint8Array(1 << 20);
    this.view = new DataView(this.bytes.buffer);
    this.view.setUint32(0, 0xa1b23c4d);
    this.view.setUint16(4, 2);
    this.view.setUint16(6, 4);
    this.view.setUint32(16, 65535);
    this.view.setUint32(20, 101);
    this.length = 24;
    this.time = 0;
    this.ids = [0, 0];
  }

  add(side, seq, ack, payload, { flags = ACK, sack = [], gap = 20_000 } = {}) {
    const options = flags & FIN_SYN ? 12 : sack.length === 0 ? 0 : 4 + 8 * sack.length;
    const size = 40 + options;
    if (this.length + 16 + size > this.bytes.length) this.grow();
    const { view } = this;
    this.time += gap;
    view.setUint32(this.length, Math.floor(this.time / 1e9));
    view.setUint32(this.length + 4, this.time % 1e9);
    view.setUint32(this.length + 8, size);
    view.setUint32(this.length + 12, size + payload);
    const ip = this.length + 16;
    view.setUint32(ip, (0x45 << 24) | (size + payload));
    view.setUint16(ip + 4, ++this.ids[side] & 0xffff);
    view.setUint16(ip + 8, (64 << 8) | 6);
    view.setUint32(ip + 12, 0x0a000001 + side);
    view.setUint32(ip + 16, 0x0a000002 - side);
    const tcp = ip + 20;
    view.setUint16(tcp, side === 0 ? 40000 : 80);
    view.setUint16(tcp + 2, side === 0 ? 80 : 40000);
    view.setUint32(tcp + 4, (seq + 1000) >>> 0);
    view.setUint32(tcp + 8, (ack + 1000) >>> 0);
    view.setUint16(tcp + 12, (((20 + options) / 4) << 12) | flags);
    view.setUint16(tcp + 14, 65535);
    if (flags & FIN_SYN) {
      // MSS, SACK permitted, window scale 14.
      view.setUint32(tcp + 20, 0x020403e8);
      view.setUint32(tcp + 24, 0x04020303);
      view.setUint32(tcp + 28, 0x0e010101);
    } else if (sack.length > 0) {
      view.setUint32(tcp + 20, 0x01010500 | (2 + 8 * sack.length));
      sack.forEach(([left, right], i) => {
        view.setUint32(tcp + 24 + 8 * i, (left + 1000) >>> 0);
        view.setUint32(tcp + 28 + 8 * i, (right + 1000) >>> 0);
      });
    }
    this.length += 16 + size;
  }

  grow() {
    const bytes = new Uint8Array(this.bytes.length * 2);
    bytes.set(this.bytes);
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }

  open() {
    this.add(0, 0, 0, 0, { flags: 2 });
    this.add(1, 0, 1, 0, { flags: 18, gap: 1e6 });
    this.add(0, 1, 1, 0, { gap: 1e6 });
  }
}

function numbers(seed) {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

/** Each writes about n packets. */
export const CASES = {
  'in order': (p, n) => {
    for (let i = 0; i < n / 2; i++) {
      p.add(0, 1 + i * MSS, 1, MSS);
      p.add(1, 1, 1 + (i + 1) * MSS, 0);
    }
  },
  'one hole, growing SACK': (p, n) => {
    for (let i = 1; i <= n / 2; i++) {
      p.add(0, 1 + i * MSS, 1, MSS);
      p.add(1, 1, 1, 0, { sack: [[1 + MSS, 1 + (i + 1) * MSS]] });
    }
  },
  'random SACK blocks': (p, n) => {
    const random = numbers(1);
    for (let i = 0; i < n / 2; i++) {
      p.add(0, 1 + i * MSS, 1, MSS);
      const blocks = Array.from({ length: 4 }, () => {
        const left = 1 + random((i + 1) * MSS);
        return [left, left + 1 + random(3 * MSS)];
      });
      p.add(1, 1, 1, 0, { sack: blocks });
    }
  },
  'random sequence numbers': (p, n) => {
    const random = numbers(2);
    // The window of a SYN,ACK is not scaled: only this one lets all of them in.
    p.add(1, 1, 1, 0);
    for (let i = 0; i < n; i++) p.add(0, 1 + random(n) * MSS, 1, MSS);
  },
  'reverse order': (p, n) => {
    for (let i = n - 1; i >= 0; i--) p.add(0, 1 + i * MSS, 1, MSS);
  },
  copies: (p, n) => {
    for (let i = 0; i < n; i++) p.add(0, 1, 1, MSS, { gap: 1e6 });
  },
  'each sent three times, no answer': (p, n) => {
    for (let i = 0; i < n / 3; i++) for (let k = 0; k < 3; k++) p.add(0, 1 + i * MSS, 1, MSS, { gap: 1e7 });
  },
  'copies, each answered': (p, n) => {
    p.add(0, 1, 1, MSS);
    p.add(0, 1 + MSS, 1, MSS);
    for (let i = 0; i < n / 2; i++) {
      p.add(0, 1, 1, MSS);
      p.add(1, 1, 1 + MSS, 0, { sack: [[1, 1 + MSS]] });
    }
  },
  'every second missing': (p, n) => {
    for (let i = 0; i < n / 2; i++) {
      p.add(0, 1 + 2 * i * MSS, 1, MSS);
      const blocks = [];
      for (let k = Math.max(i - 3, 1); k <= i; k++) blocks.unshift([1 + 2 * k * MSS, 1 + (2 * k + 1) * MSS]);
      p.add(1, 1, 1 + MSS, 0, { sack: blocks });
    }
  },
  'segments of 1 byte': (p, n) => {
    for (let i = 0; i < n; i++) p.add(0, 1 + i, 1, 1);
    p.add(1, 1, 1 + n, 0);
  },
  overlaps: (p, n) => {
    for (let i = 0; i < n; i++) p.add(0, 1 + i * 100, 1, MSS);
  },
  '1 byte, then all of them at once': (p, n) => {
    for (let i = 0; i < n / 2; i++) p.add(0, 1 + i, 1, 1);
    for (let i = 0; i < n / 2; i++) p.add(0, 1, 1, Math.min(n / 2, 60_000));
  },
};

const MODES = {
  analyze: () => ({}),
  packets: () => ({ onRow: () => {} }),
  follow: ({ Reassembler }) => {
    let reassembler;
    const sink = { opens() {}, data() {}, gap() {}, excluded() {}, conflict() {}, urgent() {}, closes() {}, end() {} };
    const anything = new Proxy(sink, { get: (target, name) => target[name] ?? (() => {}) });
    return {
      onSegment: (t, view) => {
        reassembler ??= new Reassembler(t.connection, anything);
        reassembler.segment(t, view);
      },
    };
  },
};

async function main() {
  const { values } = parseArgs({
    options: {
      from: { type: 'string', default: '12500' },
      doublings: { type: 'string', default: '4' },
      only: { type: 'string' },
      modes: { type: 'string', default: Object.keys(MODES).join(',') },
    },
  });
  if (!existsSync(new URL('analyze.js', dist))) {
    console.error('dist/ is missing. Run: npm run build');
    process.exit(2);
  }
  const engine = {
    ...(await import(new URL('analyze.js', dist))),
    ...(await import(new URL('capture/reader.js', dist))),
    ...(await import(new URL('tcp/reassembler.js', dist))),
  };
  const sizes = Array.from({ length: Number(values.doublings) + 1 }, (_, i) => Number(values.from) * 2 ** i);
  const names = values.only?.split(';') ?? Object.keys(CASES);
  console.log(['case', 'mode', ...sizes.map((n) => `${n} packets`), 'exponent'].join('\t'));
  for (const name of names) {
    const captures = sizes.map((n) => captureOf(CASES[name], n));
    for (const mode of values.modes.split(',')) {
      const times = captures.map((bytes) => timeOf(engine, bytes, mode));
      console.log([name, mode, ...times.map((ms) => `${Math.round(ms)} ms`), exponentOf(times)].join('\t'));
    }
  }
}

export function captureOf(write, n) {
  const packets = new Packets();
  packets.open();
  write(packets, n);
  return packets.bytes.subarray(0, packets.length);
}

/** Processor time in ms; of three runs the best where they are short. */
function timeOf(engine, bytes, mode) {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3; run++) {
    const before = process.cpuUsage();
    const analyzer = new engine.Analyzer(MODES[mode](engine));
    const reader = new engine.CaptureReader(analyzer);
    reader.open('growth');
    reader.write(bytes);
    reader.end();
    analyzer.end();
    const { user } = process.cpuUsage(before);
    best = Math.min(best, user / 1000);
    if (best > 3000) break;
  }
  return best;
}

function exponentOf(times) {
  const least = times.findIndex((ms) => ms >= TELLING);
  if (least < 0 || least === times.length - 1) return 'too short';
  const last = times.length - 1;
  return (Math.log2(times[last] / times[least]) / (last - least)).toFixed(2);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
