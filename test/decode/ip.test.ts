import { describe, expect, it } from 'vitest';
import { ChecksumStatus, DecodeStatus, Layer } from '../../src/model/segment.ts';
import {
  address,
  type Bytes,
  decode,
  ethernet,
  hex,
  type Ipv4Fields,
  ipv4,
  ipv6,
  join,
  LINK_RAW,
  ramp,
  tcpSegment,
  u16,
  u32,
  zeros,
} from './build.ts';

const raw = { linkType: LINK_RAW };
const words = (view: { src0: number; src1: number; src2: number; src3: number }) => [
  view.src0,
  view.src1,
  view.src2,
  view.src3,
];
const dstWords = (view: { dst0: number; dst1: number; dst2: number; dst3: number }) => [
  view.dst0,
  view.dst1,
  view.dst2,
  view.dst3,
];
const wordsOf = (text: string): number[] => {
  const bytes = address(text);
  const view = new DataView(bytes.buffer);
  return [0, 4, 8, 12].map((at) => view.getInt32(at));
};

describe('IPv4', () => {
  it('fills every field', () => {
    const view = decode(
      ipv4({ ttl: 57, tos: 0xb9, id: 0xbeef, fragment: 0x4000 }, tcpSegment({ payload: ramp(11) })),
      raw,
    );
    expect(view.status).toBe(DecodeStatus.TCP);
    expect(view.ipVersion).toBe(4);
    expect(view.ipOffset).toBe(view.recordOffset);
    expect(view.ipHeaderLength).toBe(20);
    expect(view.ipTotalLength).toBe(51);
    expect(view.ipLengthIsZero).toBe(false);
    expect(view.ipMissing).toBe(0);
    expect(words(view)).toEqual([0, 0, 0, 0xc0000201 | 0]);
    expect(dstWords(view)).toEqual([0, 0, 0, 0xc6336402 | 0]);
    expect(view.ttl).toBe(57);
    expect(view.tos).toBe(0xb9);
    expect(view.ipId).toBe(0xbeef);
    expect(view.ipFragment).toBe(0x4000);
    expect(view.protocol).toBe(6);
    expect(view.reassembled).toBe(false);
    expect(view.ipChecksumStatus).toBe(ChecksumStatus.GOOD);
    expect(view.ipChecksumExpected).toBe(view.ipChecksumFound);
    expect(view.tcpOffset).toBe(view.ipOffset + 20);
  });

  it('tells a bad header checksum', () => {
    const good = decode(ipv4(), raw);
    const view = decode(ipv4({ checksum: 0x1111 }), raw);
    expect(view.status).toBe(DecodeStatus.TCP);
    expect(view.ipChecksumStatus).toBe(ChecksumStatus.BAD);
    expect(view.ipChecksumFound).toBe(0x1111);
    expect(view.ipChecksumExpected).toBe(good.ipChecksumFound);
    expect(view.tcpChecksumStatus).toBe(ChecksumStatus.GOOD);
  });

  it('leaves checksums alone when told so', () => {
    const view = decode(ipv4({ checksum: 0x1111 }), raw, { verifyChecksums: false });
    expect(view.ipChecksumStatus).toBe(ChecksumStatus.UNVERIFIED);
    expect(view.ipChecksumFound).toBe(0x1111);
    expect(view.ipChecksumExpected).toBe(0);
    expect(view.tcpChecksumStatus).toBe(ChecksumStatus.UNVERIFIED);
    expect(view.tcpChecksumExpected).toBe(0);
  });

  it('steps over options', () => {
    const view = decode(ipv4({ options: hex('94040000 01010101') }, tcpSegment({ payload: [9] })), raw);
    expect(view.ipHeaderLength).toBe(28);
    expect(view.payloadLength).toBe(1);
    expect(view.ipChecksumStatus).toBe(ChecksumStatus.GOOD);
    expect(view.tcpChecksumStatus).toBe(ChecksumStatus.GOOD);
  });

  it('takes the length from the wire when the header says 0', () => {
    const bytes = ethernet(ipv4({ totalLength: 0 }, tcpSegment({ payload: ramp(3000) })));
    const view = decode(bytes);
    expect(view.status).toBe(DecodeStatus.TCP);
    expect(view.ipLengthIsZero).toBe(true);
    expect(view.ipTotalLength).toBe(3040);
    expect(view.payloadLength).toBe(3000);
    expect(view.tcpChecksumStatus).toBe(ChecksumStatus.GOOD);
    const cut = decode(bytes, { captured: 100 });
    expect(cut.payloadLength).toBe(3000);
    expect(cut.payloadCaptured).toBe(100 - 54);
    expect(cut.tcpChecksumStatus).toBe(ChecksumStatus.UNVERIFIED);
  });

  it('reads segments beyond 65535 octets (BIG TCP)', () => {
    const view = decode(ipv4({ totalLength: 0 }, tcpSegment({ payload: ramp(180_000) })), raw);
    expect(view.payloadLength).toBe(180_000);
    expect(view.tcpChecksumStatus).toBe(ChecksumStatus.GOOD);
  });

  it.each([
    ['loose, the next hop first', [0x83, 7, 4], true],
    ['strict, after a no-operation', [1, 0x89, 7, 4], true],
    ['used up', [0x83, 7, 8], false],
  ])('the checksum of a source-routed segment is made with the final destination: %s', (_, route, isAhead) => {
    const final = [10, 9, 8, 7];
    const option = [...route, ...final];
    const options = Uint8Array.from([...option, ...new Array(-option.length & 3).fill(0)]);
    const segment = tcpSegment({ payload: ramp(8) });
    const plain = decode(ipv4({}, segment), raw);
    expect(plain.tcpChecksumStatus).toBe(ChecksumStatus.GOOD);
    // The same segment sent by way of the address in the header: its checksum has the final one in its place.
    const view = decode(ipv4({ options }, segment), raw);
    expect(view.tcpChecksumStatus).toBe(isAhead ? ChecksumStatus.BAD : ChecksumStatus.GOOD);
    if (isAhead) {
      const sum = (words: number) => (words & 0xffff) + (words >>> 16);
      const change = sum(sum(0xffff - (view.dst3 >>> 16) + 0xffff - (view.dst3 & 0xffff) + 0x0a09 + 0x0807));
      const complement = sum(sum(0xffff - plain.tcpChecksumFound + change));
      expect(view.tcpChecksumExpected).toBe(0xffff - complement);
    }
  });

  it('takes no more than the frame holds, and says what a length beyond it would need', () => {
    const bytes = ipv4({ totalLength: 140 }, tcpSegment({ payload: ramp(60) }));
    const view = decode(bytes, raw);
    expect(view.status).toBe(DecodeStatus.TCP);
    expect(view.payloadLength).toBe(60);
    expect(view.payloadCaptured).toBe(60);
    expect(view.ipMissing).toBe(40);
    expect(view.tcpChecksumStatus).toBe(ChecksumStatus.UNVERIFIED);
  });

  const bad: [string, Ipv4Fields, number, number][] = [
    ['header length 0', { headerWords: 0 }, 20, 0],
    ['header length 16', { headerWords: 4 }, 20, 16],
    ['total length below the header', { totalLength: 19 }, 20, 19],
    ['total length below a longer header', { totalLength: 20, options: zeros(4) }, 24, 20],
    ['version 5', { version: 5 }, 4, 5],
    ['version 0', { version: 0 }, 4, 0],
  ];
  it.each(bad)('%s is malformed', (_, fields, needed, had) => {
    const view = decode(ethernet(ipv4(fields), 0x0800));
    expect(view.status).toBe(DecodeStatus.MALFORMED);
    expect(view.layer).toBe(Layer.IPV4);
    expect(view.statusOffset).toBe(14);
    expect([view.needed, view.had]).toEqual([needed, had]);
  });

  it('reads the addresses of a header that contradicts itself', () => {
    const view = decode(ipv4({ totalLength: 7 }), raw);
    expect(view.status).toBe(DecodeStatus.MALFORMED);
    expect(view.src3).toBe(0xc0000201 | 0);
    expect(view.dst3).toBe(0xc6336402 | 0);
  });

  it('is malformed when the frame ends within the header', () => {
    const view = decode(ethernet(ipv4().subarray(0, 19), 0x0800));
    expect(view.status).toBe(DecodeStatus.MALFORMED);
    expect([view.layer, view.needed, view.had]).toEqual([Layer.IPV4, 20, 19]);
  });

  it('steps over an authentication header', () => {
    const inner = tcpSegment({ payload: [1, 2] })(address('192.0.2.1'), address('198.51.100.2'));
    const view = decode(ipv4({ protocol: 51 }, join([6, 4, 0, 0], zeros(20), inner)), raw);
    expect(view.status).toBe(DecodeStatus.TCP);
    expect(view.protocol).toBe(6);
    expect(view.payloadLength).toBe(2);
    expect(view.tcpChecksumStatus).toBe(ChecksumStatus.GOOD);
  });

  it.each([2, 17, 50, 89, 132, 255])('protocol %i is not TCP', (protocol) => {
    const view = decode(ipv4({ protocol }, ramp(30)), raw);
    expect(view.status).toBe(DecodeStatus.NOT_TCP);
    expect(view.layer).toBe(Layer.OTHER);
    expect(view.protocol).toBe(protocol);
    expect(view.srcPort).toBe(0);
  });
});

const extension = (next: number, body: number[] | Bytes) => {
  const padded = [...body, ...zeros((8 - ((body.length + 2) % 8)) % 8)];
  return [next, (padded.length + 2) / 8 - 1, ...padded];
};

describe('IPv6', () => {
  it('fills every field', () => {
    const view = decode(ipv6({ hopLimit: 61, trafficClass: 0xb8 }, tcpSegment({ payload: ramp(5) })), raw);
    expect(view.status).toBe(DecodeStatus.TCP);
    expect(view.ipVersion).toBe(6);
    expect(view.ipHeaderLength).toBe(40);
    expect(view.ipTotalLength).toBe(65);
    expect(words(view)).toEqual(wordsOf('2001:db8::1'));
    expect(dstWords(view)).toEqual(wordsOf('2001:db8:ffff::2'));
    expect(view.ttl).toBe(61);
    expect(view.tos).toBe(0xb8);
    expect(view.ipId).toBe(-1);
    expect(view.ipFragment).toBe(0);
    expect(view.protocol).toBe(6);
    expect(view.ipChecksumStatus).toBe(ChecksumStatus.ABSENT);
    expect(view.tcpChecksumStatus).toBe(ChecksumStatus.GOOD);
    expect(view.tcpOffset).toBe(view.ipOffset + 40);
  });

  it('walks hop-by-hop, destination options, mobility, HIP, shim6 and authentication headers', () => {
    const extensions = [
      ...extension(60, [5, 2, 0, 0]),
      ...extension(135, [1, 4, 0, 0, 0, 0]),
      ...extension(139, [59, 0, 0, 0]),
      ...extension(140, []),
      ...extension(51, []),
      ...[60, 4, 0, 0, ...zeros(20)],
      ...extension(6, [1, 12, ...zeros(12)]),
    ];
    const view = decode(ipv6({ next: 0, extensions }, tcpSegment({ payload: ramp(9) })), raw);
    expect(view.status).toBe(DecodeStatus.TCP);
    expect(view.protocol).toBe(6);
    expect(view.ipHeaderLength).toBe(40 + extensions.length);
    expect(view.payloadLength).toBe(9);
    expect(view.tcpChecksumStatus).toBe(ChecksumStatus.GOOD);
  });

  const final = '2001:db8:5::9';
  const stop = address('2001:db8:4::4');
  it.each([
    ['type 0', extension(6, [0, 2, 0, 0, 0, 0, ...stop, ...address(final)])],
    ['type 2', extension(6, [2, 1, 0, 0, 0, 0, ...address(final)])],
    ['segment routing', extension(6, [4, 1, 1, 0, 0, 0, ...address(final), ...stop])],
  ])('takes the final destination of a routing header (%s)', (_, extensions) => {
    const view = decode(ipv6({ next: 43, extensions, finalDst: final }), raw);
    expect(view.status).toBe(DecodeStatus.TCP);
    expect(view.tcpChecksumStatus).toBe(ChecksumStatus.GOOD);
    expect(dstWords(view)).toEqual(wordsOf(final));
  });

  it('keeps the destination when no segments are left', () => {
    const extensions = extension(6, [0, 0, 0, 0, 0, 0, ...stop]);
    const view = decode(ipv6({ next: 43, extensions }), raw);
    expect(view.tcpChecksumStatus).toBe(ChecksumStatus.GOOD);
    expect(dstWords(view)).toEqual(wordsOf('2001:db8:ffff::2'));
  });

  it.each([
    ['type 0', [0, 3, 0, 0, 0, 0, ...stop, ...stop]],
    ['segment routing', [4, 2, 1, 0, 0, 0, ...stop, ...stop]],
    ['segment routing beyond the header', [4, 1, 7, 0, 0, 0, ...stop, ...stop]],
  ])('a routing header with more segments than addresses is malformed (%s)', (_, body) => {
    const view = decode(ipv6({ next: 43, extensions: extension(6, body) }), raw);
    expect(view.status).toBe(DecodeStatus.MALFORMED);
    expect(view.layer).toBe(Layer.IPV6);
  });

  it('takes the home address for the source (RFC 6275)', () => {
    const home = '2001:db8:aaaa::7';
    const extensions = extension(6, [1, 2, 0, 0, 0xc9, 16, ...address(home)]);
    const view = decode(ipv6({ next: 60, extensions, homeSrc: home }), raw);
    expect(view.tcpChecksumStatus).toBe(ChecksumStatus.GOOD);
    expect(words(view)).toEqual(wordsOf(home));
  });

  it('reads the length of a jumbogram (RFC 2675)', () => {
    const payload = ramp(100_000);
    const extensions = extension(6, [0xc2, 4, ...u32(8 + 20 + payload.length)]);
    const bytes = ethernet(ipv6({ next: 0, payloadLength: 0, extensions }, tcpSegment({ payload })));
    const view = decode(join(bytes, zeros(3)));
    expect(view.status).toBe(DecodeStatus.TCP);
    expect(view.ipLengthIsZero).toBe(true);
    expect(view.ipTotalLength).toBe(40 + 8 + 20 + 100_000);
    expect(view.payloadLength).toBe(100_000);
    expect(view.tcpChecksumStatus).toBe(ChecksumStatus.GOOD);
  });

  it('takes the length from the wire when the header says 0 without an option (BIG TCP)', () => {
    const view = decode(ethernet(ipv6({ payloadLength: 0 }, tcpSegment({ payload: ramp(70_000) }))));
    expect(view.ipLengthIsZero).toBe(true);
    expect(view.payloadLength).toBe(70_000);
    expect(view.tcpChecksumStatus).toBe(ChecksumStatus.GOOD);
  });

  it('takes no more than the frame holds', () => {
    const view = decode(ipv6({ payloadLength: 120 }, tcpSegment({ payload: ramp(50) })), raw);
    expect(view.status).toBe(DecodeStatus.TCP);
    expect(view.payloadLength).toBe(50);
    expect(view.ipMissing).toBe(50);
  });

  it.each([
    [
      'an extension header that does not fit',
      ipv6({ next: 0, extensions: [6, 9, 0, 0, 0, 0, 0, 0] }, new Uint8Array(20)),
    ],
    ['an extension header of 7 octets', ipv6({ next: 60 }, ramp(7))],
    ['an authentication header of 8 octets', ipv6({ next: 51 }, join([6, 0], zeros(14)))],
    ['a fragment header of 7 octets', ipv6({ next: 44 }, ramp(7))],
    ['a fixed header of 39 octets', ipv6().subarray(0, 39)],
  ])('%s is malformed', (_, bytes) => {
    const view = decode(ethernet(bytes, 0x86dd));
    expect(view.status).toBe(DecodeStatus.MALFORMED);
    expect(view.layer).toBe(Layer.IPV6);
  });

  it('stops at no next header, and at unknown ones', () => {
    expect(decode(ipv6({ next: 59 }, ramp(0)), raw).status).toBe(DecodeStatus.NOT_TCP);
    expect(decode(ipv6({ next: 59, payloadLength: 0 }, ramp(9)), raw).status).toBe(DecodeStatus.NOT_TCP);
    const view = decode(ipv6({ next: 200 }, ramp(9)), raw);
    expect(view.status).toBe(DecodeStatus.NOT_TCP);
    expect(view.protocol).toBe(200);
  });

  it('bounds the options it looks into', () => {
    // A pad option that says it is longer than the header.
    const view = decode(ipv6({ next: 0, extensions: [6, 0, 1, 200, 0, 0, 0, 0] }), raw);
    expect(view.status).toBe(DecodeStatus.TCP);
  });
});

describe('no version', () => {
  it('is malformed when there is nothing', () => {
    expect(decode(new Uint8Array(0), raw).status).toBe(DecodeStatus.MALFORMED);
    expect(decode(join(u16(0x3000), zeros(40)), raw).status).toBe(DecodeStatus.MALFORMED);
  });
});
