import { answerTime, isNear, roundTrip } from '../model/capture-position.ts';
import type { Endpoint } from '../model/connection.ts';
import { ACK, FIN, SYN } from '../model/flags.ts';
import { Ca } from '../model/outbound.ts';
import { NEVER } from '../model/packed.ts';
import { Option, type SegmentView } from '../model/segment.ts';
import { FIRST_BYTE } from '../model/seq.ts';
import { Phase } from '../model/summary.ts';
import { DUP_THRESH } from '../model/tcp-constants.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Cause, Excuse, type Verdict } from '../model/verdict.ts';
import { echoAge, elapsed, senderSilence, stampedSilence } from './clocks.ts';
import type { Outbound } from './outbound.ts';
import { couldHaveHeard, mayHaveBeenTold, wasTold } from './told.ts';

/** A timer is not taken to have expired sooner than this after the last event (ns): coarse clocks and scheduling. */
const SHORTEST_TIMER = 4e6;
/** A tail loss probe of one segment waits for two round trips and the receiver's delayed ACK (RFC 8985 section 7.2), ns. */
const LONGEST_PROBE = 350e6;
/** The sender's own timer may be so many times as long as it is estimated here. */
const LATEST_PROBE = 1.5;
/** What comes less than this (ns) after the packet before it, as from a slow link, comes after no silence. */
const SHORTEST_SILENCE = 45e6;
/** A loss that is told is repaired within this many round trips, unless what repairs it is lost again each time. */
const REPAIRS = 4;
/** A tail loss probe of less confidence than this may have been a timeout. */
export const SURE_PROBE = 0.9;
/** The wait after a timeout is at least this many times longer. */
const BACKED_OFF = 1.6;
/** Smallest RTO of common stacks, less their clock tick. */
export const SHORTEST_RTO = 180e6;

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
  // What lies below the hole that was told had been acknowledged when it was.
  if (cause === Cause.FAST && isShown && reportFrame > 0 && t.end > toldFrom) verdict.evidence = [reportFrame];
  verdict.confidence = confidenceIn(cause, isShown, t.seq <= leftEdge(outbound, sender));
  if (cause === Cause.RTO) {
    wasTimeout(outbound, t, quiet);
    verdict.waited = waitOf(outbound, quiet, timerRan(outbound, sender, view, t));
  } else if (cause === Cause.TLP) outbound.ca.tlpVerdict = verdict.confidence < SURE_PROBE ? verdict : null;
  follow(cause, sender, outbound, t, view);
  if (outbound.ca.isRecovering) outbound.ca.undoRetrans++;
  verdict.backoff = Math.max(outbound.ca.timeouts - 1, 0);
}

/** For how long (ns) nothing had happened that would have restarted the sender's timer. */
function silence(sender: Endpoint, outbound: Outbound, view: SegmentView): number {
  const { lastDataTime, feedback } = outbound;
  const since = isNear(sender.peer) ? lastDataTime : Math.max(feedback.lastEffect, lastDataTime);
  const seen = elapsed(since, view, outbound);
  // Where the network held segments back and brings them together, the sender's own clock shows that it had waited.
  return feedback.lastEffect > lastDataTime ? seen : Math.max(seen, stampedSilence(view, outbound));
}

/** Offset of the first byte that is not acknowledged. */
function leftEdge(outbound: Outbound, sender: Endpoint): number {
  const una = outbound.una(sender.sndUna);
  return una < 0 ? una : Math.max(una, FIRST_BYTE);
}

/**
 * SACK and duplicate ACKs do not restart the timer (RFC 6298 section 5.3: only an ACK of new data does): it expires in the middle of
 * a recovery that does not get on. Common stacks differ in what they add to SRTT; where the variance is small, half an SRTT is more
 * than RACK waits (RFC 8985 section 6.2).
 */
function hasTimerExpired(
  outbound: Outbound,
  sender: Endpoint,
  view: SegmentView,
  t: TrackedSegment,
  quiet: number,
  isQuiet: boolean,
): boolean {
  const ran = timerRan(outbound, sender, view, t);
  if (isNear(sender.peer)) return mustHaveExpired(sender, view, ran, isQuiet ? quiet : 0);
  const { rtt } = outbound;
  const away = unheard(sender, view);
  const heard = ran - away;
  if (heard < 0 || rtt.srtt < 0 || !(isQuiet || outbound.ca.isRecovering)) return false;
  const srtt = rtt.srtt + Math.max(answerTime(sender), away);
  // Of a sender whose distance only its echoes tell nothing shorter is believed than what common stacks add.
  const least = away > 0 ? SHORTEST_RTO : srtt / 2;
  return heard >= Math.max(SHORTEST_RTO, srtt + Math.max(4 * rtt.rttvar, least));
}

/**
 * A capture beside the receiver does not show when the sender heard an ACK, nor the retransmissions that were lost on their way. After
 * a silence at most a round trip passed before the sender's timer started. Without a silence the timestamp that it echoes tells how
 * long it takes to answer: a sender that repairs by what it is told would have sent the segment again many times by then.
 */
function mustHaveExpired(sender: Endpoint, view: SegmentView, ran: number, quiet: number): boolean {
  if (ran < SHORTEST_RTO) return false;
  const round = roundTrip(sender);
  if (quiet >= SHORTEST_SILENCE && ran >= 1.5 * round) return true;
  const answered = echoAge(view, sender.peer.outbound as Outbound);
  const isLong = ran + round - answered >= Math.max(SHORTEST_RTO, REPAIRS * answered);
  return answered > 0 && isLong;
}

/**
 * How long (ns), as seen from here, the sender took to answer the segment whose timestamp it echoes: so long it may not have heard
 * what passed here. Where it had echoed that before, it was silent in between. 0 where its distance is known, where it echoes the
 * latest timestamp of the other end, and where timestamps do not tell.
 */
function unheard(sender: Endpoint, view: SegmentView): number {
  const heard = sender.peer.outbound as Outbound;
  if (answerTime(sender) >= 0 || view.tsEcr === heard.clocks.maxTsVal) return 0;
  return Math.max(echoAge(view, heard) - (view.time - heard.feedback.echoTime), 0);
}

/**
 * How long the retransmission timer had run (ns), -1 unknown. Beside the receiver the way of the ACK, and of the answer, is part of it.
 * What it sends again is the oldest that is not acknowledged: where this was sent, or when all before it was acknowledged, the timer
 * began (RFC 6298 sections 5.1 and 5.3), be the acknowledgment in the capture or not.
 */
function timerRan(outbound: Outbound, sender: Endpoint, view: SegmentView, { seq }: TrackedSegment): number {
  const { timerStart, scoreboard } = outbound;
  if (timerStart === NEVER) return -1;
  const began = Math.max(timerStart, scoreboard.firstIn(seq, seq + 1)?.time ?? timerStart);
  return Math.max(elapsed(began, view, outbound) - (isNear(sender.peer) ? roundTrip(sender) : 0), 0);
}

/**
 * How long (ns) the timer had been set to. A probe of new data arms it anew (RFC 8985 section 7.3), and new data of an application that
 * had paused does not (RFC 6298 section 5.1): where new data went out after the time of a probe (RFC 8985 section 7.2: two round trips),
 * that of the two counts which is nearer to what the timer should be.
 */
function waitOf({ rtt, ca, lastNewTime, lastDataTime }: Outbound, quiet: number, ran: number): number {
  const mayBeProbe = rtt.srtt >= 0 && ca.timeouts === 0 && lastNewTime === lastDataTime && ran - quiet >= 2 * rtt.srtt;
  const fits = mayBeProbe && quiet <= LATEST_PROBE * rtt.rto;
  return fits && Math.abs(quiet - rtt.rto) < Math.abs(ran - rtt.rto) ? quiet : Math.max(quiet, ran);
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
  // Of a round trip that was never measured no wait can be told to be longer.
  const isMeasured = answerTime(sender.peer) >= 0;
  const timer = quiet > (isMeasured ? Math.max(1.5 * round, SHORTEST_TIMER) : SHORTEST_RTO + away);
  const longTimer = timer && quiet >= SHORTEST_RTO;
  // Where acknowledgments are missing, the sender knows better where its left edge is: there its timer expired before.
  const atLeftEdge =
    t.seq <= leftEdge(outbound, sender) || (outbound.ca.state === Ca.LOSS && t.seq === outbound.ca.timeoutStart);
  const expired = atLeftEdge && (longTimer || hasTimerExpired(outbound, sender, view, t, quiet, timer));
  if (!expired && outbound.ca.state !== Ca.LOSS && mayHaveTimedOut(outbound, sender, view, t)) return Cause.UNKNOWN;
  if (outbound.ca.isRecovering) {
    if (expired) return Cause.RTO;
    return outbound.ca.state === Ca.LOSS ? Cause.RTO_RECOVERY : Cause.FAST;
  }
  if (told) return expired ? Cause.RTO : Cause.FAST;
  if (!timer && goesOnAfterTimeout(outbound, sender, t)) return Cause.RTO_RECOVERY;
  // Seen near the receiver, the sender still repairs for a round trip after the ACK that ends it went by.
  const repairs = !told && isNear(sender.peer) && view.time - outbound.ca.episodeEnd < 1.2 * round;
  if (repairs && !timer) return outbound.ca.endedState === Ca.LOSS ? Cause.RTO_RECOVERY : Cause.FAST;
  if (!timer && isNear(sender.peer)) {
    const toldLately = view.time - outbound.feedback.lastReport < 2 * round;
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
  return longTimer || !isNear(sender.peer) ? Cause.RTO : Cause.UNKNOWN;
}

/**
 * An answer to the first copies has shown the timeout to be needless. Not every sender takes it back (RFC 4015 is optional): this one
 * goes on with what it had sent before.
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
 * The probe leaves before the retransmission timer expires, or in its place (RFC 8985 section 7.2). Where the round trip is not known
 * better than `round`, the delayed ACK that it waits for is the bound.
 */
function longestProbe({ rtt }: Outbound, sender: Endpoint, round: number): number {
  const byDelayedAck = 3 * round + LONGEST_PROBE;
  if (rtt.srtt < 0) return byDelayedAck;
  return Math.min(byDelayedAck, LATEST_PROBE * (rtt.rto + Math.max(answerTime(sender), 0)));
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
  // What was sent after a repair had begun is another one's.
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
 * After a probe the timer starts afresh; after a timeout it waits twice as long (RFC 6298 section 5.5). So the second wait
 * tells what the first was.
 */
function wasTimeout(outbound: Outbound, t: TrackedSegment, waited: number): void {
  const { tlpVerdict } = outbound.ca;
  outbound.ca.tlpVerdict = null;
  if (tlpVerdict === null || outbound.ca.tlpEnd !== t.end || waited < BACKED_OFF * tlpVerdict.waited) return;
  tlpVerdict.cause = Cause.RTO;
  tlpVerdict.confidence = 0.9;
  outbound.ca.tlpEnd = -1;
  outbound.ca.timeouts++;
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
      return atLeftEdge ? 0.6 : 0.9;
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
function refusesSack({ hasIss, sackPermitted, synOptions }: Endpoint): boolean {
  return hasIss && !sackPermitted && !(synOptions & Option.CUT);
}
