import { roundTrip } from '../model/capture-position.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { ACK } from '../model/flags.ts';
import type { SegmentView } from '../model/segment.ts';
import { sentEarlier } from '../model/sending-order.ts';
import { State } from '../model/state.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Reset } from '../model/transition.ts';

/**
 * A segment that a reset has overtaken comes at most this long (ns), or a round trip, after it. What comes later was sent later, by an end
 * that did not reset.
 */
const LATEST = 5e6;

/**
 * RFC 9293 section 3.10.7.4, second: a reset whose number is RCV.NXT resets; elsewhere in the window it is challenged (RFC
 * 5961 section 3.2); outside it is dropped. In SYN-SENT it must acknowledge the SYN (section 3.10.7.3).
 */
export function judgeReset(t: TrackedSegment, view: SegmentView): number {
  const { sender, receiver } = t;
  if (receiver.state === State.SYN_SENT) {
    if (view.flags & ACK) return t.ack >= 1 && t.ack <= receiver.sndNxt ? Reset.ACCEPTED : Reset.OUT_OF_WINDOW;
    // Without ACK it is dropped there: it only fits after a SYN of its sender, which may have arrived.
    return sender.hasIss && t.seq === sender.sndNxt ? Reset.ACCEPTED : Reset.OUT_OF_WINDOW;
  }
  if (receiver.lastAck < 0 || t.seq === receiver.lastAck || t.seq === sender.sndNxt) return Reset.ACCEPTED;
  return t.seq > receiver.lastAck && t.seq < receiver.windowEdge ? Reset.CHALLENGED : Reset.OUT_OF_WINDOW;
}

/**
 * The segment comes soon after a reset in the name of its sender, and left before it: its timestamp or its IP ID is earlier than that of
 * a packet that has passed. That packet may be the reset. A forged reset may have any timestamp and IP ID, so this is believed for a short
 * time only.
 */
export function wasOvertaken(view: SegmentView, sender: Endpoint): boolean {
  const { outbound, rstTime } = sender;
  if (outbound === null || view.time - rstTime > Math.max(LATEST, roundTrip(sender))) return false;
  return sentEarlier(view, null, outbound.clocks) === 1;
}
