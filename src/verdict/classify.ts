import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { ACK, FIN, RST, SYN } from '../model/flags.ts';
import { type PacketRow, type Question, snapshot } from '../model/row.ts';
import type { SegmentView } from '../model/segment.ts';
import { sentEarlier } from '../model/sending-order.ts';
import { DEFAULT_MSS } from '../model/tcp-constants.ts';
import { TrackedSegment } from '../model/tracked.ts';
import { Fate, Kind, verdictOf } from '../model/verdict.ts';
import { AckReader } from './acks.ts';
import { wentBack } from './clocks.ts';
import { Departures, isFirstSight, openHole } from './departures.ts';
import { besideTime, findDuplicate } from './duplicates.ts';
import { concludeOutbound } from './fates.ts';
import { Outbound, outboundOf } from './outbound.ts';
import { Outbounds } from './outbounds.ts';
import { isTooBig, quotesOutstanding } from './path-mtu.ts';
import { isPlain } from './plain.ts';
import { RecentPackets } from './recent.ts';
import { SetAside } from './set-aside.ts';

/** Advances the connection by a segment that was set aside and is accepted only now. */
export type Admit = (t: TrackedSegment, view: SegmentView, row: Question | null) => void;

/**
 * Says of every segment what it is: new, a retransmission and why, reordered, a duplicate, a probe. Questions that only later
 * segments answer (fate, needlessness) keep the row until they are closed.
 */
export class Classifier {
  private readonly outbounds = new Outbounds();
  private readonly recent = new RecentPackets();
  /** Stands for the sender of a first SYN. */
  private readonly opener = { recent: -1 };
  private readonly acks: AckReader;
  private readonly departures: Departures;

  /** A segment that was put aside and that its receiver took. */
  private readonly late = new TrackedSegment();
  private readonly admit: Admit;

  /** `keepsRoundTrips`: every RTT sample is kept, for their distribution. */
  constructor(keepsRoundTrips = false, admit: Admit = () => {}) {
    this.admit = admit;
    this.acks = new AckReader(keepsRoundTrips);
    this.departures = new Departures(this.outbounds.pool, this.recent);
  }

  /**
   * Does what `classify` does where the segment is plain, and returns false for all others: it is no copy, has its place in the
   * stream, and opens no question but whether its data arrive.
   */
  takesPlain(t: TrackedSegment, view: SegmentView, row: PacketRow | null): boolean {
    if (!isPlain(t, view)) return false;
    const { sender } = t;
    const outbound = outboundOf(sender);
    outbound.order++;
    outbound.wasUsed = true;
    this.recent.add(sender, view);
    outbound.acceptance.takesPlain(view);
    this.acks.readPlain(outboundOf(t.receiver), t, view);
    if (row !== null) {
      row.verdict = t.verdict = verdictOf(view.payloadLength > 0 ? Kind.NEW : Kind.ACK);
      outbound.scoreboard.tallied.note(t.verdict, view.payloadLength, view.payloadLength > 0);
    }
    if (view.payloadLength > 0) this.departures.enters(t, view, row?.question ?? null, outbound, t.seq, t.verdict);
    outbound.clocks.note(view);
    outbound.lastSentTime = view.time;
    return true;
  }

  /**
   * Sets `t.verdict`, which stays null for plain new data and plain ACKs where no row is kept, `t.effect` and
   * `t.unacceptable`. A duplicate has no further effect on the connection: the caller passes it by. `serial` is what `opens`
   * said of the segment before; -1 otherwise.
   */
  classify(t: TrackedSegment, view: SegmentView, row: PacketRow | null, serial = -1): void {
    const { sender, receiver } = t;
    const { outbounds } = this;
    if (!(sender.outbound instanceof Outbound)) outbounds.wake(sender);
    // A SYN tells nothing about the other end, and of most connections whose SYN nobody answers it is the only segment.
    const isHeard = receiver.outbound !== null || (view.flags & (SYN | ACK | RST)) !== SYN;
    if (isHeard && !(receiver.outbound instanceof Outbound)) outbounds.wake(receiver);
    const outbound = outboundOf(sender);
    outbound.order++;
    outbound.wasUsed = true;
    outbound.isCalm = false;
    if (isHeard) outboundOf(receiver).isCalm = false;
    if (isHeard) noteStep(outbound, outboundOf(receiver), view);
    t.verdict = findDuplicate(this.recent, t, view);
    if (t.verdict === null) {
      if (serial < 0) this.recent.add(sender, view);
      else sender.recent = serial;
      if (outbound.acceptance.isCorrupted(t, view)) {
        t.unacceptable = true;
        t.verdict = verdictOf(t.end > t.seq ? Kind.NEW : Kind.ACK);
        t.verdict.fate = Fate.LOST;
        setAside(t, view, row, outbound);
      } else if (outbound.acceptance.isUnacceptable(t, view)) {
        t.unacceptable = true;
        t.verdict = verdictOf(t.end > t.seq ? Kind.NEW : Kind.ACK);
        setAside(t, view, row, outbound);
      } else this.accept(t, view, row?.question ?? null, outbound);
    } else this.recent.skip(1);
    if (t.verdict !== null) outbound.scoreboard.tallied.note(t.verdict, view.payloadLength, t.end > t.seq);
    if (row !== null) row.verdict = t.verdict;
  }

  /** A first SYN passes that is classified when something follows it. Returns its place among the latest packets. */
  opens(view: SegmentView): number {
    const { opener } = this;
    opener.recent = -1;
    this.recent.add(opener, view);
    return opener.recent;
  }

  /** So many segments passed that another analysis looks at. */
  skip(count: number): void {
    this.recent.skip(count);
  }

  private accept(t: TrackedSegment, view: SegmentView, row: Question | null, outbound: Outbound): void {
    outbound.aside?.sees(t, view, besideTime(t));
    const isReset = (view.flags & RST) !== 0;
    if ((t.ack >= 0 || acknowledgesEarlier(t, view)) && !isReset) {
      const heard = outboundOf(t.receiver);
      if (heard.aside !== null) this.admitTaken(heard, heard.aside, t);
      this.acks.read(heard, t, view);
    }
    if (isReset && answersLateSegment(t, view)) outboundOf(t.receiver).dsackWaits.receiverIsGone();
    if (t.end === t.seq && t.seq > t.previousSndNxt && !isReset && !isFirstSight(t)) {
      openHole(outbound, t, view);
      // A hole of one number is most likely a FIN that comes later and shows when it was sent: the row waits for it until its horizon.
      if (t.seq === t.previousSndNxt + 1) row?.awaitSilence();
    }
    if (t.unacceptableSyn || isReset) t.verdict = row === null ? null : verdictOf(Kind.ACK);
    else if (isProbe(t, view, outbound)) {
      t.verdict = verdictOf(outbound.feedback.zeroWindow ? Kind.WINDOW_PROBE : Kind.KEEP_ALIVE);
    } else if (t.end > t.seq) t.verdict = this.departures.sends(t, view, row, outbound);
    else t.verdict = row === null ? null : verdictOf(Kind.ACK);
    // Whoever sent a reset with another TTL, its numbers do not order the packets of this host.
    if (!isReset || t.sender.ttl < 0 || t.sender.ttl === view.ttl) outbound.clocks.note(view);
    outbound.lastSentTime = view.time;
  }

  /** What was put aside and is acknowledged before its bytes came in another packet takes its place now. */
  private admitTaken(outbound: Outbound, aside: SetAside, { connection, sender, receiver, ack }: TrackedSegment): void {
    const holeIn = (start: number, end: number) => (outbound.hasHoles ? outbound.holes.in(start, end) : null);
    for (const { view, row, verdict, ...place } of aside.takenBy(ack, receiver.sndNxt, holeIn)) {
      const { late } = this;
      late.begin();
      Object.assign(late, place, { connection, sender: receiver, receiver: sender, previousSndNxt: receiver.sndNxt });
      late.verdict = verdict;
      // Whoever takes a segment without timestamps shows that they are not asked for.
      outbound.acceptance.stamped = 0;
      this.departures.admits(late, view, row, outbound, verdict);
      this.admit(late, view, row);
    }
  }

  /** A router reports that a packet which `sender` has outstanding is too big: what is sent again for it is no sign of loss. */
  icmpError(view: SegmentView, sender: Endpoint): void {
    if (sender.outbound === null || !isTooBig(view) || !quotesOutstanding(view, sender)) return;
    if (!(sender.outbound instanceof Outbound)) this.outbounds.wake(sender);
    outboundOf(sender).pathMtuTime = view.time;
  }

  /** Both ends have closed: what few packets will ask for takes less memory from now on. */
  settle(connection: Connection): void {
    this.outbounds.settle(connection);
  }

  /** Writes into `words`, from `at` on, what is known of a connection that rests (`OUTBOUND_WORDS`). False: it is more than numbers. */
  write(connection: Connection, words: Int32Array, at: number): boolean {
    return this.outbounds.write(connection, words, at);
  }

  /** Gives a connection what was written. */
  read(connection: Connection, words: Int32Array, at: number): void {
    this.outbounds.read(connection, words, at);
  }

  /** Nothing is known of a connection any more, beside what was written. */
  drop(connection: Connection): void {
    this.outbounds.drop(connection);
  }

  /** Asked now and then, between two segments: of senders that rest less memory is taken. */
  tidy(): void {
    this.outbounds.tidy();
  }

  /** Connections have left the analysis (`hasLeft`). */
  forget(): void {
    this.outbounds.forget();
  }

  /** The input has ended. */
  conclude(endpoint: Endpoint): void {
    if (endpoint.outbound instanceof Outbound)
      concludeOutbound(outboundOf(endpoint), Math.max(endpoint.peer.mss, DEFAULT_MSS));
  }
}

/** The capture's clock was set back: what was sent before shows no round trip. */
function noteStep(outbound: Outbound, heard: Outbound, view: SegmentView): void {
  if (!wentBack(Math.max(outbound.lastSentTime, heard.lastSentTime), view.time)) return;
  for (const { rtt, clocks } of [outbound, heard]) {
    rtt.soundFrom = view.frame;
    clocks.restart();
  }
}

/** Its receiver may take it all the same: the next ACKs tell. */
function setAside(t: TrackedSegment, view: SegmentView, row: PacketRow | null, outbound: Outbound): void {
  if (t.end === t.seq || view.flags & (SYN | RST)) return;
  outbound.aside ??= new SetAside();
  outbound.aside.add(t, snapshot(view), t.verdict!, row?.question ?? null);
}

/**
 * A closed end answers every segment with a reset whose number is SEG.ACK and which has no ACK bit (RFC 9293 section 3.10.7.1): here
 * after its own FIN, when all that was seen of the other end's data was acknowledged.
 */
function answersLateSegment(t: TrackedSegment, view: SegmentView): boolean {
  const { awaitsDsack, scoreboard } = outboundOf(t.receiver);
  return awaitsDsack && t.sender.finEnd >= 0 && !(view.flags & ACK) && scoreboard.isEmpty;
}

/** It acknowledges what its peer had sent before the capture began. */
function acknowledgesEarlier(t: TrackedSegment, view: SegmentView): boolean {
  return (view.flags & ACK) !== 0 && !t.connection.sawHandshake && t.receiver.seen;
}

/** Bytes below SND.NXT that carry nothing: keep-alives and window probes (RFC 9293 sections 3.8.4 and 3.8.6.1). */
function isProbe(t: TrackedSegment, view: SegmentView, { clocks }: Outbound): boolean {
  // Without ACK it is dropped, and asks nothing (RFC 9293 section 3.10.7.4, fifth).
  if ((view.flags & (SYN | FIN | RST | ACK)) !== ACK || t.seq !== t.previousSndNxt - 1) return false;
  if (view.payloadLength > 1) return false;
  if (sentEarlier(view, null, clocks) === 1) return false;
  if (view.payloadLength === 0) return true;
  // One byte again: a probe only if the peer has acknowledged it; else it is data that was lost.
  return t.sender.sndUna >= t.previousSndNxt;
}
