import { EtherType } from '../model/ether-type.ts';
import { LinkType } from '../model/link-type.ts';
import type { CaptureRecord } from '../model/record.ts';
import { ChecksumStatus, DecodeStatus, Layer, Option, type SegmentView } from '../model/segment.ts';
import { expectedChecksum, foldSmall, halves, sumBytes } from './checksum.ts';
import { beginView, clearIp, clearTcpOptions } from './clear.ts';
import type { Cursor } from './cursor.ts';
import { Protocol } from './protocol.ts';
import { ALIGNED_TIMESTAMPS, judgeChecksum, passForeign, unverified } from './tcp.ts';
import { scanOptions } from './tcp-options.ts';

const IP = 14;
const IP_HEADER = 20;
const TCP = IP + IP_HEADER;
const TCP_HEADER = 20;
const OPTIONS = TCP + TCP_HEADER;

/** Where words of 32 bits begin in such a frame: EtherType, version, length of the header and TOS are the first (RFC 791 section 3.1). */
const TYPE_TO_TOS = 12;
const LENGTH_AND_ID = IP + 2;
const FRAGMENT_TO_PROTOCOL = IP + 6;
const IP_CHECKSUM = IP + 10;
const SOURCE = IP + 12;
const DESTINATION = IP + 16;
/** RFC 9293 section 3.1. */
const PORTS = TCP;
const SEQUENCE = TCP + 4;
const ACKNOWLEDGMENT = TCP + 8;
const OFFSET_TO_WINDOW = TCP + 12;
const CHECKSUM_AND_URGENT = TCP + 16;

const VERSION_AND_LENGTH = 0x45;
const IPV4_WITHOUT_OPTIONS = (EtherType.IPV4 << 16) | (VERSION_AND_LENGTH << 8);
/** More fragments, the offset and the protocol. */
const WHOLE_TCP = 0x3fff00ff;

/**
 * The short way for what nearly every packet is: an Ethernet frame with a whole IPv4 packet without options and a TCP segment,
 * whose lengths fit together and whose headers were captured. It gives what the layers give, one after the other, and says no
 * to everything else before it has written anything.
 *
 * What all such packets have in common stays in the view from one to the next.
 */
export class PlainFrames {
  /** The view that holds such a packet. */
  private view: SegmentView | null = null;

  /** False when the layers have to be taken one after the other. */
  read(record: CaptureRecord, view: SegmentView, cursor: Cursor): boolean {
    if (!isPlain(record)) {
      this.view = null;
      return false;
    }
    const { bytes, data, offset } = record;
    if (view !== this.view || view.recordBytes !== bytes) this.enter(record, view);
    readRecord(record, view);
    const ipSum = readIp(data, offset, view);
    const headerSum = readTcp(data, offset, view);
    if (cursor.owner !== null && !cursor.owner.owns(view)) {
      passForeign(view, view.payloadOffset);
      return true;
    }
    readLengths(view);
    const optionsSum = readOptions(bytes, data, offset + OPTIONS, view);
    if (cursor.verifyChecksums) judgeIp(ipSum, view);
    else leaveIpUnverified(view);
    const found = data.getUint16(offset + CHECKSUM_AND_URGENT);
    const { payloadLength } = view;
    if (!cursor.verifyChecksums || view.payloadCaptured < payloadLength) {
      unverified(view, found);
      return true;
    }
    const addresses = halves(view.src3) + halves(view.dst3) + Protocol.TCP;
    const pseudoHeader = addresses + view.headerLength + payloadLength;
    const payload = cursor.summer.sum(bytes, data, view.payloadOffset, payloadLength);
    const sum = foldSmall(pseudoHeader + headerSum + optionsSum + payload);
    judgeChecksum(view, found, sum, payloadLength > 0 ? payload : -1, addresses, pseudoHeader);
    return true;
  }

  /** Writes what such packets have in common. */
  private enter(record: CaptureRecord, view: SegmentView): void {
    this.view = view;
    beginView(record, view);
    clearIp(view);
    clearTcpOptions(view);
    view.status = DecodeStatus.TCP;
    view.layer = Layer.TCP;
    view.etherType = EtherType.IPV4;
    view.ipVersion = 4;
    view.ipHeaderLength = IP_HEADER;
    view.protocol = Protocol.TCP;
  }
}

function isPlain({ data, offset, capturedLength, originalLength, linkType }: CaptureRecord): boolean {
  if (capturedLength < OPTIONS || linkType !== LinkType.ETHERNET) return false;
  const totalLength = data.getUint16(offset + LENGTH_AND_ID);
  const headerLength = headerLengthOf(data.getInt32(offset + OFFSET_TO_WINDOW));
  return (
    (data.getInt32(offset + TYPE_TO_TOS) & ~0xff) === IPV4_WITHOUT_OPTIONS &&
    (data.getInt32(offset + FRAGMENT_TO_PROTOCOL) & WHOLE_TCP) === Protocol.TCP &&
    headerLength >= TCP_HEADER &&
    totalLength >= IP_HEADER + headerLength &&
    totalLength <= originalLength - IP &&
    headerLength <= capturedLength - TCP
  );
}

function readRecord(record: CaptureRecord, view: SegmentView): void {
  view.frame = record.number;
  view.time = record.time;
  view.recordOffset = record.offset;
  view.capturedLength = record.capturedLength;
  view.originalLength = record.originalLength;
  view.interfaceId = record.interfaceId;
  view.direction = record.direction;
  view.sight = record.sight;
  view.macOffset = record.offset;
}

/** Returns the folded sum of the header. */
function readIp(data: DataView, offset: number, view: SegmentView): number {
  const typeToTos = data.getInt32(offset + TYPE_TO_TOS);
  const lengthAndId = data.getInt32(offset + LENGTH_AND_ID);
  const fragmentToProtocol = data.getInt32(offset + FRAGMENT_TO_PROTOCOL);
  const checksum = data.getUint16(offset + IP_CHECKSUM);
  const source = data.getInt32(offset + SOURCE);
  const destination = data.getInt32(offset + DESTINATION);
  view.ipOffset = offset + IP;
  view.ipTotalLength = lengthAndId >>> 16;
  view.src3 = source;
  view.dst3 = destination;
  view.ttl = (fragmentToProtocol >>> 8) & 0xff;
  view.tos = typeToTos & 0xff;
  view.ipId = lengthAndId & 0xffff;
  view.ipFragment = fragmentToProtocol >>> 16;
  view.ipChecksumFound = checksum;
  const words = halves(lengthAndId) + halves(fragmentToProtocol) + halves(source) + halves(destination);
  return foldSmall((typeToTos & 0xffff) + checksum + words);
}

/** Returns the sum of the header without options. */
function readTcp(data: DataView, offset: number, view: SegmentView): number {
  const ports = data.getInt32(offset + PORTS);
  const seq = data.getInt32(offset + SEQUENCE);
  const ack = data.getInt32(offset + ACKNOWLEDGMENT);
  const offsetToWindow = data.getInt32(offset + OFFSET_TO_WINDOW);
  const checksumAndUrgent = data.getInt32(offset + CHECKSUM_AND_URGENT);
  const headerLength = headerLengthOf(offsetToWindow);
  view.tcpOffset = offset + TCP;
  view.srcPort = ports >>> 16;
  view.dstPort = ports & 0xffff;
  view.seq = seq >>> 0;
  view.ack = ack >>> 0;
  view.flags = (offsetToWindow >>> 16) & 0x0fff;
  view.headerLength = headerLength;
  view.rawWindow = offsetToWindow & 0xffff;
  view.urgentPointer = checksumAndUrgent & 0xffff;
  view.payloadOffset = offset + TCP + headerLength;
  return halves(ports) + halves(seq) + halves(ack) + halves(offsetToWindow) + halves(checksumAndUrgent);
}

function readLengths(view: SegmentView): void {
  const { headerLength } = view;
  const payloadLength = view.ipTotalLength - IP_HEADER - headerLength;
  view.payloadLength = payloadLength;
  view.payloadCaptured = Math.min(view.capturedLength - TCP - headerLength, payloadLength);
}

/** Returns the sum of the options. */
function readOptions(bytes: Uint8Array, data: DataView, offset: number, view: SegmentView): number {
  const length = view.headerLength - TCP_HEADER;
  if (view.options !== 0 && view.options !== Option.TIMESTAMPS) clearTcpOptions(view);
  if (length === 0) {
    view.options = 0;
    view.tsVal = 0;
    view.tsEcr = 0;
    return 0;
  }
  if (length === 12 && data.getInt32(offset) === ALIGNED_TIMESTAMPS) {
    const tsVal = data.getInt32(offset + 4);
    const tsEcr = data.getInt32(offset + 8);
    view.options = Option.TIMESTAMPS;
    view.tsVal = tsVal >>> 0;
    view.tsEcr = tsEcr >>> 0;
    return halves(ALIGNED_TIMESTAMPS) + halves(tsVal) + halves(tsEcr);
  }
  clearTcpOptions(view);
  scanOptions(bytes, data, offset, offset + length, offset + length, view);
  return sumBytes(data, offset, length);
}

/** `sum`: of the header, folded. */
function judgeIp(sum: number, view: SegmentView): void {
  view.ipChecksumStatus = sum === 0xffff ? ChecksumStatus.GOOD : ChecksumStatus.BAD;
  view.ipChecksumExpected = sum === 0xffff ? view.ipChecksumFound : expectedChecksum(sum, view.ipChecksumFound);
}

function leaveIpUnverified(view: SegmentView): void {
  view.ipChecksumStatus = ChecksumStatus.UNVERIFIED;
  view.ipChecksumExpected = 0;
}

function headerLengthOf(offsetToWindow: number): number {
  return (offsetToWindow >>> 28) << 2;
}
