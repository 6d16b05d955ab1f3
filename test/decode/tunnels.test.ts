import { describe, expect, it } from 'vitest';
import { Decoder } from '../../src/decode/decoder.ts';
import { ChecksumStatus, DecodeStatus, Layer, SegmentView } from '../../src/model/segment.ts';
import {
  type Bytes,
  decode,
  ethernet,
  hex,
  ipv4,
  ipv6,
  join,
  ramp,
  record,
  tcpSegment,
  u16,
  u24,
  u32,
  udp,
  zeros,
} from './build.ts';

const INNER = ipv4({ src: '10.0.0.1', dst: '10.0.0.2', ttl: 33 }, tcpSegment({ srcPort: 1234, payload: ramp(300) }));
const INNER6 = ipv6({ src: 'fd00::1', dst: 'fd00::2' }, tcpSegment({ srcPort: 1234, payload: ramp(300) }));
const FRAME = ethernet(INNER);

const vxlan = (port: number, payload: Bytes = FRAME, flags = 0x08) =>
  ethernet(ipv4({ protocol: 17 }, udp(port, join([flags, 0, 0, 0], u24(77), [0], payload))));
const geneve = (type: number, payload: Bytes, options: number[] = []) =>
  ethernet(ipv4({ protocol: 17 }, udp(6081, join([options.length / 4, 0], u16(type), u24(9), [0], options, payload))));
const greOver = (flags: number, type: number, rest: Bytes) =>
  ethernet(ipv4({ protocol: 47 }, join(u16(flags), u16(type), rest)));
const gtp = (flags: number, rest: Bytes, message = 255) =>
  ethernet(ipv4({ protocol: 17 }, udp(2152, join([flags, message], u16(rest.length), u32(0xabcd), rest))));

const cases: [string, Bytes, number?, number?][] = [
  ['VXLAN', vxlan(4789)],
  ['VXLAN on the port of Linux', vxlan(8472)],
  ['VXLAN with IPv6 inside', vxlan(4789, ethernet(INNER6)), 6],
  ['VXLAN over IPv6', ethernet(ipv6({ next: 17 }, udp(4789, join([8], zeros(7), FRAME))))],
  ['VXLAN-GPE, IPv4', ethernet(ipv4({ protocol: 17 }, udp(4790, join([0x0c, 0, 0, 1], zeros(4), INNER))))],
  ['VXLAN-GPE, IPv6', ethernet(ipv4({ protocol: 17 }, udp(4790, join([0x0c, 0, 0, 2], zeros(4), INNER6)))), 6],
  ['VXLAN-GPE, Ethernet', ethernet(ipv4({ protocol: 17 }, udp(4790, join([0x0c, 0, 0, 3], zeros(4), FRAME))))],
  ['VXLAN with UDP length 0', ethernet(ipv4({ protocol: 17 }, udp(4789, join([8], zeros(7), FRAME), 0)))],
  ['Geneve, Ethernet', geneve(0x6558, FRAME)],
  ['Geneve with options, IPv6', geneve(0x86dd, INNER6, zeros(12)), 6],
  ['Geneve, IPv4', geneve(0x0800, INNER)],
  ['GRE', greOver(0, 0x0800, INNER)],
  ['GRE with checksum, key and sequence number', greOver(0xb000, 0x86dd, join(zeros(12), INNER6)), 6],
  ['GRE with key (NVGRE)', greOver(0x2000, 0x6558, join(zeros(4), FRAME))],
  ['GRE with MPLS', greOver(0, 0x8847, join(u32(0x10140), INNER))],
  [
    'GRE of PPTP',
    greOver(0x3081, 0x880b, join(u16(INNER.length + 4), u16(1), u32(1), u32(1), hex('ff03 0021'), INNER)),
  ],
  ['GRE in UDP', ethernet(ipv4({ protocol: 17 }, udp(4754, join(zeros(2), u16(0x0800), INNER))))],
  ['ERSPAN type I', greOver(0, 0x88be, FRAME)],
  ['ERSPAN type II', greOver(0x1000, 0x88be, join(zeros(4), zeros(8), FRAME))],
  ['ERSPAN type III', greOver(0x1000, 0x22eb, join(zeros(4), zeros(12), FRAME))],
  ['ERSPAN type III with the optional part', greOver(0x1000, 0x22eb, join(zeros(4), zeros(11), [1], zeros(8), FRAME))],
  ['ERSPAN type III with IP', greOver(0x1000, 0x22eb, join(zeros(4), zeros(10), [8, 0], INNER))],
  ['IPv4 in IPv4', ethernet(ipv4({ protocol: 4 }, INNER))],
  ['IPv6 in IPv4', ethernet(ipv4({ protocol: 41 }, INNER6)), 6],
  ['IPv4 in IPv6', ethernet(ipv6({ next: 4 }, INNER))],
  ['IPv6 in IPv6', ethernet(ipv6({ next: 41 }, INNER6)), 6],
  ['MPLS in IP', ethernet(ipv4({ protocol: 137 }, join(u32(0x10140), INNER)))],
  ['GTP-U', gtp(0x30, INNER)],
  ['GTP-U with sequence number', gtp(0x32, join(u16(5), [0, 0], INNER6)), 6],
  ['GTP-U with extension headers', gtp(0x34, join(zeros(3), [0x85], [1, 0, 9, 0x85], [2, ...zeros(6), 0], INNER))],
  ['IP in IP in GRE in VXLAN', vxlan(4789, greOver(0, 0x0800, ipv4({ protocol: 4 }, INNER))), 4, 3],
];

describe('tunnels', () => {
  it.each(cases)('%s', (_, bytes, version = 4, depth = 1) => {
    const view = decode(bytes);
    expect(view.status).toBe(DecodeStatus.TCP);
    expect(view.tunnelDepth).toBe(depth);
    expect(view.ipVersion).toBe(version);
    expect(view.src3).toBe(version === 4 ? 0x0a000001 : 1);
    expect(view.srcPort).toBe(1234);
    expect(view.payloadLength).toBe(300);
    expect(view.tcpChecksumStatus).toBe(ChecksumStatus.GOOD);
    expect(view.macOffset).toBe(view.recordOffset);
    if (version === 4) expect(view.ttl).toBe(33);
  });

  it.each(cases)('%s, cut at every octet', (_, bytes) => {
    for (let captured = 0; captured < bytes.length; captured++) {
      const view = decode(bytes, { captured });
      if (view.status === DecodeStatus.TCP) continue;
      // A UDP header that is cut is not known for a tunnel.
      if (view.status === DecodeStatus.NOT_TCP) expect(view.protocol).toBe(17);
      else expect(view.status).toBe(DecodeStatus.CUT_SHORT);
    }
  });

  it.each([
    ['UDP', ethernet(ipv4({ protocol: 17 }, udp(53, ramp(40)))), Layer.OTHER],
    [
      'UDP with a tunnel port as source',
      ethernet(ipv4({ protocol: 17 }, join(u16(4789), u16(40000), u16(48), u16(0), ramp(40)))),
      Layer.OTHER,
    ],
    ['VXLAN port without the flag', vxlan(4789, FRAME, 0), Layer.OTHER],
    ['Geneve of another version', ethernet(ipv4({ protocol: 17 }, udp(6081, join([0x80], ramp(60))))), Layer.OTHER],
    ['GTP echo', gtp(0x32, zeros(6) as unknown as Bytes, 1), Layer.OTHER],
    ['GTP of version 2', gtp(0x48, ramp(30)), Layer.OTHER],
    ['GRE of version 2', greOver(0x0002, 0x0800, INNER), Layer.TUNNEL],
    ['GRE with routing', greOver(0x4000, 0x0800, INNER), Layer.TUNNEL],
    ['PPTP acknowledgment', greOver(0x2081, 0x880b, zeros(8) as unknown as Bytes), Layer.TUNNEL],
    ['VXLAN-GPE with NSH', ethernet(ipv4({ protocol: 17 }, udp(4790, join([0x0c, 0, 0, 4], zeros(30))))), Layer.TUNNEL],
    ['GRE with a small type', greOver(0, 2, INNER), Layer.TUNNEL],
    ['Geneve with a small type', geneve(2, INNER), Layer.TUNNEL],
    ['ARP in VXLAN', vxlan(4789, ethernet(ramp(28), 0x0806)), Layer.LINK],
    ['UDP in VXLAN', vxlan(4789, ethernet(ipv4({ protocol: 17 }, udp(53, ramp(4))))), Layer.OTHER],
  ] as [string, Bytes, number][])('%s is not TCP', (_, bytes, layer) => {
    const view = decode(bytes);
    expect(view.status).toBe(DecodeStatus.NOT_TCP);
    expect(view.layer).toBe(layer);
  });

  it.each([
    ['VXLAN of 7 octets', ethernet(ipv4({ protocol: 17 }, udp(4789, ramp(7, 8)))), Layer.TUNNEL],
    [
      'Geneve whose options do not fit',
      ethernet(ipv4({ protocol: 17 }, udp(6081, join([9, 0], u16(0x0800), zeros(8))))),
      Layer.TUNNEL,
    ],
    ['GRE of 3 octets', ethernet(ipv4({ protocol: 47 }, zeros(3) as unknown as Bytes)), Layer.TUNNEL],
    ['GRE whose fields do not fit', greOver(0xb000, 0x0800, ramp(11)), Layer.TUNNEL],
    ['ERSPAN of 4 octets', greOver(0x1000, 0x88be, ramp(8)), Layer.TUNNEL],
    ['GTP extension of length 0', gtp(0x34, join(zeros(3), [0x85], [0, 0, 0, 0], INNER)), Layer.TUNNEL],
    ['GTP without its optional part', gtp(0x32, ramp(2)), Layer.TUNNEL],
    ['inner IPv4 that is too short', ethernet(ipv4({ protocol: 4 }, INNER.subarray(0, 12))), Layer.IPV4],
  ])('%s is malformed', (_, bytes, layer) => {
    const view = decode(bytes);
    expect(view.status).toBe(DecodeStatus.MALFORMED);
    expect(view.layer).toBe(layer);
  });

  it('follows a bounded number', () => {
    let packet = INNER;
    for (let i = 0; i < 8; i++) packet = ipv4({ protocol: 4 }, packet);
    expect(decode(ethernet(packet)).status).toBe(DecodeStatus.TCP);
    expect(decode(ethernet(packet)).tunnelDepth).toBe(8);
    packet = ipv4({ protocol: 4 }, packet);
    const view = decode(ethernet(packet));
    expect(view.status).toBe(DecodeStatus.NOT_TCP);
    expect(view.layer).toBe(Layer.TUNNEL);
    expect(decode(vxlan(4789), {}, { maxTunnels: 0 }).status).toBe(DecodeStatus.NOT_TCP);
  });

  it('reads the outer tag first and counts the inner one', () => {
    const inner = ethernet(INNER, 0x0800, [0x81, 0, 0, 9]);
    const outer = ethernet(ipv4({ protocol: 17 }, udp(4789, join([8], zeros(7), inner))), 0x0800, [0x81, 0, 0, 5]);
    const view = decode(outer);
    expect([view.vlan, view.vlanTags]).toEqual([5, 2]);
  });

  it('reassembles outside and inside of a tunnel', () => {
    const decoder = new Decoder();
    const view = new SegmentView();
    const segment = INNER.subarray(20);
    const innerPieces = [
      ipv4({ src: '10.0.0.1', dst: '10.0.0.2', id: 1, fragment: 0x2000 }, segment.subarray(0, 160)),
      ipv4({ src: '10.0.0.1', dst: '10.0.0.2', id: 1, fragment: 20 }, segment.subarray(160)),
    ];
    const statuses: number[] = [];
    innerPieces.forEach((piece, n) => {
      const datagram = udp(4789, join([8], zeros(7), ethernet(piece)));
      for (const [start, end] of [
        [0, 64],
        [64, datagram.length],
      ]) {
        const fragment = (start >> 3) | (end < datagram.length ? 0x2000 : 0);
        const packet = ethernet(ipv4({ protocol: 17, id: 100 + n, fragment }, datagram.subarray(start, end)));
        statuses.push(decoder.decode(record(packet), view));
      }
    });
    expect(statuses).toEqual([DecodeStatus.FRAGMENT, DecodeStatus.FRAGMENT, DecodeStatus.FRAGMENT, DecodeStatus.TCP]);
    expect(view.tunnelDepth).toBe(1);
    expect(view.reassembled).toBe(true);
    expect(view.payloadLength).toBe(300);
    expect(view.tcpChecksumStatus).toBe(ChecksumStatus.GOOD);
    expect(decoder.fragments.size).toBe(0);
  });
});
