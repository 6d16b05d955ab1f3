import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LinkType } from '../../src/model/link-type.ts';
import { DecodeStatus, Layer } from '../../src/model/segment.ts';
import { type Bytes, decode, ethernet, hex, ipv4, ipv6, join, ramp, tcpSegment, u16, u32, zeros } from './build.ts';

const V4 = ipv4({}, tcpSegment({ payload: ramp(7) }));
const V6 = ipv6({}, tcpSegment({ payload: ramp(7) }));
const VLAN = (id: number, type = 0x8100) => [...u16(type), ...u16(0x6000 | id)];
const LLC_SNAP = hex('aaaa03 000000');
const SLL = (type: number, protocol: number) =>
  join(u16(type), u16(1), u16(6), hex('02aabbccdd02 0000'), u16(protocol));
const SLL2 = (type: number, protocol: number) =>
  join(u16(protocol), u16(0), u32(3), u16(1), [type, 6], hex('02aabbccdd02 0000'));
const LABEL = (label: number, bottom: boolean) => u32((label << 12) | (bottom ? 0x100 : 0) | 64);
const PPPOE = (payload: Bytes) => join(hex('1100 0001'), u16(payload.length), payload);
const LLC_FRAME = (payload: Bytes) => ethernet(payload, payload.length);
const little = (value: number) => [...u32(value)].reverse();

interface Case {
  name: string;
  linkType: number;
  bytes: Bytes;
  version?: number;
  vlan?: number;
  vlanTags?: number;
  direction?: number;
  macOffset?: number;
}

const ETHERNET: Partial<Case> = { linkType: 1, macOffset: 0 };

const cases: Case[] = [
  { ...ETHERNET, name: 'Ethernet', bytes: ethernet(V4) },
  { ...ETHERNET, name: 'Ethernet with IPv6', bytes: ethernet(V6), version: 6 },
  { ...ETHERNET, name: '802.1Q', bytes: ethernet(V4, 0x0800, VLAN(100)), vlan: 100, vlanTags: 1 },
  {
    ...ETHERNET,
    name: '802.1ad',
    bytes: ethernet(V6, 0x86dd, [...VLAN(200, 0x88a8), ...VLAN(7)]),
    version: 6,
    vlan: 200,
    vlanTags: 2,
  },
  {
    ...ETHERNET,
    name: 'three tags with 0x9100',
    bytes: ethernet(V4, 0x0800, [...VLAN(1, 0x9100), ...VLAN(2), ...VLAN(3)]),
    vlan: 1,
    vlanTags: 3,
  },
  { ...ETHERNET, name: '802.3 with SNAP', bytes: LLC_FRAME(join(LLC_SNAP, u16(0x0800), V4)) },
  {
    ...ETHERNET,
    name: '802.3 with bridge tunnel SNAP',
    bytes: LLC_FRAME(join(hex('aaaa03 0000f8'), u16(0x86dd), V6)),
    version: 6,
  },
  { name: 'ATM with LLC (RFC 2684)', linkType: 100, bytes: join(LLC_SNAP, u16(0x0800), V4) },
  { ...ETHERNET, name: '802.3 with IP SAP', bytes: LLC_FRAME(join(hex('060603'), V4)) },
  {
    ...ETHERNET,
    name: '802.3 with SNAP and padding',
    bytes: join(LLC_FRAME(join(LLC_SNAP, u16(0x0800), V4)), zeros(9)),
  },
  { ...ETHERNET, name: 'PPPoE session', bytes: ethernet(PPPOE(join(u16(0x0021), V4)), 0x8864) },
  {
    ...ETHERNET,
    name: 'PPPoE session, IPv6, VLAN',
    bytes: ethernet(PPPOE(join(u16(0x0057), V6)), 0x8864, VLAN(35)),
    version: 6,
    vlan: 35,
    vlanTags: 1,
  },
  { ...ETHERNET, name: 'MPLS', bytes: ethernet(join(LABEL(16, true), V4), 0x8847) },
  {
    ...ETHERNET,
    name: 'MPLS stack',
    bytes: ethernet(join(LABEL(16, false), LABEL(17, false), LABEL(18, true), V6), 0x8847),
    version: 6,
  },
  { ...ETHERNET, name: 'MPLS multicast', bytes: ethernet(join(LABEL(16, true), V4), 0x8848) },
  {
    ...ETHERNET,
    name: 'MPLS Ethernet pseudowire',
    bytes: ethernet(join(LABEL(16, true), zeros(4), ethernet(V4)), 0x8847),
  },
  {
    ...ETHERNET,
    name: 'MPLS Ethernet pseudowire without control word',
    bytes: ethernet(join(LABEL(16, true), hex('2e2222222222 022222222222 0800'), V4), 0x8847),
  },
  { ...ETHERNET, name: '802.1ah', bytes: ethernet(join(zeros(4), ethernet(V4)), 0x88e7) },
  { ...ETHERNET, name: 'FabricPath', bytes: ethernet(join(zeros(2), ethernet(V4)), 0x8903) },
  { ...ETHERNET, name: 'IPv6 under the EtherType of IPv4', bytes: ethernet(V6, 0x0800), version: 6 },
  { ...ETHERNET, name: 'IPv4 under the EtherType of IPv6', bytes: ethernet(V4, 0x86dd) },
  { name: 'NULL, little-endian', linkType: 0, bytes: join(little(2), V4) },
  { name: 'NULL, big-endian', linkType: 0, bytes: join(u32(2), V4) },
  ...[10, 24, 28, 30].flatMap((family) => [
    { name: `NULL, family ${family}, little-endian`, linkType: 0, bytes: join(little(family), V6), version: 6 },
    { name: `NULL, family ${family}, big-endian`, linkType: 0, bytes: join(u32(family), V6), version: 6 },
  ]),
  { name: 'LOOP', linkType: 108, bytes: join(u32(2), V4) },
  { name: 'LOOP in the wrong byte order', linkType: 108, bytes: join(little(24), V6), version: 6 },
  { name: 'RAW', linkType: 101, bytes: V4 },
  { name: 'RAW with IPv6', linkType: 101, bytes: V6, version: 6 },
  { name: 'RAW of BSD', linkType: 12, bytes: V4 },
  { name: 'RAW of OpenBSD', linkType: 14, bytes: V6, version: 6 },
  { name: 'IPV4', linkType: 228, bytes: V4 },
  { name: 'IPV6', linkType: 229, bytes: V6, version: 6 },
  { name: 'SLL, to us', linkType: 113, bytes: join(SLL(0, 0x0800), V4), direction: 1 },
  { name: 'SLL, multicast', linkType: 113, bytes: join(SLL(2, 0x0800), V4), direction: 1 },
  { name: 'SLL, other host', linkType: 113, bytes: join(SLL(3, 0x0800), V4) },
  { name: 'SLL, outgoing', linkType: 113, bytes: join(SLL(4, 0x86dd), V6), version: 6, direction: 2 },
  {
    name: 'SLL with VLAN',
    linkType: 113,
    bytes: join(SLL(4, 0x8100), u16(42), u16(0x0800), V4),
    direction: 2,
    vlan: 42,
    vlanTags: 1,
  },
  { name: 'SLL with LLC', linkType: 113, bytes: join(SLL(0, 4), LLC_SNAP, u16(0x0800), V4), direction: 1 },
  { name: 'SLL2, to us', linkType: 276, bytes: join(SLL2(0, 0x86dd), V6), version: 6, direction: 1 },
  { name: 'SLL2, outgoing', linkType: 276, bytes: join(SLL2(4, 0x0800), V4), direction: 2 },
  { name: 'PPP', linkType: 9, bytes: join(hex('ff03 0021'), V4) },
  { name: 'PPP without address and control, compressed protocol', linkType: 9, bytes: join([0x21], V4) },
  { name: 'PPP, IPv6', linkType: 9, bytes: join(u16(0x0057), V6), version: 6 },
  { name: 'PPP, MPLS', linkType: 9, bytes: join(u16(0x0281), LABEL(99, true), V4) },
  { name: 'PPP that is Cisco HDLC', linkType: 9, bytes: join(hex('0f00 0800'), V4) },
  { name: 'PPP that is Cisco HDLC, broadcast', linkType: 9, bytes: join(hex('8f00 86dd'), V6), version: 6 },
  { name: 'PPP_HDLC', linkType: 50, bytes: join(hex('ff03 0021'), V4) },
  { name: 'PPP_HDLC with Cisco framing', linkType: 50, bytes: join(hex('0f00 0800'), V4) },
  { name: 'C_HDLC', linkType: 104, bytes: join(hex('8f00 86dd'), V6), version: 6 },
  { name: 'PPP_ETHER', linkType: 51, bytes: PPPOE(join(u16(0x0021), V4)) },
  { name: 'PPP_WITH_DIR, received', linkType: 204, bytes: join([0], hex('ff03 0021'), V4), direction: 1 },
  { name: 'PPP_WITH_DIR, sent', linkType: 204, bytes: join([1], hex('ff03 0021'), V4), direction: 2 },
  { name: 'C_HDLC_WITH_DIR', linkType: 205, bytes: join([1], hex('0f00 0800'), V4), direction: 2 },
  { name: 'PPP_PPPD', linkType: 166, bytes: join([1], hex('ff03 0021'), V4), direction: 2 },
  { name: 'MPLS link', linkType: 219, bytes: join(LABEL(5, true), V4) },
  { name: 'ENC', linkType: 109, bytes: join(little(2), zeros(8), V4) },
  { name: 'PFLOG', linkType: 117, bytes: join([61, 2], zeros(62), V4) },
  {
    name: 'NFLOG, little-endian, input hook',
    linkType: 239,
    bytes: join([2, 0, 0, 5], hex('0800 0100 0800 0100'), hex('0500 0a00 78 000000'), [V4.length + 4, 0, 9, 0], V4),
    direction: 1,
  },
  { name: 'NFLOG, big-endian', linkType: 239, bytes: join([10, 0, 0, 5], u16(V6.length + 4), u16(9), V6), version: 6 },
  { name: 'IPoIB', linkType: 242, bytes: join(zeros(40), u16(0x0800), u16(0), V4) },
  {
    name: 'PKTAP with Ethernet',
    linkType: 258,
    bytes: join(little(44), little(1), little(1), zeros(24), little(2), zeros(4), ethernet(V4)),
    direction: 2,
    macOffset: 44,
  },
  {
    name: 'Juniper Ethernet',
    linkType: 178,
    bytes: join(hex('4d4743 01'), ethernet(V4)),
    direction: 1,
    macOffset: 4,
  },
  {
    name: 'Juniper Ethernet with extensions',
    linkType: 178,
    bytes: join(hex('4d4743 80 0003 030106'), ethernet(V6)),
    version: 6,
    direction: 2,
    macOffset: 9,
  },
  {
    name: 'Juniper Ethernet without link layer header',
    linkType: 178,
    bytes: join(hex('4d4743 03 00000002'), V4),
    direction: 1,
  },
] as Case[];

describe('links', () => {
  it.each(cases.map((c) => [c.name, c] as const))('%s', (_, c) => {
    const view = decode(c.bytes, { linkType: c.linkType });
    expect(view.status).toBe(DecodeStatus.TCP);
    expect(view.layer).toBe(Layer.TCP);
    expect(view.linkType).toBe(c.linkType);
    expect(view.ipVersion).toBe(c.version ?? 4);
    expect(view.etherType).toBe(c.version === 6 ? 0x86dd : 0x0800);
    expect(view.vlan).toBe(c.vlan ?? -1);
    expect(view.vlanTags).toBe(c.vlanTags ?? 0);
    expect(view.direction).toBe(c.direction ?? 0);
    expect(view.macOffset).toBe(c.macOffset === undefined ? -1 : view.recordOffset + c.macOffset);
    expect(view.srcPort).toBe(40000);
    expect(view.seq).toBe(0xfffffff0);
    expect(view.payloadLength).toBe(7);
    expect(view.payloadCaptured).toBe(7);
    expect([...view.bytes.subarray(view.payloadOffset, view.payloadOffset + 7)]).toEqual([...ramp(7)]);
    expect(view.tcpChecksumStatus).toBe(0);
  });

  it.each(cases.map((c) => [c.name, c] as const))('%s, cut at every octet', (_, c) => {
    for (let captured = 0; captured < c.bytes.length; captured++) {
      const view = decode(c.bytes, { linkType: c.linkType, captured });
      if (view.status === DecodeStatus.TCP) continue;
      expect(view.status).toBe(DecodeStatus.CUT_SHORT);
      expect(view.needed).toBeGreaterThan(view.had);
      expect(view.statusOffset + view.had).toBe(captured);
    }
  });

  it('keeps the direction of the record where the link says nothing', () => {
    expect(decode(ethernet(V4), { direction: 2 }).direction).toBe(2);
    expect(decode(join(SLL(3, 0x0800), V4), { linkType: 113, direction: 2 }).direction).toBe(2);
  });

  it('does not count Ethernet padding as payload', () => {
    const view = decode(join(ethernet(ipv4({}, tcpSegment({ flags: 0x010 }))), zeros(6)));
    expect(view.status).toBe(DecodeStatus.TCP);
    expect(view.payloadLength).toBe(0);
    expect(view.payloadCaptured).toBe(0);
    expect(view.capturedLength).toBe(60);
    expect(view.tcpChecksumStatus).toBe(0);
  });

  it.each([
    ['ARP', 1, ethernet(ramp(28), 0x0806), 0x0806],
    ['PPPoE discovery', 1, ethernet(hex('1109 0000 0004 01010000'), 0x8863), 0x8863],
    ['LLDP', 1, ethernet(ramp(40), 0x88cc), 0x88cc],
    ['LLC spanning tree', 1, LLC_FRAME(join(hex('424203'), zeros(35))), 0],
    ['SNAP of another organization', 1, LLC_FRAME(join(hex('aaaa03 00000c 2000'), zeros(35))), 0],
    ['PPP LCP', 9, join(hex('ff03 c021'), zeros(10)), 0xc021],
    ['NULL with another family', 0, join(little(7), V4), 7],
    ['MPLS associated channel', 1, ethernet(join(LABEL(1, true), hex('10000021'), V4), 0x8847), 0],
    ['PPPoE session with a code', 1, ethernet(join(hex('1119 0001'), u16(4), zeros(4)), 0x8864), 0],
    ['SLL raw 802.3', 113, join(SLL(0, 1), V4), 1],
  ] as const)('%s is not TCP', (_, linkType, bytes, etherType) => {
    const view = decode(bytes, { linkType });
    expect(view.status).toBe(DecodeStatus.NOT_TCP);
    expect(view.layer).toBe(Layer.LINK);
    expect(view.etherType).toBe(etherType);
  });

  it.each([
    ['Ethernet of 13 octets', 1, ramp(13)],
    ['802.3 frame with length 0', 1, ethernet(join(LLC_SNAP, u16(0x0800), V4), 0)],
    ['PPPoE of another version', 1, ethernet(join(hex('2100 0001'), u16(4), zeros(4)), 0x8864)],
    ['label stack without a bottom', 1, ethernet(join(LABEL(1, false), LABEL(2, false)), 0x8847)],
    ['tag without a type', 1, ethernet(ramp(1), 0x8100)],
    ['PPP of one octet', 9, ramp(1, 2)],
    ['SLL header too short', 113, ramp(15)],
    ['SLL2 header too short', 276, ramp(19)],
    ['NULL header too short', 0, ramp(3)],
    ['PFLOG with length 0', 117, zeros(64)],
    ['NFLOG attribute with length 3', 239, join([2, 0, 0, 0], u16(3), u16(1))],
    ['PKTAP with length 4', 258, join(little(4), zeros(60))],
    ['Juniper Ethernet of 3 octets', 178, hex('4d4743')],
    ['Juniper Ethernet with another magic number', 178, join(hex('4d4744 01'), ethernet(V4))],
    ['Juniper Ethernet with extensions beyond the end', 178, join(hex('4d4743 80 ffff'), ethernet(V4))],
    ['nothing', 1, new Uint8Array(0)],
  ] as const)('%s is malformed', (_, linkType, bytes) => {
    const view = decode(Uint8Array.from(bytes), { linkType });
    expect(view.status).toBe(DecodeStatus.MALFORMED);
    expect(view.layer).toBe(Layer.LINK);
  });

  it('names the link types that it does not know', () => {
    for (const linkType of [2, 147, 65535, -1]) {
      const view = decode(ethernet(V4), { linkType });
      expect(view.status).toBe(DecodeStatus.UNKNOWN_LINK);
      expect(view.layer).toBe(Layer.LINK);
    }
  });

  it.each(Object.entries(LinkType))('knows %s, which has a name', (_, linkType) => {
    expect(decode(new Uint8Array(64), { linkType }).status).not.toBe(DecodeStatus.UNKNOWN_LINK);
  });

  it('survives a packet of nothing but tags', () => {
    const bytes = ethernet(Uint8Array.from(new Array(15_000).fill([0, 1, 0x81, 0]).flat() as number[]), 0x8100);
    expect(decode(bytes).status).toBe(DecodeStatus.MALFORMED);
  });
});

it('the page about link types has the number of each that there is', () => {
  const page = readFileSync(new URL('../../docs/links.md', import.meta.url), 'utf8');
  const [, table] = /\| link type of the capture \| numbers \|\n\|---\|---\|\n((?:\|.*\n)+)/.exec(page)!;
  const numbers = [...table.matchAll(/^\|.*\| (.*) \|$/gm)].flatMap(
    ([, cell]) => cell.replaceAll(/\(.*?\)/g, '').match(/\d+/g) ?? [],
  );
  // A number may carry two formats.
  expect(new Set(numbers.map(Number))).toEqual(new Set(Object.values(LinkType)));
});
