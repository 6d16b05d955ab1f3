import { roundTrip, SHORTEST_ANSWER } from '../model/capture-position.ts';
import { FIN, RST, SYN } from '../model/flags.ts';
import { Ca } from '../model/outbound.ts';
import { DOUBLE_NONE, DOUBLE_ZERO, NEVER } from '../model/packed.ts';
import { Option, type SegmentView } from '../model/segment.ts';
import { FIRST_BYTE, widen } from '../model/seq.ts';
import { LARGEST_WINDOW } from '../model/tcp-constants.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Cause, Fate } from '../model/verdict.ts';
import { refusesSack } from './cause.ts';
import { repeatArrived } from './dsack-waits.ts';
import { awaitRepeat, settle } from './fates.ts';
import { type Outbound, outboundOf } from './outbound.ts';
import type { SackSink } from './scoreboard.ts';
import type { Transmission } from './transmission.ts';

/**
 * Reads the acknowledgments that a segment carries, settles with them what became of the copies that the other end had sent
 * (`outbound` is that other end's), and says in the segment's `effect` what they told.
 */
export class AckReader implements SackSink {
  private readonly keepsRoundTrips: boolean;
  /** When the oldest segment was sent that the present SACK block newly covers and that was sent once, or `NEVER`. */
  private oldestSacked: number = NEVER;
  /** The latest packet that it newly covers and that was sent once: its frame, 0 without. */
  private latestSacked = 0;
  /** Packets sent before this frame give no RTT sample. */
  private soundFrom = 0;
  /** The present time (ns). */
  private now = DOUBLE_ZERO;
  /** The RTT sample of the present ACK (ns), -1 without. A double that a function returns would be an object. */
  private sample = DOUBLE_NONE;

  constructor(keepsRoundTrips: boolean) {
    this.keepsRoundTrips = keepsRoundTrips;
  }

  read(outbound: Outbound, t: TrackedSegment, view: SegmentView): void {
    const { effect, receiver } = t;
    const { feedback, scoreboard } = outbound;
    this.now = view.time;
    this.soundFrom = outbound.rtt.soundFrom;
    this.latestSacked = 0;
    const una = outbound.una(receiver.sndUna);
    const before = t.ack > una && outbound.awaitsDsack ? outbound.dsackWaits.length : 0;
    if (t.ack > receiver.sndNxt) effect.unseen = true;
    this.sample = -1;
    if (t.ack < 0 && (t.ack > una || una === 0)) outbound.earlyUna = t.ack;
    if (t.ack > una) {
      effect.advanced = t.ack - una;
      this.acknowledge(outbound, t, view);
      if (outbound.hasHoles) outbound.holes.acknowledge(una, t.ack, Number.NEGATIVE_INFINITY, t.ack, effect.shownHoles);
    }
    if (view.options & Option.SACK) this.readSack(outbound, t, view);
    const isProgress = effect.advanced > 0 || effect.newlySacked > 0;
    countDuplicates(outbound, t, view, una);
    this.note(outbound, t, view, before);
    if (effect.advanced > 0) {
      if (t.ack >= scoreboard.highSacked) feedback.hasAll();
      else feedback.reachesEdge(view);
    }
    if (isProgress || effect.duplicate) feedback.lastEffect = view.time;
    const isUnchanged =
      effect.advanced === 0 &&
      t.ack === una &&
      view.payloadLength === 0 &&
      !(view.flags & (SYN | FIN | RST)) &&
      view.rawWindow === t.sender.rawWindow;
    if (isUnchanged && outbound.awaitsDsack && !outbound.dsackWaits.readEcho(view)) readUnprovoked(outbound, t, view);
    if (effect.newlySacked > 0 || effect.duplicate || isUnchanged) feedback.lastReport = view.time;
    if (isUnchanged && view.options & Option.SACK && effect.newlySacked === 0 && !effect.dsack)
      feedback.emptyReportTo = receiver.sndNxt;
    if (!(view.flags & SYN)) feedback.zeroWindow = view.rawWindow === 0;
    if (outbound.awaitsDsack) expire(outbound, view);
  }

  /** The ACK of a plain segment (`isPlain`): it may acknowledge what was seen, and tells nothing else. */
  readPlain(outbound: Outbound, t: TrackedSegment, view: SegmentView): void {
    const advanced = t.ack - t.receiver.sndUna;
    let before = 0;
    this.latestSacked = 0;
    this.sample = -1;
    if (advanced > 0) {
      if (outbound.awaitsDsack) before = outbound.dsackWaits.length;
      t.effect.advanced = advanced;
      this.acknowledge(outbound, t, view);
      outbound.feedback.lastEffect = view.time;
    }
    this.note(outbound, t, view, before);
    if (outbound.awaitsDsack) expire(outbound, view);
  }

  /** An ACK of any kind was read; of the ranges that wait for a D-SACK all but the first `before` are its own. */
  private note(outbound: Outbound, t: TrackedSegment, view: SegmentView, before: number): void {
    const { effect } = t;
    const { feedback } = outbound;
    if (effect.advanced > 0) {
      if (outbound.awaitsDsack) completeBySettled(outbound, t, before);
      outbound.acknowledged(t.ack, view.time);
    }
    outbound.arrived(Math.max(effect.frame, this.latestSacked));
    if (this.sample >= 0) this.takeSample(outbound);
    feedback.hearsFrom(view);
  }

  private takeSample(outbound: Outbound): void {
    const { sample } = this;
    const { rtt } = outbound;
    const isShortest = outbound.awaitsDsack && sample < rtt.min;
    rtt.take(sample, this.keepsRoundTrips);
    if (isShortest) outbound.dsackWaits.reconsider(rtt.trusted);
  }

  /** Takes what `t.ack` covers off the scoreboard; the oldest segment of it that was sent once gives the sample. */
  private acknowledge(outbound: Outbound, t: TrackedSegment, view: SegmentView): void {
    const { scoreboard } = outbound;
    let o = scoreboard.oldest;
    if (o !== null && outbound.isRecovering && goesOnInOrder(outbound, o, t, view)) {
      outbound.dsackWaits.originalArrived(view.frame);
      outbound.ca.originalArrived(view.time);
    }
    while (o !== null && o.end <= t.ack) {
      if (o.copies === null) {
        // Karn: what was sent twice shows no round trip (RFC 6298 section 3).
        if (
          this.sample < 0 &&
          !o.isRetransmission &&
          o.sackedAt === NEVER &&
          o.discardedAt === NEVER &&
          o.frame >= outbound.rtt.soundFrom &&
          (o.start > 0 || answersSyn(t, view))
        )
          this.sample = view.time - o.time;
        if (o.sackedAt === NEVER) completes(t, o.frame, o.time);
        if (o.verdict !== null && !mayBeRepairOf(outbound, o, t, view)) o.verdict.fate = Fate.DELIVERED;
        o.row?.release();
        if (o.isRetransmission && o.verdict !== null) {
          if (wasLacked(outbound, o, t, view)) o.verdict.wasLacked = true;
          awaitRepeat(outbound, o, view.time);
        }
      } else settle(outbound, o, t, view);
      o = scoreboard.drop(o);
    }
    if (o !== null && o.start === 0 && t.ack === 1 && view.flags & SYN && o.copies === null) {
      if (o.frame >= outbound.rtt.soundFrom) this.sample = view.time - o.time;
      refuseSynData(outbound, o, view.frame);
    } else scoreboard.advance(t.ack);
    if (scoreboard.isSacked(t.ack)) t.effect.discarded = scoreboard.discard(t.ack, view.time);
  }

  /** RFC 2018 section 3; D-SACK: RFC 2883 section 4. Where there is no sample yet, the oldest newly covered segment gives it. */
  private readSack(outbound: Outbound, t: TrackedSegment, view: SegmentView): void {
    const { base, sndNxt } = t.receiver;
    const { scoreboard, feedback } = outbound;
    const first = widen(view.sack[0], base, sndNxt);
    const firstEnd = widen(view.sack[1], base, sndNxt);
    let from = 0;
    if (firstEnd <= t.ack || (view.sackCount > 1 && isInside(first, firstEnd, view, base, sndNxt))) {
      from = 1;
      if (first < firstEnd) this.readDsack(outbound, t, view, first, firstEnd);
    }
    for (let b = from; b < view.sackCount; b++) {
      const left = widen(view.sack[2 * b], base, sndNxt);
      const right = widen(view.sack[2 * b + 1], base, sndNxt);
      if (left >= right || left < t.ack || right > sndNxt + LARGEST_WINDOW) continue;
      if (right > scoreboard.highSacked && scoreboard.highSacked <= t.ack)
        feedback.reports(view, t.ack, outboundOf(t.sender).clocks.maxTsVal);
      this.oldestSacked = NEVER;
      t.effect.newlySacked += scoreboard.sack(left, right, view.time, this);
      if (this.oldestSacked !== NEVER && this.sample < 0) this.sample = view.time - this.oldestSacked;
      if (outbound.hasHoles) scoreboard.showHoles(outbound.holes, t.effect.shownHoles);
    }
  }

  sacks(o: Transmission): void {
    if (o.copies !== null) return;
    if (o.frame > this.latestSacked) this.latestSacked = o.frame;
    if (!o.isRetransmission && this.oldestSacked === NEVER && o.frame >= this.soundFrom) this.oldestSacked = o.time;
    if (o.verdict === null) return;
    o.verdict.fate = Fate.DELIVERED;
    o.row?.release();
    o.row = null;
  }

  /** One more copy of the range arrived than was needed. */
  private readDsack(outbound: Outbound, t: TrackedSegment, view: SegmentView, start: number, end: number): void {
    const { effect } = t;
    effect.dsack = true;
    effect.dsackEnd = end;
    outbound.feedback.sawDsack = true;
    outbound.ca.repeatReported(start, end, this.now);
    outbound.dsackWaits.repeatReported(start, end, this.now, view.frame, outbound.rtt.trusted);
    // Ranges that are only selectively acknowledged so far.
    const { scoreboard } = outbound;
    for (let o = scoreboard.firstIn(start, end); o !== null; o = scoreboard.nextIn(end)) {
      if (o.copies === null || o.sackedAt === NEVER) continue;
      const copy = o.copies.find((c) => c.verdict !== null && !c.verdict.spurious);
      if (copy !== undefined) copy.verdict!.spurious = true;
    }
  }
}

/**
 * The ACK may be caused by a second copy of `o` that the capture lacks: `o` was reported missing a round trip before, and TSecr is not
 * the timestamp of the copy that was seen (RFC 7323 section 4.3).
 */
function mayBeRepairOf(
  { scoreboard, feedback }: Outbound,
  o: Transmission,
  t: TrackedSegment,
  view: SegmentView,
): boolean {
  if (o.sackedAt !== NEVER || scoreboard.highSacked <= o.start || feedback.reportTime < o.time) return false;
  if (view.options & Option.TIMESTAMPS && view.tsEcr === o.tsVal) return false;
  return view.time - feedback.reportTime >= SHORTEST_ANSWER * roundTrip(t.receiver);
}

/**
 * F-RTO (RFC 5682 section 2.1, step 3b): after a timeout one ACK stopped short of what had been sent before it, and this one goes on
 * from there over `o`, which was sent before it too, and not again. Had the range of the timeout been lost, its receiver would have had
 * `o` already, and that ACK would have covered it. Where SACK or timestamps are in use, these tell more.
 */
function goesOnInOrder(outbound: Outbound, o: Transmission, t: TrackedSegment, view: SegmentView): boolean {
  const { ca, feedback } = outbound;
  if (ca.state !== Ca.LOSS || !outbound.awaitsDsack || o.copies !== null || o.isRetransmission) return false;
  if (view.options & Option.TIMESTAMPS || !(refusesSack(t.sender) || refusesSack(t.receiver))) return false;
  if (t.ack < o.end || o.start !== t.receiver.sndUna || feedback.dupAcks > 0) return false;
  const { start, end, sendings } = outbound.dsackWaits.latest!;
  const repeat = sendings[sendings.length - 1];
  const isOfTimeout = start === ca.timeoutStart && repeat.verdict.cause === Cause.RTO;
  return isOfTimeout && end <= o.start && o.frame < repeat.frame && sendings[0].frame > 0;
}

/**
 * The first copy of `o` was not seen, but later data was. An ACK of both that echoes the timestamp of `o` shows that `o` arrived at the
 * receiver's RCV.NXT (RFC 7323 section 4.3): the receiver had lacked it until then.
 */
function wasLacked({ scoreboard }: Outbound, o: Transmission, t: TrackedSegment, view: SegmentView): boolean {
  if (!(view.options & Option.TIMESTAMPS) || view.tsEcr !== o.tsVal || t.ack <= o.end) return false;
  const next = scoreboard.firstIn(o.end, o.end + 1);
  const isAtEdge = o.start === Math.max(t.receiver.sndUna, FIRST_BYTE);
  return isAtEdge && next !== null && next.frame < o.frame && next.tsVal >= 0 && next.tsVal !== o.tsVal;
}

function expire({ scoreboard, dsackWaits, feedback }: Outbound, view: SegmentView): void {
  scoreboard.forgotten += dsackWaits.expire(view.time, feedback.sawDsack);
}

/** A SYN is answered by a SYN,ACK, and a SYN,ACK by an ACK of nothing more. Where another ACK covers it, the answer is not in the capture. */
function answersSyn({ ack, receiver }: TrackedSegment, { flags }: SegmentView): boolean {
  return (flags & SYN) !== 0 || (ack === 1 && !receiver.isClient);
}

/** The copy of `frame` brought what was just acknowledged, unless a later one did. */
function completes({ effect }: TrackedSegment, frame: number, time: number): void {
  if (frame <= effect.frame) return;
  if (effect.frame === 0) effect.since = time;
  effect.frame = frame;
  effect.time = time;
}

/** Of the ranges that this ACK has settled (all but the first `before`), the copies that arrived. */
function completeBySettled(outbound: Outbound, t: TrackedSegment, before: number): void {
  const { dsackWaits } = outbound;
  for (let i = before; i < dsackWaits.length; i++) {
    const { wasSacked, sendings } = dsackWaits.at(i);
    if (wasSacked) continue;
    const first = sendings.find((c) => c.verdict.fate === Fate.DELIVERED);
    if (first !== undefined) completes(t, first.frame, first.time);
  }
}

/**
 * A duplicate ACK of a receiver without D-SACK, while nothing was in flight long enough to have caused it: the answer to a
 * copy that was not needed.
 */
function readUnprovoked(outbound: Outbound, t: TrackedSegment, view: SegmentView): void {
  const { scoreboard, feedback, rtt } = outbound;
  if (feedback.sawDsack || view.options & (Option.SACK | Option.CUT)) return;
  if (outboundOf(t.sender).feedback.zeroWindow) return;
  const { oldest } = scoreboard;
  // The ACK may answer a segment that was sent long enough ago, or one that follows missing bytes.
  if (oldest !== null) {
    if (oldest.start > t.ack || oldest.isRetransmission || oldest.copies !== null) return;
    if (view.time - oldest.time >= SHORTEST_ANSWER * rtt.min) return;
  }
  const { latest } = outbound.dsackWaits;
  if (latest === null || latest.sendings.length < 2 || latest.repeats > 0 || latest.end > t.ack) return;
  // A repeated SYN gets another answer. After its own FIN an end also acknowledges the answer to that FIN.
  if (latest.start === 0 || t.sender.finEnd >= 0) return;
  // Some hosts send two ACKs for a segment that fills a hole. Two copies would be acknowledged about as far apart as they were sent, if the
  // first ACK may answer the last copy.
  const [before, last] = latest.sendings.slice(-2);
  const { settled } = latest;
  if (settled - last.time >= SHORTEST_ANSWER * rtt.min && 2 * (view.time - settled) < last.time - before.time) return;
  repeatArrived(latest, view.time, view.frame, rtt.min);
}

/** RFC 5681 section 2, "duplicate acknowledgment", and with SACK any ACK that reports something new above (RFC 6675). */
function countDuplicates(outbound: Outbound, t: TrackedSegment, view: SegmentView, una: number): void {
  const { effect } = t;
  const { feedback } = outbound;
  if (effect.advanced > 0) {
    feedback.dupAcks = 0;
    return;
  }
  if (outbound.scoreboard.isEmpty || t.ack !== una) return;
  if (view.payloadLength > 0 || view.flags & (SYN | FIN | RST)) return;
  const hasSameWindow = view.rawWindow === t.sender.rawWindow;
  if (effect.newlySacked > 0 || (hasSameWindow && !(view.options & Option.SACK)) || effect.dsack) {
    effect.duplicate = true;
    feedback.duplicates(una, view, outboundOf(t.sender).clocks.maxTsVal);
  }
}

/** The SYN arrived and its data was not taken: from here on the data stands for bytes that have to be sent again. */
function refuseSynData(outbound: Outbound, syn: Transmission, frame: number): void {
  if (syn.verdict !== null) syn.verdict.fate = Fate.DELIVERED;
  syn.row?.release();
  syn.verdict = null;
  syn.row = null;
  syn.refusedBy = frame;
  outbound.scoreboard.cut(syn, 1);
}

/** The first block lies inside the second: a D-SACK above the cumulative ACK (RFC 2883 section 4.2). */
function isInside(first: number, firstEnd: number, view: SegmentView, base: number, near: number): boolean {
  const left = widen(view.sack[2], base, near);
  const right = widen(view.sack[3], base, near);
  return left <= first && firstEnd <= right;
}
