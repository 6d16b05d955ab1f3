import { describe, expect, it } from 'vitest';
import { ChecksumStatus, DecodeStatus, Layer } from '../../src/model/segment.ts';
import { type Bytes, decode, ethernet, hex, ipv4, join, ramp, u16, u32, zeros } from './build.ts';
import {
  AGGREGATE,
  AVS,
  AYIYA,
  AYIYA_WITH_IPV4,
  ENCAPSULATIONS,
  type Encapsulation,
  frame,
  l2tp,
  little32,
  PRISM_BIG_ENDIAN,
  ppi,
  ppp,
  q922,
  radiotap,
  SNAP4,
  tunnel,
  V4,
  V6,
} from './encapsulations.ts';

/** What tshark has no words for. */
const MORE: Encapsulation[] = [
  { name: 'the first packet of an A-MSDU', linkType: 105, bytes: AGGREGATE },
  { name: 'Prism, big-endian', linkType: 119, bytes: PRISM_BIG_ENDIAN },
  { name: 'AYIYA with IPv4', linkType: 1, bytes: AYIYA_WITH_IPV4, tunnelDepth: 1 },
  {
    name: "GRE of Aruba's access points, the highest type",
    linkType: 1,
    bytes: ethernet(ipv4({ protocol: 47 }, join(u16(0), u16(0x82f0), frame('0802', SNAP4)))),
    tunnelDepth: 1,
  },
];
const all = [...ENCAPSULATIONS, ...MORE].map((one) => [one.name, one] as const);

describe('links and tunnels', () => {
  it.each(all)('%s', (_, { linkType, bytes, version = 4, tunnelDepth = 0, vlan = -1 }) => {
    const view = decode(bytes, { linkType });
    expect(view.status).toBe(DecodeStatus.TCP);
    expect(view.ipVersion).toBe(version);
    expect(view.srcPort).toBe(1234);
    expect(view.seq).toBe(0x01020304);
    expect(view.payloadLength).toBe(100);
    expect([...view.bytes.subarray(view.payloadOffset, view.payloadOffset + 100)]).toEqual([...ramp(100)]);
    expect(view.tcpChecksumStatus).toBe(ChecksumStatus.GOOD);
    expect(view.tunnelDepth).toBe(tunnelDepth);
    expect(view.vlan).toBe(vlan);
    expect(view.ipMissing).toBe(0);
  });

  it.each(all)('%s, cut at every octet', (_, { linkType, bytes }) => {
    for (let captured = 0; captured < bytes.length; captured++) {
      const view = decode(bytes, { linkType, captured });
      if (view.status === DecodeStatus.TCP) continue;
      // A UDP header that is cut is not known for a tunnel.
      if (view.status === DecodeStatus.NOT_TCP) expect(view.protocol).toBe(17);
      else expect(view.status).toBe(DecodeStatus.CUT_SHORT);
    }
  });

  it.each([
    ['802.11 management', 105, frame('8000', SNAP4), Layer.LINK],
    ['802.11 control', 105, frame('b400', SNAP4), Layer.LINK],
    ['802.11 without data', 105, frame('4801', SNAP4), Layer.LINK],
    ['802.11 QoS without data', 105, frame('c801', SNAP4, zeros(2)), Layer.LINK],
    ['802.11, encrypted', 105, frame('0841', SNAP4), Layer.LINK],
    ['802.11 of another version', 105, frame('0901', SNAP4), Layer.LINK],
    ['Frame Relay with another protocol', 107, join(q922, hex('0308'), V4), Layer.LINK],
    ['Frame Relay, SNAP of another organization', 107, join(q922, hex('0300 80 00000c 0800'), V4), Layer.LINK],
    ['Frame Relay with an address of five octets', 107, join(hex('1840000001 03cc'), V4), Layer.LINK],
    ['GRE just below the types of Aruba', 1, aruba(0x81f0), Layer.LINK],
    ['GRE between the types of Aruba', 1, aruba(0x8201), Layer.LINK],
    ['GRE just above the types of Aruba', 1, aruba(0x8300), Layer.LINK],
    ['Teredo with IPv4', 1, tunnel(3544, V4), Layer.OTHER],
    ['Teredo longer than its datagram', 1, tunnel(3544, V6.subarray(0, V6.length - 1)), Layer.OTHER],
    ['Teredo of 39 octets', 1, tunnel(3544, V6.subarray(0, 39)), Layer.OTHER],
    ['AYIYA that forwards nothing', 1, tunnel(5072, AYIYA(41, 0, V6)), Layer.OTHER],
    ['AYIYA with another protocol', 1, tunnel(5072, AYIYA(6, 1, V6)), Layer.OTHER],
    ['AYIYA of 43 octets', 1, tunnel(5072, AYIYA(41, 1, V6).subarray(0, 43)), Layer.OTHER],
    ['AYIYA of 7 octets', 1, tunnel(5072, AYIYA(41, 1, V6).subarray(0, 7)), Layer.OTHER],
    ['L2TP control', 1, tunnel(1701, l2tp(0xc802, join(u16(12), u32(7), u32(1)))), Layer.OTHER],
    ['L2TP of version 3', 1, tunnel(1701, l2tp(3, join(u16(0), u32(7), ppp))), Layer.OTHER],
  ] as const)('%s is not TCP', (_, linkType, bytes, layer) => {
    const view = decode(bytes, { linkType });
    expect(view.status).toBe(DecodeStatus.NOT_TCP);
    expect(view.layer).toBe(layer);
    expect(view.tunnelDepth).toBe(layer === Layer.LINK && linkType === 1 ? 1 : 0);
  });

  it.each([
    ['first', frame('0805', SNAP4)],
    ['last', frame('0801', SNAP4, [], hex('1100'))],
  ] as [string, Bytes][])('a fragment of an 802.11 frame waits for no other: %s', (_, bytes) => {
    expect(decode(bytes, { linkType: 105 }).status).toBe(DecodeStatus.FRAGMENT);
  });

  it.each([
    ['802.11 of one octet', 105, hex('08')],
    ['802.11 of 23 octets', 105, frame('0801', SNAP4).subarray(0, 23)],
    ['A-MSDU without a length', 105, frame('8801', zerosOf(13), [0x80, 0])],
    ['A-MSDU with a length of 7', 105, frame('8801', join(zeros(12), u16(7), SNAP4), [0x80, 0])],
    ['radiotap of 7 octets', 127, zerosOf(7)],
    ['radiotap with a length of 7', 127, join(hex('0000 0700'), little32(0), frame('0801', SNAP4))],
    ['radiotap longer than the packet', 127, join(hex('0000 ff00'), little32(0), zeros(100))],
    ['radiotap with nothing but a check sequence', 127, join(radiotap([2], [0x10]), zeros(3))],
    ['Prism of 7 octets', 119, zerosOf(7)],
    ['AVS with a length of 7', 163, join(u32(0x80211001), u32(7), zeros(60))],
    ['AVS longer than the packet', 163, AVS.subarray(0, 63)],
    ['PPI with a length of 7', 192, join(hex('0000 0700'), little32(1), ethernet(V4))],
    ['PPI in PPI without end', 192, join(...Array.from({ length: 50 }, () => ppi(192)))],
    ['Frame Relay without an address', 107, hex('18')],
    ['VN-Tag of 5 octets', 1, ethernet(zerosOf(5), 0x8926)],
    ['L2TP of one octet', 1, tunnel(1701, hex('00'))],
    ['L2TP without a session', 1, tunnel(1701, hex('0002 0000 00'))],
    ['L2TP with an offset beyond its end', 1, tunnel(1701, l2tp(0x0202, join(u32(7), u16(9), zeros(8))))],
  ] as [string, number, Bytes][])('%s is malformed', (_, linkType, bytes) => {
    expect(decode(bytes, { linkType }).status).toBe(DecodeStatus.MALFORMED);
  });
});

function zerosOf(count: number): Bytes {
  return Uint8Array.from(zeros(count));
}

function aruba(type: number): Bytes {
  return ethernet(ipv4({ protocol: 47 }, join(u16(0), u16(type), frame('0802', SNAP4))));
}
