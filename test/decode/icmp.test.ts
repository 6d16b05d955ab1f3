import { describe, expect, it } from 'vitest';
import { ChecksumStatus, DecodeStatus, Layer, Option } from '../../src/model/segment.ts';
import { type Bytes, decode, ethernet, ipv4, ipv6, join, ramp, tcpSegment, u16, u32, zeros } from './build.ts';

const OFFENDING = ipv4(
  { src: '10.0.0.1', dst: '203.0.113.5', ttl: 3, id: 0x4242 },
  tcpSegment({
    srcPort: 5555,
    dstPort: 80,
    seq: 0xfffffffe,
    ack: 7,
    options: [1, 1, 8, 10, ...u32(11), ...u32(12)],
    payload: ramp(1000),
  }),
);
const OFFENDING6 = ipv6(
  { src: '2001:db8::a', dst: '2001:db8::b', hopLimit: 2 },
  tcpSegment({ srcPort: 5555, dstPort: 80, seq: 0xfffffffe, payload: ramp(1000) }),
);

const icmp = (type: number, code: number, word: number, quote: Bytes) =>
  ethernet(ipv4({ src: '192.0.2.99', dst: '10.0.0.1', protocol: 1 }, join([type, code, 0, 0], u32(word), quote)));
const icmp6 = (type: number, code: number, word: number, quote: Bytes) =>
  ethernet(ipv6({ src: '2001:db8::99', dst: '2001:db8::a', next: 58 }, join([type, code, 0, 0], u32(word), quote)));

describe('ICMP errors', () => {
  it('quotes eight octets of the segment', () => {
    const view = decode(icmp(3, 4, 1400, OFFENDING.subarray(0, 28)));
    expect(view.status).toBe(DecodeStatus.ICMP_QUOTES_TCP);
    expect([view.icmpType, view.icmpCode, view.icmpMtu]).toEqual([3, 4, 1400]);
    expect([view.icmpSrc0, view.icmpSrc1, view.icmpSrc2, view.icmpSrc3]).toEqual([0, 0, 0, 0xc0000263 | 0]);
    expect([view.src3, view.dst3]).toEqual([0x0a000001, 0xcb007105 | 0]);
    expect([view.srcPort, view.dstPort, view.seq]).toEqual([5555, 80, 0xfffffffe]);
    expect([view.ack, view.flags, view.headerLength, view.payloadLength]).toEqual([0, 0, 0, 0]);
    expect([view.ttl, view.ipId]).toEqual([3, 0x4242]);
    expect(view.ipTotalLength).toBe(1052);
    expect(view.tcpChecksumStatus).toBe(ChecksumStatus.UNVERIFIED);
    expect(view.ipChecksumStatus).toBe(ChecksumStatus.UNVERIFIED);
    expect(view.tunnelDepth).toBe(0);
  });

  it('reads what more is quoted', () => {
    const view = decode(icmp(11, 0, 0, OFFENDING.subarray(0, 60)));
    expect(view.status).toBe(DecodeStatus.ICMP_QUOTES_TCP);
    expect([view.icmpType, view.icmpCode, view.icmpMtu]).toEqual([11, 0, 0]);
    expect([view.ack, view.flags, view.headerLength, view.payloadLength]).toEqual([7, 0x018, 32, 1000]);
    expect(view.options).toBe(Option.TIMESTAMPS);
    expect([view.tsVal, view.tsEcr]).toEqual([11, 12]);
    expect(view.payloadCaptured).toBe(8);
  });

  it.each([
    [3, 1],
    [3, 3],
    [3, 13],
    [4, 0],
    [5, 1],
    [11, 1],
    [12, 0],
  ])('type %i code %i', (type, code) => {
    const view = decode(icmp(type, code, 0xffff, OFFENDING.subarray(0, 40)));
    expect(view.status).toBe(DecodeStatus.ICMP_QUOTES_TCP);
    expect([view.icmpType, view.icmpCode, view.icmpMtu]).toEqual([type, code, 0]);
  });

  it.each([
    [1, 4, 0],
    [2, 0, 1280],
    [3, 0, 0],
    [4, 1, 0],
  ])('ICMPv6 type %i code %i', (type, code, mtu) => {
    const view = decode(icmp6(type, code, 1280, OFFENDING6.subarray(0, 100)));
    expect(view.status).toBe(DecodeStatus.ICMP_QUOTES_TCP);
    expect(view.ipVersion).toBe(6);
    expect([view.icmpType, view.icmpCode, view.icmpMtu]).toEqual([type, code, mtu]);
    expect([view.icmpSrc0, view.icmpSrc3]).toEqual([0x20010db8, 0x99]);
    expect([view.src3, view.dst3]).toEqual([0xa, 0xb]);
    expect([view.srcPort, view.dstPort, view.seq, view.payloadLength]).toEqual([5555, 80, 0xfffffffe, 1000]);
  });

  it('walks extension headers of the quoted packet', () => {
    const quoted = ipv6({ next: 0, extensions: [44, 0, 1, 4, 0, 0, 0, 0, 6, 0, 0, 1, 0, 0, 0, 9] });
    const view = decode(icmp6(1, 0, 0, quoted));
    expect(view.status).toBe(DecodeStatus.ICMP_QUOTES_TCP);
    expect(view.srcPort).toBe(40000);
  });

  it('reads a quoted first fragment, not a later one', () => {
    const first = ipv4({ fragment: 0x2000 }, ramp(64));
    expect(decode(icmp(11, 1, 0, first)).status).toBe(DecodeStatus.ICMP_QUOTES_TCP);
    const later = ipv4({ fragment: 0x0008 }, ramp(64));
    const view = decode(icmp(3, 1, 0, later));
    expect([view.status, view.layer]).toEqual([DecodeStatus.NOT_TCP, Layer.ICMP]);
    const later6 = ipv6({ next: 44, extensions: [6, 0, 0, 64, 0, 0, 0, 9] }, ramp(64));
    expect(decode(icmp6(1, 1, 0, later6)).status).toBe(DecodeStatus.NOT_TCP);
  });

  it.each([
    ['echo', icmp(8, 0, 1, ramp(56))],
    ['echo reply', icmp(0, 0, 1, ramp(56))],
    ['echo v6', icmp6(128, 0, 1, ramp(56))],
    ['neighbour solicitation', icmp6(135, 0, 0, ramp(24))],
    ['quoted UDP', icmp(3, 3, 0, ipv4({ protocol: 17 }, ramp(20)))],
    ['quoted ICMP', icmp(3, 3, 0, ipv4({ protocol: 1 }, ramp(20)))],
    ['quoted ICMPv6', icmp6(1, 3, 0, ipv6({ next: 58 }, ramp(20)))],
    ['quoted tunnel', icmp(3, 3, 0, ipv4({ protocol: 4 }, ipv4()))],
    ['ICMPv6 in IPv4', ethernet(ipv4({ protocol: 58 }, join([1, 0, 0, 0], zeros(4), OFFENDING6)))],
    ['ICMP in IPv6', ethernet(ipv6({ next: 1 }, join([3, 0, 0, 0], zeros(4), OFFENDING)))],
  ])('%s is not TCP', (_, bytes) => {
    expect(decode(bytes).status).toBe(DecodeStatus.NOT_TCP);
  });

  it.each([
    ['fewer than eight octets of TCP', icmp(3, 1, 0, OFFENDING.subarray(0, 27)), Layer.ICMP, 8, 7],
    ['a quoted header that is not whole', icmp(3, 1, 0, OFFENDING.subarray(0, 12)), Layer.IPV4, 20, 12],
    ['seven octets of ICMP', ethernet(ipv4({ protocol: 1 }, ramp(7, 3))), Layer.ICMP, 8, 7],
    ['a quoted packet of no version', icmp(3, 1, 0, join(u16(0), zeros(40))), Layer.IPV4, 4, 0],
  ])('%s is malformed', (_, bytes, layer, needed, had) => {
    const view = decode(bytes);
    expect([view.status, view.layer, view.needed, view.had]).toEqual([DecodeStatus.MALFORMED, layer, needed, had]);
  });

  it('cut at every octet', () => {
    const bytes = icmp(3, 4, 1400, OFFENDING.subarray(0, 28));
    for (let captured = 0; captured < bytes.length; captured++) {
      const view = decode(bytes, { captured });
      expect(view.status).toBe(DecodeStatus.CUT_SHORT);
    }
  });

  it('leaves nothing behind for the next packet', () => {
    const view = decode(ethernet(ipv4()));
    expect([
      view.icmpType,
      view.icmpCode,
      view.icmpMtu,
      view.icmpSrc0,
      view.icmpSrc1,
      view.icmpSrc2,
      view.icmpSrc3,
    ]).toEqual(zeros(7));
  });
});
