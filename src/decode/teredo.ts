import { Layer, type SegmentView } from '../model/segment.ts';
import { type Cursor, Next, notTunnel, tooShort } from './cursor.ts';
import { PAYLOAD_LENGTH } from './ipv6.ts';
import { IPV6_HEADER } from './protocol.ts';

/** Indicators before the IPv6 packet (RFC 4380 section 5.1.1). */
const AUTHENTICATION = 0x0001;
/** Its identifier and its authentication value have the lengths in octets 2 and 3; a nonce and a confirmation follow. */
const AUTHENTICATION_HEADER = 4;
const NONCE_AND_CONFIRMATION = 9;
const ORIGIN = 0x0000;
const ORIGIN_LENGTH = 8;

/** IPv6 in UDP, with or without indicators. Its length must fit into the datagram, or it is something else. */
export function teredo(cursor: Cursor, view: SegmentView): number {
  const { bytes, data, offset, end } = cursor;
  let at = offset;
  if (end - at >= AUTHENTICATION_HEADER && data.getUint16(at) === AUTHENTICATION)
    at += AUTHENTICATION_HEADER + bytes[at + 2] + bytes[at + 3] + NONCE_AND_CONFIRMATION;
  if (end - at >= 2 && data.getUint16(at) === ORIGIN) at += ORIGIN_LENGTH;
  const needed = at - offset + IPV6_HEADER;
  if (cursor.wireEnd - offset < needed) return notTunnel(view);
  if (end - offset < needed) return tooShort(cursor, view, Layer.TUNNEL, needed);
  const packetEnd = at + IPV6_HEADER + data.getUint16(at + PAYLOAD_LENGTH);
  if (bytes[at] >>> 4 !== 6 || packetEnd > cursor.wireEnd) return notTunnel(view);
  cursor.offset = at;
  return Next.IPV6;
}
