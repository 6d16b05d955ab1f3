import type { Endpoint } from '../model/connection.ts';
import { ACK, FIN, SYN } from '../model/flags.ts';
import { type Flight, Mode } from '../model/flight.ts';
import { Option, type SegmentView } from '../model/segment.ts';
import { Phase } from '../model/summary.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Cause, Excuse, type Verdict } from '../model/verdict.ts';
import { senderSilence, stampedSilence } from './clocks.ts';

/** Left edge of a stream of which nothing was acknowledged yet: the SYN's place counts as acknowledged. */
export const FIRST_BYTE = 1;
/** A timer is not taken to have expired sooner than this after the last event (ns): coarse clocks and scheduling. */
const SHORTEST_TIMER = 4e6;
/** A tail loss probe of one segment waits for two round trips and the receiver's delayed ACK (RFC 8985 section 7.2), ns. */
const LONGEST_PROBE = 350e6;
/** Below such a confidence a probe may have been a timeout; so much longer (times) is the wait after a timeout at least. */
const SURE = 0.9;
const BACKED_OFF = 1.6;
/** Smallest RTO of common stacks, less their clock tick. */
const SHORTEST_RTO = 180e6;

/**
 * Says why `sender` sends again what `t` holds, from what it had been told by then (RFC 5681 section 3.2, RFC 6675 section 5,
 * RFC 6298 section 5, RFC 8985 section 7), and moves its recovery episode on.
 */
export function assignCause(
  verdict: Verdict,
  sender: Endpoint,
  flight: Flight,
  t: TrackedSegment,
  view: SegmentView,
): void {
  const quiet = silence(sender, flight, view);
  const told = wasTold(flight, t, view);
  verdict.waited = quiet;
  if (!told && quiet < SHORTEST_RTO && ridesOnAck(sender, t, view)) {
    verdict.cause = Cause.UNKNOWN;
    verdict.excuse = Excuse.FIN_WITH_ACK;
    verdict.confidence = 0.7;
    return;
  }
  const cause = causeOf(sender, flight, t, view, quiet, told);
  verdict.cause = cause;
  if (cause === Cause.SYN && wasRefused(sender)) verdict.excuse = Excuse.REFUSED_BEFORE;
  if (cause === Cause.FAST && told && flight.toldFrame > 0) verdict.evidence = [flight.toldFrame];
  verdict.confidence = confidenceIn(cause, told, sender, t);
  if (cause === Cause.RTO) wasTimeout(flight, t, quiet);
  else if (cause === Cause.TLP && verdict.confidence < SURE) flight.tlpVerdict = verdict;
  follow(cause, sender, flight, t, view);
  if (flight.mode !== Mode.OPEN) flight.undoRetrans++;
  verdict.backoff = Math.max(flight.timeouts - 1, 0);
}

/** For how long (ns) nothing had happened that would have restarted the sender's timer. */
function silence(sender: Endpoint, flight: Flight, view: SegmentView): number {
  const { lastAckEffectTime, lastDataTime } = flight;
  const seen = view.time - (nearReceiver(sender) ? lastDataTime : Math.max(lastAckEffectTime, lastDataTime));
  // Where the network held segments back and brings them together, the sender's own clock shows that it had waited.
  return lastAckEffectTime > lastDataTime ? seen : Math.max(seen, stampedSilence(view, flight));
}

function causeOf(
  sender: Endpoint,
  flight: Flight,
  t: TrackedSegment,
  view: SegmentView,
  quiet: number,
  told: boolean,
): number {
  if (view.flags & SYN) return view.flags & ACK ? Cause.SYN_ACK : Cause.SYN;
  if (flight.pmtuTime >= 0 && view.time - flight.pmtuTime < Math.max(2 * flight.rto, 1e9)) return Cause.PMTU;

  const round = roundTrip(sender);
  const timer = quiet > Math.max(1.5 * round, SHORTEST_TIMER);
  const longTimer = timer && quiet >= SHORTEST_RTO;
  const atLeftEdge = t.seq <= Math.max(sender.sndUna, FIRST_BYTE);
  if (flight.mode !== Mode.OPEN) {
    if (longTimer && atLeftEdge) return Cause.RTO;
    return flight.mode === Mode.LOSS ? Cause.RTO_RECOVERY : Cause.FAST;
  }
  if (told && !(longTimer && atLeftEdge)) return Cause.FAST;
  // Seen near the receiver, the sender still repairs for a round trip after the ACK that ends it went by.
  const repairs =
    !told && nearReceiver(sender) && flight.episodeEndTime >= 0 && view.time - flight.episodeEndTime < 1.2 * round;
  if (repairs && !timer) return flight.endedMode === Mode.LOSS ? Cause.RTO_RECOVERY : Cause.FAST;
  // Without the peer's segments only the silence speaks.
  if (!sender.peer.seen) return quiet >= SHORTEST_RTO ? Cause.RTO : Cause.FAST;
  if (!timer && nearReceiver(sender)) {
    const toldLately = flight.lastToldTime >= 0 && view.time - flight.lastToldTime < 2 * round;
    return toldLately && senderSilence(view, flight) < SHORTEST_RTO ? Cause.FAST : Cause.RTO;
  }
  if (!timer) {
    return view.time - flight.lastHeardTime > round + SHORTEST_TIMER ? Cause.UNKNOWN : Cause.FAST;
  }
  const atTail = t.end >= sender.sndNxt;
  const probeInTime = quiet <= 3 * round + LONGEST_PROBE;
  if (!told && atTail && probeInTime && flight.tlpEnd < 0 && flight.timeouts === 0 && sackMayBeOn(sender))
    return Cause.TLP;
  return longTimer || !nearReceiver(sender) ? Cause.RTO : Cause.FAST;
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
function wasTimeout(flight: Flight, t: TrackedSegment, waited: number): void {
  const { tlpVerdict } = flight;
  flight.tlpVerdict = null;
  if (tlpVerdict === null || flight.tlpEnd !== t.end || waited < BACKED_OFF * tlpVerdict.waited) return;
  tlpVerdict.cause = Cause.RTO;
  tlpVerdict.confidence = 0.9;
  flight.tlpEnd = -1;
  flight.timeouts++;
}

/** The sender's recovery after it sent again for this cause. */
function follow(cause: number, sender: Endpoint, flight: Flight, t: TrackedSegment, view: SegmentView): void {
  switch (cause) {
    case Cause.SYN:
    case Cause.SYN_ACK:
      if (flight.mode !== Mode.LOSS) enter(flight, Mode.LOSS, sender, view);
      flight.timeouts++;
      return;
    case Cause.RTO:
      flight.timeouts++;
      flight.timeoutStart = t.seq;
      enter(flight, Mode.LOSS, sender, view);
      return;
    case Cause.TLP:
      flight.tlpEnd = t.end;
      return;
    case Cause.FAST:
      if (flight.mode === Mode.OPEN) enter(flight, Mode.RECOVERY, sender, view);
  }
}

function confidenceIn(cause: number, told: boolean, sender: Endpoint, t: TrackedSegment): number {
  switch (cause) {
    case Cause.FAST:
      return told ? 0.97 : 0.6;
    case Cause.TLP:
      // With one segment outstanding the probe leaves about when the retransmission timer would expire.
      return t.seq <= Math.max(sender.sndUna, FIRST_BYTE) ? 0.6 : 0.9;
    case Cause.RTO:
      return 0.9;
    case Cause.UNKNOWN:
      return 0.3;
    default:
      return 0.95;
  }
}

/** Had the sender been told, by SACK or duplicate ACKs, that something behind these bytes arrived without them? */
function wasTold(flight: Flight, t: TrackedSegment, view: SegmentView): boolean {
  const reported =
    flight.highSacked > t.seq || flight.dupAcks >= 1 || (flight.toldUna === t.seq && flight.toldAcks >= 2);
  return reported && couldHaveHeard(flight, view);
}

/** Its TSecr shows whether the sender had received the duplicate ACKs by then: they may have been on their way. */
function couldHaveHeard(flight: Flight, view: SegmentView): boolean {
  if (!(view.options & Option.TIMESTAMPS) || flight.toldTsVal < 0) return true;
  // A side that misses bytes itself echoes the timestamp of the last segment in order (RFC 7323 section 4.3).
  if (view.options & Option.SACK) return true;
  return ((view.tsEcr - flight.toldTsVal) | 0) >= 0;
}

function enter(flight: Flight, mode: number, sender: Endpoint, view: SegmentView): void {
  if (flight.mode === Mode.OPEN) flight.undoRetrans = 0;
  flight.mode = mode;
  flight.recover = sender.sndNxt;
  flight.episodeStartTime = view.time;
  flight.episodeStartUna = Math.max(sender.sndUna, 0);
}

/** Linux sends tail loss probes only on connections with SACK (as RFC 8985 section 7 asks). */
function sackMayBeOn(sender: Endpoint): boolean {
  if (!sender.hasIss || !sender.peer.hasIss) return true;
  return sender.sackPermitted && sender.peer.sackPermitted;
}

/** Shortest round trip between the two ends: from the point of capture to the one and to the other, ns. */
export function roundTrip(sender: Endpoint): number {
  return Math.max(sender.flight?.minRtt ?? 0, 0) + Math.max(sender.peer.flight?.minRtt ?? 0, 0);
}

/** The capture was made close to the receiver of what `sender` sends: what is seen here arrives there. */
export function nearReceiver(sender: Endpoint): boolean {
  const there = sender.flight?.minRtt ?? -1;
  const back = sender.peer.flight?.minRtt ?? -1;
  return there >= 0 && back > 4 * there;
}
