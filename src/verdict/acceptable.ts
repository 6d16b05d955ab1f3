import { RST, SYN } from '../model/flags.ts';
import type { Flight } from '../model/flight.ts';
import { ChecksumStatus, Option, type SegmentView } from '../model/segment.ts';
import type { TrackedSegment } from '../model/tracked.ts';

/** A wrong checksum on its way: the receiver drops it. Where all of a sender's checksums are wrong, the card fills them in. */
export function isCorrupted(flight: Flight, view: SegmentView): boolean {
  if (view.tcpChecksumStatus === ChecksumStatus.GOOD) flight.goodChecksums++;
  else if (view.tcpChecksumStatus === ChecksumStatus.BAD) {
    flight.badChecksums++;
    return flight.goodChecksums > 4 * flight.badChecksums;
  }
  return false;
}

/**
 * A segment that cannot be its sender's own, and has no place in its stream: without the timestamps that every segment must
 * carry once they are agreed (RFC 7323 section 3.2), or far beyond the window that the receiver ever opened.
 */
export function isUnacceptable(t: TrackedSegment, view: SegmentView, flight: Flight): boolean {
  if (view.flags & (SYN | RST)) return false;
  if (view.options & Option.TIMESTAMPS) flight.stamped++;
  else if (flight.stamped > 0 && t.sender.timestamps && t.receiver.timestamps) return true;
  const { windowEdge } = t.receiver;
  if (t.receiver.windowShift < 0 || windowEdge < 0 || t.seq <= t.previousSndNxt) return false;
  const beyond = t.seq - windowEdge;
  if (beyond <= Math.max(t.receiver.window, 65535) || flight.unacceptableEnd === t.seq) return false;
  flight.unacceptableEnd = t.end;
  return true;
}
