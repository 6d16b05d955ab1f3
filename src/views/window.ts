import { CaptureRecord, copyRecord } from '../model/record.ts';

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

/** So many records may always wait, however short the memory is. */
export const LEAST_RECORDS = 1 << 12;

/** Records that wait share blocks of memory; a block is used again when the last of its records has left. */
const BLOCK = 1 << 16;
/** Blocks without a record that are kept. */
const SPARE_BLOCKS = 64;

/** Bytes of records that wait. */
class Block {
  readonly bytes: Uint8Array;
  readonly data: DataView;
  records = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.data = new DataView(this.bytes.buffer);
  }
}

/** A record that waits, with what was found out about it meanwhile. The objects are used again. */
class HeldRecord<T> {
  readonly record = new CaptureRecord();
  block: Block | null = null;
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
  /** Records that may wait. */
  private most: number;
  /** Those that have not entered, as far as each came after all before it. */
  private readonly coming = new Queue<HeldRecord<T>>();
  /** The others of them: a binary heap by time, then number. */
  private readonly heap: HeldRecord<T>[] = [];
  /** Those that have entered. */
  private readonly line = new Queue<HeldRecord<T>>();
  private readonly free: HeldRecord<T>[] = [];
  private bytes = 0;
  private latest = Number.NEGATIVE_INFINITY;
  private entered = Number.NEGATIVE_INFINITY;
  private block = new Block(0);
  private readonly spare: Block[] = [];
  private used = 0;
  /** Records that entered or left early because too many waited. */
  hurried = 0;

  constructor(sink: WindowSink<T>, bounds: WindowBounds) {
    this.sink = sink;
    this.bounds = bounds;
    this.most = bounds.records;
  }

  get length(): number {
    return this.waiting + this.line.length;
  }

  /** How many have not entered. */
  private get waiting(): number {
    return this.coming.length + this.heap.length;
  }

  /** Copies the record, and lets those enter and leave whose time has come. */
  add(record: CaptureRecord): void {
    const held = this.free.pop() ?? new HeldRecord<T>();
    copyRecord(record, held.record);
    this.keep(held, record);
    const { coming } = this;
    if (coming.length === 0 || isBefore(coming.last.record, held.record)) coming.push(held);
    else this.push(held);
    if (record.time > this.latest) this.latest = record.time;
    const { order } = this.bounds;
    while (this.waiting > 0 && this.latest - this.next.record.time >= order) this.enter();
    this.hurry();
  }

  /** The memory is short: half as many records wait from now on. False where there are few already. */
  makeRoom(): boolean {
    const most = this.length >> 1;
    if (most < LEAST_RECORDS) return false;
    this.most = most;
    this.hurry();
    this.free.length = 0;
    return true;
  }

  /** Those for which there is no room enter and leave before their time. */
  private hurry(): void {
    while (this.length > this.most || this.bytes > this.bounds.bytes) {
      this.hurried++;
      if (this.line.length > 0) this.leave();
      else this.enter();
    }
  }

  /** Everything that waits leaves. */
  flush(): void {
    while (this.waiting > 0) this.enter();
    while (this.line.length > 0) this.leave();
    this.latest = Number.NEGATIVE_INFINITY;
    this.entered = Number.NEGATIVE_INFINITY;
  }

  /** Of those that have not entered the earliest. */
  private get next(): HeldRecord<T> {
    const { heap, coming } = this;
    if (heap.length === 0) return coming.first;
    return coming.length === 0 || isBefore(heap[0].record, coming.first.record) ? heap[0] : coming.first;
  }

  private enter(): void {
    const held = this.next;
    if (held === this.heap[0]) this.pop();
    else this.coming.shift();
    held.note = this.sink.enter(held.record);
    const { line } = this;
    line.push(held);
    if (held.record.time > this.entered) this.entered = held.record.time;
    const due = this.entered - this.bounds.transit;
    while (line.length > 0 && line.first.record.time <= due) this.leave();
  }

  private leave(): void {
    const held = this.line.shift();
    const { record, note } = held;
    this.bytes -= record.capturedLength;
    this.sink.leave(record, note);
    this.release(held.block!);
    held.note = held.block = record.sight = record.comment = null;
    this.free.push(held);
  }

  private keep(held: HeldRecord<T>, { bytes, offset, capturedLength }: CaptureRecord): void {
    if (this.used + capturedLength > this.block.bytes.length) {
      const full = this.block;
      this.block =
        (capturedLength <= BLOCK ? this.spare.pop() : undefined) ?? new Block(Math.max(BLOCK, capturedLength));
      this.used = 0;
      if (full.records === 0) this.spareOf(full);
    }
    const { block, used } = this;
    block.bytes.set(bytes.subarray(offset, offset + capturedLength), used);
    block.records++;
    held.block = block;
    held.record.bytes = block.bytes;
    held.record.data = block.data;
    held.record.offset = used;
    this.used += capturedLength;
    this.bytes += capturedLength;
  }

  private release(block: Block): void {
    if (--block.records === 0 && block !== this.block) this.spareOf(block);
  }

  private spareOf(block: Block): void {
    if (block.bytes.length === BLOCK && this.spare.length < SPARE_BLOCKS) this.spare.push(block);
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

  /** Takes the first of the heap out. */
  private pop(): void {
    const { heap } = this;
    const last = heap.pop()!;
    if (heap.length === 0) return;
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
  }
}

/** First in, first out. */
class Queue<E> {
  private elements: (E | null)[] = [];
  private head = 0;

  get length(): number {
    return this.elements.length - this.head;
  }

  get first(): E {
    return this.elements[this.head]!;
  }

  get last(): E {
    return this.elements[this.elements.length - 1]!;
  }

  push(element: E): void {
    this.elements.push(element);
  }

  shift(): E {
    const first = this.first;
    this.elements[this.head++] = null;
    if (this.head > 1024 && this.head * 2 > this.elements.length) {
      this.elements = this.elements.slice(this.head);
      this.head = 0;
    }
    return first;
  }
}

function isBefore(a: CaptureRecord, b: CaptureRecord): boolean {
  return a.time < b.time || (a.time === b.time && a.number < b.number);
}
