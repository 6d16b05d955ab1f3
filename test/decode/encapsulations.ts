import { type Bytes, ethernet, hex, ipv4, ipv6, join, ramp, tcpSegment, u16, u32, udp, zeros } from './build.ts';

/** A segment from port 1234 with 100 octets of payload, in one of the ways to carry it. */
export interface Encapsulation {
  name: string;
  linkType: number;
  bytes: Bytes;
  version?: 4 | 6;
  tunnelDepth?: number;
  vlan?: number;
}

export const SEGMENT = tcpSegment({ srcPort: 1234, seq: 0x01020304, payload: ramp(100) });
export const V4 = ipv4({ src: '10.0.0.1', dst: '10.0.0.2' }, SEGMENT);
export const V6 = ipv6({ src: '2001:db8::5', dst: '2001:db8::6' }, SEGMENT);
const little16 = (value: number) => [...u16(value)].reverse();
const little32 = (value: number) => [...u32(value)].reverse();

const SNAP4 = join(hex('aaaa03 000000 0800'), V4);
const SNAP6 = join(hex('aaaa03 000000 86dd'), V6);
const ADDRESSES = hex('02aabbccdd01 02aabbccdd02 02aabbccdd03');
const SEQUENCE = hex('1000');

/** A data frame: the two octets of frame control, then what the flags ask for. */
export function frame(control: string, body: Bytes, extra: Bytes | number[] = [], sequence = SEQUENCE): Bytes {
  return join(hex(control), u16(0), ADDRESSES, sequence, extra, body);
}

const subframe = (body: Bytes) => join(hex('02aabbccdd01 02aabbccdd02'), u16(body.length), body);

export function radiotap(present: number[], fields: Bytes | number[]): Bytes {
  const words = present.flatMap(little32);
  return join([0, 0], little16(4 + words.length + fields.length), words, fields);
}

const CHECK = hex('deadbeef');
const prismHeader = (little: boolean) => {
  const number = little ? little32 : u32;
  return join(number(0x44), number(144), zeros(136));
};
export const AVS = join(u32(0x80211001), u32(64), zeros(56));
const ppi = (inner: number) => join([0, 0], little16(8), little32(inner));

const tunnel = (port: number, payload: Bytes) => ethernet(ipv4({ protocol: 17 }, udp(port, payload)));
const answer = (port: number, payload: Bytes) =>
  ethernet(ipv4({ protocol: 17 }, join(u16(port), u16(50000), u16(payload.length + 8), u16(0), payload)));
export const AYIYA = (next: number, operation: number, payload: Bytes) =>
  join([0x41, 0x52, 0x10 | operation, next], u32(0x4af64c05), zeros(16), zeros(20), payload);
const ppp = join(hex('ff03 0021'), V4);
export const l2tp = (flags: number, rest: Bytes) => join(u16(flags), rest);
const q922 = hex('1841');

const WLAN = 105;
const PRISM = 119;
const RADIOTAP = 127;
const RELAY = 107;

export const ENCAPSULATIONS: Encapsulation[] = [
  { name: '802.11 data', linkType: WLAN, bytes: frame('0801', SNAP4) },
  { name: '802.11 data from the access point, IPv6', linkType: WLAN, bytes: frame('0802', SNAP6), version: 6 },
  { name: '802.11 data between access points', linkType: WLAN, bytes: frame('0803', SNAP4, zeros(6)) },
  { name: '802.11 data, repeated', linkType: WLAN, bytes: frame('0809', SNAP4) },
  { name: '802.11 data with CF-Ack', linkType: WLAN, bytes: frame('1801', SNAP4) },
  { name: '802.11 QoS data', linkType: WLAN, bytes: frame('8801', SNAP4, zeros(2)) },
  { name: '802.11 QoS data between access points', linkType: WLAN, bytes: frame('8803', SNAP4, zeros(8)) },
  { name: '802.11 QoS data with HT control', linkType: WLAN, bytes: frame('8881', SNAP4, zeros(6)) },
  { name: '802.11 A-MSDU of one', linkType: WLAN, bytes: frame('8801', subframe(SNAP4), [0x80, 0]) },
  { name: 'radiotap', linkType: RADIOTAP, bytes: join(radiotap([0], []), frame('0801', SNAP4)) },
  {
    name: 'radiotap with flags and a check sequence',
    linkType: RADIOTAP,
    bytes: join(radiotap([2], [0x10]), frame('8801', SNAP4, zeros(2)), CHECK),
  },
  {
    name: 'radiotap with time, flags and padding',
    linkType: RADIOTAP,
    // 26 octets of header and 2 of padding.
    bytes: join(radiotap([3], [...zeros(8), 0x20]), frame('8801', SNAP4, zeros(4))),
  },
  {
    name: 'radiotap with a second word, the time at a multiple of 8',
    linkType: RADIOTAP,
    bytes: join(radiotap([0x80000003, 0], [...zeros(4), ...zeros(8), 0x30]), frame('8801', SNAP6, zeros(4)), CHECK),
    version: 6,
  },
  { name: 'Prism, little-endian', linkType: PRISM, bytes: join(prismHeader(true), frame('0801', SNAP4)) },
  { name: 'AVS', linkType: 163, bytes: join(AVS, frame('0802', SNAP6)), version: 6 },
  { name: 'AVS under the link type of Prism', linkType: PRISM, bytes: join(AVS, frame('0801', SNAP4)) },
  { name: 'PPI with 802.11', linkType: 192, bytes: join(ppi(WLAN), frame('0801', SNAP4)) },
  { name: 'PPI with Ethernet', linkType: 192, bytes: join(ppi(1), ethernet(V4)) },
  { name: 'Frame Relay', linkType: RELAY, bytes: join(q922, hex('03cc'), V4) },
  { name: 'Frame Relay with a long address', linkType: RELAY, bytes: join(hex('18400001'), hex('03cc'), V4) },
  { name: 'Frame Relay, IPv6', linkType: RELAY, bytes: join(q922, hex('038e'), V6), version: 6 },
  { name: 'Frame Relay, SNAP', linkType: RELAY, bytes: join(q922, hex('0300 80 000000 0800'), V4) },
  { name: 'Frame Relay, bridged', linkType: RELAY, bytes: join(q922, hex('0300 80 0080c2 0007'), ethernet(V4)) },
  { name: 'Frame Relay of Cisco', linkType: RELAY, bytes: join(q922, hex('0800'), V4) },
  { name: 'VN-Tag', linkType: 1, bytes: ethernet(V4, 0x0800, [...u16(0x8926), ...u32(0x80010002)]) },
  {
    name: 'VN-Tag and VLAN',
    linkType: 1,
    bytes: ethernet(V6, 0x86dd, [...u16(0x8926), ...u32(0x00050000), ...u16(0x8100), ...u16(0x6007)]),
    version: 6,
    vlan: 7,
  },
  { name: 'Teredo', linkType: 1, bytes: tunnel(3544, V6), version: 6, tunnelDepth: 1 },
  { name: 'Teredo, answer', linkType: 1, bytes: answer(3544, V6), version: 6, tunnelDepth: 1 },
  {
    name: 'Teredo with origin',
    linkType: 1,
    bytes: answer(3544, join(zeros(2), hex('f1f2 0a0b0c0d'), V6)),
    version: 6,
    tunnelDepth: 1,
  },
  {
    name: 'Teredo with authentication and origin',
    linkType: 1,
    bytes: tunnel(3544, join(hex('0001 0203 6964 616263'), zeros(9), zeros(2), hex('f1f2 0a0b0c0d'), V6)),
    version: 6,
    tunnelDepth: 1,
  },
  { name: 'AYIYA', linkType: 1, bytes: tunnel(5072, AYIYA(41, 1, V6)), version: 6, tunnelDepth: 1 },
  { name: 'AYIYA, answer', linkType: 1, bytes: answer(5072, AYIYA(41, 1, V6)), version: 6, tunnelDepth: 1 },
  { name: 'L2TP', linkType: 1, bytes: tunnel(1701, l2tp(2, join(u32(7), ppp))), tunnelDepth: 1 },
  { name: 'L2TP, answer', linkType: 1, bytes: answer(1701, l2tp(2, join(u32(7), ppp))), tunnelDepth: 1 },
  {
    name: 'L2TP with length, sequence numbers and offset',
    linkType: 1,
    bytes: tunnel(1701, l2tp(0x4a02, join(u16(17 + ppp.length), u32(7), u32(1), u16(3), zeros(3), ppp))),
    tunnelDepth: 1,
  },
  {
    name: "GRE of Aruba's access points",
    linkType: 1,
    bytes: ethernet(ipv4({ protocol: 47 }, join(u16(0), u16(0x8200), frame('8802', SNAP4, zeros(2))))),
    tunnelDepth: 1,
  },
];

/** The header of a first subframe that another one follows. */
export const AGGREGATE = frame('8801', join(subframe(SNAP4), zeros(2), subframe(SNAP6)), [0x80, 0]);
export const PRISM_BIG_ENDIAN = join(prismHeader(false), frame('0801', SNAP4));
export const AYIYA_WITH_IPV4 = tunnel(5072, AYIYA(4, 1, V4));
export { answer, little32, ppi, ppp, q922, SNAP4, tunnel };
