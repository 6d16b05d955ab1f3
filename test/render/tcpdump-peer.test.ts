import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TcpdumpOptions } from '../../src/render/tcpdump.ts';
import { type CapturedPacket, ethernet, ip4, ip6, pcapFile, randomNumbers, tcp, u32 } from './packets.ts';
import { type Comparison, comparePrinters, hasTcpdump } from './tcpdump-peer.ts';

/**
 * Compares with the tcpdump that is installed, packet by packet, up to `length N`. With TCPDUMP_ALL=1 large captures are
 * compared too, and all of them with every option.
 */
const SHARED = join(import.meta.dirname, '../../../shared');
const FOLDERS = [
  join(import.meta.dirname, '../../fixtures'),
  join(SHARED, 'peers/tcpdump'),
  join(SHARED, 'peers/zeek'),
  join(SHARED, 'corpus/open'),
];
const LARGE = process.env.TCPDUMP_ALL ? Number.POSITIVE_INFINITY : 16_000;

function captures(): string[] {
  const files: string[] = [];
  for (const folder of FOLDERS.filter((path) => existsSync(path))) {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, name);
      // Fractions of more than a second are carried over here.
      if (name.includes('timestamp_invalid')) continue;
      // A tunnel that tcpdump does not look into.
      if (name.includes('gre-aruba-amsdu')) continue;
      if (/\.pcap(ng)?$/.test(name) && !name.endsWith('server.pcap') && statSync(path).size < LARGE) files.push(path);
    }
  }
  return files.sort();
}

const OPTION_SETS: Record<string, TcpdumpOptions> = {
  '': {},
  '-v': { verbose: 1 },
  '-vv -S': { verbose: 2, absolute: true },
  '-e': { link: true },
  '-ev': { link: true, verbose: 1 },
  '-K -v': { ignoreChecksums: true, verbose: 1 },
  '-x': { dump: 'x' },
  '-xx': { dump: 'xx' },
  '-X': { dump: 'X' },
  '-XX': { dump: 'XX' },
  '-A': { dump: 'A' },
  '-AA': { dump: 'AA' },
  '-t': { time: 'none' },
  '-tt --nano': { time: 'epoch', precision: 'nano' },
  '-ttt': { time: 'delta' },
  '-tttt': { time: 'date' },
  '-ttttt --nano': { time: 'elapsed', precision: 'nano' },
};

/**
 * What is printed of headers depends on the packet: all captures with the fewest and the most words of them, and half of them with each
 * choice between. How bytes and times are printed hardly does: a quarter each.
 */
const partsOf = (name: string): number => {
  if (process.env.TCPDUMP_ALL || ['', '-v'].includes(name)) return 1;
  const { dump, time } = OPTION_SETS[name];
  return dump === undefined && time === undefined ? 2 : 4;
};

/** What differs, at most three packets of it: a failure is to be readable. */
const shown = (comparisons: Comparison[]) => comparisons.flatMap((result) => result.differences).slice(0, 3);

const report = (what: string, results: Comparison[]) => {
  const packets = results.reduce((sum, result) => sum + result.packets, 0);
  const equal = results.reduce((sum, result) => sum + result.equal, 0);
  if (process.env.TCPDUMP_ALL) console.log(`${what}: ${equal} of ${packets}`);
};

describe.skipIf(!hasTcpdump)('prints what tcpdump prints', () => {
  const files = captures();
  const own = files.filter((file) => file.startsWith(FOLDERS[0]));
  const others = files.filter((file) => !own.includes(file));

  test.skipIf(files.length === 0).each(Object.keys(OPTION_SETS))('of captures: -n %s', { timeout: 600_000 }, (name) => {
    const { time } = OPTION_SETS[name];
    const parts = partsOf(name);
    const part = Object.keys(OPTION_SETS).indexOf(name) % parts;
    const some = others.filter((_, i) => i % parts === part);
    // tcpdump measures from packets that are not TCP too; such captures cannot be compared.
    const results = comparePrinters([...own, ...some], OPTION_SETS[name]).filter(
      (result) => !(time === 'delta' || time === 'elapsed') || !result.hasOthers,
    );
    // Of fixtures alone there are fewer.
    const least = existsSync(SHARED) ? 500 : 100;
    expect(results.reduce((sum, { packets }) => sum + packets, 0)).toBeGreaterThan(least);
    report(`tcpdump -n ${name}`, results);
    expect(shown(results)).toEqual([]);
  });

  test.each(['', '-v', '-vv -S', '-e', '-K -v', '-x', '-XX', '-A'])('of generated packets: -n %s', (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'tcpscope-'));
    try {
      const file = join(folder, 'odd.pcap');
      writeFileSync(file, pcapFile(1, oddPackets(3000)));
      const [result] = comparePrinters([file], OPTION_SETS[name]);
      report(`generated, tcpdump -n ${name}`, [result]);
      expect(result.packets).toBeGreaterThan(2500);
      expect(shown([result])).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

type Random = (below: number) => number;

const TCP_OPTION_SIZES: Record<number, number> = {
  ...{ 2: 4, 3: 3, 4: 2, 6: 6, 7: 6, 8: 10, 11: 6, 12: 6, 13: 6, 19: 18, 20: 4, 28: 4 },
};
const TCP_OPTION_KINDS = [0, 1, 2, 3, 4, 5, 5, 6, 7, 8, 11, 12, 13, 19, 20, 28, 29, 30, 30, 34, 34, 99, 253, 254];
const MPTCP_SIZES = [3, 4, 6, 8, 10, 12, 16, 18, 20, 22, 24, 28, 30];
const COOKIE_SIZES = [2, 3, 4, 6, 8, 10, 12, 18, 20];
const IP_OPTION_KINDS = [0, 1, 7, 68, 82, 130, 148, 200];

const some = (random: Random, length: number) => Array.from({ length: Math.max(0, length) }, () => random(256));
const one = <T>(random: Random, values: readonly T[]) => values[random(values.length)];

/** Mostly options as they should be, some of a wrong length. */
function tcpOptions(random: Random): number[] {
  const octets: number[] = [];
  for (let i = random(6); i > 0; i--) {
    const kind = one(random, TCP_OPTION_KINDS);
    if (kind < 2) {
      octets.push(kind);
      continue;
    }
    let size = TCP_OPTION_SIZES[kind] ?? 2 + random(26);
    if (kind === 5) size = 2 + 8 * random(5);
    if (kind === 30) size = one(random, MPTCP_SIZES);
    if (kind === 34 || kind === 254) size = one(random, COOKIE_SIZES);
    if (random(8) === 0) size = random(32);
    const value = some(random, size - 2);
    if (kind === 30 && value.length > 0) value[0] = (random(10) << 4) | random(8);
    if (kind === 254 && value.length > 1 && random(2) === 0) value.splice(0, 2, 0xf9, 0x89);
    octets.push(kind, size, ...value);
  }
  return octets.slice(0, 40);
}

function ipOptions(random: Random): number[] {
  const octets: number[] = [];
  for (let i = random(4); i > 0; i--) {
    const kind = one(random, IP_OPTION_KINDS);
    if (kind < 2) {
      octets.push(kind);
      continue;
    }
    const size = random(10) === 0 ? random(40) : one(random, [2, 3, 4, 7, 8, 11, 12]);
    const value = some(random, size - 2);
    if (value.length > 0) value[0] = one(random, [4, 5, 8, 9, 12, 13]);
    if (kind === 68 && value.length > 1) value[1] = random(4) | (random(3) << 4);
    octets.push(kind, size, ...value);
  }
  return octets.slice(0, 40);
}

const IP6_OPTIONS = [
  ...[[0], [1, 0], [1, 2, 0, 0], [5, 2, 0, 0], [5, 2, 1, 2], [0x3e, 3, 1, 2, 3], [5, 3, 1, 2, 3], [1, 200]],
  [0xc2, 4, 0, 1, 0, 0],
];

function extensionHeaders(random: Random): { number: number; bytes: number[] }[] {
  const headers: { number: number; bytes: number[] }[] = [];
  for (let i = random(4); i > 0; i--) {
    const number = one(random, [0, 60, 60, 51]);
    if (number === 0 && headers.length > 0) continue;
    if (number === 51) {
      const reserved = random(3) === 0 ? 1 : 0;
      headers.push({
        number,
        bytes: [0, 4, reserved, 0, ...u32(random(1e9)), ...u32(random(1e9)), ...some(random, 12)],
      });
      continue;
    }
    const bytes = [0, 0];
    for (let j = random(4); j > 0; j--) bytes.push(...one(random, IP6_OPTIONS));
    while (bytes.length % 8 !== 0) bytes.push(0);
    bytes[1] = bytes.length / 8 - 1;
    headers.push({ number, bytes });
  }
  return headers;
}

/** Segments between few ports, so that conversations meet; lengths that contradict, bits that flip, captures that cut. */
function oddPackets(count: number): CapturedPacket[] {
  const random = randomNumbers(20_240_501);
  const packets: CapturedPacket[] = [];
  for (let i = 0; i < count; i++) {
    const segment = tcp({
      source: 1024 + random(4),
      destination: 1024 + random(4),
      seq: random(3) > 0 ? 1000 + random(100_000) : random(0xffffffff),
      ack: random(3) > 0 ? random(100_000) : random(0xffffffff),
      flags: random(3) > 0 ? one(random, [2, 0x12, 0x10, 0x18, 0x11, 4, 0x14]) : random(256),
      window: random(65536),
      urgent: random(5),
      options: tcpOptions(random),
      payload: some(random, one(random, [0, 0, 1, 5, 29, 30, 31, 100])),
      ...(random(20) === 0 ? { dataOffset: random(16) } : {}),
    });
    const isIp4 = random(2) === 0;
    const packet = isIp4
      ? ip4(
          {
            tos: random(3) > 0 ? 0 : random(256),
            ttl: random(20) === 0 ? 0 : 64,
            id: random(65536),
            fragment: random(10) > 0 ? 0x4000 : one(random, [0, 0x2000, 0x8000, 0xc000, 0x6000, 5, 0x2005]),
            options: random(4) === 0 ? ipOptions(random) : [],
            badChecksum: random(10) === 0,
            ...(random(25) === 0 ? { totalLength: 1 + random(200) } : {}),
          },
          segment,
        )
      : ip6(
          {
            trafficClass: random(3) > 0 ? 0 : random(256),
            flow: random(2) === 0 ? random(1 << 20) : 0,
            hops: random(256),
            extensions: random(3) > 0 ? [] : extensionHeaders(random),
            ...(random(25) === 0 ? { payloadLength: 1 + random(200) } : {}),
          },
          segment,
        );
    const bytes = [...ethernet(isIp4 ? 0x0800 : 0x86dd, packet)];
    // Flipped bits stay out of the IP header, where they would make it another protocol.
    if (random(10) === 0) bytes[bytes.length - 1 - random(segment.length)] ^= 1 << random(8);
    const kept = random(5) === 0 ? 1 + random(bytes.length) : bytes.length;
    packets.push({
      bytes: bytes.slice(0, kept),
      originalLength: bytes.length,
      time: 1_600_000_000_123_456_789n + BigInt(i) * 1_234_567_891n,
    });
  }
  return packets;
}
