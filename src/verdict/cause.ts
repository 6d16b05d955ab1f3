import type { Endpoint } from '../model/connection.ts';
import { ACK, SYN } from '../model/flags.ts';
import { type Flight, Mode } from '../model/flight.ts';
import { Option, type SegmentView } from '../model/segment.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Cause } from '../model/verdict.ts';

/** A timer is not taken to have expired sooner than this after the last event (ns): coarse clocks and scheduling. */
const SHORTEST_TIMER = 4e6;
/** A tail loss probe of one segment waits for two round trips and the receiver's delayed ACK (RFC 8985 section 7.2), ns. */
const LONGEST_PROBE = 350e6;
/** Smallest RTO of common stacks, less their clock tick. */
const SHORTEST_RTO = 180e6;

/**
 * Says why `sender` sends again what `t` holds, from what it had been told by then, and moves its recovery episode on
 * (RFC 5681 section 3.2, RFC 6675 section 5, RFC 6298 section 5, RFC 8985 section 7).
 */
export function causeOf(sender: Endpoint, flight: Flight, t: TrackedSegment, view: SegmentView): number {
  if (view.flags & SYN) {
    if (flight.mode !== Mode.LOSS) enter(flight, Mode.LOSS, sender, view);
    flight.timeouts++;
    return view.flags & ACK ? Cause.SYN_ACK : Cause.SYN;
  }
  const una = Math.max(sender.sndUna, 0);
  if (flight.pmtuTime >= 0 && view.time - flight.pmtuTime < Math.max(2 * flight.rto, 1e9)) return Cause.PMTU;

  const lastEvent = Math.max(flight.lastHeardTime, flight.lastDataTime);
  const quiet = view.time - lastEvent;
  const round = roundTrip(sender);
  const timer = quiet > Math.max(1.5 * round, SHORTEST_TIMER);
  const longTimer = timer && quiet >= SHORTEST_RTO;
  const atLeftEdge = t.seq <= una;
  const atTail = t.end >= sender.sndNxt;
  const told =
    (flight.highSacked > t.seq || flight.dupAcks >= 1 || (flight.toldUna === t.seq && flight.toldAcks >= 2)) &&
    couldHaveHeard(flight, view);

  switch (flight.mode) {
    case Mode.LOSS:
      if (longTimer && atLeftEdge) return timeout(flight, sender, t, view);
      return Cause.RTO_RECOVERY;
    case Mode.RECOVERY:
      if (longTimer && atLeftEdge) return timeout(flight, sender, t, view);
      return Cause.FAST;
  }
  if (told && !longTimer) {
    enter(flight, Mode.RECOVERY, sender, view);
    return Cause.FAST;
  }
  if (!sender.peer.seen) {
    // Without the peer's segments only the silence speaks.
    if (quiet >= SHORTEST_RTO) return timeout(flight, sender, t, view);
    enter(flight, Mode.RECOVERY, sender, view);
    return Cause.FAST;
  }
  if (!timer && !nearReceiver(sender)) {
    if (view.time - flight.lastHeardTime > round + SHORTEST_TIMER) return Cause.UNKNOWN;
    enter(flight, Mode.RECOVERY, sender, view);
    return Cause.FAST;
  }
  if (told && !atLeftEdge) {
    enter(flight, Mode.RECOVERY, sender, view);
    return Cause.FAST;
  }
  const probeInTime = quiet <= 3 * round + LONGEST_PROBE;
  if (!told && atTail && probeInTime && flight.tlpEnd < 0 && flight.timeouts === 0 && sackMayBeOn(sender)) {
    flight.tlpEnd = t.end;
    return Cause.TLP;
  }
  return timeout(flight, sender, t, view);
}

/** Its TSecr shows whether the sender had received the duplicate ACKs by then: they may have been on their way. */
function couldHaveHeard(flight: Flight, view: SegmentView): boolean {
  if (!(view.options & Option.TIMESTAMPS) || flight.toldTsVal < 0) return true;
  // A side that misses bytes itself echoes the timestamp of the last segment in order (RFC 7323 section 4.3).
  if (view.options & Option.SACK) return true;
  return ((view.tsEcr - flight.toldTsVal) | 0) >= 0;
}

function timeout(flight: Flight, sender: Endpoint, t: TrackedSegment, view: SegmentView): number {
  flight.timeouts++;
  flight.timeoutStart = t.seq;
  enter(flight, Mode.LOSS, sender, view);
  return Cause.RTO;
}

function enter(flight: Flight, mode: number, sender: Endpoint, view: SegmentView): void {
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
