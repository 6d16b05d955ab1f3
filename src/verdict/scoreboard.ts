import type { Hole } from '../model/ack-effect.ts';
import type { ScoreboardView } from '../model/outbound.ts';
import { NEVER } from '../model/packed.ts';
import type { Holes } from './holes.ts';
import { SackedRuns } from './sacked-runs.ts';
import { SentTally } from './sent-tally.ts';
import { SortedRanges } from './sorted-ranges.ts';
import type { Transmission, TransmissionPool } from './transmission.ts';

/** Segments per endpoint that wait for an acknowledgment. */
export const MAX_UNANSWERED = 1 << 16;
/** Copies of one range that are followed: timers of common stacks give up after fifteen. */
const MAX_COPIES = 32;
/** Earlier segments that are followed for one copy: a full one of a sender that had sent byte by byte holds 1460. */
const MAX_PARTS = 1 << 11;

/**
 * What one endpoint has outstanding: the first sending of every byte above SND.UNA that was seen, with its later copies, and
 * what of it is selectively acknowledged (RFC 6675). All operations cost O(log n).
 */
export class Scoreboard implements ScoreboardView {
  private readonly pool: TransmissionPool;
  private readonly sent = new SortedRanges<Transmission>();
  /** Null before the first SACK block. */
  private sacked: SackedRuns | null = null;
  /** While something is outstanding: none of it ends after this. */
  private sentEnd = 0;
  outstanding = 0;
  highSacked = 0;
  forgotten = 0;
  /** What was sent again and what was lost; null while there is none. */
  tally: SentTally | null = null;

  constructor(pool: TransmissionPool) {
    this.pool = pool;
  }

  get isEmpty(): boolean {
    return this.sent.length === 0;
  }

  get unanswered(): number {
    return this.sent.length;
  }

  /** Nothing is outstanding, nothing was ever selectively acknowledged, and all questions were answered. */
  get hasMetNothing(): boolean {
    return (
      this.isEmpty && this.outstanding === 0 && this.sacked === null && this.highSacked === 0 && this.forgotten === 0
    );
  }

  get oldestTime(): number {
    return this.sent.first?.time ?? NEVER;
  }

  get oldestFrame(): number {
    return this.sent.first?.frame ?? 0;
  }

  get oldest(): Transmission | null {
    return this.sent.first;
  }

  get latest(): Transmission | null {
    return this.sent.last;
  }

  /** Bytes that were not seen before: after all others, or at their place. */
  add(o: Transmission): void {
    const { sent, sacked } = this;
    if (sent.length === 0 || this.sentEnd <= o.start) {
      sent.push(o);
      this.sentEnd = o.end;
    } else {
      sent.insert(o);
      if (o.end > this.sentEnd) this.sentEnd = o.end;
    }
    if (sacked?.holds(o.start, o.end)) o.sackedAt = o.time;
    else this.outstanding += o.end - o.start;
    if (sent.length > MAX_UNANSWERED) this.forgetOldest();
  }

  /** Too much is unanswered, as where only one direction was captured: the oldest segment is dropped, its fate stays unknown. */
  private forgetOldest(): void {
    const oldest = this.sent.first!;
    this.forgotten++;
    oldest.row?.release();
    if (oldest.copies !== null) for (const { row } of oldest.copies) row?.release();
    this.drop(oldest);
  }

  /** The first sending that holds a byte of the range; the others follow by `nextIn`. */
  firstIn(start: number, end: number): Transmission | null {
    const o = this.sent.seek(start);
    return o !== null && o.start < end ? o : null;
  }

  nextIn(end: number): Transmission | null {
    const o = this.sent.next();
    return o !== null && o.start < end ? o : null;
  }

  /**
   * Ties a later copy to every first sending whose bytes it holds; returns how many there are. More than can be followed
   * keep an unknown fate.
   */
  addCopy(copy: Transmission): number {
    let parts = 0;
    for (let o = this.firstIn(copy.start, copy.end); o !== null; o = this.nextIn(copy.end)) {
      if (++parts > MAX_PARTS) {
        this.forgotten++;
        return parts;
      }
      if (o.copies === null) o.copies = [];
      else if (o.copies.length >= MAX_COPIES) {
        this.forgotten++;
        continue;
      }
      o.copies.push(copy);
      o.verdict ??= this.tallied.verdictOn(o.payload);
      copy.row?.hold();
    }
    return parts;
  }

  get tallied(): SentTally {
    this.tally ??= new SentTally();
    return this.tally;
  }

  /** Takes the oldest sending out, and returns the next. */
  drop(oldest: Transmission): Transmission | null {
    if (oldest.sackedAt === NEVER) this.outstanding -= oldest.end - oldest.start;
    this.pool.give(oldest);
    return this.sent.shift();
  }

  /** The cumulative acknowledgment has come to `una`, which may lie within a segment. */
  advance(una: number): void {
    const { first } = this.sent;
    if (first !== null && first.start < una) this.cut(first, una);
    this.sacked?.dropBelow(una);
  }

  /**
   * The cumulative acknowledgment stops at `una`, a byte that was selectively acknowledged: its receiver does not hold it any more
   * (RFC 2018 section 8), and of the rest only what it reports again is sure. Nothing counts as reported. Returns how many bytes did.
   */
  discard(una: number, now: number): number {
    const { sacked, sent } = this;
    sacked!.clear();
    this.highSacked = una;
    let bytes = 0;
    for (let o = sent.first === null ? null : sent.seek(una); o !== null; o = sent.next()) {
      if (o.sackedAt === NEVER) continue;
      o.sackedAt = NEVER;
      o.discardedAt = now;
      bytes += o.end - o.start;
    }
    this.outstanding += bytes;
    return bytes;
  }

  /** The byte at `offset` was selectively acknowledged. */
  isSacked(offset: number): boolean {
    return offset < this.highSacked && this.sacked !== null && this.sacked.holds(offset, offset + 1);
  }

  /** What lies below `start` is acknowledged: the segment stands for the rest of it. */
  cut(oldest: Transmission, start: number): void {
    if (oldest.sackedAt === NEVER) this.outstanding -= start - oldest.start;
    oldest.start = start;
    oldest.payloadSum = -1;
  }

  /**
   * Marks what a SACK block newly covers as acknowledged at `now`: the segments are given to `each`, which must not change
   * the scoreboard. Returns how many bytes they hold.
   */
  sack(left: number, right: number, now: number, each: SackSink): number {
    this.sacked ??= new SackedRuns();
    const { sacked, sent } = this;
    if (right > this.highSacked) this.highSacked = right;
    sacked.add(left, right);
    let bytes = 0;
    for (let i = 0; i < sacked.gaps.length; i += 2) {
      const end = sacked.gaps[i + 1];
      for (let o = sent.seek(sacked.gaps[i]); o !== null && o.start < end; o = sent.next()) {
        if (o.sackedAt !== NEVER || o.start < sacked.mergedStart || o.end > sacked.mergedEnd) continue;
        o.sackedAt = now;
        bytes += o.end - o.start;
        each.sacks(o);
      }
    }
    this.outstanding -= bytes;
    return bytes;
  }

  /** Holes of the capture that the latest SACK block shows to have arrived are added to `shown`. */
  showHoles(holes: Holes, shown: Hole[]): void {
    if (this.sacked === null) return;
    const { gaps, mergedStart, mergedEnd } = this.sacked;
    for (let i = 0; i < gaps.length; i += 2) holes.acknowledge(gaps[i], gaps[i + 1], mergedStart, mergedEnd, shown);
  }

  /** RFC 6675 section 4. */
  isLost(offset: number, smss: number): boolean {
    return this.sacked?.isLost(offset, smss) ?? false;
  }
}

export interface SackSink {
  /** The segment was selectively acknowledged for the first time. */
  sacks(o: Transmission): void;
}
