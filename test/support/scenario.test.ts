import { describe, expect, it } from 'vitest';
import { formatAddress } from '../../src/model/address.ts';
import { flagLetters } from '../../src/model/flags.ts';
import { fromHex, internetChecksum, parseAddress } from './packet-bytes.ts';
import { DEFAULT_CLIENT_ISN, patternBytes, type ScenarioOptions, scenario } from './scenario.ts';
import { tcpdump, toolVersion } from './tools.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const frames = (text: string, options: ScenarioOptions = {}): string[] => scenario(options, text).packets.map(hex);

describe('packet bytes', () => {
  it('sums as the example of RFC 1071 section 3', () => {
    expect(internetChecksum(fromHex('0001 f203 f4f5 f6f7'))).toBe(0xffff - 0xddf2);
    expect(internetChecksum(fromHex('01'))).toBe(0xffff - 0x0100);
  });

  it.each(['2001:db8::1', '::', '::1', '1:2:3:4:5:6:7:8', 'fe80::a:0:0:1'])('reads the address %s', (text) => {
    const view = new DataView(parseAddress(text).bytes.buffer);
    const [w0, w1, w2, w3] = [0, 4, 8, 12].map((at) => view.getUint32(at));
    expect(formatAddress(6, w0, w1, w2, w3)).toBe(text);
  });
});

describe('a scenario', () => {
  it('makes the bytes that a real loopback made', () => {
    // The third and fourth packet of fixtures/seed-loopback-echo.txt.
    const options: ScenarioOptions = {
      client: '127.0.0.1:48496',
      server: '127.0.0.1:30002',
      clientIsn: 310491251,
      serverIsn: 33121838,
      link: 'raw',
    };
    const text = `
      0 > .  seq 1 ack 1 win 342 <nop,nop,TS val 327862915 ecr 327862915> id 29425 offload
      0 > P. 1:12(11) ack 1 <nop,nop,TS val 327868137 ecr 327862915> "hello world" id 29426 offload`;
    expect(frames(text, options)).toEqual([
      '4500003472f140004006c9d07f0000017f000001bd7075321281b87401f9662f80100156fe2800000101080a138aca83138aca83',
      '4500003f72f240004006c9c47f0000017f000001bd7075321281b87401f9662f80180156fe3300000101080a138adee9138aca83' +
        Buffer.from('hello world').toString('hex'),
    ]);
  });

  it('writes a file header and record headers of both resolutions and orders', () => {
    const text = '1.000002003 > S';
    const at = { start: '1970-01-01T00:00:00Z', link: 'raw', snaplen: 24 } as const;
    expect(hex(scenario(at, text).pcap.subarray(0, 40))).toBe(
      'd4c3b2a1 0200 0400 00000000 00000000 18000000 65000000 01000000 02000000 18000000 28000000'.replaceAll(' ', ''),
    );
    expect(hex(scenario({ ...at, byteOrder: 'big', resolution: 'ns' }, text).pcap.subarray(0, 40))).toBe(
      'a1b23c4d 0002 0004 00000000 00000000 00000018 00000065 00000001 000007d3 00000018 00000028'.replaceAll(' ', ''),
    );
    expect(scenario(at, text).pcap).toHaveLength(24 + 16 + 24);
    expect(scenario(at, text).packets[0]).toHaveLength(40);
  });

  it('follows the streams, across 2^32', () => {
    const { lines } = scenario(
      {},
      `
      0.0 > S                      # the note
     +0.1 < S. ack 1
     +0.1 > P. 1:501 ack 1
     +0.0 > P. "abc" ack 1
     +0.0 > . 504:604(100) ack 1 missed
     +0.0 > F. ack 1
     +0.0 > . ack 1`,
    );
    expect(lines.map((l) => (l.seq - DEFAULT_CLIENT_ISN) >>> 0).filter((_, i) => i !== 1)).toEqual([
      0, 1, 501, 604, 605,
    ]);
    expect(lines[2].seq).toBeGreaterThan(lines[3].seq);
    expect(lines.map((l) => flagLetters(l.flags))).toEqual(['S', 'S.', 'P.', 'P.', 'F.', '.']);
    expect(lines.map((l) => l.frame)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(lines[0].note).toBe('the note');
    expect(lines[5].time - lines[0].time).toBe(200_000_000n);
    expect(Buffer.from(lines[3].payload).toString()).toBe('abc');
  });

  it('sends the same bytes again at the same place', () => {
    const { lines } = scenario({}, '0 > . 1:101(100) ack 1\n0 > . 51:201(150) ack 1');
    expect(lines[0].payload.subarray(50)).toEqual(lines[1].payload.subarray(0, 50));
    expect(patternBytes(1, 26, 'client')).toHaveLength(new Set(patternBytes(1, 26, 'client')).size);
  });

  it.each([
    ['x > S', 'not a time'],
    ['0 - S', 'not > or <'],
    ['0 > SX seq 0', 'no flag has the letter X'],
    ['0 > . 1:3(4) ack 1', 'that is 2 bytes'],
    ['0 > . 1:3', 'needs an ack'],
    ['0 > P. 1:3(2) ack 1 "abc"', 'has 3 bytes'],
    ['0 > P. ack 1 "abc', 'has no end'],
    ['0 > U. ack 1', 'needs an urg'],
    ['0 > S <mss>', 'needs a number'],
    ['0 > S <foo 1>', 'no option has the name foo'],
    ['0 > S conn Z', 'no connection has the name Z'],
    ['0 > S seq', 'seq is missing'],
    ['0 > S whatever', 'not understood: whatever'],
    ['0 dup 1', 'frame 1 is no segment'],
    ['0 > . 0:65536 ack 1', 'do not fit'],
  ])('names the line of an error: %s', (line, message) => {
    expect(() => scenario({}, `\n${line}`)).toThrow(message);
    expect(() => scenario({}, `\n${line}`)).toThrow(`scenario line 2: `);
  });
});

describe.skipIf(!toolVersion('tcpdump'))('tcpdump reads', () => {
  const HANDSHAKE = `
      0.000 > S  seq 0 win 65535 <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7>
      0.020 < S. seq 0 ack 1 win 65535 <mss 1460,nop,nop,sackOK,nop,wscale 9>
      0.020 > .  ack 1 win 502`;

  it('every field of IPv4 over Ethernet', () => {
    const { pcap } = scenario(
      { connections: { B: { client: '10.0.0.3:999', clientIsn: 5 } } },
      `${HANDSHAKE}
      0.030 > P. 1:101(100) ack 1 vlan 5 tos 0x3 ttl 12 id 77 nodf
      0.050 < .  ack 51 <nop,nop,sack 101:201 301:401>
      0.051 < U. 1:4(3) ack 51 urg 2 badcksum
      0.052 > WEe seq 101 offload
      0.053 icmp frag-needed quotes 4 from 10.9.9.9 mtu 1400
      0.054 dup 4 ttl 11
      0.055 < S seq 0 <tfo cookie 0102030405060708,mss 9,bytes 0101> conn B pad 90
      0.056 > R seq 0 ack 0 conn B cksum 0x1234 ipcksum 0
      0.057 > none seq 9 snap 40`,
    );
    const lines = tcpdump(pcap, '-e', '-v').map((line) => line.replace(/^.*ethertype /, ''));
    const [up, down] = ['10.0.0.1.40000 > 10.0.0.2.80:', '10.0.0.2.80 > 10.0.0.1.40000:'];
    for (const line of lines.slice(0, 5)) expect(line).toContain('(correct)');
    expect(lines[0]).toMatch(
      /^IPv4 \(0x0800\), length 74: \(tos 0x0, ttl 64, id 1000, offset 0, flags \[DF\], .* length 60\)/,
    );
    expect(lines[0]).toContain(`${up} Flags [S], cksum`);
    expect(lines[0]).toContain(
      'seq 4294966900, win 65535, options [mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7], length 0',
    );
    expect(lines[1]).toContain(`${down} Flags [S.], cksum`);
    expect(lines[1]).toContain(
      'seq 4294967290, ack 4294966901, win 65535, options [mss 1460,nop,nop,sackOK,nop,wscale 9]',
    );
    expect(lines[2]).toContain('ack 1, win 502, length 0');
    expect(lines[3]).toMatch(
      /^IPv4 \(0x0800\), \(tos 0x3,CE, ttl 12, id 77, offset 0, flags \[none\], proto TCP \(6\), length 140\)/,
    );
    expect(lines[3]).toContain('seq 1:101, ack 1, win 502, length 100');
    expect(lines[4]).toContain('ack 51, win 65535, options [nop,nop,sack 2 {101:201}{301:401}], length 0');
    expect(lines[5]).toMatch(
      /Flags \[\.U\], cksum \S+ \(incorrect -> \S+\), seq 1:4, ack 51, win 65535, urg 2, length 3/,
    );
    expect(lines[6]).toMatch(/Flags \[EWe?\], cksum 0x141d \(incorrect -> \S+\), win 502/);
    expect(lines[7]).toContain('10.9.9.9 > 10.0.0.1: ICMP 10.0.0.2 unreachable - need to frag (mtu 1400), length 36');
    expect(lines[8]).toContain('ttl 11, id 77');
    expect(lines[9]).toContain('length 90: (tos');
    expect(lines[9]).toContain('10.0.0.2.80 > 10.0.0.3.999: Flags [S], cksum');
    expect(lines[9]).toMatch(/options \[tfo +cookie 0102030405060708,mss 9,nop,nop/);
    expect(lines[10]).toMatch(
      /bad cksum 0 \(->\w+\)!\) 10\.0\.0\.3\.999 > 10\.0\.0\.2\.80: Flags \[R\], cksum 0x1234 \(incorrect/,
    );
    expect(lines[11]).toContain('[|tcp]');
  });

  it('IPv6 over BSD loopback, in nanoseconds and big-endian', () => {
    const { pcap } = scenario(
      { client: '[2001:db8::1]:40000', server: '[2001:db8::2]:80', link: 'null', resolution: 'ns', byteOrder: 'big' },
      `${HANDSHAKE}
      0.030000007 > P. 1:101(100) ack 1 tos 0x2 ttl 3
      0.040 icmp too-big quotes 4 from 2001:db8::9 mtu 1280`,
    );
    const lines = tcpdump(pcap, '-v', '--nano');
    for (const line of lines.slice(0, 4)) expect(line).toContain('(correct)');
    expect(lines[3]).toMatch(
      /^00:00:00\.030000007 IP6 \(class 0x02, hlim 3, next-header TCP \(6\) payload length: 120\)/,
    );
    expect(lines[4]).toContain('2001:db8::9 > 2001:db8::1: [icmp6 sum ok] ICMP6, packet too big, mtu 1280');
  });
});
