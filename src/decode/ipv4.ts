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
  const { bytes, offset } = cursor;
  if (cursor.end - offset < MIN_HEADER) return tooShort(cursor, view, Layer.IPV4, MIN_HEADER);
  const first = bytes[offset];
  if (first >>> 4 !== 4) {
    // A wrong EtherType is possible, a wrong version is not: the packet says what it is.
    if (first >>> 4 === 6) return Next.IPV6;
    return malformed(cursor, view, Layer.IPV4, offset, 4, first >>> 4);
  }
  readHeader(cursor, view);
  cursor.metIp = true;
  const headerLength = view.ipHeaderLength;
  if (headerLength < MIN_HEADER) return malformed(cursor, view, Layer.IPV4, offset, MIN_HEADER, headerLength);
  if (view.ipLengthIsZero || (cursor.quoted && view.ipTotalLength < headerLength)) {
    // Handed to the network card for segmentation, or longer than 65535 (Linux BIG TCP): the record knows the length.
    // In the quotation of an ICMP error some hosts leave a length that they have counted down or swapped.
    view.ipTotalLength = cursor.wireEnd - offset;
  }
  const totalLength = view.ipTotalLength;
  if (totalLength < headerLength) return malformed(cursor, view, Layer.IPV4, offset, headerLength, totalLength);
  narrow(cursor, view, offset + totalLength);

  if (cursor.end - offset < headerLength) return tooShort(cursor, view, Layer.IPV4, headerLength);
  // The quotation in an ICMP error has a header that routers changed on the way.
  if (cursor.verifyChecksums && !cursor.quoted) verifyHeader(cursor, view);
  cursor.finalDestination = headerLength > MIN_HEADER ? finalDestination(cursor, view, headerLength) : view.dst3;
  cursor.offset = offset + headerLength;

  const fragment = view.ipFragment;
  if ((fragment & (MORE_FRAGMENTS | FRAGMENT_OFFSET)) !== 0) {
    const start = (fragment & FRAGMENT_OFFSET) << 3;
    if (!cursor.quoted) return fragmented(cursor, view, fragments, start, (fragment & MORE_FRAGMENTS) !== 0);
    // Only the first fragment has ports to quote.
    if (start !== 0) return done(view, DecodeStatus.NOT_TCP, Layer.ICMP);
  }
  return view.protocol === Protocol.TCP ? Next.TCP : Next.PROTOCOL;
}

/** The fields as they are in the packet, whether they can be or not. */
function readHeader({ bytes, data, offset }: Cursor, view: SegmentView): void {
  const totalLength = data.getUint16(offset + TOTAL_LENGTH);
  view.etherType = EtherType.IPV4;
  view.ipVersion = 4;
  view.bytes = bytes;
  view.data = data;
  view.ipOffset = offset;
  view.ipHeaderLength = (bytes[offset] & 0x0f) << 2;
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
  view.ipFragment = data.getUint16(offset + FRAGMENT);
  view.protocol = bytes[offset + PROTOCOL];
  view.ipLengthIsZero = totalLength === 0;
  view.ipTotalLength = totalLength;
  view.ipMissing = 0;
  view.ipChecksumFound = data.getUint16(offset + CHECKSUM);
  view.ipChecksumStatus = ChecksumStatus.UNVERIFIED;
  view.ipChecksumExpected = 0;
}

/** What follows belongs to the packet up to `packetEnd`; the rest of the frame is padding. */
function narrow(cursor: Cursor, view: SegmentView, packetEnd: number): void {
  // The headers of a packet that claims more than its frame held are read all the same; TCP leaves out what is missing.
  if (packetEnd > cursor.wireEnd && !cursor.quoted) view.ipMissing = packetEnd - cursor.wireEnd;
  cursor.wireEnd = packetEnd;
  if (packetEnd < cursor.end) cursor.end = packetEnd;
}

function verifyHeader({ data, offset }: Cursor, view: SegmentView): void {
  const sum = sumBytes(data, offset, view.ipHeaderLength);
  view.ipChecksumStatus = sum === 0xffff ? ChecksumStatus.GOOD : ChecksumStatus.BAD;
  view.ipChecksumExpected = sum === 0xffff ? view.ipChecksumFound : expectedChecksum(sum, view.ipChecksumFound);
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
