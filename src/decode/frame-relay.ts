import { DecodeStatus, Layer, type SegmentView } from '../model/segment.ts';
import { type Cursor, done, Next, tooShort } from './cursor.ts';

/** Most octets of an address (Q.922 section 3.3). */
const MAX_ADDRESS = 4;
/** The last octet of the address. */
const LAST = 0x01;
const UNNUMBERED = 0x03;

/** Network layer protocol identifiers (RFC 2427 section 4). */
const SNAP = 0x80;
const IPV6 = 0x8e;
const IPV4 = 0xcc;
const SNAP_HEADER = 5;
/** 802.3 frames: organization 00-80-C2, with and without a frame check sequence at the end (section 4.2). */
const BRIDGED = 0x0080c2;
const BRIDGED_WITH_CHECK = 0x0001;
const BRIDGED_WITHOUT_CHECK = 0x0007;

/** Frame Relay as RFC 2427 has it, or as Cisco has it: with an EtherType right after the address. */
export function frameRelay(cursor: Cursor, view: SegmentView): number {
  const { bytes, data, offset, end } = cursor;
  let at = offset;
  do {
    if (at - offset === MAX_ADDRESS) return done(view, DecodeStatus.NOT_TCP, Layer.LINK);
    if (end - at < 1) return tooShort(cursor, view, Layer.LINK, at - offset + 1);
  } while ((bytes[at++] & LAST) === 0);
  if (end - at < 2) return tooShort(cursor, view, Layer.LINK, at - offset + 2);
  if (bytes[at] !== UNNUMBERED) {
    cursor.etherType = data.getUint16(at);
    cursor.offset = at + 2;
    return cursor.etherType > 1500 ? Next.ETHERTYPE : done(view, DecodeStatus.NOT_TCP, Layer.LINK);
  }
  at++;
  // An octet of padding makes the header even.
  if (bytes[at] === 0) at++;
  if (end - at < 1) return tooShort(cursor, view, Layer.LINK, at - offset + 1);
  cursor.offset = at + 1;
  switch (bytes[at]) {
    case IPV4:
      return Next.IPV4;
    case IPV6:
      return Next.IPV6;
    case SNAP:
      return snap(cursor, view);
    default:
      return done(view, DecodeStatus.NOT_TCP, Layer.LINK);
  }
}

function snap(cursor: Cursor, view: SegmentView): number {
  const { data, offset } = cursor;
  if (cursor.end - offset < SNAP_HEADER) return tooShort(cursor, view, Layer.LINK, SNAP_HEADER);
  const organization = data.getUint32(offset) >>> 8;
  const type = data.getUint16(offset + 3);
  cursor.offset = offset + SNAP_HEADER;
  if (organization === BRIDGED && (type === BRIDGED_WITH_CHECK || type === BRIDGED_WITHOUT_CHECK)) return Next.ETHERNET;
  cursor.etherType = type;
  return organization === 0 && type > 1500 ? Next.ETHERTYPE : done(view, DecodeStatus.NOT_TCP, Layer.LINK);
}
