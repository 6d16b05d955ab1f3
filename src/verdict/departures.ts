import type { Hole } from '../model/ack-effect.ts';
import { answerTime, isNear, longestSwap } from '../model/capture-position.ts';
import { ACK, SYN } from '../model/flags.ts';
import { NEVER } from '../model/packed.ts';
import type { Question } from '../model/row.ts';
import { type SegmentView, tsValOf } from '../model/segment.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Cause, type Contradiction, Excuse, Fate, Kind, Verdict, verdictOf } from '../model/verdict.ts';
import { assignCause } from './cause.ts';
import { senderSilence, sentBefore } from './clocks.ts';
import { unseenSending } from './dsack-waits.ts';
import { SHORTEST_SYN_TIMER } from './duplicates.ts';
import { holeBefore } from './holes.ts';
import {
  answersReport,
  continuesRepair,
  couldBeAnswered,
  isStampedEarlier,
  lateOriginal,
  lateRepeat,
  precedesItsCopy,
  wasEchoed,
} from './late.ts';
import type { Outbound } from './outbound.ts';
import type { RecentPackets } from './recent.ts';
import type { Range } from './sorted-ranges.ts';
import { SHORTEST_RTO } from './timer.ts';
import type { Transmission, TransmissionPool } from './transmission.ts';
import { recogniseTimeout } from './unseen-timeout.ts';

/** Says of a segment that takes sequence space what it is, and enters it in its sender's scoreboard. */
export class Departures {
  private readonly pool: TransmissionPool;
  private readonly recent: RecentPackets;

  constructor(pool: TransmissionPool, recent: RecentPackets) {
    this.pool = pool;
    this.recent = recent;
  }

  /** Null for plain new data where no row is kept. */
  sends(t: TrackedSegment, view: SegmentView, row: Question | null, outbound: Outbound): Verdict | null {
    const sndNxt = t.previousSndNxt;
    const { probeByte, feedback } = outbound;
    if (feedback.zeroWindow && view.payloadLength === 1 && (t.seq === sndNxt || t.seq === probeByte)) {
      return this.probesWindow(t, view, row, outbound);
    }
    if (t.seq === probeByte && t.end > sndNxt) return this.sendsPastProbe(t, view, row, outbound);
    const firstSynAck = (view.flags & (SYN | ACK)) === (SYN | ACK) && !outbound.synAckSent;
    if (firstSynAck) outbound.synAckSent = true;
    const firstSyn = (view.flags & (SYN | ACK)) === SYN && !outbound.synSent;
    if (firstSyn) outbound.synSent = true;
    if (t.seq >= sndNxt) return this.sendsAhead(t, view, row, outbound);
    // Simultaneous open: the SYN,ACK repeats the number of the SYN but is another segment (RFC 9293 Figure 7).
    if (firstSynAck) return this.answersCrossedSyn(t, view, outbound);
    // The answer to this SYN was captured before it: sooner than its timer runs out, or with its stamp, it is not another one.
    if (firstSyn && (view.time - t.connection.synAckTime < SHORTEST_SYN_TIMER || wasEchoed(view, outbound))) {
      const verdict = lateOriginal(t, view, outbound);
      verdict.depth = 1;
      verdict.lateness = view.time - t.connection.synAckTime;
      return verdict;
    }
    const contradiction = this.recent.contradiction(t.sender, view);
    const hole = outbound.hasHoles ? outbound.holes.in(t.seq, t.end) : null;
    if (hole !== null) return contradicts(this.fills(t, view, row, outbound, hole), contradiction);
    if (contradiction === null && precedesItsCopy(t, view, outbound)) {
      if (answersReport(t, view, outbound)) return lateRepeat(t, outbound);
      const late = lateOriginal(t, view, outbound);
      // An IP ID a little below that of the latest segment is not enough: the capture may have swapped two repeats. An older timestamp
      // shows a late first copy, and so does a repeat of it that was seen.
      if (late.original > 0 || isStampedEarlier(view, outbound)) return late;
    }
    return contradicts(this.sendsAgain(t, view, row, outbound, null), contradiction);
  }

  /** From SND.NXT on, or beyond. */
  private sendsAhead(t: TrackedSegment, view: SegmentView, row: Question | null, outbound: Outbound): Verdict | null {
    const inOrder = t.seq === t.previousSndNxt;
    const silence = senderSilence(view, outbound);
    if (!inOrder && !isFirstSight(t)) {
      recogniseTimeout(t, view, outbound);
      openHole(outbound, t, view);
      // The silence was as long as a timeout: the bytes in the hole may have been sent after it, when the timer expired.
      if (silence > SHORTEST_RTO && !outbound.scoreboard.isEmpty) outbound.ca.unseenTimeoutTo = t.seq;
    }
    if (outbound.feedback.toldTo === Number.POSITIVE_INFINITY) outbound.feedback.hears(view, t.seq);
    const verdict = row === null ? null : verdictOf(Kind.NEW);
    this.enters(t, view, row, outbound, t.seq, verdict);
    const isLone = inOrder && silence > SHORTEST_RTO;
    if (isLone) {
      const { payloadLength: payload, time, ipId } = view;
      outbound.lone = { end: t.end, time, payload, ipId, order: outbound.order, verdict };
    } else if (outbound.lone !== null) outbound.lone = null;
    return verdict;
  }

  /** Bytes from `start` on are sent for the first time: of a plain segment (`isPlain`) there is no more to say. */
  enters(
    t: TrackedSegment,
    view: SegmentView,
    row: Question | null,
    outbound: Outbound,
    start: number,
    verdict: Verdict | null,
  ): void {
    const o = this.pool.take();
    o.start = start;
    o.end = t.end;
    o.describe(view);
    o.payloadSum = start === t.seq ? view.payloadSum : -1;
    o.verdict = verdict;
    o.row = row;
    row?.hold();
    if (outbound.scoreboard.isEmpty) outbound.timerStart = view.time;
    outbound.scoreboard.add(o);
    outbound.entered++;
    outbound.lastDataTime = view.time;
    outbound.lastNewTime = view.time;
  }

  /** It was put aside when it came, and its receiver has it: it is entered where it belongs. */
  admits(t: TrackedSegment, view: SegmentView, row: Question | null, outbound: Outbound, verdict: Verdict): void {
    const { lastDataTime, lastNewTime } = outbound;
    if (t.seq < t.previousSndNxt) {
      this.inserts(outbound.holes.fill(t.seq, t.end, true), t, view, row, verdict, outbound);
      return;
    }
    if (t.seq > t.previousSndNxt) openHole(outbound, t, view);
    this.enters(t, view, row, outbound, t.seq, verdict);
    outbound.lastDataTime = Math.max(lastDataTime, view.time);
    outbound.lastNewTime = Math.max(lastNewTime, view.time);
  }

  /** The SYN,ACK of a simultaneous open is one more copy of the SYN to the scoreboard, and a new segment to all others. */
  private answersCrossedSyn(t: TrackedSegment, view: SegmentView, outbound: Outbound): Verdict {
    this.copies(t, view, null, new Verdict(), outbound);
    return verdictOf(Kind.NEW);
  }

  /** A byte into a closed window, to hear whether it has opened (RFC 9293 section 3.8.6.1). It counts once it is acknowledged. */
  private probesWindow(t: TrackedSegment, view: SegmentView, row: Question | null, outbound: Outbound): Verdict {
    const verdict = verdictOf(Kind.WINDOW_PROBE);
    if (t.seq >= t.previousSndNxt) {
      outbound.probeByte = t.seq;
      this.enters(t, view, row, outbound, t.seq, verdict);
    } else this.copies(t, view, row, verdict, outbound);
    return verdict;
  }

  /** The window has opened and the byte of the probe was not taken: it goes out again as the first of new data. */
  private sendsPastProbe(t: TrackedSegment, view: SegmentView, row: Question | null, outbound: Outbound): Verdict {
    outbound.probeByte = -1;
    const verdict = verdictOf(Kind.NEW);
    this.copies(t, view, null, verdict, outbound);
    this.enters(t, view, row, outbound, t.previousSndNxt, verdict);
    return verdict;
  }

  /** What the capture had missed so far: late, or sent again? */
  private fills(t: TrackedSegment, view: SegmentView, row: Question | null, outbound: Outbound, hole: Hole): Verdict {
    const earlier = sentBefore(view, hole, outbound.clocks);
    if (hole.end === t.end) {
      t.firstEvidenceFrame = hole.frame;
      t.firstEvidenceTime = hole.time;
    }
    const isLate =
      earlier === 1 || (earlier === 0 && !continuesRepair(t, view, outbound, hole) && !couldBeAnswered(t, view, hole));
    const filled = outbound.holes.fill(t.seq, t.end, isLate);
    if (!isLate) return this.sendsAgain(t, view, row, outbound, filled);
    const { ca, holes } = outbound;
    // The hole held the first copy: no timeout was missed there.
    if (hole.end === ca.unseenTimeoutTo && holes.in(hole.start, hole.end) === null)
      ca.unseenTimeoutTo = Number.NEGATIVE_INFINITY;
    const verdict = verdictOf(Kind.REORDERED);
    // At least 1: a pure ACK that opened the hole is not in the scoreboard.
    verdict.depth = Math.max(outbound.entered - hole.entered, 1);
    verdict.lateness = view.time - hole.time;
    verdict.original = hole.frame;
    verdict.byCapture = verdict.lateness < 0 || isSwapped(t, view, outbound);
    this.inserts(filled, t, view, row, verdict, outbound);
    return verdict;
  }

  /** Bytes that had not been seen before, below SND.NXT: into the scoreboard at their place. */
  private inserts(
    filled: readonly Range[],
    t: TrackedSegment,
    view: SegmentView,
    row: Question | null,
    verdict: Verdict,
    outbound: Outbound,
  ): void {
    const una = acknowledgedTo(t, outbound);
    // The ACK was captured before its segment.
    if (t.end <= una) verdict.fate = Fate.DELIVERED;
    for (const { start, end } of filled) {
      if (end <= una) continue;
      const o = this.pool.take();
      o.start = Math.max(start, una);
      o.end = end;
      o.describe(view);
      o.isRetransmission = verdict.kind === Kind.RETRANSMISSION;
      o.verdict = verdict;
      o.row = row;
      row?.hold();
      outbound.scoreboard.add(o);
    }
  }

  /** `filled` are the holes of the capture that it fills, null where all of it had been seen. */
  private sendsAgain(
    t: TrackedSegment,
    view: SegmentView,
    row: Question | null,
    outbound: Outbound,
    filled: readonly Range[] | null,
  ): Verdict {
    const verdict = verdictOf(Kind.RETRANSMISSION);
    assignCause(verdict, t.sender, outbound, t, view);
    if (verdict.excuse === Excuse.FIN_WITH_ACK) {
      verdict.spurious = true;
      verdict.original = outbound.scoreboard.latest?.frame ?? 0;
      return verdict;
    }
    // RFC 6298 section 5.6 and RFC 8985 section 7.3; where acknowledgments are missing, its left edge is not known.
    if (verdict.cause === Cause.RTO || verdict.cause === Cause.TLP || t.seq <= outbound.una(t.sender.sndUna))
      outbound.timerStart = view.time;
    outbound.ca.highRxtOrder = outbound.order;
    outbound.ca.highRxt = t.end;
    outbound.lastDataTime = view.time;
    const sndNxt = t.previousSndNxt;
    if (filled !== null) {
      this.copies(t, view, row, verdict, outbound);
      if (t.end <= outbound.una(t.sender.sndUna)) {
        repeatsAcknowledged(t, view, row, verdict, outbound);
        // An ACK that has just passed may have been captured before its data: then it answered this.
        const sinceAck = view.time - outbound.feedback.lastEffect;
        verdict.spurious = sinceAck > longestSwap(t.sender);
      } else this.inserts(filled, t, view, row, verdict, outbound);
    } else {
      const lacked = isLacked(t, outbound);
      const parts = this.copies(t, view, row, verdict, outbound);
      if (verdict.differs) verdict.cause = Cause.UNKNOWN;
      if (parts === 0) {
        verdict.wasAcknowledged = t.end <= acknowledgedTo(t, outbound);
        if (verdict.wasAcknowledged) repeatsAcknowledged(t, view, row, verdict, outbound);
        else this.inserts([{ start: t.seq, end: Math.min(t.end, sndNxt) }], t, view, row, verdict, outbound);
      }
      if (isNear(t.receiver)) {
        verdict.spurious = t.end <= sndNxt && !lacked;
        verdict.fate = Fate.DELIVERED;
      }
    }
    if (t.end > sndNxt) this.enters(t, view, row, outbound, sndNxt, verdict);
    return verdict;
  }

  /** Ties the segment to every first sending of which it holds bytes; returns how many there are. */
  private copies(
    t: TrackedSegment,
    view: SegmentView,
    row: Question | null,
    verdict: Verdict,
    { scoreboard }: Outbound,
  ): number {
    const first = scoreboard.firstIn(t.seq, t.end);
    if (first === null) return 0;
    noteOriginal(verdict, first, t, view);
    const copy = this.pool.take();
    copy.start = t.seq;
    copy.end = t.end;
    copy.describe(view);
    copy.isRetransmission = true;
    copy.verdict = verdict;
    copy.row = row;
    verdict.parts = scoreboard.addCopy(copy);
    return verdict.parts;
  }
}

/** Left edge of what is outstanding; below everything where a capture began in the middle and has no acknowledgment of it yet. */
function acknowledgedTo({ connection, sender }: TrackedSegment, outbound: Outbound): number {
  const una = outbound.una(sender.sndUna);
  return una === 0 && !connection.sawHandshake ? Number.NEGATIVE_INFINITY : una;
}

/** The capture has it a moment after its ACK: it had arrived before, and was captured late. */
function isSwapped(t: TrackedSegment, view: SegmentView, outbound: Outbound): boolean {
  return t.end <= acknowledgedTo(t, outbound) && view.time - outbound.feedback.lastEffect <= longestSwap(t.sender);
}

/**
 * The receiver shows that the first copy, which passed the capture, did not arrive, for an ACK that came after it reports the hole; or that
 * it threw the copy away (RFC 2018 section 8).
 */
function isLacked(t: TrackedSegment, outbound: Outbound): boolean {
  const { scoreboard, feedback } = outbound;
  const first = scoreboard.firstIn(t.seq, t.end);
  if (first === null || first.sackedAt !== NEVER) return false;
  if (first.discardedAt !== NEVER) return true;
  const hasAnswered = feedback.lastReport - first.time > answerTime(t.receiver);
  return hasAnswered && (scoreboard.highSacked > t.seq || t.seq <= outbound.una(t.sender.sndUna));
}

/** What the first sending of its first byte says about a copy. */
function noteOriginal(verdict: Verdict, first: Transmission, t: TrackedSegment, view: SegmentView): void {
  if (verdict.original === 0) verdict.original = first.frame;
  if (first.refusedBy > 0) {
    verdict.excuse = Excuse.SYN_DATA_REFUSED;
    verdict.cause = Cause.FAST;
    verdict.confidence = 0.95;
    verdict.evidence = [first.refusedBy];
  }
  const isSameRange = first.start === t.seq && first.end === t.end;
  if (isSameRange && first.payloadSum >= 0 && view.payloadSum >= 0 && view.payloadSum !== first.payloadSum)
    verdict.differs = true;
}

/** Everything in it had been acknowledged before it was sent. */
function repeatsAcknowledged(
  t: TrackedSegment,
  view: SegmentView,
  row: Question | null,
  verdict: Verdict,
  outbound: Outbound,
): void {
  verdict.spurious = true;
  row?.hold();
  const had = unseenSending();
  had.verdict.fate = Fate.DELIVERED;
  const copy = { frame: view.frame, time: view.time, tsVal: tsValOf(view), verdict, row };
  const from = view.time + 2 * Math.max(outbound.rtt.srtt, 0);
  outbound.dsackWaits.add(t.seq, t.end, from, [had, copy], true);
}

/** What lies between SND.NXT and the segment was not captured. */
export function openHole(outbound: Outbound, t: TrackedSegment, view: SegmentView): void {
  // The part that was acknowledged already was reported when the ACK came; the rest is new.
  const from = t.previousSndNxt;
  const acked = Math.min(Math.max(t.receiver.lastAck, from), t.seq);
  if (acked > from) enterHole(outbound, from, acked, view, true);
  if (acked < t.seq) enterHole(outbound, acked, t.seq, view, false);
}

function enterHole(outbound: Outbound, from: number, to: number, view: SegmentView, isAcked: boolean): void {
  const hole = holeBefore(from, to, view, outbound.entered, outbound.lastNewTime, isAcked);
  if (!outbound.holes.open(hole)) outbound.scoreboard.forgotten++;
}

/** The first segment of an end whose handshake was not captured: bytes below it were sent before the capture began. */
export function isFirstSight({ connection, sender }: TrackedSegment): boolean {
  return sender.packets === 1 && !connection.sawHandshake;
}

/** Other bytes than were sent before in the same place: no loss explains that. */
function contradicts(verdict: Verdict, contradiction: Contradiction | null): Verdict {
  if (contradiction === null) return verdict;
  verdict.differs = true;
  verdict.contradiction = contradiction;
  if (verdict.kind === Kind.RETRANSMISSION) verdict.cause = Cause.UNKNOWN;
  return verdict;
}
