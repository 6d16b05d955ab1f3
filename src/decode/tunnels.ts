import { EtherType } from '../model/ether-type.ts';
import { DecodeStatus, Layer, type SegmentView } from '../model/segment.ts';
import { ayiya } from './ayiya.ts';
import { type Cursor, done, enterTunnel, malformed, Next, narrow, notTunnel, tooShort } from './cursor.ts';
import { l2tp } from './l2tp.ts';
import { teredo } from './teredo.ts';

const UDP_HEADER = 8;
const UDP_DESTINATION = 2;
const UDP_LENGTH = 4;

/** Destination ports of tunnels; the source port only spreads the load. */
const PORT_GTP_USER = 2152;
const PORT_GRE = 4754;
const PORT_VXLAN = 4789;
const PORT_VXLAN_GPE = 4790;
const PORT_GENEVE = 6081;
/** VXLAN of Linux before the port was assigned. */
const PORT_VXLAN_LINUX = 8472;
/** Ports of the servers of tunnels that answer to any port. */
const PORT_L2TP = 1701;
const PORT_TEREDO = 3544;
const PORT_AYIYA = 5072;

/** A UDP datagram: a tunnel by its port, or not TCP. */
export function udp(cursor: Cursor, view: SegmentView): number {
  const { data, offset } = cursor;
  if (cursor.quoted) return done(view, DecodeStatus.NOT_TCP, Layer.ICMP);
  if (cursor.end - offset < UDP_HEADER) return done(view, DecodeStatus.NOT_TCP, Layer.OTHER);
  const port = tunnelPort(data.getUint16(offset), data.getUint16(offset + UDP_DESTINATION));
  if (port === 0) return done(view, DecodeStatus.NOT_TCP, Layer.OTHER);
  const length = data.getUint16(offset + UDP_LENGTH);
  cursor.offset = offset + UDP_HEADER;
  // 0 with offload, as in IP.
  if (length >= UDP_HEADER) narrow(cursor, length - UDP_HEADER);
  // RFC 8086.
  if (port === PORT_GRE) return gre(cursor, view);
  if (!enterTunnel(cursor, view)) return done(view, DecodeStatus.NOT_TCP, Layer.TUNNEL);
  switch (port) {
    case PORT_GENEVE:
      return geneve(cursor, view);
    case PORT_GTP_USER:
      return gtpUser(cursor, view);
    case PORT_L2TP:
      return l2tp(cursor, view);
    case PORT_TEREDO:
      return teredo(cursor, view);
    case PORT_AYIYA:
      return ayiya(cursor, view);
    default:
      return vxlan(cursor, view, port);
  }
}

/** The port that names a tunnel, 0 when none does. */
function tunnelPort(source: number, destination: number): number {
  switch (destination) {
    case PORT_VXLAN:
    case PORT_VXLAN_LINUX:
    case PORT_GENEVE:
    case PORT_VXLAN_GPE:
    case PORT_GTP_USER:
    case PORT_GRE:
      return destination;
    default:
      return isServer(destination) ? destination : isServer(source) ? source : 0;
  }
}

function isServer(port: number): boolean {
  return port === PORT_L2TP || port === PORT_TEREDO || port === PORT_AYIYA;
}

const VXLAN_HEADER = 8;
/** Flags: a network identifier is there (RFC 7348 section 5), and a next protocol octet (draft-ietf-nvo3-vxlan-gpe). */
const VXLAN_VALID = 0x08;
const VXLAN_NEXT_PROTOCOL = 0x04;

function vxlan(cursor: Cursor, view: SegmentView, port: number): number {
  const { bytes, offset } = cursor;
  if (cursor.end - offset < VXLAN_HEADER) return tooShort(cursor, view, Layer.TUNNEL, VXLAN_HEADER);
  const flags = bytes[offset];
  if ((flags & VXLAN_VALID) === 0) return notTunnel(view);
  cursor.offset = offset + VXLAN_HEADER;
  if (port !== PORT_VXLAN_GPE || (flags & VXLAN_NEXT_PROTOCOL) === 0) return Next.ETHERNET;
  switch (bytes[offset + 3]) {
    case 1:
      return Next.IPV4;
    case 2:
      return Next.IPV6;
    case 3:
      return Next.ETHERNET;
    case 5:
      return Next.MPLS;
    default:
      return done(view, DecodeStatus.NOT_TCP, Layer.TUNNEL);
  }
}

const GENEVE_HEADER = 8;

/** RFC 8926 section 3.4: version 0, length of options in units of four octets, EtherType of the payload. */
function geneve(cursor: Cursor, view: SegmentView): number {
  const { bytes, data, offset } = cursor;
  if (cursor.end - offset < GENEVE_HEADER) return tooShort(cursor, view, Layer.TUNNEL, GENEVE_HEADER);
  if (bytes[offset] >>> 6 !== 0) return notTunnel(view);
  const length = GENEVE_HEADER + (bytes[offset] & 0x3f) * 4;
  if (cursor.end - offset < length) return tooShort(cursor, view, Layer.TUNNEL, length);
  cursor.etherType = data.getUint16(offset + 2);
  cursor.offset = offset + length;
  return cursor.etherType > 1500 ? Next.ETHERTYPE : done(view, DecodeStatus.NOT_TCP, Layer.TUNNEL);
}

const GTP_HEADER = 8;
/** A tunnelled packet (3GPP TS 29.281 section 7.1). */
const GTP_PACKET = 255;

/** GTP-U version 1 (3GPP TS 29.281 section 5.1), with the optional part and extension headers. */
function gtpUser(cursor: Cursor, view: SegmentView): number {
  const { bytes, data, offset } = cursor;
  if (cursor.end - offset < GTP_HEADER) return tooShort(cursor, view, Layer.TUNNEL, GTP_HEADER);
  const flags = bytes[offset];
  if (flags >>> 5 !== 1 || (flags & 0x10) === 0 || bytes[offset + 1] !== GTP_PACKET) return notTunnel(view);
  cursor.offset = offset + GTP_HEADER;
  narrow(cursor, data.getUint16(offset + 2));
  if ((flags & 0x07) !== 0) {
    // Sequence number, N-PDU number and next extension header type are there together when any flag is set.
    if (cursor.end - cursor.offset < 4) return tooShort(cursor, view, Layer.TUNNEL, 4);
    let next = (flags & 0x04) !== 0 ? bytes[cursor.offset + 3] : 0;
    cursor.offset += 4;
    while (next !== 0) {
      if (cursor.end - cursor.offset < 1) return tooShort(cursor, view, Layer.TUNNEL, 1);
      const length = bytes[cursor.offset] * 4;
      if (length === 0) return malformed(cursor, view, Layer.TUNNEL, cursor.offset, 4, 0);
      if (cursor.end - cursor.offset < length) return tooShort(cursor, view, Layer.TUNNEL, length);
      next = bytes[cursor.offset + length - 1];
      cursor.offset += length;
    }
  }
  return Next.IP;
}

const GRE_HEADER = 4;
const GRE_CHECKSUM = 0x8000;
const GRE_ROUTING = 0x4000;
const GRE_KEY = 0x2000;
const GRE_SEQUENCE = 0x1000;
/** Acknowledgment number, in version 1 only (RFC 2637 section 4.1). */
const GRE_ACKNOWLEDGMENT = 0x0080;
const GRE_VERSION = 0x0007;

/** GRE (RFC 2784, RFC 2890), its PPTP variant (RFC 2637) and ERSPAN inside it. */
export function gre(cursor: Cursor, view: SegmentView): number {
  const { data, offset } = cursor;
  if (!enterTunnel(cursor, view)) return done(view, DecodeStatus.NOT_TCP, Layer.TUNNEL);
  if (cursor.end - offset < GRE_HEADER) return tooShort(cursor, view, Layer.TUNNEL, GRE_HEADER);
  const flags = data.getUint16(offset);
  const type = data.getUint16(offset + 2);
  const version = flags & GRE_VERSION;
  // Source routes of RFC 1701 are gone since RFC 2784; versions above 1 do not exist.
  if (version > 1 || (flags & GRE_ROUTING) !== 0) return done(view, DecodeStatus.NOT_TCP, Layer.TUNNEL);
  let length = GRE_HEADER;
  if ((flags & GRE_CHECKSUM) !== 0) length += 4;
  if ((flags & GRE_KEY) !== 0) length += 4;
  if ((flags & GRE_SEQUENCE) !== 0) length += 4;
  if (version === 1 && (flags & GRE_ACKNOWLEDGMENT) !== 0) length += 4;
  if (cursor.end - offset < length) return tooShort(cursor, view, Layer.TUNNEL, length);
  cursor.offset = offset + length;
  // PPTP sends bare acknowledgments.
  if (version === 1 && (flags & GRE_SEQUENCE) === 0) return done(view, DecodeStatus.NOT_TCP, Layer.TUNNEL);
  if (type === EtherType.ERSPAN_II) {
    // draft-foschiano-erspan: type I has no sequence number and no header of its own, type II has both.
    return (flags & GRE_SEQUENCE) === 0 ? Next.ETHERNET : skip(cursor, view, 8, Next.ETHERNET);
  }
  if (type === ERSPAN_III) return erspan3(cursor, view);
  if ((type & ARUBA_MASK) === ARUBA_WLAN) return Next.WLAN;
  if (type <= 1500) return done(view, DecodeStatus.NOT_TCP, Layer.TUNNEL);
  cursor.etherType = type;
  return Next.ETHERTYPE;
}

const ERSPAN_III = 0x22eb;
/** Aruba's access points: 802.11 frames under 0x8200 to 0x82f0. */
const ARUBA_WLAN = 0x8200;
const ARUBA_MASK = 0xff0f;

/** Twelve octets, eight more with the O bit; the frame type field tells Ethernet (0) from bare IP (2). */
function erspan3(cursor: Cursor, view: SegmentView): number {
  const { bytes, offset } = cursor;
  if (cursor.end - offset < 12) return tooShort(cursor, view, Layer.TUNNEL, 12);
  const frameType = (bytes[offset + 10] >>> 2) & 0x1f;
  const length = 12 + (bytes[offset + 11] & 1) * 8;
  return skip(cursor, view, length, frameType === 2 ? Next.IP : Next.ETHERNET);
}

function skip(cursor: Cursor, view: SegmentView, length: number, next: number): number {
  if (cursor.end - cursor.offset < length) return tooShort(cursor, view, Layer.TUNNEL, length);
  cursor.offset += length;
  return next;
}
