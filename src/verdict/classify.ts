import { ACK, FIN, RST, SYN } from '../model/flags.ts';
import { Flight, type Hole, Mode, type Sending } from '../model/flight.ts';
import type { PacketRow } from '../model/row.ts';
import { Option, type SegmentView } from '../model/segment.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Cause, type Contradiction, Excuse, Fate, Kind, Verdict } from '../model/verdict.ts';
import { isCorrupted, isUnacceptable } from './acceptable.ts';
import { AckReader } from './acks.ts';
import { assignCause, nearReceiver, roundTrip } from './cause.ts';
import { namesPacket, noteClocks, senderSilence, sentBefore, sentEarlier } from './clocks.ts';
import { RecentPackets } from './recent.ts';
import { TransmissionPool } from './transmissions.ts';

/** Segments per endpoint that wait for an acknowledgment. */
export const MAX_UNANSWERED = 1 << 16;
/** Holes per endpoint that are remembered. */
const MAX_HOLES = 4096;
/** Without an IP ID two equal packets within this time (ns) are one packet seen twice. */
const DUPLICATE_TIME = 100e3;
/** So many second copies show how the capture was made. */
const MANY_DUPLICATES = 8;
/** Longest life of a packet in the network (RFC 9293 section 3.4.3), ns. */
const MAX_LIFETIME = 120e9;
/** A SYN is not sent again sooner (RFC 6298 section 2.1 asks for one second), ns. */
const SHORTEST_SYN_TIMER = 100e6;
/** Smallest RTO of common stacks, less their clock tick (ns). */
const SHORTEST_RTO = 180e6;

/**
 * Says of every segment what it is: new, a retransmission and why, reordered, a duplicate, a probe. Questions that only later
 * segments answer (fate, needlessness) stay open on the row until `AckReader` closes them.
 */
export class Classifier {
  private readonly pool = new TransmissionPool();
  private readonly recent = new RecentPackets();
  readonly acks: AckReader;

  /** `keepsRoundTrips`: every RTT sample is kept, for their distribution. */
  constructor(keepsRoundTrips = false) {
    this.acks = new AckReader(this.pool, keepsRoundTrips);
  }

  /**
   * Returns the verdict, or null for plain new data or a plain ACK where no row is kept. A duplicate has no further effect on
   * the connection: the caller passes it by.
   */
  classify(t: TrackedSegment, view: SegmentView, row: PacketRow | null): Verdict | null {
    const { sender, receiver } = t;
    sender.flight ??= new Flight();
    receiver.flight ??= new Flight();
    const { flight } = sender;
    flight.order++;

    const nothingNew = t.end <= t.previousSndNxt && (t.ack < 0 || t.ack <= sender.lastAck) && !t.opened;
    if (nothingNew) {
      const hasId = namesPacket(view, flight);
      if (this.recent.find(sender, view, hasId, this.duplicateTime(t, view)) && this.isDuplicate(t, view, hasId)) {
        return this.duplicate(t, view, row);
      }
    }
    this.recent.add(sender, view);

    const corrupted = isCorrupted(flight, view);
    let verdict: Verdict | null = null;
    if (corrupted) {
      verdict = this.give(row, Kind.NEW);
      verdict.fate = Fate.LOST;
      if (t.end === t.seq) verdict.kind = Kind.ACK;
      t.unacceptable = true;
      return verdict;
    }
    const unacceptable = isUnacceptable(t, view, flight);
    t.unacceptable = unacceptable;
    if (unacceptable) return this.give(row, t.end > t.seq ? Kind.NEW : Kind.ACK);
    if (t.ack >= 0 && !(view.flags & RST)) this.acks.read(receiver.flight, t, view);

    if (t.end === t.seq && t.seq > t.previousSndNxt && !(view.flags & RST) && !isFirstSight(t)) {
      this.openHole(flight, t, view);
      // One number alone is most likely a FIN, which will say when it was sent: until its horizon the row waits for it.
      if (row !== null && t.seq === t.previousSndNxt + 1) row.open++;
    }
    if (t.unacceptableSyn || view.flags & RST || isProbe(t, view, flight)) {
      if (t.unacceptableSyn || view.flags & RST) verdict = row === null ? null : this.give(row, Kind.ACK);
      else verdict = this.give(row, flight.zeroWindow ? Kind.WINDOW_PROBE : Kind.KEEP_ALIVE);
    } else if (t.end > t.seq) verdict = this.sends(t, view, row, flight);
    else verdict = row === null ? null : this.give(row, Kind.ACK);
    noteClocks(flight, view);
    flight.lastSentTime = view.time;
    return verdict;
  }

  private give(row: PacketRow | null, kind: number): Verdict {
    const verdict = new Verdict();
    verdict.kind = kind;
    if (row !== null) row.verdict = verdict;
    return verdict;
  }

  /** Within this time an endpoint has no reason to repeat a packet: half a round trip, or next to none where that is not known. */
  private duplicateTime(t: TrackedSegment, view: SegmentView): number {
    if (isOld(t, view)) return Number.POSITIVE_INFINITY;
    if (t.end === t.seq) return DUPLICATE_TIME;
    if (view.flags & SYN) return SHORTEST_SYN_TIMER;
    return Math.max(DUPLICATE_TIME, 0.5 * roundTrip(t.sender));
  }

  /**
   * Without an IP ID, two equal ACKs may be two duplicate ACKs of a receiver without SACK. They are one only where this
   * connection shows copies of its other packets too, or when they were seen at two places.
   */
  private isDuplicate(t: TrackedSegment, view: SegmentView, hasId: boolean): boolean {
    if (view.time - this.recent.foundTime > MAX_LIFETIME) return false;
    if (hasId || isOld(t, view)) return true;
    const { recent } = this;
    // Every segment that finds no connection is answered with a reset of its own (RFC 9293 section 3.10.7.1).
    if (view.flags & RST) return recent.foundElsewhere || recent.foundTtl !== view.ttl;
    return t.end > t.seq || recent.foundElsewhere || recent.foundTtl !== view.ttl || t.connection.duplicateFrames > 0;
  }

  private duplicate(t: TrackedSegment, view: SegmentView, row: PacketRow | null): Verdict {
    const { recent } = this;
    const verdict = this.give(row, Kind.DUPLICATE);
    verdict.original = recent.foundFrame;
    const { connection } = t;
    connection.duplicateFrames++;
    const elsewhere = recent.foundElsewhere || recent.foundTtl !== view.ttl;
    // A capture doubles packet after packet, at once; the network one here and there.
    const atOnce = view.time - recent.foundTime < DUPLICATE_TIME && 3 * connection.duplicateFrames > connection.packets;
    // Where nearly every packet comes twice, it was recorded at two places.
    const atTwoPlaces =
      connection.duplicateFrames >= MANY_DUPLICATES && 5 * connection.duplicateFrames > 2 * connection.packets;
    verdict.byCapture = elsewhere || atOnce || atTwoPlaces;
    if (!elsewhere && (atTwoPlaces || view.time - recent.foundTime < DUPLICATE_TIME)) verdict.confidence = 0.7;
    return verdict;
  }

  /** A segment that takes sequence space departs. */
  private sends(t: TrackedSegment, view: SegmentView, row: PacketRow | null, flight: Flight): Verdict | null {
    const { sender } = t;
    const sndNxt = t.previousSndNxt;
    if (flight.zeroWindow && view.payloadLength === 1 && (t.seq === sndNxt || t.seq === flight.probeByte)) {
      return this.probesWindow(t, view, row, flight);
    }
    if (t.seq === flight.probeByte && t.end > sndNxt) return this.sendsPastProbe(t, view, row, flight);
    const firstSynAck = (view.flags & (SYN | ACK)) === (SYN | ACK) && !flight.synAckSent;
    if (firstSynAck) flight.synAckSent = true;
    const firstSyn = (view.flags & (SYN | ACK)) === SYN && !flight.synSent;
    if (firstSyn) flight.synSent = true;
    if (t.seq >= sndNxt) {
      if (t.seq > sndNxt && !isFirstSight(t)) {
        this.recogniseTimeout(t, view, flight);
        this.openHole(flight, t, view);
      }
      const inOrder = t.seq === sndNxt;
      const silence = senderSilence(view, flight);
      const verdict = this.sendsNew(t, view, row, flight, t.seq);
      if (flight.loneEnd >= 0 || silence > SHORTEST_RTO) {
        const lone = inOrder && silence > SHORTEST_RTO;
        flight.loneEnd = lone ? t.end : -1;
        flight.loneTime = view.time;
        flight.loneVerdict = lone ? verdict : null;
      }
      return verdict;
    }
    if (firstSynAck) {
      // Simultaneous open: the SYN,ACK repeats the number of the SYN but is another segment (RFC 9293 Figure 7).
      return this.answersCrossedSyn(t, view, row, flight);
    }
    // The answer to this SYN was captured before it: sooner than its timer runs out it is not another one.
    if (firstSyn && view.time - t.connection.synAckTime < SHORTEST_SYN_TIMER) {
      const verdict = this.lateOriginal(t, view, row, flight);
      verdict.depth = 1;
      verdict.lateness = view.time - t.connection.synAckTime;
      return verdict;
    }
    const contradiction = this.recent.contradiction(sender, view);
    const hole = this.holeOf(flight, t);
    if (hole === null) {
      const isLate = contradiction === null && this.precedesItsCopy(t, view, flight);
      if (isLate) return this.lateOriginal(t, view, row, flight);
      return contradicts(this.sendsAgain(t, view, row, flight, null), contradiction);
    }
    const earlier = sentBefore(view, hole, flight);
    this.fill(flight, t, hole);
    // Without clocks to tell: a sender in recovery, and has just sent again what lies before this, goes on with it.
    const round = roundTrip(sender);
    const stillRepairs =
      nearReceiver(sender) && flight.episodeEndTime >= 0 && view.time - flight.episodeEndTime < 1.2 * round;
    const repairs =
      (flight.mode !== Mode.OPEN || stillRepairs) &&
      flight.lastRetransmissionOrder === flight.order - 1 &&
      t.seq >= flight.lastRetransmissionEnd &&
      view.time - hole.since >= 0.9 * round;
    const reordered = earlier === 1 || (earlier === 0 && !repairs && !this.couldBeAnswered(t, view, hole));
    const verdict = reordered
      ? this.reordered(t, view, row, flight, hole)
      : this.sendsAgain(t, view, row, flight, hole);
    return contradicts(verdict, contradiction);
  }

  private sendsNew(
    t: TrackedSegment,
    view: SegmentView,
    row: PacketRow | null,
    flight: Flight,
    start: number,
    known: Verdict | null = null,
  ): Verdict | null {
    const verdict = known ?? (row === null ? null : (row.verdict ?? this.give(row, Kind.NEW)));
    const o = this.pool.take();
    o.start = start;
    o.end = t.end;
    o.time = view.time;
    o.frame = view.frame;
    o.order = flight.order;
    o.tsVal = view.options & Option.TIMESTAMPS ? view.tsVal : -1;
    o.ipId = view.ipId;
    o.payloadSum = start === t.seq ? view.payloadSum : -1;
    o.verdict = verdict;
    o.row = row;
    if (row !== null) row.open++;
    if (flight.tail === null) flight.head = o;
    else flight.tail.next = o;
    flight.tail = o;
    if (++flight.listed > MAX_UNANSWERED) this.forgetOldest(flight);
    flight.outstanding += o.end - o.start;
    flight.lastDataTime = view.time;
    flight.lastNewTime = view.time;
    return verdict;
  }

  /** The SYN,ACK of a simultaneous open is one more copy of the SYN for the scoreboard, and new for everybody else. */
  private answersCrossedSyn(t: TrackedSegment, view: SegmentView, row: PacketRow | null, flight: Flight): Verdict {
    const verdict = this.give(row, Kind.NEW);
    this.copyOf(t, view, null, new Verdict(), flight);
    return verdict;
  }

  /** A byte into a closed window, to hear whether it has opened (RFC 9293 section 3.8.6.1). It counts once it is acknowledged. */
  private probesWindow(t: TrackedSegment, view: SegmentView, row: PacketRow | null, flight: Flight): Verdict | null {
    const verdict = this.give(row, Kind.WINDOW_PROBE);
    if (t.seq >= t.previousSndNxt) {
      flight.probeByte = t.seq;
      this.sendsNew(t, view, row, flight, t.seq, verdict);
    } else this.copyOf(t, view, row, verdict, flight);
    return verdict;
  }

  /** The window has opened and the byte of the probe was not taken: it goes out again as the first of new data. */
  private sendsPastProbe(t: TrackedSegment, view: SegmentView, row: PacketRow | null, flight: Flight): Verdict | null {
    flight.probeByte = -1;
    const verdict = this.give(row, Kind.NEW);
    this.copyOf(t, view, null, verdict, flight);
    return this.sendsNew(t, view, row, flight, t.previousSndNxt, verdict);
  }

  /**
   * One segment alone after a long silence, and a round trip later bytes far beyond it: the sender had sent what lies between,
   * timed out, sent the first of it again and tried new data (F-RTO, RFC 5682 section 2.1). None of that passed the capture.
   */
  private recogniseTimeout(t: TrackedSegment, view: SegmentView, flight: Flight): void {
    if (flight.loneEnd !== t.previousSndNxt || view.time - flight.loneTime < 0.5 * roundTrip(t.sender)) return;
    flight.mode = Mode.LOSS;
    flight.recover = t.seq;
    flight.timeouts = 0;
    const verdict = flight.loneVerdict;
    if (verdict === null) return;
    verdict.kind = Kind.RETRANSMISSION;
    verdict.cause = Cause.RTO;
    verdict.confidence = 0.8;
    verdict.evidence = [view.frame];
  }

  /** Bytes that had not been seen before, below SND.NXT: into the scoreboard at their place. */
  private insert(
    t: TrackedSegment,
    view: SegmentView,
    row: PacketRow | null,
    verdict: Verdict,
    flight: Flight,
    isRetransmission: boolean,
  ): void {
    const una = Math.max(t.sender.sndUna, 0);
    if (t.end <= una) {
      // The ACK was captured before its segment.
      verdict.fate = Fate.DELIVERED;
      return;
    }
    const o = this.pool.take();
    o.start = t.seq;
    o.end = Math.min(t.end, Math.max(t.previousSndNxt, t.seq));
    o.time = view.time;
    o.frame = view.frame;
    o.order = flight.order;
    o.tsVal = view.options & Option.TIMESTAMPS ? view.tsVal : -1;
    o.ipId = view.ipId;
    o.isRetransmission = isRetransmission;
    o.verdict = verdict;
    o.row = row;
    if (row !== null) row.open++;
    if (flight.head === null || flight.head.start >= o.start) {
      o.next = flight.head;
      flight.head = o;
      if (flight.tail === null) flight.tail = o;
    } else {
      // Late segments often come one behind the other.
      let p = flight.near(o.start)!;
      while (p.next !== null && p.next.start < o.start) p = p.next;
      o.next = p.next;
      p.next = o;
      if (o.next === null) flight.tail = o;
    }
    flight.placeHint = o;
    flight.outstanding += o.end - o.start;
    if (++flight.listed > MAX_UNANSWERED) this.forgetOldest(flight);
  }

  /** Nobody has answered so much, as where only one direction was captured: the oldest segment's fate stays unknown. */
  private forgetOldest(flight: Flight): void {
    const oldest = flight.head!;
    flight.head = oldest.next;
    flight.listed--;
    flight.forgotten++;
    if (oldest.sackedAt < 0) flight.outstanding -= oldest.end - oldest.start;
    if (flight.sackHint === oldest) flight.sackHint = null;
    if (flight.placeHint === oldest) flight.placeHint = null;
    if (oldest.row !== null) oldest.row.open--;
    for (const copy of oldest.copies ?? []) if (copy.row !== null) copy.row.open--;
    this.pool.give(oldest);
  }

  private reordered(t: TrackedSegment, view: SegmentView, row: PacketRow | null, flight: Flight, hole: Hole): Verdict {
    const verdict = this.give(row, Kind.REORDERED);
    verdict.depth = flight.order - hole.order;
    verdict.lateness = view.time - hole.time;
    verdict.original = hole.frame;
    this.insert(t, view, row, verdict, flight, false);
    return verdict;
  }

  /** Was it sent before the copy of the same bytes that was already seen? Then that copy was a retransmission of this one. */
  private precedesItsCopy(t: TrackedSegment, view: SegmentView, flight: Flight): boolean {
    for (let o = flight.near(t.seq); o !== null && o.start < t.end; o = o.next) {
      if (o.end > t.seq) return sentEarlier(view, o, flight) === 1;
    }
    // The copy has been acknowledged: whatever is older than the latest segment is not a new attempt.
    return sentEarlier(view, null, flight) === 1;
  }

  /** The first copy comes behind its retransmission, which was not needed. */
  private lateOriginal(t: TrackedSegment, view: SegmentView, row: PacketRow | null, flight: Flight): Verdict {
    const verdict = this.give(row, Kind.REORDERED);
    verdict.fate = Fate.DELIVERED;
    const near = nearReceiver(t.sender);
    const mark = (repeat: Verdict | null, frame: number, time: number) => {
      verdict.original = frame;
      verdict.lateness = view.time - time;
      if (near && repeat !== null) repeat.spurious = true;
    };
    for (let o = flight.near(t.seq); o !== null && o.start < t.end; o = o.next) {
      if (o.end > t.seq && o.isRetransmission) mark(o.verdict, o.frame, o.time);
    }
    for (const s of flight.dsackWaits) {
      const last = s.sendings[s.sendings.length - 1];
      if (s.start < t.end && s.end > t.seq) mark(last.verdict, last.frame, last.time);
    }
    return verdict;
  }

  private sendsAgain(
    t: TrackedSegment,
    view: SegmentView,
    row: PacketRow | null,
    flight: Flight,
    hole: Hole | null,
  ): Verdict {
    const { sender } = t;
    const verdict = this.give(row, Kind.RETRANSMISSION);
    assignCause(verdict, sender, flight, t, view);
    if (verdict.excuse === Excuse.FIN_WITH_ACK) {
      verdict.spurious = true;
      verdict.original = flight.tail?.frame ?? 0;
      return verdict;
    }
    flight.lastRetransmissionOrder = flight.order;
    flight.lastRetransmissionEnd = t.end;
    flight.lastDataTime = view.time;
    const sndNxt = t.previousSndNxt;
    if (hole !== null) {
      this.insert(t, view, row, verdict, flight, true);
    } else {
      const parts = this.copyOf(t, view, row, verdict, flight);
      if (verdict.differs) verdict.cause = Cause.UNKNOWN;
      if (parts === 0) this.repeatsAcknowledged(t, view, row, verdict, flight);
      if (nearReceiver(sender)) {
        verdict.spurious = t.end <= sndNxt;
        verdict.fate = Fate.DELIVERED;
      }
    }
    if (t.end > sndNxt) this.sendsNew(t, view, row, flight, sndNxt);
    return verdict;
  }

  /** Ties the segment to every original of which it holds bytes; returns how many there are. */
  private copyOf(
    t: TrackedSegment,
    view: SegmentView,
    row: PacketRow | null,
    verdict: Verdict,
    flight: Flight,
  ): number {
    let parts = 0;
    const copy = this.pool.take();
    copy.start = t.seq;
    copy.end = t.end;
    copy.time = view.time;
    copy.frame = view.frame;
    copy.order = flight.order;
    copy.tsVal = view.options & Option.TIMESTAMPS ? view.tsVal : -1;
    copy.ipId = view.ipId;
    copy.isRetransmission = true;
    copy.verdict = verdict;
    copy.row = row;
    for (let o = flight.near(t.seq); o !== null && o.start < t.end; o = o.next) {
      if (o.end <= t.seq) continue;
      if (parts === 0) flight.placeHint = o;
      if (o.copies === null) o.copies = [];
      o.copies.push(copy);
      if (o.verdict === null) o.verdict = new Verdict();
      if (verdict.original === 0) verdict.original = o.frame;
      if (o.refusedBy > 0) {
        verdict.excuse = Excuse.SYN_DATA_REFUSED;
        verdict.cause = Cause.FAST;
        verdict.confidence = 0.95;
        verdict.evidence = [o.refusedBy];
      }
      if (o.start === t.seq && o.end === t.end && o.payloadSum >= 0) {
        if (view.payloadSum >= 0 && view.payloadSum !== o.payloadSum) verdict.differs = true;
      }
      parts++;
      if (row !== null) row.open++;
    }
    copy.parts = parts;
    return parts;
  }

  /** Everything in it had been acknowledged before it was sent. */
  private repeatsAcknowledged(
    t: TrackedSegment,
    view: SegmentView,
    row: PacketRow | null,
    verdict: Verdict,
    flight: Flight,
  ): void {
    verdict.spurious = true;
    if (row !== null) row.open++;
    const had: Sending = { frame: 0, time: -1, tsVal: -1, verdict: new Verdict(), row: null };
    had.verdict.fate = Fate.DELIVERED;
    const tsVal = view.options & Option.TIMESTAMPS ? view.tsVal : -1;
    const sendings = [had, { frame: view.frame, time: view.time, tsVal, verdict, row }];
    this.acks.await(flight, t.seq, t.end, view.time + 2 * Math.max(flight.srtt, 0), sendings, true);
  }

  private openHole(flight: Flight, t: TrackedSegment, view: SegmentView): void {
    if (flight.holes.length >= MAX_HOLES) {
      flight.holes.shift();
      flight.forgotten++;
    }
    flight.holes.push({
      start: t.previousSndNxt,
      end: t.seq,
      time: view.time,
      frame: view.frame,
      tsVal: view.options & Option.TIMESTAMPS ? view.tsVal : -1,
      ipId: view.ipVersion === 4 ? view.ipId : -1,
      order: flight.order,
      acked: false,
      since: flight.lastNewTime,
    });
  }

  private holeOf(flight: Flight, t: TrackedSegment): Hole | null {
    const { holes } = flight;
    for (let i = holes.length - 1; i >= 0; i--) if (holes[i].start < t.end && holes[i].end > t.seq) return holes[i];
    return null;
  }

  private fill(flight: Flight, t: TrackedSegment, hole: Hole): void {
    const { holes } = flight;
    if (hole.end === t.end) {
      t.firstEvidenceFrame = hole.frame;
      t.firstEvidenceTime = hole.time;
    }
    const i = holes.indexOf(hole);
    const rest = [];
    if (hole.start < t.seq) rest.push({ ...hole, end: t.seq });
    if (hole.end > t.end) rest.push({ ...hole, start: t.end });
    holes.splice(i, 1, ...rest);
  }

  /** Long enough after the hole opened for its sender to have been told of it and to have answered. */
  private couldBeAnswered(t: TrackedSegment, view: SegmentView, hole: Hole): boolean {
    const back = Math.max(t.receiver.flight!.minRtt, 0);
    const round = roundTrip(t.sender);
    const needed = round > 0 ? Math.max(back, round * 0.5) : 3e6;
    return view.time - hole.time >= needed * 0.9;
  }
}

/** Other bytes than were sent before in the same place: no loss explains that. */
function contradicts(verdict: Verdict, contradiction: Contradiction | null): Verdict {
  if (contradiction === null) return verdict;
  verdict.differs = true;
  verdict.contradiction = contradiction;
  if (verdict.kind === Kind.RETRANSMISSION) verdict.cause = Cause.UNKNOWN;
  return verdict;
}

/** What lies below the first segment of an end that was met in its middle was sent before the capture began. */
function isFirstSight({ connection, sender }: TrackedSegment): boolean {
  return sender.packets === 1 && !connection.sawHandshake;
}

/** Its timestamp is older than what its sender has sent since: it can only be a late packet, or a copy of one. */
function isOld(t: TrackedSegment, view: SegmentView): boolean {
  const latest = t.sender.flight!.maxTsVal;
  return (view.options & Option.TIMESTAMPS) !== 0 && latest >= 0 && ((latest - view.tsVal) | 0) > 0;
}

/** Bytes below SND.NXT that carry nothing: keep-alives and window probes (RFC 9293 sections 3.8.4 and 3.8.6.1). */
function isProbe(t: TrackedSegment, view: SegmentView, flight: Flight): boolean {
  // Without ACK it is dropped, and asks nothing (RFC 9293 section 3.10.7.4, fifth).
  if ((view.flags & (SYN | FIN | RST | ACK)) !== ACK || t.seq !== t.previousSndNxt - 1) return false;
  if (view.payloadLength > 1) return false;
  if (sentEarlier(view, null, flight) === 1) return false;
  if (view.payloadLength === 0) return true;
  // One byte again: a probe only if the peer has acknowledged it; else it is data that was lost.
  return t.sender.sndUna >= t.previousSndNxt;
}
