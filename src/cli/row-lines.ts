import type { RowBytes } from '../render/text-bytes.ts';

/** Memory at the beginning; a power of two, as all that it grows to. */
const FIRST_LINES = 0x400;
/** So many bytes have left before those that wait are moved to the beginning. */
const MOVED_AFTER = 0x10000;
const LINE_FEED = 0x0a;

/** The length of no line. */
const NONE = 0xffffffff;

/** Rows as lines, of which some wait for their turn, first in, first out: behind one another in the memory that they are written to. */
export class RowLines<Row> {
  private readonly rows: RowBytes<Row>;
  /** Where the first of the lines that wait begins. */
  private start = 0;
  /** The lengths of the lines, a ring. */
  private lengths = new Uint32Array(FIRST_LINES);
  private pushed = 0;
  private left = 0;

  constructor(rows: RowBytes<Row>) {
    this.rows = rows;
  }

  /** The line of a row whose turn it is; valid until the next call. */
  line(row: Row): Uint8Array {
    const { out } = this.rows;
    const before = out.length;
    this.write(row);
    const line = out.bytes.subarray(before, out.length);
    out.length = before;
    return line;
  }

  /** A row whose line waits, or null where there is none. */
  push(row: Row | null): void {
    const { out } = this.rows;
    if (this.start > MOVED_AFTER && 2 * this.start > out.length) {
      out.drop(this.start);
      this.start = 0;
    }
    if (this.pushed - this.left === this.lengths.length) this.growLengths();
    const before = out.length;
    if (row !== null) this.write(row);
    this.lengths[this.pushed++ % this.lengths.length] = row === null ? NONE : out.length - before;
  }

  /** The first of them; valid until the next call. */
  shift(): Uint8Array | null {
    const length = this.lengths[this.left++ % this.lengths.length];
    if (length === NONE) return null;
    const { start } = this;
    this.start += length;
    return this.rows.out.bytes.subarray(start, this.start);
  }

  private write(row: Row): void {
    this.rows.add(row);
    this.rows.out.byte(LINE_FEED);
  }

  private growLengths(): void {
    const { lengths, left, pushed } = this;
    const grown = new Uint32Array(2 * lengths.length);
    for (let i = left; i < pushed; i++) grown[i - left] = lengths[i % lengths.length];
    this.lengths = grown;
    this.pushed = pushed - left;
    this.left = 0;
  }
}
