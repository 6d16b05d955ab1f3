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
    const { bytes, data, offset, capturedLength, originalLength } = record;
    if (capturedLength < OPTIONS || record.linkType !== LinkType.ETHERNET) return this.leave();
    const typeToTos = data.getInt32(offset + TYPE_TO_TOS);
    const lengthAndId = data.getInt32(offset + LENGTH_AND_ID);
    const fragmentToProtocol = data.getInt32(offset + FRAGMENT_TO_PROTOCOL);
    const offsetToWindow = data.getInt32(offset + OFFSET_TO_WINDOW);
    const totalLength = lengthAndId >>> 16;
    const headerLength = (offsetToWindow >>> 28) << 2;
    if (
      (typeToTos & ~0xff) !== IPV4_WITHOUT_OPTIONS ||
      (fragmentToProtocol & WHOLE_TCP) !== Protocol.TCP ||
      headerLength < TCP_HEADER ||
      totalLength < IP_HEADER + headerLength ||
      totalLength > originalLength - IP ||
      headerLength > capturedLength - TCP
    )
      return this.leave();

    if (view !== this.view || view.recordBytes !== bytes) this.enter(record, view);
    view.frame = record.number;
    view.time = record.time;
    view.recordOffset = offset;
    view.capturedLength = capturedLength;
    view.originalLength = originalLength;
    view.interfaceId = record.interfaceId;
    view.direction = record.direction;
    view.sight = record.sight;
    view.macOffset = offset;

    const fragmentAndTtl = fragmentToProtocol >>> 8;
    const source = data.getInt32(offset + SOURCE);
    const destination = data.getInt32(offset + DESTINATION);
    const ipChecksum = data.getUint16(offset + IP_CHECKSUM);
    view.ipOffset = offset + IP;
    view.ipTotalLength = totalLength;
    view.src3 = source;
    view.dst3 = destination;
    view.ttl = fragmentAndTtl & 0xff;
    view.tos = typeToTos & 0xff;
    view.ipId = lengthAndId & 0xffff;
    view.ipFragment = fragmentAndTtl >>> 8;
    view.ipChecksumFound = ipChecksum;
    const addresses = halves(source) + halves(destination);
    const ipSum = foldSmall(
      (typeToTos & 0xffff) + halves(lengthAndId) + halves(fragmentToProtocol) + ipChecksum + addresses,
    );

    const ports = data.getInt32(offset + PORTS);
    const seq = data.getInt32(offset + SEQUENCE);
    const ack = data.getInt32(offset + ACKNOWLEDGMENT);
    const checksumAndUrgent = data.getInt32(offset + CHECKSUM_AND_URGENT);
    const found = checksumAndUrgent >>> 16;
    const optionsEnd = offset + TCP + headerLength;
    const payloadLength = totalLength - IP_HEADER - headerLength;
    const payloadCaptured = Math.min(capturedLength - TCP - headerLength, payloadLength);
    view.tcpOffset = offset + TCP;
    view.srcPort = ports >>> 16;
    view.dstPort = ports & 0xffff;
    view.seq = seq >>> 0;
    view.ack = ack >>> 0;
    view.flags = (offsetToWindow >>> 16) & 0x0fff;
    view.headerLength = headerLength;
    view.rawWindow = offsetToWindow & 0xffff;
    view.urgentPointer = checksumAndUrgent & 0xffff;
    view.payloadOffset = optionsEnd;
    if (cursor.owner !== null && !cursor.owner.owns(view)) {
      passForeign(view, optionsEnd);
      return true;
    }
    view.payloadLength = payloadLength;
    view.payloadCaptured = payloadCaptured;

    let headerSum = halves(ports) + halves(seq) + halves(ack) + halves(offsetToWindow) + halves(checksumAndUrgent);
    if (view.options !== 0 && view.options !== Option.TIMESTAMPS) clearTcpOptions(view);
    if (headerLength === TCP_HEADER) {
      view.options = 0;
      view.tsVal = 0;
      view.tsEcr = 0;
    } else if (headerLength === TCP_HEADER + 12 && data.getInt32(offset + OPTIONS) === ALIGNED_TIMESTAMPS) {
      const tsVal = data.getInt32(offset + OPTIONS + 4);
      const tsEcr = data.getInt32(offset + OPTIONS + 8);
      view.options = Option.TIMESTAMPS;
      view.tsVal = tsVal >>> 0;
      view.tsEcr = tsEcr >>> 0;
      headerSum += halves(ALIGNED_TIMESTAMPS) + halves(tsVal) + halves(tsEcr);
    } else {
      clearTcpOptions(view);
      scanOptions(bytes, data, offset + OPTIONS, optionsEnd, optionsEnd, view);
      headerSum += sumBytes(data, offset + OPTIONS, headerLength - TCP_HEADER);
    }

    view.ipChecksumStatus = ChecksumStatus.UNVERIFIED;
    view.ipChecksumExpected = 0;
    if (!cursor.verifyChecksums) {
      unverified(view, found);
      return true;
    }
    view.ipChecksumStatus = ipSum === 0xffff ? ChecksumStatus.GOOD : ChecksumStatus.BAD;
    view.ipChecksumExpected = ipSum === 0xffff ? ipChecksum : expectedChecksum(ipSum, ipChecksum);
    if (payloadCaptured < payloadLength) {
      unverified(view, found);
      return true;
    }
    const pseudoHeader = addresses + Protocol.TCP + headerLength + payloadLength;
    const payload = cursor.summer.sum(bytes, data, optionsEnd, payloadLength);
    judgeChecksum(
      view,
      found,
      foldSmall(pseudoHeader + headerSum + payload),
      payloadLength > 0 ? payload : -1,
      addresses + Protocol.TCP,
      pseudoHeader,
    );
    return true;
  }

  private leave(): boolean {
    this.view = null;
    return false;
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
