import type { Endpoint } from '../model/endpoint.ts';
import { ACK, RST, SYN } from '../model/flags.ts';
import type { SegmentView } from '../model/segment.ts';
import { seqAdd } from '../model/seq.ts';
import { State } from '../model/state.ts';
import type { TrackedSegment } from '../model/tracked.ts';

/*
 * Where the stream of an end begins: its numbers are counted from there.
 */

/** Where its sender's stream begins, as far as its own segments tell. */
export function placeOrigin(t: TrackedSegment, view: SegmentView): void {
  const { sender } = t;
  const syn = (view.flags & SYN) !== 0;
  if (!sender.hasBase && view.flags & RST && !syn) {
    // A reset may carry any number: it does not say where the stream begins.
    sender.base = seqAdd(view.seq, -1);
    sender.sndNxt = 1;
  } else if (!sender.hasBase) {
    sender.hasBase = true;
    sender.base = syn ? view.seq : seqAdd(view.seq, -1);
    sender.sndNxt = syn ? 0 : 1;
  } else if (syn && view.seq !== sender.base) {
    // A SYN,ACK sent again with another ISN (SYN cookies, a restarted server) moves the origin while no data was sent.
    if ((sender.sndNxt <= 1 && sender.state !== State.ESTABLISHED) || answersSyn(t, view)) {
      if (sender.hasIss && view.flags & ACK) {
        sender.hasOtherIss = true;
        sender.otherIss = sender.base;
      }
      sender.base = view.seq;
      sender.sndNxt = 0;
      sender.finEnd = -1;
    } else t.unacceptableSyn = true;
  }
  if (syn && !t.unacceptableSyn) sender.hasIss = true;
}

/** Nothing was seen of `receiver`. What its peer acknowledges shows where its stream goes on. */
export function placeOriginByAck(receiver: Endpoint, view: SegmentView): void {
  receiver.hasBase = true;
  receiver.base = seqAdd(view.ack, -1);
  receiver.sndNxt = 1;
}

/** `receiver` sent two SYN,ACKs with different ISNs. The one that its peer acknowledges counts (RFC 9293 section 3.10.7.3). */
export function chooseIss(receiver: Endpoint, { ack, flags }: SegmentView): void {
  if (flags & (SYN | RST)) return;
  receiver.hasOtherIss = false;
  if (receiver.sndNxt <= 1 && ack === seqAdd(receiver.otherIss, 1)) receiver.base = receiver.otherIss;
}

/**
 * Only empty segments of one sequence number were seen of this end. They are keep-alives, whose number is SND.NXT-1 (RFC 9293 section
 * 3.8.4), or segments with SND.NXT itself. The answer to them tells which.
 */
export function mayHaveBegunWithProbe({ seen, hasIss, sndNxt, dataPackets }: Endpoint): boolean {
  return seen && !hasIss && sndNxt === 1 && dataPackets === 0;
}

/** The segment acknowledges a SYN, and nothing followed that SYN. What was seen of its sender before belongs to another connection. */
function answersSyn({ sender, receiver }: TrackedSegment, view: SegmentView): boolean {
  return (
    (view.flags & ACK) !== 0 &&
    !sender.hasIss &&
    receiver.hasIss &&
    receiver.sndNxt <= 1 &&
    view.ack === seqAdd(receiver.base, 1)
  );
}
