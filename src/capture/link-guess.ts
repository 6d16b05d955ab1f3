import { EtherType } from '../model/ether-type.ts';
import { LinkType, linkHeaderOctets } from '../model/link-type.ts';

/**
 * The link type of a packet of which only bytes are known. tcpdump -x and -X print from the network header on, -xx and -XX
 * from the link header on; the text does not say which it is.
 */
const { IPV4, IPV6, ARP, VLAN, SERVICE_VLAN } = EtherType;

/** LINKTYPE_ value by the bytes alone, -1 when they look like none of the candidates. */
export function guessLinkType(data: DataView, length: number): number {
  // Link headers come first: they must name the protocol and hold a consistent packet, which chance does not.
  if (length >= 14) {
    let type = data.getUint16(12);
    let at = 14;
    while ((type === VLAN || type === SERVICE_VLAN) && length >= at + 4) {
      type = data.getUint16(at + 2);
      at += 4;
    }
    if (isProtocolAt(data, at, length, type)) return LinkType.ETHERNET;
  }
  if (length >= 20 && data.getUint16(2) === 0 && isProtocolAt(data, 20, length, data.getUint16(0)))
    return LinkType.LINUX_SLL2;
  if (length >= 16 && data.getUint16(0) <= 4 && isProtocolAt(data, 16, length, data.getUint16(14)))
    return LinkType.LINUX_SLL;
  if (isIpAt(data, 0, length)) return LinkType.RAW;
  if (length >= 24 && isFamily(data) && isIpAt(data, 4, length)) return LinkType.NULL;
  return -1;
}

/** Length of the packet on the wire by its own IP header, at least `length`. */
export function wireLength(data: DataView, length: number, linkType: number): number {
  let at = linkHeaderOctets(linkType) ?? 0;
  if (linkType === LinkType.ETHERNET) {
    while (length >= at + 4 && (data.getUint16(at - 2) === VLAN || data.getUint16(at - 2) === SERVICE_VLAN)) at += 4;
  }
  // The length field is enough: a dump may be cut inside of the header.
  if (length - at < 6) return length;
  const version = data.getUint8(at) >> 4;
  if (version === 4) return Math.max(length, at + data.getUint16(at + 2));
  return version === 6 ? Math.max(length, at + 40 + data.getUint16(at + 4)) : length;
}

function isProtocolAt(data: DataView, at: number, length: number, type: number): boolean {
  if (type === IPV4 || type === IPV6) return isIpAt(data, at, length, type === IPV4 ? 4 : 6);
  // Hardware type Ethernet, protocol type IPv4.
  return type === ARP && length >= at + 4 && data.getUint16(at) === 1 && data.getUint16(at + 2) === IPV4;
}

/** Is there an IP header that agrees with itself? The packet may be cut, and padded to Ethernet's minimum. */
function isIpAt(
  data: DataView,
  at: number,
  length: number,
  version = data.byteLength > at ? data.getUint8(at) >> 4 : 0,
): boolean {
  const there = length - at;
  if (there < 20 || data.getUint8(at) >> 4 !== version) return false;
  if (version === 6) return there >= 40;
  if (version !== 4) return false;
  const header = (data.getUint8(at) & 15) * 4;
  const total = data.getUint16(at + 2);
  return header >= 20 && (total === 0 || total >= header) && (total === 0 || there <= Math.max(total, 46));
}

/** BSD loopback header: an address family in the writer's byte order (2 is IPv4; 10, 24, 28 and 30 are IPv6). */
function isFamily(data: DataView): boolean {
  const family = data.getUint32(0, true) < 256 ? data.getUint32(0, true) : data.getUint32(0);
  return family === 2 || family === 10 || family === 24 || family === 28 || family === 30;
}
