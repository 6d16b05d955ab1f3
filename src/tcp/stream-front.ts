import type { Endpoint } from '../model/endpoint.ts';
import type { Conflict, Exclusion, GapType, LimitHit, Stamp } from '../model/stream.ts';
import { firstDifference } from './conflict.ts';
import { DeliveredBytes } from './delivered-bytes.ts';
import { picks } from './overlap.ts';
import type { ReassemblyOptions } from './reassembly-options.ts';
import { StreamAccount } from './stream-account.ts';
import type { StreamOutlet } from './stream-outlet.ts';
import { UrgentMarks } from './urgent-marks.ts';
import type { Origin, Piece } from './waiting-bytes.ts';

/** Events that wait for the stream's beginning to be known; with so many it is taken to be where the bytes begin. */
const MOST_UNTOLD = 16;

/**
 * How far the stream of one direction has been delivered, and all that is told of it. Whoever asks speaks of the tracker's offsets
 * (the SYN is 0); the events count the stream's bytes from 0.
 */
export class StreamFront {
  private readonly options: ReassemblyOptions;
  private readonly account: StreamAccount;
  private readonly delivered: DeliveredBytes;
  private readonly urgent = new UrgentMarks();

  /** Next number to deliver, and the number of the stream's byte 0; NaN while it is not known where the stream begins. */
  next = Number.NaN;
  origin = Number.NaN;
  /** Bytes of the stream that were handed over before the numbers changed. */
  private already = 0;
  /** The capture took the stream up somewhere after its beginning; and that has been said. */
  private midstream = false;
  private toldMidstream = false;
  /** First number that this sender used in the capture: what lies below was sent before the capture began. */
  firstSent = Number.NaN;
  /** What is to be told as soon as it is known from where the stream counts. */
  private untold: (() => void)[] = [];

  constructor(sender: Endpoint, options: ReassemblyOptions, out: StreamOutlet) {
    this.options = options;
    this.account = new StreamAccount(sender, options.overlap, out);
    this.delivered = new DeliveredBytes(options.history);
  }

  /** It is known where the stream begins. */
  get hasBegun(): boolean {
    return !Number.isNaN(this.next);
  }

  /** Bytes of the stream before `next`, gaps among them; 0 before it has begun. */
  get length(): number {
    return this.hasBegun ? this.next - this.origin : 0;
  }

  /** The stream goes on at `at`. */
  place(at: number, midstream: boolean): void {
    this.next = at;
    this.origin = at - this.already;
    this.midstream = midstream;
  }

  /** Tells what waited for `place`. */
  tellUntold(): void {
    const events = this.untold;
    this.untold = [];
    for (const tell of events) tell();
  }

  /** So many events wait that the stream has to begin. */
  get isFull(): boolean {
    return this.untold.length >= MOST_UNTOLD;
  }

  /** The numbers count from another SYN: the stream goes on, with numbers that are not known yet. */
  restart(): void {
    this.untold = [];
    this.firstSent = Number.NaN;
    this.urgent.clear();
    if (this.hasBegun) this.already = this.length;
    this.next = Number.NaN;
    this.origin = Number.NaN;
    this.midstream = false;
  }

  /** The bytes at `next` are final. */
  handOver(start: number, bytes: Uint8Array, stamp: Stamp): void {
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

  /** RFC 9293 section 3.8.5: the pointer names the octet after the urgent data. Of that, only the last octet, `at`, counts. */
  noteUrgent(at: number, frame: number): void {
    if (at < this.next || this.urgent.add(at)) return;
    this.whenBegun(() => {
      if (at >= this.next) this.account.limit('urgent pointer ignored', at - this.origin, frame);
    });
  }

  /** Nobody has the bytes from `next` to `to`. */
  gap(to: number, type: GapType): void {
    this.tellMidstream();
    const start = this.length;
    this.next = to;
    this.account.gap(start, this.length, type);
  }

  /** What of the next bytes, up to `to`, the sender had sent before the capture began. */
  gapBeforeCapture(to: number): void {
    if (this.midstream && this.firstSent > this.next) this.gap(Math.min(to, this.firstSent), 'before-start');
  }

  private tellMidstream(): void {
    if (!this.midstream || this.toldMidstream) return;
    this.toldMidstream = true;
    this.account.midstream();
  }

  /** Tells an event whose offset counts from the stream's beginning: at once, or when that is known. */
  private whenBegun(tell: () => void): void {
    if (this.hasBegun) tell();
    else this.untold.push(tell);
  }

  /**
   * What is excluded need not lie in the stream, so it is told at once: while the beginning is not known its offset counts
   * from the first number that the sender used.
   */
  exclude(from: number, to: number, stamp: Stamp, reason: Exclusion): void {
    let { origin } = this;
    if (Number.isNaN(origin)) origin = Number.isNaN(this.firstSent) ? from : this.firstSent;
    this.account.excluded(from - origin, to - origin, stamp, reason);
  }

  /** A bound was reached at `next`. */
  limit(what: LimitHit['what'], frame: number): void {
    this.account.limit(what, this.next - this.origin, frame);
  }

  /** Tells of `bytes` at `start` that differ from what was delivered there; below `acknowledged` the receiver had that. */
  compareWithDelivered(start: number, bytes: Uint8Array, stamp: Stamp, acknowledged: number): void {
    const first = start - this.origin;
    this.delivered.within(first, first + bytes.length, (at, earlier, earlierStamp) => {
      const later = bytes.subarray(at - first);
      const difference = firstDifference(earlier, later);
      if (difference < 0) return;
      const rivals = { start: at, earlier, earlierStamp, later, laterStamp: stamp };
      const end = at + earlier.length + this.origin;
      this.account.conflict(rivals, difference, true, picksOfDelivered(end <= acknowledged));
    });
  }

  /** Tells where the bytes of `old` from number `from` to `to`, which wait, differ from others for the same place. */
  compareWithWaiting(old: Piece, from: number, to: number, later: Uint8Array, origin: Origin): void {
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

  /** Nothing follows. */
  end(closing: Omit<Parameters<StreamAccount['end']>[0], 'length'>): void {
    this.account.end({ ...closing, length: this.length });
  }
}

/** Every receiver has the earlier bytes in its stream; only `last` still waits while they are not acknowledged. */
function picksOfDelivered(acknowledged: boolean): Conflict['picks'] {
  const last = acknowledged ? 'earlier' : 'later';
  return { first: 'earlier', last, linux: 'earlier', bsd: 'earlier', windows: 'earlier', solaris: 'earlier' };
}
