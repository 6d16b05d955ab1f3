import { EtherType } from '../model/ether-type.ts';
import { DecodeStatus, Layer, type SegmentView } from '../model/segment.ts';
import { prefixMask } from './addresses.ts';

/** What a filter asks of a packet. */
export type Predicate = (view: SegmentView) => boolean;

export type Direction = 'src' | 'dst' | 'either' | 'both';

/** Joins a question about the source and one about the destination. */
function directed(direction: Direction, src: Predicate, dst: Predicate): Predicate {
  switch (direction) {
    case 'src':
      return src;
    case 'dst':
      return dst;
    case 'both':
      return (view) => src(view) && dst(view);
    case 'either':
      return (view) => src(view) || dst(view);
  }
}

export const isIp4: Predicate = (view) => view.ipVersion === 4;
export const isIp6: Predicate = (view) => view.ipVersion === 6;

/** The TCP header is there, whole or not; the datagram's later fragments have none. */
export const isTcp: Predicate = (view) =>
  view.status === DecodeStatus.TCP ||
  (view.layer === Layer.TCP && (view.status === DecodeStatus.CUT_SHORT || view.status === DecodeStatus.MALFORMED));

/** An ICMP error that quotes a segment: its addresses and ports in the view are the quoted ones. */
export const quotesTcp: Predicate = (view) => view.status === DecodeStatus.ICMP_QUOTES_TCP;

const hasPorts: Predicate = (view) => isTcp(view) || quotesTcp(view);

/** `proto NUMBER` over either version of IP. */
export function ipProtocol(number: number): Predicate {
  if (number === 6) return (view) => view.ipVersion !== 0 && view.protocol === 6 && !quotesTcp(view);
  if (number === 1) return (view) => view.ipVersion === 4 && (view.protocol === 1 || quotesTcp(view));
  if (number === 58) return (view) => view.ipVersion === 6 && (view.protocol === 58 || quotesTcp(view));
  return (view) => view.ipVersion !== 0 && view.protocol === number && !quotesTcp(view);
}

export const etherProtocol =
  (number: number): Predicate =>
  (view) =>
    view.etherType === number ||
    (number === EtherType.IPV4 && isIp4(view)) ||
    (number === EtherType.IPV6 && isIp6(view));

/** `net` of IPv4: the address and the mask as words of 32 bits. */
export function ip4Network(value: number, mask: number, direction: Direction): Predicate {
  // Signed comparison of both sides: the view's words may be either.
  const wanted = value & mask;
  return directed(
    direction,
    (view) => view.ipVersion === 4 && (view.src3 & mask) === wanted,
    (view) => view.ipVersion === 4 && (view.dst3 & mask) === wanted,
  );
}

/** `net` of IPv6: the words of the address and the length of its prefix. */
export function ip6Network(words: readonly number[], bits: number, direction: Direction): Predicate {
  const masks = [0, 1, 2, 3].map((i) => prefixMask(Math.min(32, Math.max(0, bits - 32 * i))));
  const [m0, m1, m2, m3] = masks;
  const [w0, w1, w2, w3] = words.map((word, i) => word & masks[i]);
  return directed(
    direction,
    (view) =>
      view.ipVersion === 6 &&
      (view.src3 & m3) === w3 &&
      (view.src2 & m2) === w2 &&
      (view.src1 & m1) === w1 &&
      (view.src0 & m0) === w0,
    (view) =>
      view.ipVersion === 6 &&
      (view.dst3 & m3) === w3 &&
      (view.dst2 & m2) === w2 &&
      (view.dst1 & m1) === w1 &&
      (view.dst0 & m0) === w0,
  );
}

/** `portrange`: a TCP port from `low` to `high`. */
export function portRange(low: number, high: number, direction: Direction): Predicate {
  return directed(
    direction,
    (view) => hasPorts(view) && view.srcPort >= low && view.srcPort <= high,
    (view) => hasPorts(view) && view.dstPort >= low && view.dstPort <= high,
  );
}

/** An Ethernet address: the destination comes first in the frame. */
export function ethernetAddress(octets: readonly number[], direction: Direction): Predicate {
  const at =
    (skip: number): Predicate =>
    (view) => {
      if (view.macOffset < 0) return false;
      for (let i = 0; i < 6; i++) if (view.recordBytes[view.macOffset + skip + i] !== octets[i]) return false;
      return true;
    };
  return directed(direction, at(6), at(0));
}

/** A frame to a group: the lowest bit of the first octet; all bits are the broadcast. */
export const isEthernetMulticast: Predicate = (view) =>
  view.macOffset >= 0 && (view.recordBytes[view.macOffset] & 1) !== 0;
export const isEthernetBroadcast = ethernetAddress([255, 255, 255, 255, 255, 255], 'dst');

/** As libpcap has it, everything from 224.0.0.0 up. */
export const isIp4Multicast: Predicate = (view) => view.ipVersion === 4 && view.dst3 >>> 28 >= 14;
export const isIp6Multicast = ip6Network([0xff000000, 0, 0, 0], 8, 'dst');

export const anyVlan: Predicate = (view) => view.vlan >= 0;
export const vlan =
  (id: number): Predicate =>
  (view) =>
    view.vlan === id;

export const isInbound: Predicate = (view) => view.direction === 1;
export const isOutbound: Predicate = (view) => view.direction === 2;

export const atMost =
  (length: number): Predicate =>
  (view) =>
    view.originalLength <= length;
export const atLeast =
  (length: number): Predicate =>
  (view) =>
    view.originalLength >= length;

export const not =
  (test: Predicate): Predicate =>
  (view) =>
    !test(view);

/** Both are true. */
export const both =
  (a: Predicate, b: Predicate): Predicate =>
  (view) =>
    a(view) && b(view);
