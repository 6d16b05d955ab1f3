import { seqBefore, seqDiff } from '../model/seq.ts';

/** Wireshark keeps no more of one direction; segments beyond are not noted. */
const LIMIT = 10_000;

/**
 * The segments of one direction that the other has not acknowledged whole, oldest first, as Wireshark lists them: every copy
 * is one of its own, and a segment that is acknowledged in part begins at what is left.
 */
export class UnackedSegments {
  private starts: number[] = [];
  private ends: number[] = [];
  private frames: number[] = [];
  private times: number[] = [];
  private head = 0;
  /** No entry begins before the one ahead of it ends: then an ACK can touch only the first ones. */
  private isOrdered = true;
  private base = 0;
  /** Lowest start and highest end as offsets from `base`, compared without regard to a wrap. */
  private low = 0;
  private high = 0;

  /** The oldest entry that the last `acknowledge` found to end exactly there; frame 0 without. */
  matchedFrame = 0;
  matchedTime = 0;

  get length(): number {
    return this.starts.length - this.head;
  }

  get oldestFrame(): number {
    return this.frames[this.head];
  }

  get oldestTime(): number {
    return this.times[this.head];
  }

  /** From the lowest number to the highest, holes included, where numbers count from `base`. */
  span(base: number): number {
    if (base !== this.base) {
      this.base = base;
      this.measure();
    }
    return (this.high - this.low) >>> 0;
  }

  add(start: number, end: number, frame: number, time: number): void {
    if (this.length >= LIMIT) return;
    if (this.length === 0) this.clear();
    else if (seqBefore(start, this.ends[this.ends.length - 1])) this.isOrdered = false;
    this.starts.push(start);
    this.ends.push(end);
    this.frames.push(frame);
    this.times.push(time);
    if (this.length === 1) this.measure();
    else this.widen(start, end);
  }

  /** Removes what ends at or before `ack`; an entry in the middle of which it lies keeps the rest. */
  acknowledge(ack: number): void {
    this.matchedFrame = 0;
    if (this.length === 0) return;
    if (this.isOrdered && this.isNear(ack)) this.acknowledgeFirst(ack);
    else this.acknowledgeAll(ack);
  }

  private acknowledgeFirst(ack: number): void {
    const { starts, ends } = this;
    const first = this.head;
    while (this.head < ends.length && !seqBefore(ack, ends[this.head])) {
      if (ends[this.head] === ack) this.match(this.head);
      this.head++;
    }
    if (this.head === ends.length) {
      this.clear();
      return;
    }
    const isPartial = seqBefore(starts[this.head], ack);
    if (isPartial) starts[this.head] = ack;
    if (isPartial || this.head > first) this.measureOrdered();
    if (this.head > 1024 && this.head * 2 > ends.length) this.compact();
  }

  private acknowledgeAll(ack: number): void {
    const { starts, ends, frames, times } = this;
    let kept = 0;
    let isOrdered = true;
    for (let i = this.head; i < ends.length; i++) {
      if (!seqBefore(ack, ends[i])) {
        if (ends[i] === ack && this.matchedFrame === 0) this.match(i);
        continue;
      }
      const start = seqBefore(starts[i], ack) ? ack : starts[i];
      if (kept > 0 && seqBefore(start, ends[kept - 1])) isOrdered = false;
      starts[kept] = start;
      ends[kept] = ends[i];
      frames[kept] = frames[i];
      times[kept] = times[i];
      kept++;
    }
    for (const column of [starts, ends, frames, times]) column.length = kept;
    this.head = 0;
    this.isOrdered = isOrdered;
    this.measure();
  }

  /** No entry is so far from `ack` that it counts as being on its other side. */
  private isNear(ack: number): boolean {
    const { starts, ends } = this;
    return seqDiff(ends[ends.length - 1], ack) > seqDiff(starts[this.head], ack);
  }

  private match(i: number): void {
    this.matchedFrame = this.frames[i];
    this.matchedTime = this.times[i];
  }

  private measureOrdered(): void {
    const { starts, ends, head, base } = this;
    const low = (starts[head] - base) >>> 0;
    const high = (ends[ends.length - 1] - base) >>> 0;
    // In order and without a wrap between them, the first and the last are the lowest and the highest.
    if (low < high) {
      this.low = low;
      this.high = high;
    } else this.measure();
  }

  private measure(): void {
    const { starts, ends } = this;
    this.low = 0xffffffff;
    this.high = 0;
    for (let i = this.head; i < starts.length; i++) this.widen(starts[i], ends[i]);
  }

  private widen(start: number, end: number): void {
    this.low = Math.min(this.low, (start - this.base) >>> 0);
    this.high = Math.max(this.high, (end - this.base) >>> 0);
  }

  private clear(): void {
    for (const column of [this.starts, this.ends, this.frames, this.times]) column.length = 0;
    this.head = 0;
    this.isOrdered = true;
  }

  private compact(): void {
    const { head } = this;
    this.starts = this.starts.slice(head);
    this.ends = this.ends.slice(head);
    this.frames = this.frames.slice(head);
    this.times = this.times.slice(head);
    this.head = 0;
  }
}
