import { positionOf } from '../model/capture-position.ts';
import { ACK, RST, SYN } from '../model/flags.ts';
import { ChecksumStatus, GOOD_FOR_EACH_BAD, isUnstamped, Option, type SegmentView } from '../model/segment.ts';
import { FIRST_BYTE } from '../model/seq.ts';
import { State } from '../model/state.ts';
import type { TrackedSegment } from '../model/tracked.ts';

/** Up to this many segments in a row without timestamps may be somebody else's. After more, the sender itself has stopped sending them. */
const FOREIGN = 3;

/** What tells the segments of one endpoint from those that are damaged, or that somebody else sent in its name. */
export class Acceptance {
  /** Segments with a right and with a wrong checksum. */
  goodChecksums = 0;
  badChecksums = 0;
  /** Segments with timestamps after the SYN, and how many without came after the latest of them. */
  stamped = 0;
  unstamped = 0;
  /** End of a segment beyond the window, which does not count until another follows it; -1 none. */
  beyondEnd = -1;

  /** It sends no timestamps: it never did, or it has stopped. */
  get sendsUnstamped(): boolean {
    return this.stamped === 0 || this.unstamped > FOREIGN;
  }

  /**
   * The checksum was wrong on the wire, so that the receiver drops the segment. Where most checksums of a sender are wrong, its network
   * card fills them in after the capture; a capture beside the receiver holds them filled in.
   */
  isCorrupted({ connection, receiver }: TrackedSegment, view: SegmentView): boolean {
    if (view.tcpChecksumStatus === ChecksumStatus.GOOD) this.goodChecksums++;
    else if (view.tcpChecksumStatus === ChecksumStatus.BAD) {
      this.badChecksums++;
      const isArriving = this.goodChecksums > 0 && positionOf(connection) === receiver.role;
      return isArriving || this.goodChecksums > GOOD_FOR_EACH_BAD * this.badChecksums;
    }
    return false;
  }

  /** A plain segment (`isPlain`) has all that its sender's segments must have. */
  takesPlain(view: SegmentView): void {
    if (view.tcpChecksumStatus === ChecksumStatus.GOOD) this.goodChecksums++;
    if (view.options & Option.TIMESTAMPS) this.stamped++;
  }

  /**
   * A segment that cannot be its sender's own, and has no place in its stream: without the timestamps that every segment must
   * carry once they are agreed (RFC 7323 section 3.2), or far beyond the window that the receiver ever opened.
   */
  isUnacceptable(t: TrackedSegment, view: SegmentView): boolean {
    if (view.flags & (SYN | RST)) return false;
    if (t.receiver.state === State.SYN_SENT && t.receiver.hasIss && view.flags & ACK && isOfEarlierConnection(t))
      return true;
    if (view.options & Option.TIMESTAMPS) {
      this.stamped++;
      this.unstamped = 0;
    } else if (isUnstamped(view) && this.stamped > 0 && t.sender.timestamps && t.receiver.timestamps) {
      if (++this.unstamped <= FOREIGN) return true;
    }
    const { windowEdge } = t.receiver;
    if (t.receiver.windowShift < 0 || windowEdge < 0 || t.seq <= t.previousSndNxt) return false;
    // Its own stream has passed that edge: the capture lacks the ACKs that moved it.
    if (t.previousSndNxt > windowEdge) return false;
    // Its ACK of the SYN,ACK is not in the capture. Later ACKs, which moved the window, may be missing too.
    if (t.sender.lastAck < FIRST_BYTE && t.ack >= FIRST_BYTE) return false;
    const beyond = t.seq - windowEdge;
    if (beyond <= Math.max(t.receiver.window, 65535) || this.beyondEnd === t.seq) return false;
    this.beyondEnd = t.end;
    return true;
  }
}

/** An ACK this many bytes above the SYN belongs to an earlier connection. A smaller distance may be data that the capture missed. */
const FAR_ABOVE_SYN = 1 << 20;

/** RFC 9293 section 3.10.7.3, first: in SYN-SENT an ACK of anything else than the SYN is answered with a reset. */
function isOfEarlierConnection({ ack, receiver }: TrackedSegment): boolean {
  return ack < 1 || ack > receiver.sndNxt + FAR_ABOVE_SYN;
}
