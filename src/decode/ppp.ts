import { DecodeStatus, Layer, type SegmentView } from '../model/segment.ts';
import { type Cursor, done, malformed, Next, narrow, tooShort } from './cursor.ts';

/** PPP protocol numbers (RFC 1332, RFC 5072, RFC 3032 section 4). */
const PPP_IPV4 = 0x0021;
const PPP_IPV6 = 0x0057;
const PPP_MPLS = 0x0281;
const PPP_MPLS_MULTICAST = 0x0283;

const PPPOE_HEADER = 6;
const PPPOE_LENGTH = 4;

/** PPPoE session stage (RFC 2516 section 4). */
export function pppoe(cursor: Cursor, view: SegmentView): number {
  const offset = cursor.offset;
  if (cursor.end - offset < PPPOE_HEADER) return tooShort(cursor, view, Layer.LINK, PPPOE_HEADER);
  // Version 1, type 1; code 0 is session data.
  if (cursor.bytes[offset] !== 0x11) return malformed(cursor, view, Layer.LINK, offset, 0x11, cursor.bytes[offset]);
  if (cursor.bytes[offset + 1] !== 0) return done(view, DecodeStatus.NOT_TCP, Layer.LINK);
  const length = cursor.data.getUint16(offset + PPPOE_LENGTH);
  cursor.offset = offset + PPPOE_HEADER;
  // 0 where the network card cut the segments later (as with IP's own length).
  if (length !== 0) narrow(cursor, length);
  return Next.PPP;
}

/** PPP (RFC 1661), with or without address and control, with one- or two-octet protocol field. */
export function ppp(cursor: Cursor, view: SegmentView): number {
  const { bytes, end } = cursor;
  let offset = cursor.offset;
  if (end - offset < 2) return tooShort(cursor, view, Layer.LINK, 2);
  if (bytes[offset] === 0xff && bytes[offset + 1] === 0x03) {
    cursor.offset = offset += 2;
    if (end - offset < 2) return tooShort(cursor, view, Layer.LINK, 2);
  }
  // The last octet of a protocol number is odd, the first even (section 2): an odd first octet is a compressed field.
  let protocol = bytes[offset++];
  if ((protocol & 1) === 0) protocol = (protocol << 8) | bytes[offset++];
  cursor.offset = offset;
  if (protocol === PPP_IPV4) return Next.IPV4;
  if (protocol === PPP_IPV6) return Next.IPV6;
  if (protocol === PPP_MPLS || protocol === PPP_MPLS_MULTICAST) return Next.MPLS;
  view.etherType = protocol;
  return done(view, DecodeStatus.NOT_TCP, Layer.LINK);
}

/**
 * PPP in HDLC-like framing (RFC 1662), or Cisco HDLC, which carries EtherTypes. Routers write Cisco HDLC under the link
 * type of PPP as well. The first octets tell the two apart: no PPP protocol has a compressed number of 0x0f or 0x8f.
 */
export function hdlc(cursor: Cursor, view: SegmentView): number {
  const offset = cursor.offset;
  if (cursor.end - offset < 4) return tooShort(cursor, view, Layer.LINK, 4);
  const address = cursor.bytes[offset];
  // Cisco: unicast 0x0f or broadcast 0x8f, control 0.
  if ((address === 0x0f || address === 0x8f) && cursor.bytes[offset + 1] === 0) {
    cursor.etherType = cursor.data.getUint16(offset + 2);
    cursor.offset = offset + 4;
    return cursor.etherType > 1500 ? Next.ETHERTYPE : done(view, DecodeStatus.NOT_TCP, Layer.LINK);
  }
  return Next.PPP;
}
