import type { Endpoint } from '../model/endpoint.ts';
import { ACK, FIN, SYN, URG } from '../model/flags.ts';
import type { SegmentView } from '../model/segment.ts';
import type { Exclusion } from '../model/stream.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Acknowledged } from './acknowledged.ts';
import { GivenUpHoles } from './given-up-holes.ts';
import { overlay } from './overlay.ts';
import type { ReassemblyOptions } from './reassembly-options.ts';
import { StreamFront } from './stream-front.ts';
import type { StreamOutlet } from './stream-outlet.ts';
import { type Origin, type Piece, WaitingBytes } from './waiting-bytes.ts';

/**
 * One direction of a connection: which of the bytes that `sender` sends are its stream, and when they are final. Numbers are the
 * tracker's offsets (the SYN is 0).
 *
 * Bytes are final when they are in order, as they are in a receiver's queue (RFC 9293 section 3.10.7.4, seventh): overlap
 * policies decide only about bytes that wait after a hole. The policy `last`, which no receiver has, waits for the ACK.
 *
 * The beginning, the end and the holes of the stream are in one file: each decides about the same bytes that wait, in the order of the segments.
 */
export class StreamDirection {
  private readonly sender: Endpoint;
  private readonly options: ReassemblyOptions;
  private readonly front: StreamFront;
  private readonly known = new Acknowledged();
  private readonly waiting = new WaitingBytes();

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
  /** One byte sent into a closed window: the receiver need not have taken it. */
  private probe: Piece | null = null;
  private readonly givenUp = new GivenUpHoles();
  private toldUnacknowledged = false;
  private afterReset = 0;

  constructor(sender: Endpoint, options: ReassemblyOptions, out: StreamOutlet) {
    this.sender = sender;
    this.options = options;
    this.front = new StreamFront(sender, options, out);
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
    const { front } = this;
    if (Number.isNaN(front.firstSent)) front.firstSent = start;
    if (!front.hasBegun && this.sender.hasIss) this.begin(1, false);
    this.known.noteSent(t.end, view.frame);
    if (view.flags & FIN && this.finAt < 0 && this.mayEndAt(end)) this.finAt = end;
    if (view.flags & URG && view.urgentPointer > 0) {
      front.noteUrgent(start + view.urgentPointer - 1, view.frame);
      this.beginWhenFull();
    }
    if (end === start) return;
    if (view.flags & SYN && front.next === 1) this.holdsSyn = true;
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
    if (!this.front.hasBegun) this.beginAt(ack, view);
    if (this.holdsSyn) this.answerSyn(ack);
    if (!this.known.note(ack, this.front.next, view.frame)) return;
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
    this.front.exclude(seq, seq + view.payloadLength, view, reason);
  }

  /** Time goes on: gives up what the receiver has had for so long that the capture will not show it any more. */
  lookAt(now: number): void {
    const { patience } = this.options;
    const { front } = this;
    if (!front.hasBegun) {
      const { head } = this.waiting;
      if (head !== null && now - head.origin.time > patience) this.begin(head.start, true);
      return;
    }
    if (!this.isBlocked()) return;
    if (this.blockedAt !== front.next) {
      this.blockedAt = front.next;
      this.blockedSince = now;
    } else if (now - this.blockedSince > patience) {
      while (this.isBlocked()) this.skipTo(Math.min(this.knownDelivered(), this.waiting.head?.start ?? Infinity));
    }
  }

  /** Nothing follows: hands over what waits, with the gaps between. */
  end(): void {
    const { front, waiting, probe } = this;
    if (!front.hasBegun && waiting.head !== null) this.begin(waiting.head.start, true);
    this.holdsSyn = false;
    if (probe !== null) this.acceptProbe(probe);
    if (this.finAt >= 0) this.dropFrom(this.finAt, 'after-fin', false);
    for (let { head } = waiting; head !== null; head = waiting.head) {
      if (head.start > front.next) this.skipTo(head.start);
      else this.deliverHead(head.end);
    }
    const last = this.finAt >= 0 ? this.finAt : this.known.lastNumber(front.next);
    if (last > front.next) this.skipTo(last);
    front.end({
      by: this.finAt >= 0 ? 'fin' : this.sender.rstFrame > 0 ? 'reset' : 'capture',
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
    this.finAt = -1;
    this.known.reset();
    this.probe = null;
    this.front.restart();
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
      this.front.exclude(Math.max(start, number), end, origin, reason);
      if (start >= number) {
        waiting.remove();
      } else {
        waiting.trim(piece, start, number);
        waiting.next();
      }
    }
  }

  private begin(at: number, midstream: boolean): void {
    const { front, waiting } = this;
    front.place(at, midstream);
    for (let { head } = waiting; head !== null && head.start < at; head = waiting.head) {
      front.exclude(head.start, Math.min(head.end, at), head.origin, 'before-start');
      if (head.end <= at) waiting.removeHead();
      else waiting.trim(head, at, head.end);
    }
    front.tellUntold();
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
    if (this.holdsSyn || this.knownDelivered() <= this.front.next) return false;
    const { head } = this.waiting;
    return head === null || head.start > this.front.next;
  }

  private unacknowledged(): number {
    const { front, known } = this;
    if (known.frame === 0) return -1;
    return front.hasBegun ? Math.max(0, front.next - Math.max(known.furthest, front.origin)) : 0;
  }

  // Segments that are not what they seem.

  /** A FIN there, unless the stream is known to go on. */
  private mayEndAt(end: number): boolean {
    return !(end < this.front.next) && end + 1 >= this.known.to;
  }

  /** RFC 9293 section 3.8.4: SEG.SEQ = SND.NXT-1 with one octet of garbage, when everything is acknowledged. */
  private isKeepAlive(t: TrackedSegment, view: SegmentView): boolean {
    return view.payloadLength === 1 && t.seq === t.previousSndNxt - 1 && this.known.to >= t.end;
  }

  /** RFC 9293 section 3.8.6.1: one octet beyond a window that is closed. */
  private isWindowProbe(t: TrackedSegment, view: SegmentView, start: number): boolean {
    const { window, windowEdge } = t.receiver;
    return (
      view.payloadLength === 1 && window === 0 && windowEdge >= 0 && start >= windowEdge && start >= this.front.next
    );
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
    const { front } = this;
    if (start < front.next) {
      front.compareWithDelivered(start, bytes, view, this.known.to);
      if (start < front.origin) front.exclude(start, Math.min(end, front.origin), view, 'before-start');
      this.givenUp.within(start, end, (from, to) => front.exclude(from, to, view, 'late'));
      if (end <= front.next) return;
    }
    const { waiting } = this;
    const alone = waiting.head === null || end <= waiting.head.start;
    if (alone && start <= front.next && captured > front.next && captured <= this.deliverable()) {
      front.handOver(front.next, bytes.subarray(front.next - start), view);
    }
    const from = start < front.next ? front.next : start;
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
      this.front.compareWithWaiting(old, from, to, later, origin),
    );
  }

  /** Memory is short: bytes that wait must go. */
  private relieve(frame: number): void {
    const { front, waiting } = this;
    this.holdsSyn = false;
    if (!front.hasBegun) this.begin(waiting.head!.start, true);
    if (this.finAt >= 0) this.dropFrom(this.finAt, 'after-fin', false);
    while (waiting.cost > this.options.limit) {
      const { start, end } = waiting.head!;
      if (start > front.next) {
        front.limit('hole given up', frame);
        this.skipTo(start);
        continue;
      }
      if (!this.toldUnacknowledged) front.limit('unacknowledged bytes delivered', frame);
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
    const { front, waiting } = this;
    const limit = this.deliverable();
    for (
      let { head } = waiting;
      head !== null && head.start === front.next && head.start < limit;
      head = waiting.head
    ) {
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
    if (bytes === null) this.front.gap(end, 'snaplen-cut');
    else this.front.handOver(start, bytes.subarray(0, end - start), origin);
  }

  /** Gives up the hole before `to`, and goes on after it. */
  private skipTo(to: number): void {
    const { front, known } = this;
    this.givenUp.add(front.next, to);
    front.gapBeforeCapture(to);
    const had = Math.min(to, known.furthest);
    if (had > front.next) front.gap(had, 'missing-in-capture');
    if (to > front.next) front.gap(to, known.frame > this.frameAfterHole() ? 'lost' : 'unacked-at-end');
    this.deliver();
  }

  /** A frame that shows that the sender had sent more than the hole. */
  private frameAfterHole(): number {
    return this.waiting.head?.origin.frame ?? this.known.sentFrame;
  }

  /** Many events wait: the stream begins with what there is. */
  private beginWhenFull(): void {
    if (this.front.isFull) this.begin(this.waiting.head?.start ?? this.front.firstSent, true);
  }
}

function originOf(view: SegmentView, start: number, end: number): Origin {
  const { frame, time, ttl, ipId } = view;
  return { start, end, frame, time, ttl, ipId, syn: (view.flags & SYN) !== 0 };
}

function probeOf(view: SegmentView, start: number): Piece {
  const bytes = view.payloadCaptured > 0 ? Uint8Array.of(view.bytes[view.payloadOffset]) : null;
  return { start, end: start + 1, bytes, origin: originOf(view, start, start + 1) };
}
