import type { CaptureRecord } from './model/record.ts';
import { DecodeStatus } from './model/segment.ts';

/** How many packets of each sort the capture holds. */
export interface PacketCounts {
  total: number;
  tcp: number;
  icmpErrors: number;
  fragments: number;
  notTcp: number;
  cutShort: number;
  malformed: number;
  unknownLink: number;
  /** Segments that the filter did not select. */
  filteredOut: number;
  /** Bytes on the wire and in the file. */
  wireBytes: number;
  capturedBytes: number;
  /** Packets of which the capture holds less than there was. */
  snapped: number;
  /** Octets that are left of each of them; -1 when they differ in that. */
  snappedTo: number;
  /** The earliest and the latest time, and that of the last record, in nanoseconds since the first record. */
  firstTime: number;
  lastTime: number;
  endTime: number;
}

/** Of a capture that has not begun. */
export function noPackets(): PacketCounts {
  return {
    total: 0,
    tcp: 0,
    icmpErrors: 0,
    fragments: 0,
    notTcp: 0,
    cutShort: 0,
    malformed: 0,
    unknownLink: 0,
    filteredOut: 0,
    wireBytes: 0,
    capturedBytes: 0,
    snapped: 0,
    snappedTo: -1,
    firstTime: 0,
    lastTime: 0,
    endTime: 0,
  };
}

/** A record came, whatever it holds. */
export function countRecord(counts: PacketCounts, { time, originalLength, capturedLength }: CaptureRecord): void {
  counts.total++;
  counts.wireBytes += originalLength;
  counts.capturedBytes += capturedLength;
  if (capturedLength < originalLength) {
    counts.snappedTo = counts.snapped === 0 || counts.snappedTo === capturedLength ? capturedLength : -1;
    counts.snapped++;
  }
  if (time < counts.firstTime) counts.firstTime = time;
  if (time > counts.lastTime) counts.lastTime = time;
  counts.endTime = time;
}

/** The decoder told what it holds. */
export function countStatus(counts: PacketCounts, status: number): void {
  switch (status) {
    case DecodeStatus.TCP:
      counts.tcp++;
      return;
    case DecodeStatus.ICMP_QUOTES_TCP:
      counts.icmpErrors++;
      return;
    case DecodeStatus.FRAGMENT:
      counts.fragments++;
      return;
    case DecodeStatus.CUT_SHORT:
      counts.cutShort++;
      return;
    case DecodeStatus.MALFORMED:
      counts.malformed++;
      return;
    case DecodeStatus.UNKNOWN_LINK:
      counts.unknownLink++;
      return;
    default:
      counts.notTcp++;
  }
}
