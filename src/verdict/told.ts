import type { Endpoint } from '../model/endpoint.ts';
import { NEVER } from '../model/packed.ts';
import { Option, type SegmentView } from '../model/segment.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import type { Outbound } from './outbound.ts';

/*
 * What a sender had been told when it sent something again.
 */

/** Had the sender been told, by SACK or duplicate ACKs, that something after these bytes arrived without them? */
export function wasTold(outbound: Outbound, sender: Endpoint, t: TrackedSegment, view: SegmentView): boolean {
  const reported =
    outbound.scoreboard.highSacked > t.seq ||
    outbound.feedback.dupAcks >= 1 ||
    (outbound.feedback.duplicateUna === t.seq && outbound.feedback.duplicatesThere >= 2) ||
    arrivedLater(outbound, t);
  return reported && (couldHaveHeard(outbound, view) || heardUnseen(outbound, sender.peer.outbound as Outbound, view));
}

/** ACKs came from `since` on, and after it was sent: what they told may have been cut off, or others are missing in the capture. */
export function mayHaveBeenTold({ scoreboard, feedback }: Outbound, { seq }: TrackedSegment, since: number): boolean {
  if (feedback.lastHeard < since) return false;
  const sent = scoreboard.firstIn(seq, seq + 1);
  return sent === null || feedback.lastHeard > (sent.copies?.at(-1) ?? sent).time;
}

/** RACK: a packet that left later has arrived, be it a repeat of earlier bytes (RFC 8985 section 6.2). */
function arrivedLater({ scoreboard, latestArrived }: Outbound, { seq }: TrackedSegment): boolean {
  if (latestArrived === 0) return false;
  const sent = scoreboard.firstIn(seq, seq + 1);
  return sent !== null && latestArrived > (sent.copies?.at(-1) ?? sent).frame;
}

/** Its TSecr shows whether the sender had received the duplicate ACKs by then: they may have been on their way. */
export function couldHaveHeard({ feedback }: Outbound, view: SegmentView): boolean {
  if (!(view.options & Option.TIMESTAMPS) || feedback.reportTsVal < 0) return true;
  // A side that misses bytes itself echoes the timestamp of the last segment in order (RFC 7323 section 4.3).
  if (view.options & Option.SACK) return true;
  return ((view.tsEcr - feedback.reportTsVal) | 0) >= 0;
}

/** Reports that follow each other within this time (ns) leave a timer no room to expire between them. */
const AT_ONCE = 4e6;

/**
 * It echoes the ACK that told of the hole which it begins to fill, and the next one came at once: the sender sent this when it had heard
 * the one and not the other. It reacts to what it was told; a timer would have had to expire just then. Not where it was sent again since.
 */
export function reactsToEdge({ feedback, scoreboard }: Outbound, { seq }: TrackedSegment, view: SegmentView): boolean {
  const { edgeTsVal, edgeTime, afterEdge } = feedback;
  const sent = scoreboard.firstIn(seq, seq + 1);
  if (sent !== null && (sent.copies?.at(-1) ?? sent).time > edgeTime) return false;
  return (
    (view.options & Option.TIMESTAMPS) !== 0 &&
    edgeTsVal >= 0 &&
    afterEdge !== NEVER &&
    view.tsEcr === edgeTsVal &&
    afterEdge - edgeTime < AT_ONCE
  );
}

/**
 * It echoes an ACK that the capture lacks: one from before the capture began, or one just before the first report that was seen. That ACK
 * may have reported the loss too.
 */
function heardUnseen({ feedback, rtt }: Outbound, { clocks }: Outbound, { tsEcr }: SegmentView): boolean {
  // Where the capture's clock was set back, the first timestamp is only the first since then.
  if (rtt.soundFrom === 0 && clocks.firstTsVal >= 0 && ((tsEcr - clocks.firstTsVal) | 0) < 0) return true;
  return feedback.beforeReport >= 0 && ((tsEcr - feedback.beforeReport) | 0) > 0;
}
