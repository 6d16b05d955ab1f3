import { EtherType } from '../model/ether-type.ts';
import { ChecksumStatus, DecodeStatus, Layer, type SegmentView } from '../model/segment.ts';
import { type Cursor, done, malformed, Next, tooShort } from './cursor.ts';
import { type FragmentTable, Reassembly } from './fragments.ts';
import { IPV6_HEADER, Protocol, reassembles } from './protocol.ts';
import { peekTcp } from './tcp.ts';

/** RFC 8200 section 3. */
export const PAYLOAD_LENGTH = 4;
const NEXT_HEADER = 6;
const HOP_LIMIT = 7;
const SOURCE = 8;
const DESTINATION = 24;

/** Options of hop-by-hop and destination options headers. */
const PAD1 = 0;
/** RFC 2675 section 2: the length of a packet over 65535 octets, without the IPv6 header. */
const JUMBO_PAYLOAD = 0xc2;
/** RFC 6275 section 6.3: the mobile node's home address, which the checksum counts as the source. */
const HOME_ADDRESS = 0xc9;

const ROUTING_TYPE = 2;
const ROUTING_SEGMENTS_LEFT = 3;
const ROUTING_ADDRESSES = 8;
/** Routing types: source route (deprecated by RFC 5095), mobile IPv6 (RFC 6275), segment routing (RFC 8754). */
const ROUTE_SOURCE = 0;
const ROUTE_MOBILE = 2;
const ROUTE_SEGMENTS = 4;

const FRAGMENT_HEADER = 8;

export function ipv6(cursor: Cursor, view: SegmentView, fragments: FragmentTable): number {
  const { bytes, data, offset } = cursor;
  if (cursor.end - offset < IPV6_HEADER) return tooShort(cursor, view, Layer.IPV6, IPV6_HEADER);
  const first = bytes[offset];
  if (first >>> 4 !== 6) {
    if (first >>> 4 === 4) return Next.IPV4;
    return malformed(cursor, view, Layer.IPV6, offset, 6, first >>> 4);
  }
  const payloadLength = data.getUint16(offset + PAYLOAD_LENGTH);
  const next = bytes[offset + NEXT_HEADER];

  view.etherType = EtherType.IPV6;
  view.ipVersion = 6;
  view.bytes = bytes;
  view.data = data;
  view.ipOffset = offset;
  view.ipHeaderLength = IPV6_HEADER;
  view.src0 = data.getInt32(offset + SOURCE);
  view.src1 = data.getInt32(offset + SOURCE + 4);
  view.src2 = data.getInt32(offset + SOURCE + 8);
  view.src3 = data.getInt32(offset + SOURCE + 12);
  view.dst0 = data.getInt32(offset + DESTINATION);
  view.dst1 = data.getInt32(offset + DESTINATION + 4);
  view.dst2 = data.getInt32(offset + DESTINATION + 8);
  view.dst3 = data.getInt32(offset + DESTINATION + 12);
  view.ttl = bytes[offset + HOP_LIMIT];
  view.tos = (data.getUint16(offset) >>> 4) & 0xff;
  view.ipId = -1;
  view.ipFragment = 0;
  view.ipChecksumStatus = ChecksumStatus.ABSENT;
  view.ipChecksumFound = 0;
  view.ipChecksumExpected = 0;
  view.ipLengthIsZero = false;
  view.ipMissing = 0;
  view.ipTotalLength = IPV6_HEADER + payloadLength;
  view.protocol = next;
  cursor.metIp = true;

  if (payloadLength !== 0) {
    bound(cursor, view, IPV6_HEADER + payloadLength);
  } else if (cursor.wireEnd - offset > IPV6_HEADER && next !== Protocol.NO_NEXT_HEADER) {
    // A jumbogram (its option may correct the length below), or BIG TCP and offload, where the record knows.
    view.ipLengthIsZero = true;
    view.ipTotalLength = cursor.wireEnd - offset;
  }
  cursor.offset = offset + IPV6_HEADER;
  if (next === Protocol.TCP) return Next.TCP;
  return extensions(cursor, view, fragments);
}

function bound(cursor: Cursor, view: SegmentView, totalLength: number): void {
  const packetEnd = view.ipOffset + totalLength;
  view.ipTotalLength = totalLength;
  view.ipMissing = cursor.quoted ? 0 : Math.max(0, packetEnd - cursor.wireEnd);
  cursor.wireEnd = packetEnd;
  if (packetEnd < cursor.end) cursor.end = packetEnd;
}

/** Walks the extension headers from `view.protocol` at the cursor (RFC 8200 section 4) up to the payload. */
function extensions(cursor: Cursor, view: SegmentView, fragments: FragmentTable): number {
  for (;;) {
    const { bytes, offset } = cursor;
    switch (view.protocol) {
      case Protocol.HOP_BY_HOP:
      case Protocol.DESTINATION_OPTIONS:
      case Protocol.ROUTING:
      case Protocol.MOBILITY:
      case Protocol.HOST_IDENTITY:
      case Protocol.SHIM6: {
        if (cursor.end - offset < 8) return tooShort(cursor, view, Layer.IPV6, 8);
        const length = (bytes[offset + 1] + 1) * 8;
        if (cursor.end - offset < length) return tooShort(cursor, view, Layer.IPV6, length);
        const kind = view.protocol;
        if (kind === Protocol.ROUTING) {
          if (!route(cursor, view, offset, length)) {
            return malformed(cursor, view, Layer.IPV6, offset, bytes[offset + ROUTING_SEGMENTS_LEFT] * 16 + 8, length);
          }
        } else if (kind === Protocol.HOP_BY_HOP || kind === Protocol.DESTINATION_OPTIONS) {
          options(cursor, view, offset + 2, offset + length);
        }
        view.protocol = bytes[offset];
        cursor.offset = offset + length;
        break;
      }
      case Protocol.AUTHENTICATION: {
        const length = authentication(cursor, view, Layer.IPV6);
        if (length === 0) return Next.DONE;
        break;
      }
      case Protocol.FRAGMENT: {
        const verdict = fragment(cursor, view, fragments);
        if (verdict !== CONTINUE) return verdict;
        break;
      }
      default:
        if (!cursor.reassembled) view.ipHeaderLength = offset - view.ipOffset;
        return view.protocol === Protocol.TCP ? Next.TCP : Next.PROTOCOL;
    }
  }
}

/**
 * Steps over an authentication header (RFC 4302 section 2) of either IP version: its length counts units of four octets,
 * less two. Returns the length, or 0 when decoding ends here.
 */
export function authentication(cursor: Cursor, view: SegmentView, layer: number): number {
  const { bytes, offset } = cursor;
  if (cursor.end - offset < 12) {
    tooShort(cursor, view, layer, 12);
    return 0;
  }
  const length = (bytes[offset + 1] + 2) * 4;
  if (length < 12) {
    malformed(cursor, view, layer, offset, 12, length);
    return 0;
  }
  if (cursor.end - offset < length) {
    tooShort(cursor, view, layer, length);
    return 0;
  }
  view.protocol = bytes[offset];
  cursor.offset = offset + length;
  return length;
}

/** -1 is no `Next`: the walk goes on. */
const CONTINUE = -1;

function fragment(cursor: Cursor, view: SegmentView, fragments: FragmentTable): number {
  const { bytes, data, offset } = cursor;
  if (cursor.end - offset < FRAGMENT_HEADER) return tooShort(cursor, view, Layer.IPV6, FRAGMENT_HEADER);
  const field = data.getUint16(offset + 2);
  const id = data.getUint32(offset + 4);
  const start = field & 0xfff8;
  const more = (field & 1) !== 0;
  view.ipId = id;
  // As IPv4 writes it: the offset in units of eight octets below the flag.
  view.ipFragment = (start >>> 3) | (more ? 0x2000 : 0);
  view.protocol = bytes[offset];
  cursor.offset = offset + FRAGMENT_HEADER;
  // An atomic fragment is a whole datagram, whatever else has its identification (RFC 6946 section 4).
  if (start === 0 && !more) return CONTINUE;
  if (cursor.quoted) return start === 0 ? CONTINUE : done(view, DecodeStatus.NOT_TCP, Layer.ICMP);
  // A fragment within a reassembled datagram of the same packet has no meaning (RFC 8200 section 4.5 has one header).
  if (cursor.reassembled) return malformed(cursor, view, Layer.IPV6, offset, 0, start);
  if (start === 0 && view.protocol === Protocol.TCP) peekTcp(cursor, view);
  if (!reassembles(view.protocol)) return done(view, DecodeStatus.FRAGMENT, Layer.IPV6);
  switch (fragments.add(cursor, view, id, start, more, IPV6_HEADER)) {
    case Reassembly.COMPLETE:
      return CONTINUE;
    case Reassembly.INCOMPLETE:
      return done(view, DecodeStatus.FRAGMENT, Layer.IPV6);
    default:
      return done(view, DecodeStatus.MALFORMED, Layer.IPV6);
  }
}

/** Looks through options for those that change the length or the checksum. Bad ones end the search: they are padding. */
function options(cursor: Cursor, view: SegmentView, start: number, end: number): void {
  const { bytes, data } = cursor;
  let at = start;
  while (at < end) {
    const type = bytes[at];
    if (type === PAD1) {
      at++;
      continue;
    }
    if (end - at < 2) return;
    const length = bytes[at + 1];
    if (end - at < 2 + length) return;
    if (type === JUMBO_PAYLOAD && length === 4 && view.ipLengthIsZero) {
      const jumbo = data.getUint32(at + 2);
      // RFC 2675 section 3: must be over 65535. BIG TCP of older Linux kernels writes such an option.
      if (jumbo > 0xffff) bound(cursor, view, IPV6_HEADER + jumbo);
    } else if (type === HOME_ADDRESS && length === 16) {
      view.src0 = data.getInt32(at + 2);
      view.src1 = data.getInt32(at + 6);
      view.src2 = data.getInt32(at + 10);
      view.src3 = data.getInt32(at + 14);
    }
    at += 2 + length;
  }
}

/**
 * While segments are left the destination in the IPv6 header is a stop on the way; the connection and the checksum have
 * the last (RFC 8200 section 8.1). False when the header has no room for the addresses it counts.
 */
function route(cursor: Cursor, view: SegmentView, offset: number, length: number): boolean {
  const { bytes, data } = cursor;
  const type = bytes[offset + ROUTING_TYPE];
  const left = bytes[offset + ROUTING_SEGMENTS_LEFT];
  if (left === 0) return true;
  let final: number;
  if (type === ROUTE_SOURCE || type === ROUTE_MOBILE) {
    const addresses = (length - 8) >>> 4;
    if (left > addresses) return false;
    final = offset + ROUTING_ADDRESSES + 16 * (addresses - 1);
  } else if (type === ROUTE_SEGMENTS) {
    // RFC 8754 section 2: the list is in reverse order, the first entry is the last segment.
    if (length < 24 || bytes[offset + 4] * 16 + 24 > length || left > bytes[offset + 4]) return false;
    final = offset + ROUTING_ADDRESSES;
  } else {
    return true;
  }
  view.dst0 = data.getInt32(final);
  view.dst1 = data.getInt32(final + 4);
  view.dst2 = data.getInt32(final + 8);
  view.dst3 = data.getInt32(final + 12);
  return true;
}
