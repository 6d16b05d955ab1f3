import type { CaptureRecord } from '../model/record.ts';
import { ChecksumStatus, type SegmentView } from '../model/segment.ts';

/**
 * The values of fields whose layer a packet does not have. The view is one object reused for every packet, so what is
 * not overwritten would be an earlier packet's.
 */
export function clearIp(view: SegmentView): void {
  view.ipVersion = 0;
  view.ipOffset = 0;
  view.ipHeaderLength = 0;
  view.ipTotalLength = 0;
  view.ipLengthIsZero = false;
  view.ipMissing = 0;
  view.src0 = 0;
  view.src1 = 0;
  view.src2 = 0;
  view.src3 = 0;
  view.dst0 = 0;
  view.dst1 = 0;
  view.dst2 = 0;
  view.dst3 = 0;
  view.ttl = 0;
  view.tos = 0;
  view.ipId = 0;
  view.ipFragment = 0;
  view.protocol = 0;
  view.ipChecksumStatus = ChecksumStatus.ABSENT;
  view.ipChecksumFound = 0;
  view.ipChecksumExpected = 0;
}

export function clearTcp(view: SegmentView): void {
  view.tcpOffset = 0;
  view.srcPort = 0;
  view.dstPort = 0;
  view.seq = 0;
  view.ack = 0;
  view.flags = 0;
  view.headerLength = 0;
  view.rawWindow = 0;
  view.urgentPointer = 0;
  view.payloadLength = 0;
  view.payloadOffset = 0;
  view.payloadCaptured = 0;
  view.tcpChecksumStatus = ChecksumStatus.ABSENT;
  view.tcpChecksumFound = 0;
  view.tcpChecksumExpected = 0;
  view.payloadSum = -1;
  clearTcpOptions(view);
}

export function clearTcpOptions(view: SegmentView): void {
  view.options = 0;
  view.mss = 0;
  view.wscale = 0;
  view.tsVal = 0;
  view.tsEcr = 0;
  view.sackCount = 0;
  view.tfoCookieLength = -1;
  view.mptcpOffset = -1;
}

function clearIcmp(view: SegmentView): void {
  view.icmpType = 0;
  view.icmpCode = 0;
  view.icmpMtu = 0;
  view.icmpSrc0 = 0;
  view.icmpSrc1 = 0;
  view.icmpSrc2 = 0;
  view.icmpSrc3 = 0;
}

/** The record's own fields, and those that a layer sets only when it is met. */
export function beginView(record: CaptureRecord, view: SegmentView): void {
  view.frame = record.number;
  view.time = record.time;
  view.bytes = record.bytes;
  view.data = record.data;
  view.recordBytes = record.bytes;
  view.recordOffset = record.offset;
  view.capturedLength = record.capturedLength;
  view.originalLength = record.originalLength;
  view.linkType = record.linkType;
  view.interfaceId = record.interfaceId;
  view.direction = record.direction;
  view.sight = record.sight;
  view.statusOffset = 0;
  view.needed = 0;
  view.had = 0;
  view.etherType = 0;
  view.macOffset = -1;
  view.vlan = -1;
  view.vlanTags = 0;
  view.tunnelDepth = 0;
  view.reassembled = false;
  if (view.icmpType !== 0 || view.icmpCode !== 0) clearIcmp(view);
}
