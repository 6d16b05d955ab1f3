import { roundTrip } from '../model/capture-position.ts';
import { ACK, RST, SYN } from '../model/flags.ts';
import { ChecksumStatus, Option, type SegmentView } from '../model/segment.ts';
import { MSL } from '../model/tcp-constants.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Kind, Verdict } from '../model/verdict.ts';
import { namesPacket, stampNamesPacket } from './clocks.ts';
import { outboundOf } from './outbound.ts';
import type { RecentPackets } from './recent.ts';
import { SHORTEST_RTO } from './timer.ts';

/** Without an IP ID two equal packets within this time (ns) are one packet seen twice. */
const DUPLICATE_TIME = 100e3;
/** So many second copies show how the capture was made. */
const MANY_DUPLICATES = 8;
/** A network doubles fewer packets than one in so many; a capture of two places nearly one in two. */
const ONE_IN = 4;
/** A SYN is not sent again sooner (RFC 6298 section 2.1 asks for one second), ns. */
export const SHORTEST_SYN_TIMER = 100e6;
/** Nor with the same timestamp (ns): some stacks keep it when they send the SYN again, after that second. */
const SHORTEST_STAMPED_SYN_TIMER = 900e6;

/** Verdict on a segment that is the second sight of one packet; null for all others. */
export function findDuplicate(recent: RecentPackets, t: TrackedSegment, view: SegmentView): Verdict | null {
  const { sender } = t;
  // What a RST acknowledges is not kept: it tells its receiver nothing more.
  const acknowledgesMore = t.ack > sender.lastAck && t.ack >= 0 && !(view.flags & RST);
  const bringsNothing = t.end <= t.previousSndNxt && !acknowledgesMore && !t.opened;
  if (!bringsNothing) return null;
  const { clocks, order, acceptance } = outboundOf(sender);
  const hasId = namesPacket(view, clocks, order);
  if (recent.find(sender, view, hasId, duplicateTime(t, view))) {
    if (isDuplicate(recent, t, view, hasId)) return duplicateOf(recent, t, view);
  } else if (wasStampedOnce(recent, t, view) || wasSeenElsewhere(recent, t, view) || wasCut(recent, t, view))
    return duplicateOf(recent, t, view);
  // The same packet stands there twice, and in one of the records it is damaged: on the wire there was one.
  const isDamaged = view.tcpChecksumStatus === ChecksumStatus.BAD || acceptance.badChecksums > 0;
  if (!isDamaged || !recent.findBeside(sender, view, besideTime(t))) return null;
  const verdict = duplicateOf(recent, t, view);
  verdict.byCapture = true;
  return verdict;
}

/** Without an IP ID: the timestamp shows that it is a packet that passed before, however long ago. */
function wasStampedOnce(recent: RecentPackets, t: TrackedSegment, view: SegmentView): boolean {
  if (!(view.options & Option.TIMESTAMPS) || view.flags & SYN || !recent.find(t.sender, view, false, MSL)) return false;
  return !mayBeAnotherAck(recent, t) && stampNamesPacket(view, outboundOf(t.sender), view.time - recent.foundTime);
}

/**
 * Without an IP ID, and before the rate of a timestamp clock is known: the same packet was seen at another place, by its interface, VLAN or
 * TTL, sooner than any timer sends it again. What is sent again after a loss passes the first place once more, and is found there. Its sender
 * may have been told to, unless nothing was heard from its peer since, or most packets of the connection come twice.
 */
function wasSeenElsewhere(recent: RecentPackets, t: TrackedSegment, view: SegmentView): boolean {
  const { sender, receiver, connection } = t;
  if (view.flags & (SYN | RST) || !recent.find(sender, view, false, SHORTEST_RTO)) return false;
  if (!recent.foundElsewhere && recent.foundTtl === view.ttl) return false;
  if (ONE_IN * connection.duplicateFrames >= connection.packets) return true;
  return t.end > t.seq && receiver.lastFrame < recent.foundFrame;
}

/** A network card cuts large segments, and the capture holds the whole and its parts: on the wire there were the parts. */
function wasCut(recent: RecentPackets, { sender, receiver, seq, end }: TrackedSegment, view: SegmentView): boolean {
  if (seq === end || !(view.options & Option.TIMESTAMPS) || view.flags & (SYN | RST) || view.ipId < 0) return false;
  return recent.findCut(sender, view, receiver.mss, SHORTEST_RTO);
}

/**
 * A receiver sends several equal ACKs in one tick of its clock, and the way may spread and delay them. They are one packet only where
 * many others came twice as well.
 */
function mayBeAnotherAck(recent: RecentPackets, { seq, end, connection }: TrackedSegment): boolean {
  return end === seq && !recent.foundElsewhere && ONE_IN * connection.duplicateFrames < connection.packets;
}

/** Records of one packet lie no farther apart than this (ns). */
export function besideTime({ sender }: TrackedSegment): number {
  return Math.max(DUPLICATE_TIME, 0.5 * roundTrip(sender));
}

/** Within this time an endpoint has no reason to repeat a packet: half a round trip, or next to none where that is not known. */
function duplicateTime(t: TrackedSegment, view: SegmentView): number {
  if (isOld(t, view)) return Number.POSITIVE_INFINITY;
  if (t.end === t.seq) return DUPLICATE_TIME;
  // A SYN,ACK may answer a SYN that was sent again, however short the time since its own timer repeated it; with another timestamp.
  if (view.flags & SYN) {
    if (view.options & Option.TIMESTAMPS) return SHORTEST_STAMPED_SYN_TIMER;
    return view.flags & ACK ? DUPLICATE_TIME : SHORTEST_SYN_TIMER;
  }
  return besideTime(t);
}

/**
 * Without an IP ID, two equal ACKs may be two duplicate ACKs of a receiver without SACK. They are one only where this
 * connection shows copies of its other packets too, or when they were seen at two places.
 */
function isDuplicate(recent: RecentPackets, t: TrackedSegment, view: SegmentView, hasId: boolean): boolean {
  if (view.time - recent.foundTime > MSL) return false;
  if (isOld(t, view)) return hasId || !mayBeAnotherAck(recent, t);
  if (hasId) return !couldBeSentAgain(t, view, view.time - recent.foundTime);
  const { lastFrame, lastAck } = t.receiver;
  // Its receiver was heard since, and an answer takes no longer than that here: it may have been sent again for what that said.
  const way = roundTrip(t.sender);
  if (t.end > t.seq && lastFrame > recent.foundFrame && way > 0 && view.time - recent.foundTime > 0.5 * way)
    return recent.foundElsewhere;
  // Its peer has repeated its SYN since: this is the answer to that.
  if (view.flags & SYN && lastFrame > recent.foundFrame && lastAck < 1) return recent.foundElsewhere;
  // Another TTL alone may be another sender's: a proxy or a middlebox says the same in the name of the host.
  const hasCopies = t.connection.duplicateFrames > 0;
  // Every segment that finds no connection is answered with a reset of its own (RFC 9293 section 3.10.7.1).
  if (view.flags & RST) return recent.foundElsewhere || (hasCopies && recent.foundTtl !== view.ttl);
  return t.end > t.seq || recent.foundElsewhere || hasCopies;
}

/**
 * Some hosts and middleboxes send a segment again with the IP ID that it had. After the shortest timeout that is as likely as a
 * packet that was held so long, unless it was acknowledged; a timestamp of that time would be another.
 */
function couldBeSentAgain(t: TrackedSegment, view: SegmentView, elapsed: number): boolean {
  if (t.end <= t.sender.sndUna) return false;
  return t.end > t.seq && !(view.options & Option.TIMESTAMPS) && elapsed >= SHORTEST_RTO;
}

function duplicateOf(recent: RecentPackets, t: TrackedSegment, view: SegmentView): Verdict {
  const verdict = new Verdict();
  verdict.kind = Kind.DUPLICATE;
  verdict.original = recent.foundFrame;
  verdict.lateness = view.time - recent.foundTime;
  const { connection } = t;
  const duplicates = ++connection.duplicateFrames;
  const elsewhere = recent.foundElsewhere || recent.foundTtl !== view.ttl;
  // A capture doubles packet after packet, at once; the network one here and there.
  const atOnce = view.time - recent.foundTime < DUPLICATE_TIME && 3 * duplicates > connection.packets;
  // Where nearly every packet comes twice, it was recorded at two places.
  const atTwoPlaces = duplicates >= MANY_DUPLICATES && 5 * duplicates > 2 * connection.packets;
  verdict.byCapture = elsewhere || atOnce || atTwoPlaces;
  if (!elsewhere && (atTwoPlaces || view.time - recent.foundTime < DUPLICATE_TIME)) verdict.confidence = 0.7;
  return verdict;
}

/** Its timestamp is older than what its sender has sent since: it can only be a late packet, or a copy of one. */
function isOld(t: TrackedSegment, view: SegmentView): boolean {
  const latest = outboundOf(t.sender).clocks.maxTsVal;
  return (view.options & Option.TIMESTAMPS) !== 0 && latest >= 0 && ((latest - view.tsVal) | 0) > 0;
}
