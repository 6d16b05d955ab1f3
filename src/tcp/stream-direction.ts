import type { Endpoint } from '../model/connection.ts';
import { ACK, FIN, SYN, URG } from '../model/flags.ts';
import type { SegmentView } from '../model/segment.ts';
import type { Conflict, Exclusion, GapType, Stamp } from '../model/stream.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Acknowledged } from './acknowledged.ts';
import { firstDifference } from './conflict.ts';
import { DeliveredBytes } from './delivered-bytes.ts';
import { GivenUpHoles } from './given-up-holes.ts';
import { picks } from './overlap.ts';
import { overlay } from './overlay.ts';
import type { ReassemblyOptions } from './reassembly-options.ts';
import { StreamAccount } from './stream-account.ts';
import type { StreamOutlet } from './stream-outlet.ts';
import { UrgentMarks } from './urgent-marks.ts';
import { type Origin, type Piece, WaitingBytes } from './waiting-bytes.ts';

/** Events that wait for the stream's beginning to be known; with so many it is taken to be where the bytes begin. */
const MOST_UNTOLD = 16;

/**
 * One direction of a connection: what `sender` sends, made a stream. Numbers are the tracker's offsets (the SYN is 0) up to
 * the events, which count the stream's bytes from 0.
 *
 * Bytes are final when they are in order, as they are in a receiver's queue (RFC 9293 section 3.10.7.4, seventh): overlap
 * policies decide only about bytes that wait after a hole. The policy `last`, which no receiver has, waits for the ACK.
 */
export class StreamDirection {
  private readonly sender: Endpoint;
  private readonly options: ReassemblyOptions;
  private readonly account: StreamAccount;
  private readonly known = new Acknowledged();
  private readonly waiting = new WaitingBytes();
  private readonly delivered: DeliveredBytes;

  /** Next number to deliver, and the number of the stream's byte 0; NaN while it is not known where the stream begins. */
  private next = Number.NaN;
  private origin = Number.NaN;
  /** Bytes of the stream that were handed over before the numbers changed. */
  private already = 0;
  /** The capture took the stream up somewhere after its beginning; and that has been said. */
  private midstream = false;
  private toldMidstream = false;
  /** First number that this sender used in the capture: what lies below was sent before the capture began. */
  private firstSent = Number.NaN;
  /** Bytes on the SYN wait for the SYN,ACK to say whether they count. */
  private holdsSyn = false;
  /** The sender's initial number by which all others are counted. */
  private base = Number.NaN;
  /** Number of the FIN, -1 before one was seen. */
  private finAt = -1;
  private hasReset = false;
  /** Since when (ns) the receiver has had bytes at `blockedAt` that the capture has not shown. */
  private blockedSince = 0;
  private blockedAt = Number.NaN;
  private readonly urgent = new UrgentMarks();
  /** One byte sent into a closed window: the receiver need not have taken it. */
  private probe: Piece | null = null;
  private readonly givenUp = new GivenUpHoles();
  private toldUnacknowledged = false;
  /** What is to be told as soon as it is known from where the stream counts. */
  private untold: (() => void)[] = [];

  private afterReset = 0;

  constructor(sender: Endpoint, options: ReassemblyOptions, out: StreamOutlet) {
    this.sender = sender;
    this.options = options;
    this.account = new StreamAccount(sender, options.overlap, out);
    this.delivered = new DeliveredBytes(options.history);
  }

  /** The sender sends a segment that is its own and no RST. */
  sends(t: TrackedSegment, view: SegmentView): void {
    if (!(view.flags & (SYN | ACK))) {
      if (view.payloadLength > 0) this.exclude(t.seq, view, 'no-ack');
      return;
    }
    this.followNumbers();
    const start = t.seq + (view.flags & SYN ? 1 : 0);
    const end = start + view.payloadLength;
    if (Number.isNaN(this.firstSent)) this.firstSent = start;
    if (Number.isNaN(this.next) && this.sender.hasIss) this.begin(1, false);
    this.known.noteSent(t.end, view.frame);
    if (view.flags & FIN && this.finAt < 0 && this.mayEndAt(end)) this.finAt = end;
    if (view.flags & URG && view.urgentPointer > 0) this.noteUrgent(start + view.urgentPointer - 1, view.frame);
    if (end === start) return;
    if (view.flags & SYN && this.next === 1) this.holdsSyn = true;
    if (this.hasReset) this.afterReset += view.payloadLength;
    if (this.isKeepAlive(t, view)) return;
    if (this.isWindowProbe(t, view, start)) {
      this.probe = probeOf(view, start);
      return;
    }
    if (this.probe !== null && start <= this.probe.start && end > this.probe.start) this.probe = null;
    this.take(start, end, view);
  }

  /** The other end acknowledges everything below `ack`. */
  acknowledged(ack: number, view: SegmentView): void {
    this.followNumbers();
    if (Number.isNaN(this.next)) this.beginAt(ack, view);
    if (this.holdsSyn) this.answerSyn(ack);
    if (!this.known.note(ack, this.next, view.frame)) return;
    // RFC 9293 section 3.10.7.4 (seventh) ignores text after a FIN: that FIN never was the sender's, or never arrived.
    if (this.finAt >= 0 && ack > this.finAt + 1) this.finAt = -1;
    if (this.probe !== null && ack > this.probe.start) this.acceptProbe(this.probe);
    this.deliver();
  }

  /** The sender sends a RST. */
  resets(t: TrackedSegment, view: SegmentView): void {
    // One that the state machine does not believe changes nothing.
    if (this.sender.rstFrame === view.frame) this.hasReset = true;
    if (view.payloadLength > 0) this.exclude(t.seq, view, 'reset-text');
  }

  /** The payload of a segment is no part of the stream. */
  exclude(seq: number, view: SegmentView, reason: Exclusion): void {
    this.tellExcluded(seq, seq + view.payloadLength, view, reason);
  }

  /** Time goes on: gives up what the receiver has had for so long that the capture will not show it any more. */
  lookAt(now: number): void {
    const { patience } = this.options;
    if (Number.isNaN(this.next)) {
      const { head } = this.waiting;
      if (head !== null && now - head.origin.time > patience) this.begin(head.start, true);
      return;
    }
    if (!this.isBlocked()) return;
    if (this.blockedAt !== this.next) {
      this.blockedAt = this.next;
      this.blockedSince = now;
    } else if (now - this.blockedSince > patience) {
      while (this.isBlocked()) this.skipTo(Math.min(this.knownDelivered(), this.waiting.head?.start ?? Infinity));
    }
  }

  /** Nothing follows: hands over what waits, with the gaps between. */
  end(): void {
    const { waiting, probe } = this;
    if (Number.isNaN(this.next) && waiting.head !== null) this.begin(waiting.head.start, true);
    this.holdsSyn = false;
    if (probe !== null) this.acceptProbe(probe);
    if (this.finAt >= 0) this.dropFrom(this.finAt, 'after-fin', false);
    for (let { head } = waiting; head !== null; head = waiting.head) {
      if (head.start > this.next) this.skipTo(head.start);
      else this.deliverHead(head.end);
    }
    const last = this.finAt >= 0 ? this.finAt : this.known.lastNumber(this.next);
    if (last > this.next) this.skipTo(last);
    this.account.end({
      by: this.finAt >= 0 ? 'fin' : this.sender.rstFrame > 0 ? 'reset' : 'capture',
      length: Number.isNaN(this.next) ? 0 : this.next - this.origin,
      unacknowledged: this.unacknowledged(),
      afterReset: this.afterReset,
    });
  }

  // Where the stream begins.

  /** When the tracker counts from another initial number: what came before that SYN was not of this connection. */
  private followNumbers(): void {
    const { base } = this.sender;
    if (base === this.base) return;
    const first = Number.isNaN(this.base);
    this.base = base;
    if (first) return;
    this.dropFrom(Number.NEGATIVE_INFINITY, 'stray', false);
    this.untold = [];
    this.finAt = -1;
    this.known.reset();
    this.firstSent = Number.NaN;
    this.urgent.clear();
    this.probe = null;
    if (!Number.isNaN(this.next)) this.already = this.next - this.origin;
    this.next = Number.NaN;
    this.origin = Number.NaN;
    this.midstream = false;
  }

  /** Takes everything from `number` on out of what waits, or only what came on SYNs. */
  private dropFrom(number: number, reason: Exclusion, onSyn: boolean): void {
    const { waiting } = this;
    waiting.seek(number);
    for (let piece = waiting.current; piece !== null; piece = waiting.current) {
      const { start, end, origin } = piece;
      if (onSyn && !origin.syn) {
        waiting.next();
        continue;
      }
      this.tellExcluded(Math.max(start, number), end, origin, reason);
      if (start >= number) {
        waiting.remove();
      } else {
        waiting.trim(piece, start, number);
        waiting.next();
      }
    }
  }

  private begin(at: number, midstream: boolean): void {
    this.next = at;
    this.origin = at - this.already;
    this.midstream = midstream;
    const { waiting } = this;
    for (let { head } = waiting; head !== null && head.start < at; head = waiting.head) {
      this.tellExcluded(head.start, Math.min(head.end, at), head.origin, 'before-start');
      if (head.end <= at) waiting.removeHead();
      else waiting.trim(head, at, head.end);
    }
    const events = this.untold;
    this.untold = [];
    for (const tell of events) tell();
    this.deliver();
  }

  /** The first ACK tells where the stream stands, if it does not tell where it began. */
  private beginAt(ack: number, view: SegmentView): void {
    const { head } = this.waiting;
    if (this.sender.hasIss) this.begin(1, false);
    // The answer to a SYN that was not captured: the number of the handshake, with nothing before it.
    else {
      const isHandshake = (view.flags & SYN) !== 0 || this.sender.peer.hasIss;
      this.begin(head === null ? ack : Math.min(ack, head.start), !isHandshake);
    }
  }

  /** RFC 7413 section 4.2.2: what the SYN,ACK does not acknowledge of the SYN's data was not taken. */
  private answerSyn(ack: number): void {
    this.holdsSyn = false;
    this.dropFrom(ack, 'syn-data-ignored', true);
    this.deliver();
  }

  // What is known to have been sent and to have arrived.

  /** End of what was sent and acknowledged, without the FIN. */
  private knownDelivered(): number {
    return this.finAt >= 0 ? Math.min(this.known.to, this.finAt) : this.known.to;
  }

  /** The receiver has bytes that the capture has not shown. */
  private isBlocked(): boolean {
    if (this.holdsSyn || this.knownDelivered() <= this.next) return false;
    const { head } = this.waiting;
    return head === null || head.start > this.next;
  }

  private unacknowledged(): number {
    if (this.known.frame === 0) return -1;
    return Number.isNaN(this.next) ? 0 : Math.max(0, this.next - Math.max(this.known.furthest, this.origin));
  }

  // Segments that are not what they seem.

  /** A FIN there, unless the stream is known to go on. */
  private mayEndAt(end: number): boolean {
    return !(end < this.next) && end + 1 >= this.known.to;
  }

  /** RFC 9293 section 3.8.4: SEG.SEQ = SND.NXT-1 with one octet of garbage, when everything is acknowledged. */
  private isKeepAlive(t: TrackedSegment, view: SegmentView): boolean {
    return view.payloadLength === 1 && t.seq === t.previousSndNxt - 1 && this.known.to >= t.end;
  }

  /** RFC 9293 section 3.8.6.1: one octet beyond a window that is closed. */
  private isWindowProbe(t: TrackedSegment, view: SegmentView, start: number): boolean {
    const { window, windowEdge } = t.receiver;
    return view.payloadLength === 1 && window === 0 && windowEdge >= 0 && start >= windowEdge && start >= this.next;
  }

  private acceptProbe(probe: Piece): void {
    this.probe = null;
    this.insert(probe.start, probe.end, probe.bytes, probe.origin);
  }

  // Bytes that come in.

  /** Sorts out which bytes of a segment are new to the stream. */
  private take(start: number, end: number, view: SegmentView): void {
    const captured = Math.min(end, start + view.payloadCaptured);
    const bytes = view.bytes.subarray(view.payloadOffset, view.payloadOffset + captured - start);
    if (start < this.next) {
      this.compareWithDelivered(start, bytes, view);
      if (start < this.origin) this.tellExcluded(start, Math.min(end, this.origin), view, 'before-start');
      this.givenUp.within(start, end, (from, to) => this.tellExcluded(from, to, view, 'late'));
      if (end <= this.next) return;
    }
    const { waiting } = this;
    const alone = waiting.head === null || end <= waiting.head.start;
    if (alone && start <= this.next && captured > this.next && captured <= this.deliverable()) {
      this.handOver(this.next, bytes.subarray(this.next - start), view);
    }
    const from = start < this.next ? this.next : start;
    if (from < end) {
      const origin = originOf(view, start, end);
      if (from < captured) this.insert(from, captured, new Uint8Array(bytes.subarray(from - start)), origin);
      if (captured < end) this.insert(Math.max(from, captured), end, null, origin);
    }
    this.deliver();
    this.beginWhenFull();
    if (waiting.cost > this.options.limit) this.relieve(view.frame);
  }

  /** Puts bytes (which are kept) among those that wait. */
  private insert(start: number, end: number, bytes: Uint8Array | null, origin: Origin): void {
    overlay(this.waiting, { start, end, bytes, origin }, this.options.overlap, (from, old, to, later) =>
      this.compareWaiting(from, old, to, later, origin),
    );
  }

  /** Memory is short: bytes that wait must go. */
  private relieve(frame: number): void {
    const { waiting, account } = this;
    this.holdsSyn = false;
    if (Number.isNaN(this.next)) this.begin(waiting.head!.start, true);
    if (this.finAt >= 0) this.dropFrom(this.finAt, 'after-fin', false);
    while (waiting.cost > this.options.limit) {
      const { start, end } = waiting.head!;
      const offset = this.next - this.origin;
      if (start > this.next) {
        account.limit('hole given up', offset, frame);
        this.skipTo(start);
        continue;
      }
      if (!this.toldUnacknowledged) account.limit('unacknowledged bytes delivered', offset, frame);
      this.toldUnacknowledged = true;
      this.deliverHead(end);
    }
  }

  // Bytes that go out.

  /** Where the delivery stops for now. */
  private deliverable(): number {
    if (this.holdsSyn) return Number.NEGATIVE_INFINITY;
    const end = this.finAt < 0 ? Number.POSITIVE_INFINITY : this.finAt;
    return this.options.overlap === 'last' ? Math.min(this.known.to, end) : end;
  }

  /** Delivers what is in order. */
  private deliver(): void {
    const { waiting } = this;
    const limit = this.deliverable();
    for (let { head } = waiting; head !== null && head.start === this.next && head.start < limit; head = waiting.head) {
      this.deliverHead(Math.min(head.end, limit));
    }
  }

  /** Delivers the first piece that waits, which is next, up to `end`. */
  private deliverHead(end: number): void {
    const { waiting } = this;
    const head = waiting.head!;
    const { start, bytes, origin } = head;
    if (end < head.end) waiting.trim(head, end, head.end);
    else waiting.removeHead();
    if (bytes === null) this.gap(start, end, 'snaplen-cut');
    else this.handOver(start, bytes.subarray(0, end - start), origin);
  }

  /** The bytes at `next` are final. */
  private handOver(start: number, bytes: Uint8Array, stamp: Stamp): void {
    this.tellMidstream();
    this.next = start + bytes.length;
    this.delivered.add(start - this.origin, bytes, stamp);
    const { account, origin } = this;
    let from = 0;
    for (let mark = this.urgent.takeBelow(this.next); mark !== null; mark = this.urgent.takeBelow(this.next)) {
      const at = mark - start;
      if (at < 0) continue;
      if (this.options.urgent !== 'inline') {
        account.chunk(start + from - origin, bytes.subarray(from, at), stamp);
        account.tookUrgent();
        from = at + 1;
      }
      if (this.options.urgent === 'drop') continue;
      account.urgent(start + at - origin, bytes[at], stamp);
    }
    account.chunk(start + from - origin, bytes.subarray(from), stamp);
  }

  /** Gives up the hole before `to`, and goes on after it. */
  private skipTo(to: number): void {
    const { known } = this;
    this.givenUp.add(this.next, to);
    if (this.midstream && this.firstSent > this.next) this.gap(this.next, Math.min(to, this.firstSent), 'before-start');
    const had = Math.min(to, known.furthest);
    if (had > this.next) this.gap(this.next, had, 'missing-in-capture');
    if (to > this.next) this.gap(this.next, to, known.frame > this.frameAfterHole() ? 'lost' : 'unacked-at-end');
    this.deliver();
  }

  /** A frame that shows that the sender had sent more than the hole. */
  private frameAfterHole(): number {
    return this.waiting.head?.origin.frame ?? this.known.sentFrame;
  }

  private gap(start: number, end: number, type: GapType): void {
    this.tellMidstream();
    this.next = end;
    this.account.gap(start - this.origin, end - this.origin, type);
  }

  private tellMidstream(): void {
    if (!this.midstream || this.toldMidstream) return;
    this.toldMidstream = true;
    this.account.midstream();
  }

  /** RFC 9293 section 3.8.5: the pointer names the octet after the urgent data. Of that, only the last octet counts. */
  private noteUrgent(at: number, frame: number): void {
    if (at < this.next || this.urgent.add(at)) return;
    this.whenBegun(() => {
      if (at >= this.next) this.account.limit('urgent pointer ignored', at - this.origin, frame);
    });
    this.beginWhenFull();
  }

  // What else is told.

  /** Tells an event whose offset counts from the stream's beginning: at once, or when that is known. */
  private whenBegun(tell: () => void): void {
    if (Number.isNaN(this.next)) this.untold.push(tell);
    else tell();
  }

  /** Many events wait: the stream begins with what there is. */
  private beginWhenFull(): void {
    if (this.untold.length >= MOST_UNTOLD) this.begin(this.waiting.head?.start ?? this.firstSent, true);
  }

  /**
   * What is excluded need not lie in the stream, so it is told at once: while the beginning is not known its offset counts
   * from the first number that the sender used.
   */
  private tellExcluded(from: number, to: number, stamp: Stamp, reason: Exclusion): void {
    let { origin } = this;
    if (Number.isNaN(origin)) origin = Number.isNaN(this.firstSent) ? from : this.firstSent;
    this.account.excluded(from - origin, to - origin, stamp, reason);
  }

  private compareWithDelivered(start: number, bytes: Uint8Array, view: SegmentView): void {
    const first = start - this.origin;
    this.delivered.within(first, first + bytes.length, (at, earlier, earlierStamp) => {
      const later = bytes.subarray(at - first);
      const difference = firstDifference(earlier, later);
      if (difference < 0) return;
      const rivals = { start: at, earlier, earlierStamp, later, laterStamp: view };
      const end = at + earlier.length + this.origin;
      this.account.conflict(rivals, difference, true, picksOfDelivered(end <= this.known.to));
    });
  }

  /** The bytes of `old` from number `from` to `to`, and other bytes for the same place. */
  private compareWaiting(from: number, old: Piece, to: number, later: Uint8Array, origin: Origin): void {
    const earlier = old.bytes!.subarray(from - old.start, to - old.start);
    if (firstDifference(earlier, later) < 0) return;
    this.whenBegun(() => {
      // What came before the stream is excluded, and no conflict in it.
      const outside = Math.min(earlier.length, Math.max(0, this.next - from));
      const before = earlier.subarray(outside);
      const after = later.subarray(outside);
      const difference = firstDifference(before, after);
      if (difference < 0) return;
      const start = from + outside - this.origin;
      const rivals = { start, earlier: before, earlierStamp: old.origin, later: after, laterStamp: origin };
      this.account.conflict(rivals, difference, false, picks(origin, old.origin));
    });
  }
}

/** Every receiver has the earlier bytes in its stream; only `last` still waits while they are not acknowledged. */
function picksOfDelivered(acknowledged: boolean): Conflict['picks'] {
  const last = acknowledged ? 'earlier' : 'later';
  return { first: 'earlier', last, linux: 'earlier', bsd: 'earlier', windows: 'earlier', solaris: 'earlier' };
}

function originOf(view: SegmentView, start: number, end: number): Origin {
  const { frame, time, ttl, ipId } = view;
  return { start, end, frame, time, ttl, ipId, syn: (view.flags & SYN) !== 0 };
}

function probeOf(view: SegmentView, start: number): Piece {
  const bytes = view.payloadCaptured > 0 ? Uint8Array.of(view.bytes[view.payloadOffset]) : null;
  return { start, end: start + 1, bytes, origin: originOf(view, start, start + 1) };
}
