import { CaptureRecord } from '../model/record.ts';

/** Bounds of what waits. */
export interface WindowBounds {
  /** Nanoseconds of capture time within which the records of a file may be in any order. */
  readonly order: number;
  /** Nanoseconds for which a packet waits for its other views, the longest time between two vantages. */
  readonly transit: number;
  /** Records, and their octets. */
  readonly records: number;
  readonly bytes: number;
}

export const WINDOW: WindowBounds = { order: 500e6, transit: 1500e6, records: 1 << 16, bytes: 1 << 26 };

/** Records that wait share blocks of memory; a block goes when the last of its records has left. */
const BLOCK = 1 << 16;

/** A record that waits, with what was found out about it meanwhile. */
export class HeldRecord<T> {
  readonly record = new CaptureRecord();
  note: T | null = null;
}

/** Who looks at the records while they wait. */
export interface WindowSink<T> {
  /** In the order of time. What it returns stays with the record. */
  enter(record: CaptureRecord): T | null;
  /** In the same order, `transit` later. */
  leave(record: CaptureRecord, note: T | null): void;
}

/**
 * A delay line of bounded size: records come in the order of the file, are put into the order of time, wait for `transit`
 * and leave. A record that is older than those that have entered already enters at once.
 */
export class Window<T> {
  private readonly sink: WindowSink<T>;
  private readonly bounds: WindowBounds;
  /** Binary heap by time, then number: those that have not entered. */
  private readonly heap: HeldRecord<T>[] = [];
  /** Those that have, from `head` on. */
  private line: (HeldRecord<T> | null)[] = [];
  private head = 0;
  private bytes = 0;
  private latest = Number.NEGATIVE_INFINITY;
  private entered = Number.NEGATIVE_INFINITY;
  private block = new Uint8Array(0);
  private blockData = new DataView(this.block.buffer);
  private used = 0;
  /** Records that entered or left early because too many waited. */
  hurried = 0;

  constructor(sink: WindowSink<T>, bounds: WindowBounds) {
    this.sink = sink;
    this.bounds = bounds;
  }

  get length(): number {
    return this.heap.length + this.line.length - this.head;
  }

  /** Copies the record, and lets those enter and leave whose time has come. */
  add(record: CaptureRecord): void {
    const held = new HeldRecord<T>();
    Object.assign(held.record, record);
    this.keep(held.record, record);
    this.push(held);
    if (record.time > this.latest) this.latest = record.time;
    const { order, records, bytes } = this.bounds;
    const { heap } = this;
    while (heap.length > 0 && this.latest - heap[0].record.time >= order) this.enter();
    while (this.length > records || this.bytes > bytes) {
      this.hurried++;
      if (this.head < this.line.length) this.leave();
      else this.enter();
    }
  }

  /** Everything that waits leaves. */
  flush(): void {
    while (this.heap.length > 0) this.enter();
    while (this.head < this.line.length) this.leave();
    this.latest = Number.NEGATIVE_INFINITY;
    this.entered = Number.NEGATIVE_INFINITY;
  }

  private enter(): void {
    const held = this.pop();
    held.note = this.sink.enter(held.record);
    this.line.push(held);
    if (held.record.time > this.entered) this.entered = held.record.time;
    const due = this.entered - this.bounds.transit;
    while (this.head < this.line.length && this.line[this.head]!.record.time <= due) this.leave();
  }

  private leave(): void {
    const held = this.line[this.head]!;
    this.line[this.head++] = null;
    this.bytes -= held.record.capturedLength;
    if (this.head > 1024 && this.head * 2 > this.line.length) {
      this.line = this.line.slice(this.head);
      this.head = 0;
    }
    this.sink.leave(held.record, held.note);
  }

  private keep(held: CaptureRecord, { bytes, offset, capturedLength }: CaptureRecord): void {
    if (this.used + capturedLength > this.block.length) {
      this.block = new Uint8Array(Math.max(BLOCK, capturedLength));
      this.blockData = new DataView(this.block.buffer);
      this.used = 0;
    }
    this.block.set(bytes.subarray(offset, offset + capturedLength), this.used);
    held.bytes = this.block;
    held.data = this.blockData;
    held.offset = this.used;
    this.used += capturedLength;
    this.bytes += capturedLength;
  }

  private push(held: HeldRecord<T>): void {
    const { heap } = this;
    let i = heap.length;
    heap.push(held);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(held.record, heap[parent].record)) break;
      heap[i] = heap[parent];
      i = parent;
    }
    heap[i] = held;
  }

  private pop(): HeldRecord<T> {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1].record, heap[child].record)) child++;
      if (!isBefore(heap[child].record, last.record)) break;
      heap[i] = heap[child];
      i = child;
    }
    heap[i] = last;
    return first;
  }
}

function isBefore(a: CaptureRecord, b: CaptureRecord): boolean {
  return a.time < b.time || (a.time === b.time && a.number < b.number);
}
