import { EtherType } from '../model/ether-type.ts';
import { LinkType } from '../model/link-type.ts';
import type { CaptureRecord } from '../model/record.ts';

/** What is around a TCP packet: so much as one look at its headers tells. */
const Tunnel = { NONE: 0, IP_IN_IP: 1, GRE: 2, VXLAN: 3, GENEVE: 4, MPLS: 5, PPPOE: 6, GTP: 7 } as const;

const NAMES = ['', 'ipip', 'gre', 'vxlan', 'geneve', 'mpls', 'pppoe', 'gtp'];

/** The record holds no TCP, as far as its headers tell without taking tunnels apart. */
export const NO_LEVEL = -1;
/** Neither VLAN tags nor a tunnel, or a link type of which nothing is told. */
export const PLAIN = 0;

/** A level in one number: tags of 12 bits, the outer one above, and the tunnel above them. */
const TAG = 2 ** 12;
const TUNNEL = 2 ** 24;

const TCP = 6;
const UDP = 17;

/**
 * The level of a record at its interface: VLAN tags and the outermost tunnel. A trunk, a mirror port and an interface that
 * ends tunnels show one packet at several levels. A priority tag (VLAN 0) is none.
 */
export function levelOf({ linkType, data, offset, capturedLength }: CaptureRecord): number {
  let at = offset;
  const end = offset + capturedLength;
  switch (linkType) {
    case LinkType.ETHERNET:
      at += 12;
      break;
    case LinkType.LINUX_SLL2:
      if (capturedLength < 20) return PLAIN;
      return above(data, data.getUint16(at), at + 20, end, 0);
    case LinkType.RAW:
    case LinkType.RAW_BSD:
    case LinkType.RAW_OPENBSD:
    case LinkType.IPV4:
    case LinkType.IPV6:
      return at < end ? ip(data, data.getUint8(at) >> 4, at, end, 0) : PLAIN;
    default:
      return PLAIN;
  }
  return at + 2 <= end ? above(data, data.getUint16(at), at + 2, end, 0) : PLAIN;
}

/** What an EtherType announces. */
function above(data: DataView, type: number, at: number, end: number, tags: number): number {
  while (type === 0x8100 || type === 0x88a8 || type === 0x9100) {
    if (at + 4 > end) return PLAIN;
    const tag = data.getUint16(at) & 0xfff;
    if (tag > 0) tags = (tags * TAG + tag) % TUNNEL;
    type = data.getUint16(at + 2);
    at += 4;
  }
  switch (type) {
    case EtherType.IPV4:
      return ip(data, 4, at, end, tags);
    case EtherType.IPV6:
      return ip(data, 6, at, end, tags);
    case 0x8847:
    case 0x8848:
      return Tunnel.MPLS * TUNNEL + tags;
    case 0x8864:
      return Tunnel.PPPOE * TUNNEL + tags;
    default:
      // Lengths of LLC frames stand in the same place; IP can be in those too.
      return type < 1536 ? tags : NO_LEVEL;
  }
}

function ip(data: DataView, version: number, at: number, end: number, tags: number): number {
  if (version === 4) {
    if (at + 20 > end) return tags;
    return inside(data, data.getUint8(at + 9), at + 4 * (data.getUint8(at) & 15), end, tags);
  }
  return version === 6 && at + 40 <= end ? inside(data, data.getUint8(at + 6), at + 40, end, tags) : tags;
}

function inside(data: DataView, protocol: number, at: number, end: number, tags: number): number {
  switch (protocol) {
    case TCP:
      return tags;
    case 4:
    case 41:
      return Tunnel.IP_IN_IP * TUNNEL + tags;
    case 47:
      return Tunnel.GRE * TUNNEL + tags;
    case UDP:
      return at + 4 <= end ? udp(data.getUint16(at + 2), tags) : NO_LEVEL;
    case 1:
    case 2:
    case 58:
    case 89:
      return NO_LEVEL;
    default:
      // Headers of IPv6 that stand before TCP, and others that may.
      return tags;
  }
}

function udp(port: number, tags: number): number {
  switch (port) {
    case 4789:
    case 4790:
    case 8472:
      return Tunnel.VXLAN * TUNNEL + tags;
    case 6081:
      return Tunnel.GENEVE * TUNNEL + tags;
    case 4754:
      return Tunnel.GRE * TUNNEL + tags;
    case 2152:
      return Tunnel.GTP * TUNNEL + tags;
    default:
      return NO_LEVEL;
  }
}

/** `vlan 20`, `vlan 10.20`, `vxlan`, `vlan 20 gre`; empty for `PLAIN`. */
export function levelName(level: number): string {
  const tags = level % TUNNEL;
  const outer = Math.floor(tags / TAG);
  const vlan = outer > 0 ? `vlan ${outer}.${tags % TAG}` : tags > 0 ? `vlan ${tags}` : '';
  return [vlan, NAMES[Math.floor(level / TUNNEL)]].filter((part) => part !== '').join(' ');
}
