import type { Endpoint } from '../model/connection.ts';
import { ACK, FIN, SYN, URG } from '../model/flags.ts';
import type { SegmentView } from '../model/segment.ts';
import type { Conflict, Exclusion, GapType, Stamp } from '../model/stream.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { conflictOf, firstDifference, type Rivals } from './conflict.ts';
import { DeliveredBytes } from './delivered-bytes.ts';
import { laterWins, picks } from './overlap.ts';
import type { ReassemblyOptions } from './reassembler.ts';
import type { StreamOutlet } from './stream-outlet.ts';
import { type Origin, type Piece, WaitingBytes } from './waiting-bytes.ts';

/** Urgent pointers ahead of the stream that are remembered. */
const MAX_URGENT = 256;
/** Holes given up that are remembered, to recognise bytes that come too late. */
const MAX_GIVEN_UP = 64;

/**
 * One direction of a connection: what `sender` sends, made a stream. Numbers are the tracker's offsets (the SYN is 0) up to
 * the events, which count the stream's bytes from 0.
 *
 * Bytes are final when they are in order, as they are in a receiver's queue (RFC 9293 section 3.10.7.4, seventh): overlap
 * policies decide only about bytes that wait behind a hole. The policy `last`, which no receiver has, waits for the ACK.
 */
export class StreamDirection {
  private readonly sender: Endpoint;
  private readonly options: ReassemblyOptions;
  private readonly out: StreamOutlet;
  private readonly waiting = new WaitingBytes();
  private readonly delivered: DeliveredBytes;

  /** Next number to deliver, and the number of the stream's byte 0; NaN while it is not known where the stream begins. */
  private next = Number.NaN;
  private origin = Number.NaN;
  /** Bytes of the stream that were handed over before the numbers changed. */
  private already = 0;
  /** The capture took the stream up somewhere behind its beginning; and that has been said. */
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
  /** End of what the sender is known to have sent, by its own numbers, and the frame that shows it. */
  private sent = Number.NEGATIVE_INFINITY;
  private sentFrame = 0;
  /** Highest number acknowledged of what is known to have been sent, and the frame of the latest ACK (0 none). */
  private acked = Number.NEGATIVE_INFINITY;
  private ackFrame = 0;
  /** What the latest ACK acknowledges beyond that: unseen, or forged. The sender's next numbers will tell. */
  private claimed = Number.NEGATIVE_INFINITY;
  /** Since when (ns) the receiver has had bytes at `blockedAt` that the capture has not shown. */
  private blockedSince = 0;
  private blockedAt = Number.NaN;
  /** Numbers ahead that urgent pointers name, in order. */
  private readonly urgent: number[] = [];
  /** One byte sent into a closed window: the receiver need not have taken it. */
  private probe: Piece | null = null;
  private readonly givenUp: { start: number; end: number }[] = [];
  private toldUnacknowledged = false;

  private bytes = 0;
  private urgentBytes = 0;
  private missing = 0;
  private afterReset = 0;
  private gaps = 0;
  private conflicts = 0;
  private exclusions = 0;

  constructor(sender: Endpoint, options: ReassemblyOptions, out: StreamOutlet) {
    this.sender = sender;
    this.options = options;
    this.out = out;
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
    this.noteSent(t.end, view.frame);
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
    this.ackFrame = view.frame;
    this.claimed = ack > this.sent && this.isPlausible(ack) ? ack : Number.NEGATIVE_INFINITY;
    if (ack > this.sent || ack <= this.acked) return;
    this.acked = ack;
    // RFC 9293 section 3.10.7.4 (seventh) ignores text behind a FIN: that FIN never was the sender's, or never arrived.
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
    const last = this.lastNumber();
    if (last > this.next) this.skipTo(last);
    this.out.end({
      sender: this.sender,
      by: this.finAt >= 0 ? 'fin' : this.sender.rstFrame > 0 ? 'reset' : 'capture',
      bytes: this.bytes,
      urgentBytes: this.urgentBytes,
      missing: this.missing,
      length: Number.isNaN(this.next) ? 0 : this.next - this.origin,
      unacknowledged: this.unacknowledged(),
      afterReset: this.afterReset,
      gaps: this.gaps,
      conflicts: this.conflicts,
      excluded: this.exclusions,
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
    this.finAt = -1;
    this.sent = Number.NEGATIVE_INFINITY;
    this.acked = Number.NEGATIVE_INFINITY;
    this.claimed = Number.NEGATIVE_INFINITY;
    this.firstSent = Number.NaN;
    this.urgent.length = 0;
    this.probe = null;
    if (!Number.isNaN(this.next)) this.already = this.next - this.origin;
    this.next = Number.NaN;
    this.origin = Number.NaN;
    this.midstream = false;
    this.dropFrom(Number.NEGATIVE_INFINITY, 'stray', false);
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

  private noteSent(end: number, frame: number): void {
    if (end <= this.sent) return;
    this.sent = end;
    this.sentFrame = frame;
    if (this.claimed > end) return;
    if (this.claimed > this.acked) this.acked = this.claimed;
    this.claimed = Number.NEGATIVE_INFINITY;
  }

  /** No ACK runs ahead by more than a window of the largest kind, 1 GiB (RFC 7323 section 2.3). */
  private isPlausible(ack: number): boolean {
    return ack - Math.max(this.sent, this.acked, this.claimed, this.next) <= 2 ** 30;
  }

  /** End of what was sent and acknowledged, without the FIN. */
  private knownDelivered(): number {
    return this.finAt >= 0 ? Math.min(this.acked, this.finAt) : this.acked;
  }

  /** The receiver has bytes that the capture has not shown. */
  private isBlocked(): boolean {
    if (this.holdsSyn || this.knownDelivered() <= this.next) return false;
    const { head } = this.waiting;
    return head === null || head.start > this.next;
  }

  /** End of the stream as far as anything tells of it. */
  private lastNumber(): number {
    if (this.finAt >= 0) return this.finAt;
    // One number more than the sender was seen to use, and nothing of it afterwards: that is its FIN.
    const seen = Math.max(this.sent, this.next);
    return this.claimed === seen + 1 ? seen : Math.max(seen, this.claimed);
  }

  private unacknowledged(): number {
    if (this.ackFrame === 0) return -1;
    return Number.isNaN(this.next) ? 0 : Math.max(0, this.next - Math.max(this.acked, this.claimed, this.origin));
  }

  // Segments that are not what they seem.

  /** A FIN there, unless the stream is known to go on. */
  private mayEndAt(end: number): boolean {
    return !(end < this.next) && end + 1 >= this.acked;
  }

  /** RFC 9293 section 3.8.4: SEG.SEQ = SND.NXT-1 with one octet of garbage, when everything is acknowledged. */
  private isKeepAlive(t: TrackedSegment, view: SegmentView): boolean {
    return view.payloadLength === 1 && t.seq === t.previousSndNxt - 1 && this.acked >= t.end;
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
      this.noteLate(start, end, view);
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
    if (waiting.cost > this.options.limit) this.relieve(view.frame);
  }

  /** Puts bytes (which are kept) among those that wait; the policy decides about what waits there already. */
  private insert(start: number, end: number, bytes: Uint8Array | null, origin: Origin): void {
    const { waiting } = this;
    const add = (from: number, to: number) => {
      if (from === to) return;
      const part = bytes === null || to - from === bytes.length ? bytes : bytes.slice(from - start, to - start);
      waiting.insert({ start: from, end: to, bytes: part, origin });
    };
    waiting.seek(start);
    // Nobody else has the bytes from `run` on, as far as the cursor.
    let run = start;
    let behind: Piece | null = null;
    for (let old = waiting.current; old !== null && old.start < end; old = waiting.current) {
      const from = Math.max(old.start, start);
      const to = Math.min(old.end, end);
      if (bytes !== null && old.bytes !== null) {
        this.compareWaiting(from, old, to, bytes.subarray(from - start, to - start), origin);
      }
      if (!this.replaces(bytes, origin, old)) {
        add(run, from);
        run = to;
        waiting.next();
      } else if (old.start < from) {
        if (old.end > to) behind = { ...old, start: to, bytes: old.bytes?.slice(to - old.start) ?? null };
        waiting.trim(old, old.start, from);
        waiting.next();
      } else if (old.end > to) {
        waiting.trim(old, to, old.end);
      } else waiting.remove();
    }
    if (run < end) add(run, end);
    if (behind !== null) waiting.insert(behind);
  }

  private replaces(bytes: Uint8Array | null, origin: Origin, old: Piece): boolean {
    // Bytes that the capture cut off give way to bytes that it has.
    if (bytes === null || old.bytes === null) return bytes !== null;
    return laterWins(this.options.overlap, origin, old.origin);
  }

  /** Memory is short: bytes that wait must go. */
  private relieve(frame: number): void {
    const { waiting, sender } = this;
    this.holdsSyn = false;
    if (Number.isNaN(this.next)) this.begin(waiting.head!.start, true);
    if (this.finAt >= 0) this.dropFrom(this.finAt, 'after-fin', false);
    while (waiting.cost > this.options.limit) {
      const { start, end } = waiting.head!;
      const offset = this.next - this.origin;
      if (start > this.next) {
        this.out.limit({ sender, what: 'hole given up', offset, frame });
        this.skipTo(start);
        continue;
      }
      if (!this.toldUnacknowledged) this.out.limit({ sender, what: 'unacknowledged bytes delivered', offset, frame });
      this.toldUnacknowledged = true;
      this.deliverHead(end);
    }
  }

  // Bytes that go out.

  /** Where the delivery stops for now. */
  private deliverable(): number {
    if (this.holdsSyn) return Number.NEGATIVE_INFINITY;
    const end = this.finAt < 0 ? Number.POSITIVE_INFINITY : this.finAt;
    return this.options.overlap === 'last' ? Math.min(this.acked, end) : end;
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
    let from = 0;
    while (this.urgent.length > 0 && this.urgent[0] < this.next) {
      const at = this.urgent.shift()! - start;
      if (at < 0) continue;
      if (this.options.urgent !== 'inline') {
        this.chunk(start + from, bytes.subarray(from, at), stamp);
        this.urgentBytes++;
        from = at + 1;
      }
      if (this.options.urgent === 'drop') continue;
      this.out.urgent(this.sender, start + at - this.origin, bytes[at], stamp.frame, stamp.time);
    }
    this.chunk(start + from, bytes.subarray(from), stamp);
  }

  private chunk(start: number, bytes: Uint8Array, stamp: Stamp): void {
    if (bytes.length === 0) return;
    this.bytes += bytes.length;
    this.out.chunk(this.sender, start - this.origin, bytes, stamp.frame, stamp.time);
  }

  /** Gives up the hole before `to`, and goes on behind it. */
  private skipTo(to: number): void {
    const { givenUp } = this;
    if (givenUp.length === MAX_GIVEN_UP) givenUp.shift();
    givenUp.push({ start: this.next, end: to });
    if (this.midstream && this.firstSent > this.next) this.gap(this.next, Math.min(to, this.firstSent), 'before-start');
    const had = Math.min(to, Math.max(this.acked, this.claimed));
    if (had > this.next) this.gap(this.next, had, 'missing-in-capture');
    if (to > this.next) this.gap(this.next, to, this.ackFrame > this.frameBehindHole() ? 'lost' : 'unacked-at-end');
    this.deliver();
  }

  /** A frame that shows that the sender had sent more than the hole. */
  private frameBehindHole(): number {
    return this.waiting.head?.origin.frame ?? this.sentFrame;
  }

  private gap(start: number, end: number, type: GapType): void {
    this.tellMidstream();
    this.next = end;
    this.missing += end - start;
    if (this.out.gap(this.sender, start - this.origin, end - this.origin, type)) this.gaps++;
  }

  private tellMidstream(): void {
    if (!this.midstream || this.toldMidstream) return;
    this.toldMidstream = true;
    this.gaps++;
    this.out.gap(this.sender, 0, 0, 'before-start');
  }

  /** RFC 9293 section 3.8.5: the pointer names the octet behind the urgent data. Of that, only the last octet counts. */
  private noteUrgent(at: number, frame: number): void {
    const { urgent, sender } = this;
    if (at < this.next) return;
    let i = urgent.length;
    while (i > 0 && urgent[i - 1] > at) i--;
    if (i > 0 && urgent[i - 1] === at) return;
    if (urgent.length < MAX_URGENT) urgent.splice(i, 0, at);
    else this.out.limit({ sender, what: 'urgent pointer ignored', offset: this.offsetOf(at), frame });
  }

  // What else is told.

  /** The stream's offset of a number; as if the stream began where the capture did while that is not known. */
  private offsetOf(number: number): number {
    return number - (Number.isNaN(this.origin) ? this.firstSent : this.origin);
  }

  private tellExcluded(from: number, to: number, { frame, time }: Stamp, reason: Exclusion): void {
    this.exclusions++;
    const { sender } = this;
    this.out.excluded({ sender, start: this.offsetOf(from), end: this.offsetOf(to), frame, time, reason });
  }

  private noteLate(start: number, end: number, view: SegmentView): void {
    for (const hole of this.givenUp) {
      const from = Math.max(start, hole.start);
      const to = Math.min(end, hole.end);
      if (from < to) this.tellExcluded(from, to, view, 'late');
    }
  }

  private compareWithDelivered(start: number, bytes: Uint8Array, view: SegmentView): void {
    const { sender } = this;
    const first = start - this.origin;
    this.delivered.within(first, first + bytes.length, (at, earlier, earlierStamp) => {
      const later = bytes.subarray(at - first);
      const difference = firstDifference(earlier, later);
      if (difference < 0) return;
      const rivals = { sender, start: at, earlier, earlierStamp, later, laterStamp: view };
      const end = at + earlier.length + this.origin;
      this.tellConflict(rivals, difference, true, picksOfDelivered(end <= this.acked));
    });
  }

  /** The bytes of `old` from number `from` to `to`, and other bytes for the same place. */
  private compareWaiting(from: number, old: Piece, to: number, later: Uint8Array, origin: Origin): void {
    const earlier = old.bytes!.subarray(from - old.start, to - old.start);
    const difference = firstDifference(earlier, later);
    if (difference < 0) return;
    const start = this.offsetOf(from);
    const rivals = { sender: this.sender, start, earlier, earlierStamp: old.origin, later, laterStamp: origin };
    this.tellConflict(rivals, difference, false, picks(origin, old.origin));
  }

  private tellConflict(rivals: Rivals, difference: number, delivered: boolean, all: Conflict['picks']): void {
    this.conflicts++;
    this.out.conflict(conflictOf(rivals, difference, delivered, this.options.overlap, all));
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
