/** Rows of doubles first in, first out, in memory that is lent while there are any. */
export class Ring {
  readonly width: number;
  private readonly most: number;
  private rows: Float64Array = NONE;
  private head = 0;
  length = 0;

  /** `width` doubles a row, `most` rows (a power of two) at the most. */
  constructor(width: number, most: number) {
    this.width = width;
    this.most = most;
  }

  get isFull(): boolean {
    return this.length === this.most;
  }

  /** Where row `i` begins in `memory`. */
  at(i: number): number {
    const { width } = this;
    return ((this.head + i) * width) & (this.rows.length - 1);
  }

  get memory(): Float64Array {
    return this.rows;
  }

  /** Makes room for one more row at the end and returns where it is. The caller has seen that it is not full. */
  push(): number {
    if (this.length * this.width === this.rows.length) this.grow();
    return this.at(this.length++);
  }

  /** Makes room for one more row before row `i`. */
  insert(i: number): number {
    this.push();
    const { width } = this;
    for (let j = this.length - 1; j > i; j--) {
      const from = this.at(j - 1);
      this.rows.copyWithin(this.at(j), from, from + width);
    }
    return this.at(i);
  }

  /** Drops the first row. */
  shift(): void {
    this.head++;
    if (--this.length === 0) {
      this.head = 0;
      give(this.rows);
      this.rows = NONE;
    }
  }

  private grow(): void {
    const { rows, width, length } = this;
    const larger = take(Math.max(2 * rows.length, FEWEST * width));
    for (let i = 0; i < length; i++) {
      const from = this.at(i);
      larger.set(rows.subarray(from, from + width), i * width);
    }
    give(rows);
    this.rows = larger;
    this.head = 0;
  }
}

const NONE = new Float64Array(0);
/** Rows in the smallest piece of memory. */
const FEWEST = 4;
/** Pieces that wait to be lent again, by their length; of each so many at the most. */
const pool = new Map<number, Float64Array[]>();
const KEPT = 64;

function take(length: number): Float64Array {
  return pool.get(length)?.pop() ?? new Float64Array(length);
}

function give(rows: Float64Array): void {
  if (rows.length === 0) return;
  const pieces = pool.get(rows.length);
  if (pieces === undefined) pool.set(rows.length, [rows]);
  else if (pieces.length < KEPT) pieces.push(rows);
}
