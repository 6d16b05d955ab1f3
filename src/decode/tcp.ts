import { ChecksumStatus, DecodeStatus, Layer, Option, type SegmentView } from '../model/segment.ts';
import { expectedChecksum, fold, halves, sumBytes } from './checksum.ts';
import { clearTcp, clearTcpOptions } from './clear.ts';
import { type Cursor, done, malformed, tooShort } from './cursor.ts';
import { Protocol } from './protocol.ts';
import { scanOptions } from './tcp-options.ts';

/** RFC 9293 section 3.1. */
const SOURCE_PORT = 0;
const DESTINATION_PORT = 2;
const SEQUENCE = 4;
const ACKNOWLEDGMENT = 8;
/** Data offset (4 bits) and control bits (12 bits). */
const OFFSET_AND_FLAGS = 12;
const WINDOW = 14;
const CHECKSUM = 16;
const URGENT_POINTER = 18;
const MIN_HEADER = 20;

/** What an ICMP error quotes of the segment at least (RFC 792): the ports and the sequence number. */
const QUOTED_MINIMUM = 8;

/** NOP, NOP, timestamps with length 10: what nearly every segment after the handshake carries (RFC 7323 appendix A). */
export const ALIGNED_TIMESTAMPS = 0x0101080a;

/** Longer than any frame on the wire of common networks: such a segment was not cut into frames yet. */
const UNSEGMENTED = 1500;

/** A TCP segment, or what an ICMP error quotes of one. */
export function tcp(cursor: Cursor, view: SegmentView): number {
  const { data, offset, end } = cursor;
  const available = end - offset;
  if (available < MIN_HEADER) return partial(cursor, view, available);

  cursor.metTcp = true;
  view.tcpOffset = offset;
  view.srcPort = data.getUint16(offset + SOURCE_PORT);
  view.dstPort = data.getUint16(offset + DESTINATION_PORT);
  view.seq = data.getUint32(offset + SEQUENCE);
  view.ack = data.getUint32(offset + ACKNOWLEDGMENT);
  const word = data.getUint16(offset + OFFSET_AND_FLAGS);
  view.flags = word & 0x0fff;
  view.rawWindow = data.getUint16(offset + WINDOW);
  view.urgentPointer = data.getUint16(offset + URGENT_POINTER);
  const headerLength = (word >>> 12) << 2;
  view.headerLength = headerLength;
  const length = cursor.wireEnd - offset;
  if (cursor.owner !== null && headerLength >= MIN_HEADER && headerLength <= length && !cursor.owner.owns(view)) {
    passForeign(view, offset + headerLength);
    return done(view, cursor.quoted ? DecodeStatus.ICMP_QUOTES_TCP : DecodeStatus.TCP, Layer.TCP);
  }
  verify(cursor, view, headerLength, length);

  clearTcpOptions(view);
  if (headerLength < MIN_HEADER) {
    noPayload(view, offset + MIN_HEADER);
    return contradiction(cursor, view, MIN_HEADER, headerLength);
  }
  const optionsEnd = offset + headerLength;
  if (headerLength === MIN_HEADER) {
    // No options: nothing to do.
  } else if (
    headerLength === MIN_HEADER + 12 &&
    available >= headerLength &&
    data.getInt32(offset + MIN_HEADER) === ALIGNED_TIMESTAMPS
  ) {
    view.tsVal = data.getUint32(offset + MIN_HEADER + 4);
    view.tsEcr = data.getUint32(offset + MIN_HEADER + 8);
    view.options = Option.TIMESTAMPS;
  } else {
    scanOptions(cursor.bytes, data, offset + MIN_HEADER, Math.min(optionsEnd, cursor.wireEnd), end, view);
  }
  if (headerLength > length) {
    noPayload(view, cursor.wireEnd);
    return contradiction(cursor, view, headerLength, length);
  }
  view.payloadOffset = optionsEnd;
  // What the frame did not carry was not sent with it, whatever the length in the IP header says.
  view.payloadLength = Math.max(0, length - headerLength - view.ipMissing);
  view.payloadCaptured = end > optionsEnd ? end - optionsEnd : 0;
  return done(view, cursor.quoted ? DecodeStatus.ICMP_QUOTES_TCP : DecodeStatus.TCP, Layer.TCP);
}

/** Of a segment of another shard nothing more is read. */
export function passForeign(view: SegmentView, payloadOffset: number): void {
  clearTcpOptions(view);
  noPayload(view, payloadOffset);
}

/** Of a quotation only the first eight octets are promised: what follows may be padding, and is no reason to doubt. */
function contradiction(cursor: Cursor, view: SegmentView, needed: number, had: number): number {
  if (cursor.quoted) return done(view, DecodeStatus.ICMP_QUOTES_TCP, Layer.TCP);
  return malformed(cursor, view, Layer.TCP, cursor.offset, needed, had);
}

function noPayload(view: SegmentView, offset: number): void {
  view.payloadOffset = offset;
  view.payloadLength = 0;
  view.payloadCaptured = 0;
}

/** The fixed header is not all there. */
function partial(cursor: Cursor, view: SegmentView, available: number): number {
  peekTcp(cursor, view);
  if (!cursor.quoted) return tooShort(cursor, view, Layer.TCP, MIN_HEADER);
  if (available >= QUOTED_MINIMUM) return done(view, DecodeStatus.ICMP_QUOTES_TCP, Layer.TCP);
  // The quoted header's own length says nothing here: whether the capture or the quoting host stopped is what counts.
  if (!cursor.cut) return malformed(cursor, view, Layer.ICMP, cursor.offset, QUOTED_MINIMUM, Math.max(0, available));
  return tooShort(cursor, view, Layer.ICMP, QUOTED_MINIMUM);
}

/** Reads of the fixed header what is there, without judging it: for headers that are cut, and for first fragments. */
export function peekTcp(cursor: Cursor, view: SegmentView): void {
  const { data, offset } = cursor;
  const available = cursor.end - offset;
  clearTcp(view);
  cursor.metTcp = true;
  view.tcpOffset = offset;
  view.tcpChecksumStatus = ChecksumStatus.UNVERIFIED;
  if (available >= 4) {
    view.srcPort = data.getUint16(offset + SOURCE_PORT);
    view.dstPort = data.getUint16(offset + DESTINATION_PORT);
  }
  if (available >= 8) view.seq = data.getUint32(offset + SEQUENCE);
  if (available >= 12) view.ack = data.getUint32(offset + ACKNOWLEDGMENT);
  if (available >= 14) {
    const word = data.getUint16(offset + OFFSET_AND_FLAGS);
    view.flags = word & 0x0fff;
    view.headerLength = (word >>> 12) << 2;
  }
  if (available >= 16) view.rawWindow = data.getUint16(offset + WINDOW);
  if (available >= 18) view.tcpChecksumFound = data.getUint16(offset + CHECKSUM);
  if (available >= MIN_HEADER) view.urgentPointer = data.getUint16(offset + URGENT_POINTER);
}

/** Sets the checksum fields and the payload's sum. `length` is that of the segment on the wire. */
function verify(cursor: Cursor, view: SegmentView, headerLength: number, length: number): void {
  const { bytes, data, offset, summer } = cursor;
  const found = data.getUint16(offset + CHECKSUM);
  if (!cursor.verifyChecksums || cursor.quoted || cursor.end < cursor.wireEnd) {
    unverified(view, found);
    return;
  }
  const destination = view.ipVersion === 4 ? cursor.finalDestination : view.dst3;
  let addresses = halves(view.src3) + halves(destination) + Protocol.TCP;
  if (view.ipVersion === 6) {
    addresses += halves(view.src0) + halves(view.src1) + halves(view.src2);
    addresses += halves(view.dst0) + halves(view.dst1) + halves(view.dst2);
  }
  // The length is 32 bits in the pseudo-header of IPv6, and summed alike for IPv4 packets beyond 65535 (RFC 9293 section
  // 3.1, RFC 8200 section 8.1).
  const pseudoHeader = addresses + length;
  // The header is an even number of octets, so the two sums add up to that of the whole (RFC 1071 section 2).
  const header = Math.min(headerLength, length);
  const payload = summer.sum(bytes, data, offset + header, length - header);
  const sum = fold(pseudoHeader + sumBytes(data, offset, header) + payload);
  judgeChecksum(view, found, sum, length > headerLength ? payload : -1, addresses, pseudoHeader);
}

/** The checksum of a segment that cannot be verified, or that nobody wants to have verified. */
export function unverified(view: SegmentView, found: number): void {
  view.tcpChecksumStatus = ChecksumStatus.UNVERIFIED;
  view.tcpChecksumFound = found;
  view.tcpChecksumExpected = 0;
  view.payloadSum = -1;
}

/**
 * Sets the checksum fields. `sum` is that of pseudo-header and segment, folded, `payload` that of the payload, -1 without one;
 * the sums of the pseudo-header, and of what it has beside the length, are not folded.
 */
export function judgeChecksum(
  view: SegmentView,
  found: number,
  sum: number,
  payload: number,
  addresses: number,
  pseudoHeader: number,
): void {
  view.tcpChecksumFound = found;
  if (sum === 0xffff) {
    view.tcpChecksumStatus = ChecksumStatus.GOOD;
    view.tcpChecksumExpected = found;
    view.payloadSum = payload;
    return;
  }
  view.tcpChecksumStatus = isPartial(view, found, pseudoHeader, addresses)
    ? ChecksumStatus.OFFLOAD
    : ChecksumStatus.BAD;
  view.tcpChecksumExpected = expectedChecksum(sum, found);
  view.payloadSum = -1;
}

/**
 * A sender that leaves the checksum to the network card writes the folded sum of the pseudo-header, not complemented.
 * With segmentation left to it too some systems leave the length out, because the card makes many lengths of it.
 */
function isPartial(view: SegmentView, found: number, pseudoHeader: number, addresses: number): boolean {
  if (found === fold(pseudoHeader)) return true;
  return (view.ipLengthIsZero || view.ipTotalLength > UNSEGMENTED) && found === fold(addresses);
}
