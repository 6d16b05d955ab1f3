import { ChecksumStatus, DecodeStatus, Layer, type SegmentView } from '../model/segment.ts';
import { expectedChecksum, sumBytes } from './checksum.ts';
import { type Cursor, done, malformed, Next, tooShort } from './cursor.ts';
import { EtherType } from './ethernet.ts';
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
  // A packet longer than its frame is believed: the length is the sender's own, the frame may have been cut by whoever
  // wrote the capture without saying so.
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
