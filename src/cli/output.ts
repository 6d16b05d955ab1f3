import type { Writable } from 'node:stream';
import type { Pager } from './pager.ts';

/** Bytes that are gathered before they are written. */
const BATCH = 0x20000;
/** A character takes up to three bytes of UTF-8 for each of its UTF-16 units. */
const UTF8_GROWTH = 3;
const LINE_FEED = 0x0a;

/**
 * Standard output, written in large batches. Writing does not wait; whoever writes much awaits `flush` or `yieldWhenFull`
 * now and then, which return when the reader of the output has caught up.
 */
export class Output {
  private stream: Writable;
  private pager: Pager | null = null;
  private batch = Buffer.allocUnsafe(BATCH);
  private used = 0;

  constructor(stream: Writable) {
    this.stream = stream;
  }

  /** From now on, before anything is written, through a pager. */
  through(pager: Pager): void {
    this.pager = pager;
    this.stream = pager;
  }

  get isPaged(): boolean {
    return this.pager !== null;
  }

  /** Nothing more is written: waits for the reader of the pages. */
  async end(): Promise<void> {
    await this.flush();
    await this.pager?.finish();
  }

  write(text: string): void {
    this.reserve(text.length * UTF8_GROWTH);
    this.used += this.batch.write(text, this.used);
  }

  line(text: string): void {
    this.write(text);
    this.reserve(1);
    this.batch[this.used++] = LINE_FEED;
  }

  bytes(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.batch.set(bytes, this.used);
    this.used += bytes.length;
  }

  /** Cheap to await after every line: waits only when the reader of the output is behind. */
  yieldWhenFull(): Promise<void> | undefined {
    return this.stream.writableNeedDrain ? this.flush() : undefined;
  }

  async flush(): Promise<void> {
    this.push();
    const { stream } = this;
    // Asked of the stream itself: it may have drained since the latest write, when nobody waited for it.
    if (!stream.writableNeedDrain || stream.destroyed) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        stream.off('drain', done).off('close', done);
        resolve();
      };
      stream.on('drain', done).on('close', done);
    });
  }

  private reserve(room: number): void {
    if (this.used + room <= this.batch.length) return;
    this.push();
    if (room > this.batch.length) this.batch = Buffer.allocUnsafe(room);
  }

  private push(): void {
    if (this.used === 0) return;
    const { stream, batch } = this;
    stream.write(batch.subarray(0, this.used));
    this.used = 0;
    // Files and pipes of Linux have taken it already; else the stream still needs the memory.
    if (stream.writableLength > 0) this.batch = Buffer.allocUnsafe(BATCH);
    else if (batch.length > BATCH) this.batch = Buffer.allocUnsafe(BATCH);
  }
}
