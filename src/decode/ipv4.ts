import { EtherType } from '../model/ether-type.ts';
import { ChecksumStatus, DecodeStatus, Layer, type SegmentView } from '../model/segment.ts';
import { expectedChecksum, sumBytes } from './checksum.ts';
import { type Cursor, done, malformed, Next, tooShort } from './cursor.ts';
import { type FragmentTable, Reassembly } from './fragments.ts';
import { Protocol, reassembles } from './protocol.ts';
import { peekTcp } from './tcp.ts';

/** RFC 791 section 3.1. */
const TOS = 1;
const TOTAL_LENGTH = 2;
const IDENTIFICATION = 4;
const FRAGMENT = 6;
const TTL = 8;
const PROTOCOL = 9;
const CHECKSUM = 10;
const SOURCE = 12;
const DESTINATION = 16;
const MIN_HEADER = 20;

const IpOption = { END: 0, NO_OPERATION: 1, LOOSE_ROUTE: 0x83, STRICT_ROUTE: 0x89 } as const;

const MORE_FRAGMENTS = 0x2000;
const FRAGMENT_OFFSET = 0x1fff;

/** IPv4 or IPv6 without a word from the layer below. */
export function ip(cursor: Cursor, view: SegmentView): number {
  if (cursor.end - cursor.offset < 1) return tooShort(cursor, view, Layer.IPV4, 1);
  return cursor.bytes[cursor.offset] >>> 4 === 6 ? Next.IPV6 : Next.IPV4;
}

export function ipv4(cursor: Cursor, view: SegmentView, fragments: FragmentTable): number {
  const { bytes, data, offset } = cursor;
  if (cursor.end - offset < MIN_HEADER) return tooShort(cursor, view, Layer.IPV4, MIN_HEADER);
  const first = bytes[offset];
  if (first >>> 4 !== 4) {
    // A wrong EtherType is possible, a wrong version is not: the packet says what it is.
    if (first >>> 4 === 6) return Next.IPV6;
    return malformed(cursor, view, Layer.IPV4, offset, 4, first >>> 4);
  }
  const headerLength = (first & 0x0f) << 2;
  let totalLength = data.getUint16(offset + TOTAL_LENGTH);
  const fragment = data.getUint16(offset + FRAGMENT);
  const protocol = bytes[offset + PROTOCOL];

  view.etherType = EtherType.IPV4;
  view.ipVersion = 4;
  view.bytes = bytes;
  view.data = data;
  view.ipOffset = offset;
  view.ipHeaderLength = headerLength;
  view.src0 = 0;
  view.src1 = 0;
  view.src2 = 0;
  view.src3 = data.getInt32(offset + SOURCE);
  view.dst0 = 0;
  view.dst1 = 0;
  view.dst2 = 0;
  view.dst3 = data.getInt32(offset + DESTINATION);
  view.ttl = bytes[offset + TTL];
  view.tos = bytes[offset + TOS];
  view.ipId = data.getUint16(offset + IDENTIFICATION);
  view.ipFragment = fragment;
  view.protocol = protocol;
  view.ipLengthIsZero = totalLength === 0;
  view.ipTotalLength = totalLength;
  view.ipMissing = 0;
  const found = data.getUint16(offset + CHECKSUM);
  view.ipChecksumFound = found;
  view.ipChecksumStatus = ChecksumStatus.UNVERIFIED;
  view.ipChecksumExpected = 0;
  cursor.metIp = true;

  if (headerLength < MIN_HEADER) return malformed(cursor, view, Layer.IPV4, offset, MIN_HEADER, headerLength);
  if (totalLength === 0 || (cursor.quoted && totalLength < headerLength)) {
    // Handed to the network card for segmentation, or longer than 65535 (Linux BIG TCP): the record knows the length.
    // In the quotation of an ICMP error some hosts leave a length that they have counted down or swapped.
    totalLength = cursor.wireEnd - offset;
    view.ipTotalLength = totalLength;
  }
  if (totalLength < headerLength) return malformed(cursor, view, Layer.IPV4, offset, headerLength, totalLength);
  const packetEnd = offset + totalLength;
  // The headers of a packet that claims more than its frame held are read all the same; TCP leaves out what is missing.
  if (packetEnd > cursor.wireEnd && !cursor.quoted) view.ipMissing = packetEnd - cursor.wireEnd;
  cursor.wireEnd = packetEnd;
  if (packetEnd < cursor.end) cursor.end = packetEnd;

  if (cursor.end - offset < headerLength) return tooShort(cursor, view, Layer.IPV4, headerLength);
  // The quotation in an ICMP error has a header that routers changed on the way.
  if (cursor.verifyChecksums && !cursor.quoted) {
    const sum = sumBytes(data, offset, headerLength);
    view.ipChecksumStatus = sum === 0xffff ? ChecksumStatus.GOOD : ChecksumStatus.BAD;
    view.ipChecksumExpected = sum === 0xffff ? found : expectedChecksum(sum, found);
  }
  cursor.finalDestination = headerLength > MIN_HEADER ? finalDestination(cursor, view, headerLength) : view.dst3;
  cursor.offset = offset + headerLength;

  if ((fragment & (MORE_FRAGMENTS | FRAGMENT_OFFSET)) !== 0) {
    const start = (fragment & FRAGMENT_OFFSET) << 3;
    if (cursor.quoted) {
      // Only the first fragment has ports to quote.
      if (start !== 0) return done(view, DecodeStatus.NOT_TCP, Layer.ICMP);
    } else {
      return fragmented(cursor, view, fragments, start, (fragment & MORE_FRAGMENTS) !== 0);
    }
  }
  return protocol === Protocol.TCP ? Next.TCP : Next.PROTOCOL;
}

/**
 * The last address of a source route that is not used up (RFC 791 section 3.1): until then the header names the next hop,
 * and the checksum of TCP is made with the address of the host that the segment is for.
 */
function finalDestination({ bytes, data }: Cursor, view: SegmentView, headerLength: number): number {
  const end = view.ipOffset + headerLength;
  for (let at = view.ipOffset + MIN_HEADER; at < end && bytes[at] !== IpOption.END; ) {
    if (bytes[at] === IpOption.NO_OPERATION) {
      at++;
      continue;
    }
    const length = at + 1 < end ? bytes[at + 1] : 0;
    if (length < 2 || at + length > end) break;
    const isRoute = bytes[at] === IpOption.LOOSE_ROUTE || bytes[at] === IpOption.STRICT_ROUTE;
    // The pointer counts from 1; beyond the length the route is used up.
    if (isRoute && length >= 7 && bytes[at + 2] <= length) return data.getInt32(at + length - 4);
    at += length;
  }
  return view.dst3;
}

function fragmented(cursor: Cursor, view: SegmentView, fragments: FragmentTable, start: number, more: boolean): number {
  if (start === 0 && view.protocol === Protocol.TCP) peekTcp(cursor, view);
  if (!reassembles(view.protocol)) return done(view, DecodeStatus.FRAGMENT, Layer.IPV4);
  switch (fragments.add(cursor, view, view.ipId, start, more, view.ipHeaderLength)) {
    case Reassembly.COMPLETE:
      return view.protocol === Protocol.TCP ? Next.TCP : Next.PROTOCOL;
    case Reassembly.INCOMPLETE:
      return done(view, DecodeStatus.FRAGMENT, Layer.IPV4);
    default:
      return done(view, DecodeStatus.MALFORMED, Layer.IPV4);
  }
}
