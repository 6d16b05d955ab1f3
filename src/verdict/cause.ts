import { answerTime, isNear, roundTrip } from '../model/capture-position.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { ACK, FIN, SYN } from '../model/flags.ts';
import { Ca } from '../model/outbound.ts';
import { DOUBLE_NONE } from '../model/packed.ts';
import { Option, type SegmentView } from '../model/segment.ts';
import { FIRST_BYTE } from '../model/seq.ts';
import { Phase } from '../model/summary.ts';
import { DUP_THRESH } from '../model/tcp-constants.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Cause, Excuse, type Verdict } from '../model/verdict.ts';
import { echoAge, elapsed, senderSilence } from './clocks.ts';
import type { Outbound } from './outbound.ts';
import { hasTimerExpired, longestProbe, SHORTEST_RTO, silence, timerRan, unheard, waitOf } from './timer.ts';
import { couldHaveHeard, mayHaveBeenTold, reactsToEdge, wasTold } from './told.ts';

/** A timer is not taken to have expired sooner than this after the last event (ns): coarse clocks and scheduling. */
const SHORTEST_TIMER = 4e6;
/** Confidence in a tail loss probe that cannot have been a timeout. */
const SURE_PROBE = 0.9;
/** The wait after a timeout is at least this many times longer. */
const BACKED_OFF = 1.6;
/** Two waits of a timer to which a constant is added: the second is at most this many times the first. */
const AFFINE = 1.9;
/** The increase of such waits doubles, to within this share: clock ticks, and the jitter of a capture. */
const UNEVEN = 0.1;
/**
 * Says why `sender` sends again what `t` holds, from what it had been told by then (RFC 5681 section 3.2, RFC 6675 section 5,
 * RFC 6298 section 5, RFC 8985 section 7), and moves its recovery episode on.
 */
export function assignCause(
  verdict: Verdict,
  sender: Endpoint,
  outbound: Outbound,
  t: TrackedSegment,
  view: SegmentView,
): void {
  const quiet = silence(sender, outbound, view);
  const { lastDataTime } = outbound;
  const told = wasTold(outbound, sender, t, view);
  verdict.waited = quiet;
  if (!told && quiet < SHORTEST_RTO && ridesOnAck(sender, t, view)) {
    verdict.cause = Cause.UNKNOWN;
    verdict.excuse = Excuse.FIN_WITH_ACK;
    verdict.confidence = 0.7;
    return;
  }
  const cause = causeOf(sender, outbound, t, view, quiet, told);
  verdict.cause = cause;
  if (cause === Cause.SYN && wasRefused(sender)) verdict.excuse = Excuse.REFUSED_BEFORE;
  const { reportFrame, toldFrom } = outbound.feedback;
  const isShown = told && couldHaveHeard(outbound, view);
  // Bytes below the reported hole were acknowledged when it was reported.
  if (cause === Cause.FAST && isShown && reportFrame > 0 && t.end > toldFrom) {
    verdict.toldBy = reportFrame;
    verdict.evidence = [reportFrame];
  }
  if (cause === Cause.FAST) verdict.echoAge = echoAge(view, sender.peer.outbound as Outbound);
  verdict.confidence = confidenceIn(cause, isShown, t.seq <= leftEdge(outbound, sender));
  if (cause === Cause.RTO) {
    verdict.waited = isUnheard(sender, t)
      ? elapsed(lastDataTime, view, outbound)
      : waitOf(outbound, view, quiet, timerRan(outbound, sender, view, t), told);
    wasTimeout(outbound, t, verdict.waited);
  } else if (cause === Cause.TLP) {
    outbound.ca.tlpVerdict = verdict.confidence < SURE_PROBE ? verdict : null;
    verdict.mayBeTimeout = verdict.confidence < SURE_PROBE && quiet >= SHORTEST_RTO;
    outbound.ca.tlpNext = DOUBLE_NONE;
  }
  follow(cause, sender, outbound, t, view);
  if (cause === Cause.FAST) outbound.ca.repaired(verdict.echoAge);
  if (outbound.ca.isRecovering) outbound.ca.undoRetrans++;
  verdict.backoff = Math.max(outbound.ca.timeouts - 1, 0);
}

/**
 * It sends again the end of its stream, which was acknowledged: no ACK of that has reached it in time, and its timer runs since it last
 * sent.
 */
function isUnheard(sender: Endpoint, { end, previousSndNxt }: TrackedSegment): boolean {
  return end === previousSndNxt && end <= sender.sndUna;
}

/** Offset of the first byte that is not acknowledged. */
function leftEdge(outbound: Outbound, sender: Endpoint): number {
  const una = outbound.una(sender.sndUna);
  return una < 0 ? una : Math.max(una, FIRST_BYTE);
}

function causeOf(
  sender: Endpoint,
  outbound: Outbound,
  t: TrackedSegment,
  view: SegmentView,
  quiet: number,
  told: boolean,
): number {
  if (view.flags & SYN) return view.flags & ACK ? Cause.SYN_ACK : Cause.SYN;
  if (view.time - outbound.pathMtuTime < Math.max(2 * outbound.rtt.rto, 1e9)) return Cause.PMTU;

  if (!sender.peer.seen || (!told && lacksAcks(sender, outbound, view)))
    return causeUnheard(sender, outbound, t, view, quiet);
  const away = unheard(sender, view);
  const round = roundTrip(sender) + away;
  // Without an RTT sample nobody knows whether the wait was longer than a round trip.
  const isMeasured = answerTime(sender.peer) >= 0;
  const timer = quiet > (isMeasured ? Math.max(1.5 * round, SHORTEST_TIMER) : SHORTEST_RTO + away);
  const longTimer = timer && quiet >= SHORTEST_RTO;
  // Where ACKs are missing in the capture, SND.UNA is not known: the sender sends again from where its timer expired before.
  const atLeftEdge =
    t.seq <= leftEdge(outbound, sender) || (outbound.ca.state === Ca.LOSS && t.seq === outbound.ca.timeoutStart);
  const isTold = told && isNear(sender.peer) && reactsToEdge(outbound, t, view);
  const expired = atLeftEdge && !isTold && (longTimer || hasTimerExpired(outbound, sender, view, t, quiet, timer));
  if (!expired && outbound.ca.state !== Ca.LOSS && mayHaveTimedOut(outbound, sender, view, t)) return Cause.UNKNOWN;
  if (outbound.ca.isRecovering) {
    if (expired) return Cause.RTO;
    return outbound.ca.state === Ca.LOSS ? Cause.RTO_RECOVERY : Cause.FAST;
  }
  if (told) return expired ? Cause.RTO : Cause.FAST;
  if (!timer && goesOnAfterTimeout(outbound, sender, t)) return Cause.RTO_RECOVERY;
  // Captured near the receiver: the sender goes on repairing for a round trip after the ACK that ends the repair has passed.
  const repairs = !told && isNear(sender.peer) && view.time - outbound.ca.episodeEnd < 1.2 * round;
  if (repairs && !timer) return outbound.ca.endedState === Ca.LOSS ? Cause.RTO_RECOVERY : Cause.FAST;
  if (!timer && isNear(sender.peer)) {
    const toldLately = view.time - outbound.feedback.lastReport < 2 * round && couldHaveHeard(outbound, view);
    const waited = senderSilence(view, outbound) >= SHORTEST_RTO;
    if (toldLately && !waited) return Cause.FAST;
    return waited ? Cause.RTO : Cause.UNKNOWN;
  }
  if (!timer) return mayHaveBeenTold(outbound, t, view.time - round - SHORTEST_TIMER) ? Cause.FAST : Cause.UNKNOWN;
  const atTail = t.end >= sender.sndNxt;
  if (
    !told &&
    atTail &&
    (quiet <= longestProbe(outbound, sender, round) ||
      (view.payloadLength > 0 && wasLostBefore(sender, outbound, t))) &&
    outbound.ca.tlpEnd < 0 &&
    outbound.ca.timeouts === 0 &&
    sackMayBeOn(sender)
  )
    return Cause.TLP;
  if (longTimer) return Cause.RTO;
  // All of it had been acknowledged when it passed here. Its sender had not got that ACK, and repairs by what earlier ACKs reported.
  if (t.end <= leftEdge(outbound, sender))
    return view.time - outbound.feedback.lastReport < SHORTEST_RTO ? Cause.FAST : Cause.UNKNOWN;
  return isNear(sender.peer) ? Cause.UNKNOWN : Cause.RTO;
}

/**
 * An ACK of first copies has shown that the timeout was spurious. A sender need not undo it (RFC 4015 is optional): this one goes on
 * sending again what was outstanding at the timeout.
 */
function goesOnAfterTimeout(outbound: Outbound, sender: Endpoint, { seq }: TrackedSegment): boolean {
  const { endedState, recoveryPoint } = outbound.ca;
  return endedState === Ca.LOSS && seq < recoveryPoint && leftEdge(outbound, sender) < recoveryPoint;
}

/** Beside the receiver its first copy was not seen: nobody knows since when its sender has waited. */
function wasLostBefore(sender: Endpoint, outbound: Outbound, { seq }: TrackedSegment): boolean {
  if (!isNear(sender.peer) || seq < leftEdge(outbound, sender)) return false;
  return outbound.scoreboard.firstIn(seq, seq + 1) === null;
}

/**
 * A timeout may lie where the capture lacks packets: the sender was silent for as long as one, and what it echoes, or what was echoed to
 * it, is not there. What it repairs from then on it may repair for either reason.
 */
function mayHaveTimedOut(outbound: Outbound, sender: Endpoint, view: SegmentView, { seq }: TrackedSegment): boolean {
  const { ca, clocks, feedback, rtt } = outbound;
  if (seq < ca.unseenTimeoutTo) return true;
  if (!(view.options & Option.TIMESTAMPS) || clocks.maxTsVal < 0) return false;
  if (senderSilence(view, outbound) < (rtt.srtt < 0 ? SHORTEST_RTO : rtt.rto)) return false;
  const { maxTsVal } = (sender.peer.outbound as Outbound).clocks;
  const lacksHeard = maxTsVal >= 0 && ((view.tsEcr - maxTsVal) | 0) > 0;
  const lacksSent = feedback.lastEcho >= 0 && ((feedback.lastEcho - clocks.maxTsVal) | 0) > 0;
  if (lacksHeard || lacksSent) ca.unseenTimeoutTo = sender.sndNxt;
  return seq < ca.unseenTimeoutTo;
}

/**
 * Without the peer's segments only the silence speaks, and what was sent meanwhile: three segments that arrive after a loss make three
 * duplicate ACKs (RFC 5681 section 3.2, RFC 6675 section 4).
 */
function causeUnheard(
  { sndNxt, peer }: Endpoint,
  { ca }: Outbound,
  t: TrackedSegment,
  view: SegmentView,
  quiet: number,
): number {
  if (quiet >= SHORTEST_RTO) return Cause.RTO;
  // Data that was sent after the repair had begun belongs to the next repair.
  if (ca.isRecovering && t.seq >= ca.recoveryPoint) ca.end(view.time);
  if (ca.isRecovering) return ca.state === Ca.LOSS ? Cause.RTO_RECOVERY : Cause.FAST;
  const segment = peer.mss > 0 ? Math.min(peer.mss, t.end - t.seq) : t.end - t.seq;
  return sndNxt - t.end > (DUP_THRESH - 1) * segment ? Cause.FAST : Cause.UNKNOWN;
}

/** No ACK of its data is in the capture, and it goes on as if there had been some: it echoes one, or has passed the window. */
function lacksAcks({ sndUna, sndNxt, peer }: Endpoint, outbound: Outbound, view: SegmentView): boolean {
  if (outbound.una(sndUna) > FIRST_BYTE) return false;
  if (peer.windowShift >= 0 && peer.windowEdge >= 0 && sndNxt > peer.windowEdge) return true;
  const { maxTsVal } = (peer.outbound as Outbound).clocks;
  return (view.options & Option.TIMESTAMPS) !== 0 && maxTsVal >= 0 && ((view.tsEcr - maxTsVal) | 0) > 0;
}

/** The latest that was seen is a RST of an end that has never sent anything else. */
function wasRefused({ peer, lastFrame }: Endpoint): boolean {
  return peer.lastFrame > lastFrame && peer.phase === Phase.RESET && !peer.hasIss;
}

/** See `Excuse.FIN_WITH_ACK`. */
function ridesOnAck(sender: Endpoint, t: TrackedSegment, view: SegmentView): boolean {
  const { finEnd } = sender.peer;
  return (view.flags & FIN) !== 0 && t.end - t.seq === 1 && finEnd >= 0 && t.ack >= finEnd && sender.lastAck < finEnd;
}

/**
 * After a probe the timer starts afresh; after a timeout it waits twice as long (RFC 6298 section 5.5). So the second wait, or the third,
 * tells what the first was. What is sent again may have grown meanwhile, by a FIN or by data that had been held back.
 */
function wasTimeout(outbound: Outbound, t: TrackedSegment, waited: number): void {
  const { ca } = outbound;
  const { tlpVerdict, tlpNext } = ca;
  ca.tlpVerdict = null;
  if (tlpVerdict === null || t.end < ca.tlpEnd) return;
  const isFirst = tlpNext < 0;
  ca.tlpNext = isFirst ? waited : DOUBLE_NONE;
  if (isFirst && waited < BACKED_OFF * tlpVerdict.waited) {
    // Not longer than the first: no timer was doubled. Else the next wait may show it yet.
    if (waited <= (1 + UNEVEN) * tlpVerdict.waited) isNoTimeout(tlpVerdict);
    ca.tlpVerdict = tlpVerdict;
    return;
  }
  if (!isFirst && !growsOn(tlpVerdict.waited, tlpNext, waited)) {
    if (waited > AFFINE * tlpNext) isNoTimeout(tlpVerdict);
    return;
  }
  tlpVerdict.cause = Cause.RTO;
  tlpVerdict.confidence = 0.9;
  tlpVerdict.mayBeTimeout = false;
  outbound.ca.tlpEnd = -1;
  outbound.ca.timeouts++;
}

function isNoTimeout(probe: Verdict): void {
  probe.confidence = SURE_PROBE;
  probe.mayBeTimeout = false;
}

/**
 * Some stacks add a constant to a timer that doubles (200 ms in XNU): their waits grow by less than twice, and what they grow by doubles.
 * After a probe the first wait is the timer itself, and the next one is twice as long.
 */
function growsOn(first: number, second: number, third: number): boolean {
  const grown = third - second;
  return third <= AFFINE * second && Math.abs(grown - 2 * (second - first)) <= UNEVEN * grown;
}

/** The sender's recovery after it sent again for this cause. */
function follow(cause: number, sender: Endpoint, outbound: Outbound, t: TrackedSegment, view: SegmentView): void {
  switch (cause) {
    case Cause.SYN:
    case Cause.SYN_ACK:
      // Its acknowledgment has passed here already: by the time of the next data its sender has heard it.
      if (t.end <= sender.sndUna) return;
      if (outbound.ca.state !== Ca.LOSS) outbound.ca.enter(Ca.LOSS, sender.sndNxt, view.time);
      outbound.ca.timeouts++;
      return;
    case Cause.RTO:
      outbound.ca.timeouts++;
      outbound.ca.timeoutStart = t.seq;
      outbound.ca.enter(Ca.LOSS, sender.sndNxt, view.time);
      return;
    case Cause.TLP:
      outbound.ca.tlpEnd = t.end;
      return;
    case Cause.FAST:
      if (!outbound.ca.isRecovering) outbound.ca.enter(Ca.RECOVERY, sender.sndNxt, view.time);
  }
}

function confidenceIn(cause: number, told: boolean, atLeftEdge: boolean): number {
  switch (cause) {
    case Cause.FAST:
      return told ? 0.97 : 0.6;
    case Cause.TLP:
      // With one segment outstanding the probe leaves about when the retransmission timer would expire.
      return atLeftEdge ? 0.6 : SURE_PROBE;
    case Cause.RTO:
      return 0.9;
    case Cause.UNKNOWN:
      return 0.3;
    default:
      return 0.95;
  }
}

/** Linux sends tail loss probes only on connections with SACK (as RFC 8985 section 7 asks). */
function sackMayBeOn(sender: Endpoint): boolean {
  return !refusesSack(sender) && !refusesSack(sender.peer);
}

/** All options of its SYN were captured, and this one is not among them. */
export function refusesSack({ hasIss, sackPermitted, synOptions }: Endpoint): boolean {
  return hasIss && !sackPermitted && !(synOptions & Option.CUT);
}
