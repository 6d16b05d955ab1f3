import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FIXTURES, madeFixtures } from './support/make-fixtures.ts';
import { bsdLoopback, http40Packets } from './support/seed-captures.ts';
import { tcpdump, toolVersion } from './support/tools.ts';

const made = madeFixtures();

// UPDATE_FIXTURES=1 npx vitest run test/fixtures.test.ts
if (process.env.UPDATE_FIXTURES) {
  for (const [name, bytes] of made) writeFileSync(new URL(name, FIXTURES), bytes);
}

describe('fixtures', () => {
  it.each([...made.keys()])('%s is what its maker makes', (name) => {
    expect(readFileSync(new URL(name, FIXTURES)).equals(made.get(name)!)).toBe(true);
  });

  it('have one row each in their README', () => {
    const rows = readFileSync(new URL('README.md', FIXTURES), 'utf8').matchAll(/^\| `([^`]+)` \|/gm);
    const files = readdirSync(FIXTURES).filter((name) => name !== 'README.md');
    expect([...rows].map((row) => row[1]).sort()).toEqual(files.sort());
  });
});

describe('the listing of the first document', () => {
  const seed = new URL('../../shared/seeds/000_12bd5d7541dec636.txt', import.meta.url);

  it.skipIf(!existsSync(seed))('stands in the document as it stands in the fixture', () => {
    expect(readFileSync(seed, 'utf8')).toContain(readFileSync(new URL('seed-loopback-echo.txt', FIXTURES), 'utf8'));
  });

  // Later versions call the sum of the pseudo-header "incorrect (partial)", or space the text otherwise.
  it.skipIf(!toolVersion('tcpdump')?.includes(' 4.'))('is what tcpdump prints of the capture', () => {
    const words = (lines: string[]) => lines.map((line) => line.replace(/\s+/g, ' ').trim());
    const listing = readFileSync(new URL('seed-loopback-echo.txt', FIXTURES), 'utf8');
    const packets = listing
      .replaceAll('localhost.', '127.0.0.1.')
      .trimEnd()
      .split(/\n(?=\S)/);
    expect(words(tcpdump(made.get('seed-loopback-echo.pcap')!, '-v', '-X'))).toEqual(words(packets.slice(1)));
  });
});

/** What the document prints as the right checksums, of the IP header and of the segment. */
const BSD_CHECKSUMS = [
  ['b12f', '3271'],
  ['1550', 'a903'],
  ['6667', 'f11f'],
  ['45af', 'f11f'],
  ['b972', 'e50f'],
  ['3be2', 'd900'],
  ['9cc2', 'd900'],
  ['7beb', 'd8f9'],
  ['d420', 'd8f3'],
];

describe('the lo0 trace of the fifth document', () => {
  const seed = new URL('../../shared/seeds/004_09975e7a605dccd5.txt', import.meta.url);

  it('has the checksums as found', () => {
    const words = bsdLoopback().packets.map((packet) => Buffer.from(packet));
    // After the four bytes of the link header: IP checksum at 10, TCP checksum at 20 + 16.
    expect(words.map((bytes) => bytes.readUInt16BE(4 + 10))).toEqual(Array(9).fill(0));
    expect(words.map((bytes) => bytes.readUInt16BE(4 + 36))).toEqual([0xfe34, 0xfe34, ...Array(7).fill(0xfe28)]);
  });

  it('proves by all 18 right checksums that it was rebuilt byte by byte', () => {
    const right = bsdLoopback().packets.map((packet) => rightChecksums(packet.subarray(4)));
    expect(right).toEqual(BSD_CHECKSUMS);
  });

  it.skipIf(!existsSync(seed) || !toolVersion('tcpdump')?.includes(' 4.'))('prints as the document has it', () => {
    const plain = (lines: string[]) =>
      lines.map((line) =>
        line
          .toLowerCase()
          .replace(/[\s!()]+/g, ' ')
          .trim(),
      );
    const printed = readFileSync(seed, 'utf8').match(/^\d\d:\d\d:\d\d\.\d+ ip .*\n\n.*$/gm) ?? [];
    expect(printed).toHaveLength(9);
    expect(plain(tcpdump(bsdLoopback().pcap, '-vv', '-S'))).toEqual(plain(printed));
  });
});

/** The checksums that belong into an IPv4 packet with a TCP segment, summed the plainest way. */
function rightChecksums(ip: Uint8Array): [string, string] {
  const sum = (bytes: number[]): string => {
    let total = 0;
    for (const [i, byte] of bytes.entries()) total += i % 2 ? byte : byte << 8;
    return (0xffff - (total % 0xffff)).toString(16).padStart(4, '0');
  };
  const bytes = [...ip];
  bytes.splice(10, 2, 0, 0);
  bytes.splice(36, 2, 0, 0);
  const segment = bytes.slice(20);
  return [sum(bytes.slice(0, 20)), sum([...bytes.slice(12, 20), 0, 6, 0, segment.length, ...segment])];
}

describe('the 40 packets of the third document', () => {
  const { lines } = http40Packets();
  const relative = lines.map((line) => {
    const [own, peer] = line.from === 'client' ? [lines[0], lines[1]] : [lines[1], lines[0]];
    return {
      from: line.from,
      seq: line.seq - own.seq,
      ack: line.ack && line.ack - peer.seq,
      length: line.payload.length,
    };
  });

  it('have the numbers of its text', () => {
    expect(relative).toHaveLength(40);
    expect(relative[0]).toEqual({ from: 'client', seq: 0, ack: 0, length: 0 });
    expect(relative[1]).toEqual({ from: 'server', seq: 0, ack: 1, length: 0 });
    expect(relative[2]).toEqual({ from: 'client', seq: 1, ack: 1, length: 0 });
    expect(relative[3]).toEqual({ from: 'client', seq: 1, ack: 1, length: 725 });
    expect(relative[4]).toEqual({ from: 'server', seq: 1, ack: 726, length: 0 });
    expect(relative[5]).toEqual({ from: 'server', seq: 1, ack: 726, length: 1448 });
    expect(relative[6]).toEqual({ from: 'client', seq: 726, ack: 1449, length: 0 });
    expect(relative[37]).toEqual({ from: 'client', seq: 726, ack: relative[36].ack, length: 0 });
    expect(relative[38]).toMatchObject({ from: 'server', ack: 727 });
    expect(relative[39]).toEqual({ from: 'client', seq: 727, ack: relative[38].seq + 1, length: 0 });
    expect(lines.slice(37).map((line) => line.flags)).toEqual([0x11, 0x11, 0x10]);
  });
});
