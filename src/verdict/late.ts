import type { Hole } from '../model/ack-effect.ts';
import { answerTime, isNear, roundTrip } from '../model/capture-position.ts';
import { Option, type SegmentView } from '../model/segment.ts';
import { sentEarlier } from '../model/sending-order.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Cause, Fate, Kind, type Verdict, verdictOf } from '../model/verdict.ts';
import type { Outbound } from './outbound.ts';

/*
 * Signs that a segment below SND.NXT is late and was not sent again, and the verdict on such a one.
 */

/** The other end had heard this packet, or a later one, before it was captured. */
export function wasEchoed(view: SegmentView, { feedback: { lastEcho } }: Outbound): boolean {
  return (view.options & Option.TIMESTAMPS) !== 0 && lastEcho > 0 && ((lastEcho - view.tsVal) | 0) >= 0;
}

/** Was it sent before the copy of the same bytes that was already seen? Then that copy was a retransmission of this one. */
export function precedesItsCopy(t: TrackedSegment, view: SegmentView, { scoreboard, clocks }: Outbound): boolean {
  const copy = scoreboard.firstIn(t.seq, t.end);
  // Where the copy has left the scoreboard (acknowledged), a segment older than the latest is no new retransmission.
  return sentEarlier(view, copy, clocks) === 1;
}

/** The timestamps of its sender have moved on since. */
export function isStampedEarlier(view: SegmentView, { clocks }: Outbound): boolean {
  return (view.options & Option.TIMESTAMPS) !== 0 && clocks.maxTsVal >= 0 && ((view.tsVal - clocks.maxTsVal) | 0) < 0;
}

/** It echoes an ACK that had told its sender of the hole which it fills: it is a repeat, overtaken by a later one. */
export function answersReport(t: TrackedSegment, view: SegmentView, { feedback }: Outbound): boolean {
  const { toldTsVal, toldFrom, toldTo } = feedback;
  if (!(view.options & Option.TIMESTAMPS) || toldTsVal < 0) return false;
  return ((view.tsEcr - toldTsVal) | 0) >= 0 && t.seq >= toldFrom && t.end <= toldTo;
}

/** The verdict on a retransmission that a later one has overtaken: the receiver has the bytes from that one. */
export function lateRepeat(t: TrackedSegment, { scoreboard }: Outbound): Verdict {
  const verdict = verdictOf(Kind.RETRANSMISSION);
  verdict.cause = Cause.FAST;
  verdict.confidence = 0.8;
  verdict.original = scoreboard.firstIn(t.seq, t.end)?.frame ?? 0;
  verdict.spurious = isNear(t.receiver);
  if (verdict.spurious) verdict.fate = Fate.DELIVERED;
  return verdict;
}

/** The first copy comes after its retransmission, which was not needed. */
export function lateOriginal(t: TrackedSegment, view: SegmentView, outbound: Outbound): Verdict {
  const verdict = verdictOf(Kind.REORDERED);
  verdict.fate = Fate.DELIVERED;
  // How late is not known where its retransmission is forgotten.
  verdict.lateness = -1;
  const arrives = isNear(t.receiver);
  const mark = (repeat: Verdict | null, frame: number, time: number) => {
    verdict.original = frame;
    verdict.lateness = view.time - time;
    if (arrives && repeat !== null) repeat.spurious = true;
  };
  const { scoreboard } = outbound;
  for (let o = scoreboard.firstIn(t.seq, t.end); o !== null; o = scoreboard.nextIn(t.end)) {
    if (o.isRetransmission) mark(o.verdict, o.frame, o.time);
  }
  if (!outbound.hasSentTwice) return verdict;
  for (const { sendings } of outbound.dsackWaits.with(t.seq, t.end)) {
    const last = sendings[sendings.length - 1];
    mark(last.verdict, last.frame, last.time);
  }
  return verdict;
}

/** Without clocks to tell: a sender in recovery, that has just sent again what lies before this, goes on with it. */
export function continuesRepair(t: TrackedSegment, view: SegmentView, { ca, order }: Outbound, hole: Hole): boolean {
  const round = roundTrip(t.sender);
  const stillRepairs = isNear(t.receiver) && view.time - ca.episodeEnd < 1.2 * round;
  return (
    (ca.isRecovering || stillRepairs) &&
    ca.highRxtOrder === order - 1 &&
    t.seq >= ca.highRxt &&
    view.time - hole.since >= 0.9 * round
  );
}

/** Long enough after the hole opened for its sender to have been told of it and to have answered. */
export function couldBeAnswered(t: TrackedSegment, view: SegmentView, hole: Hole): boolean {
  const back = Math.max(answerTime(t.sender), 0);
  const round = roundTrip(t.sender);
  const needed = round > 0 ? Math.max(back, round * 0.5) : 3e6;
  return view.time - hole.time >= needed * 0.9;
}
