import { answerTime, isNear, roundTrip } from '../model/capture-position.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { NEVER } from '../model/packed.ts';
import type { SegmentView } from '../model/segment.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { echoAge, elapsed, stampedSilence } from './clocks.ts';
import type { Outbound } from './outbound.ts';

/*
 * The retransmission timer of a sender, and its tail loss probe, as far as the capture shows when they were started and whether they can
 * have expired.
 */

/** A tail loss probe of one segment waits for two round trips and the receiver's delayed ACK (RFC 8985 section 7.2), ns. */
const LONGEST_PROBE = 350e6;
/** The sender's own timer may be so many times as long as it is estimated here. */
const LATEST_PROBE = 1.5;
/** What comes less than this (ns) after the packet before it, as from a slow link, comes after no silence. */
const SHORTEST_SILENCE = 45e6;
/** A loss that is told is repaired within this many round trips, unless what repairs it is lost again each time. */
const REPAIRS = 4;
/** Smallest RTO of common stacks, less their clock tick. */
export const SHORTEST_RTO = 180e6;

/** For how long (ns) nothing had happened that would have restarted the sender's timer. */
export function silence(sender: Endpoint, outbound: Outbound, view: SegmentView): number {
  const { lastDataTime, feedback } = outbound;
  const since = isNear(sender.peer) ? lastDataTime : Math.max(feedback.lastEffect, lastDataTime);
  const seen = elapsed(since, view, outbound);
  // Where the network held segments back and brings them together, the sender's own clock shows that it had waited.
  return feedback.lastEffect > lastDataTime ? seen : Math.max(seen, stampedSilence(view, outbound));
}

/**
 * SACK and duplicate ACKs do not restart the timer (RFC 6298 section 5.3: only an ACK of new data does): it expires in the middle of
 * a recovery that does not get on. Common stacks differ in what they add to SRTT; where the variance is small, half an SRTT is more
 * than RACK waits (RFC 8985 section 6.2).
 */
export function hasTimerExpired(
  outbound: Outbound,
  sender: Endpoint,
  view: SegmentView,
  t: TrackedSegment,
  quiet: number,
  isQuiet: boolean,
): boolean {
  const ran = timerRan(outbound, sender, view, t);
  if (isNear(sender.peer)) return mustHaveExpired(sender, outbound, view, ran, isQuiet ? quiet : 0);
  const { rtt } = outbound;
  const away = unheard(sender, view);
  const heard = ran - away;
  if (heard < 0 || rtt.srtt < 0 || !(isQuiet || outbound.ca.isRecovering)) return false;
  const srtt = rtt.srtt + Math.max(answerTime(sender), away);
  // Where only its echoes tell the distance of the sender, the bound is the least that common stacks add to SRTT.
  const least = away > 0 ? SHORTEST_RTO : srtt / 2;
  return heard >= Math.max(SHORTEST_RTO, srtt + Math.max(4 * rtt.rttvar, least));
}

/**
 * A capture beside the receiver does not show when the sender heard an ACK, nor the retransmissions that were lost on their way. After
 * a silence at most a round trip passed before the sender's timer started. Without a silence the timestamp that it echoes tells how
 * long it takes to answer: a sender that repairs by what it is told would have sent the segment again many times by then. The way may
 * have been longer before, as when a queue is emptied: the longest that a repair of this recovery took counts.
 */
function mustHaveExpired(sender: Endpoint, { ca }: Outbound, view: SegmentView, ran: number, quiet: number): boolean {
  if (ran < SHORTEST_RTO) return false;
  const round = roundTrip(sender);
  if (quiet >= SHORTEST_SILENCE && ran >= 1.5 * round) return true;
  const answered = echoAge(view, sender.peer.outbound as Outbound);
  const slowest = Math.max(answered, ca.slowestRepair);
  const isLong = ran + round - answered >= Math.max(SHORTEST_RTO, REPAIRS * slowest);
  return answered > 0 && isLong;
}

/**
 * How long (ns), as seen from here, the sender took to answer the segment whose timestamp it echoes: so long it may not have heard
 * what passed here. Where it had echoed that before, it was silent in between. 0 where its distance is known, where it echoes the
 * latest timestamp of the other end, and where timestamps do not tell.
 */
export function unheard(sender: Endpoint, view: SegmentView): number {
  const heard = sender.peer.outbound as Outbound;
  if (answerTime(sender) >= 0 || view.tsEcr === heard.clocks.maxTsVal) return 0;
  return Math.max(echoAge(view, heard) - (view.time - heard.feedback.echoTime), 0);
}

/**
 * How long the retransmission timer had run (ns), -1 unknown. Beside the receiver the way of the ACK, and of the answer, is part of it.
 * What it sends again is the oldest that is not acknowledged: where this was sent, or when all before it was acknowledged, the timer
 * began (RFC 6298 sections 5.1 and 5.3), be the acknowledgment in the capture or not.
 */
export function timerRan(outbound: Outbound, sender: Endpoint, view: SegmentView, { seq }: TrackedSegment): number {
  const { timerStart, scoreboard } = outbound;
  if (timerStart === NEVER) return -1;
  const began = Math.max(timerStart, scoreboard.firstIn(seq, seq + 1)?.time ?? timerStart);
  return Math.max(elapsed(began, view, outbound) - (isNear(sender.peer) ? roundTrip(sender) : 0), 0);
}

/**
 * How long (ns) the timer had been set to. A probe of new data arms it anew (RFC 8985 section 7.3), and new data of an application that
 * had paused does not (RFC 6298 section 5.1): where new data went out after the time of a probe (RFC 8985 section 7.2: two round trips, and
 * none where its sender was `told` of a loss), that of the two counts which is nearer to what the timer should be.
 */
export function waitOf(outbound: Outbound, view: SegmentView, quiet: number, ran: number, told: boolean): number {
  const { rtt, ca, lastNewTime, lastDataTime } = outbound;
  const sinceNew = elapsed(lastNewTime, view, outbound);
  const mayBeProbe =
    rtt.srtt >= 0 && ca.timeouts === 0 && !told && lastNewTime === lastDataTime && ran - sinceNew >= 2 * rtt.srtt;
  const fits = mayBeProbe && sinceNew <= LATEST_PROBE * rtt.rto;
  return fits && Math.abs(sinceNew - rtt.rto) < Math.abs(ran - rtt.rto) ? sinceNew : Math.max(quiet, ran);
}

/**
 * The probe leaves before the retransmission timer expires, or in its place (RFC 8985 section 7.2). Where the round trip is not known
 * better than `round`, the delayed ACK that it waits for is the bound.
 */
export function longestProbe({ rtt }: Outbound, sender: Endpoint, round: number): number {
  const byDelayedAck = 3 * round + LONGEST_PROBE;
  if (rtt.srtt < 0) return byDelayedAck;
  return Math.min(byDelayedAck, LATEST_PROBE * (rtt.rto + Math.max(answerTime(sender), 0)));
}
