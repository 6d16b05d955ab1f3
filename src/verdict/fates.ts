import { isNear } from '../model/capture-position.ts';
import { NEVER } from '../model/packed.ts';
import { Option, type SegmentView } from '../model/segment.ts';
import { FIRST_BYTE } from '../model/seq.ts';
import { DELAYED_ACK } from '../model/tcp-constants.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Cause, Fate } from '../model/verdict.ts';
import { lastAnswerable, type Sending, unseenSending } from './dsack-waits.ts';
import type { Outbound } from './outbound.ts';
import type { Transmission } from './transmission.ts';

/*
 * What became of the copies of a range that was sent more than once.
 */

/** A range with several copies was acknowledged: which of them arrived, and which were needed? */
export function settle(outbound: Outbound, original: Transmission, t: TrackedSegment, view: SegmentView): void {
  const all = [original, ...original.copies!];
  const delivered = hadFirst(outbound, all, t, view) ? 0 : deliveredOf(outbound, all, t, view);
  for (let i = 0; i < all.length; i++) {
    const c = all[i];
    if (c.verdict === null) continue;
    if (i === delivered) {
      c.needed = true;
      c.verdict.fate = Fate.DELIVERED;
      c.verdict.spurious = false;
    } else if (i < delivered) {
      // A later copy of the same bytes was needed; copies of other parts of the range were too.
      const replaced = all.some((later, j) => j > i && j <= delivered && later.start < c.end && later.end > c.start);
      if (!replaced) {
        c.needed = true;
        c.verdict.fate = Fate.DELIVERED;
      } else if (!c.needed) {
        // The receiver still lacked these bytes, even if this copy passed a point of capture close to it.
        c.verdict.spurious = false;
        if (c.time < original.discardedAt) {
          // It is known of a copy that was alone that it had arrived.
          if (c.verdict.fate !== Fate.DELIVERED) c.verdict.fate = Fate.UNKNOWN;
        } else c.verdict.fate = isLost(outbound, c, all[delivered]) ? Fate.LOST : Fate.UNKNOWN;
      }
    } else if (!c.needed) c.verdict.spurious = true;
  }
  const sendings: Sending[] = [];
  for (const c of all)
    if (c.verdict !== null)
      sendings.push({ frame: c.frame, time: c.time, tsVal: c.tsVal, verdict: c.verdict, row: c.row });
  const last = all[all.length - 1].time;
  // A queue may have made the round trip longer than every sample of it (Karn's rule takes none while a sender repeats).
  const round = Math.max(outbound.rtt.srtt, view.time - all[delivered].time);
  const from = Math.max(view.time, last + 2 * round);
  const wasSacked = original.sackedAt !== NEVER;
  const isEchoed = !wasSacked && (view.options & Option.TIMESTAMPS) !== 0;
  const answered = isEchoed ? NEVER : wasSacked ? original.sackedAt : view.time;
  outbound.dsackWaits.add(original.start, original.end, from, sendings, wasSacked, view.time, answered);
}

/**
 * A later copy of it was delivered first. That it was sent is evidence of a loss, unless ACKs that told nothing came in between: they
 * answered something, and bytes that no SACK block ever reported missing may be that.
 */
function isLost({ scoreboard, feedback }: Outbound, c: Transmission, delivered: Transmission): boolean {
  if (delivered.verdict?.cause === Cause.UNKNOWN) return false;
  return c.start < scoreboard.highSacked || c.end > feedback.emptyReportTo;
}

/**
 * The first copy passed by beside its receiver, which has not told that it lacks it: that the ACK came only after a repeat is what a
 * delayed ACK looks like, as long as no longer than that has passed.
 */
function hadFirst({ latestArrived }: Outbound, all: Transmission[], t: TrackedSegment, view: SegmentView): boolean {
  const [original, repeat] = all;
  // A router has told that it dropped the first copy, for it was too big.
  if (repeat.verdict?.cause === Cause.PMTU) return false;
  if (repeat.verdict?.spurious !== true || original.frame < latestArrived || original.start === 0) return false;
  return view.time - original.time <= DELAYED_ACK && isNear(t.sender);
}

/**
 * The index of the copy that arrived first: TSecr names it (Eifel, RFC 3522) when their TSvals differ; else it is the last
 * one that could have been answered by now.
 */
function deliveredOf(outbound: Outbound, all: Transmission[], t: TrackedSegment, view: SegmentView): number {
  const [original] = all;
  const answered = original.sackedAt !== NEVER ? original.sackedAt : view.time;
  // A packet that was sent later has arrived without the original. Only an ACK too soon to answer a repeat shows that the original arrived.
  const isMissed = original.frame < outbound.latestArrived;
  // Where the capture's clock was set back, times do not tell which copy was answered.
  const isTimed = original.sackedAt !== NEVER || all[all.length - 1].frame >= outbound.rtt.soundFrom;
  let delivered = !isTimed
    ? all.length - 1
    : lastAnswerable(all, answered, isMissed ? outbound.rtt.min / 2 : outbound.rtt.trusted);
  if (isTimed && original.sackedAt === NEVER) {
    // A receiver whose ACKs a whole RTO later still do not cover it lacked it then: a later copy arrived.
    const { lastHeard } = outbound.feedback;
    while (delivered < all.length - 1 && all[delivered].time + outbound.rtt.rto < lastHeard) delivered++;
  }
  const una = Math.max(t.receiver.sndUna, FIRST_BYTE);
  // Only the segment at the left edge is echoed for sure (RFC 7323 section 4.3).
  if (original.sackedAt !== NEVER || !(view.options & Option.TIMESTAMPS)) return delivered;
  // Copies that were sent no later than the echoed segment can have arrived before this ACK was sent, however soon it came. A TSecr that
  // two copies share does not tell them apart.
  for (let i = all.length - 1; i > delivered; i--) {
    const { tsVal } = all[i];
    const later = (view.tsEcr - tsVal) | 0;
    if (tsVal >= 0 && (later > 0 || (later === 0 && all[delivered].tsVal !== tsVal))) delivered = i;
  }
  // Some stacks do not take a FIN's timestamp: an echo that an earlier ACK bore already says nothing about it.
  const repeatsEcho = original.end === t.receiver.finEnd && view.tsEcr === outbound.feedback.lastEcho;
  if (original.start > una || repeatsEcho) return delivered;
  const named = all.findIndex((c) => c.tsVal === view.tsEcr);
  const unique = named >= 0 && all.every((c, i) => i === named || c.tsVal !== view.tsEcr);
  if (unique) {
    delivered = named;
    // An answer to a repeat says as much about the shortest way as any other (RFC 7323 section 4.1).
    if (all[named].frame >= outbound.rtt.soundFrom) outbound.rtt.noteAnswer(view.time - all[named].time);
    if (named === 0 && outbound.isRecovering) outbound.ca.originalArrived(view.time);
  }
  // What was sent after the echoed segment cannot have brought this ACK.
  while (delivered > 0 && all[delivered].tsVal >= 0 && ((all[delivered].tsVal - view.tsEcr) | 0) > 0) delivered--;
  return delivered;
}

/** A retransmission whose first copy never passed here was acknowledged: that copy may yet arrive, and a D-SACK would tell. */
export function awaitRepeat(outbound: Outbound, o: Transmission, now: number): void {
  o.row?.hold();
  const sendings = [unseenSending(), { frame: o.frame, time: o.time, tsVal: o.tsVal, verdict: o.verdict!, row: o.row }];
  const from = now + 2 * Math.max(outbound.rtt.srtt, 0);
  outbound.dsackWaits.add(o.start, o.end, from, sendings, o.sackedAt !== NEVER, now);
}

/** The input has ended: what can be said of segments that were never acknowledged. */
export function concludeOutbound(outbound: Outbound, smss: number): void {
  if (outbound.awaitsDsack) outbound.dsackWaits.conclude();
  const { scoreboard } = outbound;
  const end = Number.POSITIVE_INFINITY;
  for (let o = scoreboard.firstIn(0, end); o !== null; o = scoreboard.nextIn(end)) {
    // Nobody may have been there to answer a SYN.
    if (o.start === 0 || o.sackedAt !== NEVER) continue;
    if (o.copies !== null) {
      // Nothing shows that it arrived, even if it passed a point of capture beside the receiver: no copy is called needless.
      for (const { verdict } of o.copies) if (verdict !== null) verdict.spurious = false;
      for (const { verdict } of [o, ...o.copies].slice(0, -1)) {
        if (verdict === null || verdict.fate !== Fate.UNKNOWN) continue;
        verdict.fate = Fate.LOST;
        verdict.confidence = 0.7;
      }
    } else if (scoreboard.isLost(o.end, smss)) {
      o.verdict ??= scoreboard.tallied.verdictOn(o.payload);
      o.verdict.fate = Fate.LOST;
      o.verdict.confidence = 0.8;
    }
  }
}
