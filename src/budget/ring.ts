import type { Tape } from './tape.ts';

/** Rows of doubles first in, first out, in memory that is lent while there are any. A row may carry a label. */
export class Ring<Label = never> {
  readonly width: number;
  private readonly most: number;
  private rows: number[] = NONE;
  /** By the place of the row; null while there was none. */
  private labels: (Label | null)[] | null = null;
  private head = 0;
  /** With so many doubles it begins when there are rows again: half of what it had, so that it need not grow step by step. */
  private begins: number;
  length = 0;

  /** Rows of `width` doubles, at most `most` rows; both are powers of two. */
  constructor(width: number, most: number) {
    this.width = width;
    this.most = most;
    this.begins = LEAST_ROWS * width;
  }

  get isFull(): boolean {
    return this.length === this.most;
  }

  /** Where row `i` begins in `memory`. */
  at(i: number): number {
    return ((this.head + i) * this.width) & (this.rows.length - 1);
  }

  get memory(): number[] {
    return this.rows;
  }

  /** The label of the row that begins at `at`. */
  labelAt(at: number): Label | null {
    return this.labels === null ? null : this.labels[at / this.width];
  }

  setLabel(at: number, label: Label): void {
    this.labels ??= new Array<Label | null>(this.rows.length / this.width).fill(null);
    this.labels[at / this.width] = label;
  }

  /** Makes room for one more row at the end and returns where it is. The caller has seen that it is not full. */
  push(): number {
    if (this.length * this.width === this.rows.length) this.grow();
    const at = this.at(this.length++);
    if (this.labels !== null) this.labels[at / this.width] = null;
    return at;
  }

  /** Makes room for one more row before row `i`. */
  insert(i: number): number {
    this.push();
    const { rows, labels, width } = this;
    for (let j = this.length - 1; j > i; j--) {
      const from = this.at(j - 1);
      const to = this.at(j);
      for (let k = 0; k < width; k++) rows[to + k] = rows[from + k];
      if (labels !== null) labels[to / width] = labels[from / width];
    }
    const at = this.at(i);
    if (labels !== null) labels[at / width] = null;
    return at;
  }

  /** Drops the first row. */
  shift(): void {
    this.head++;
    if (--this.length === 0) this.emptied();
  }

  /** Little memory stays for the next rows. */
  private emptied(): void {
    if (this.rows.length > STAYS || this.labels !== null) this.clear();
    else this.head = 0;
  }

  /** Drops all rows. */
  clear(): void {
    if (this.rows === NONE) return;
    this.head = this.length = 0;
    this.begins = Math.max(this.rows.length >> 1, LEAST_ROWS * this.width);
    give(this.rows);
    this.rows = NONE;
    this.labels = null;
  }

  /** No row has a label. */
  get isPlain(): boolean {
    return this.labels === null;
  }

  /** Writes all rows down, without their labels. */
  write(tape: Tape): void {
    const { rows, width, length } = this;
    tape.put(length);
    for (let i = 0; i < length; i++) {
      const at = this.at(i);
      for (let k = 0; k < width; k++) tape.put(rows[at + k]);
    }
  }

  read(tape: Tape): void {
    this.clear();
    for (let i = tape.next(); i > 0; i--) {
      const at = this.push();
      for (let k = 0; k < this.width; k++) this.rows[at + k] = tape.next();
    }
  }

  private grow(): void {
    const { rows, labels, width, length } = this;
    if (rows.length === 0) {
      this.rows = take(this.begins);
      return;
    }
    const larger = take(2 * rows.length);
    for (let i = 0; i < length; i++) {
      const from = this.at(i);
      for (let k = 0; k < width; k++) larger[i * width + k] = rows[from + k];
    }
    if (labels !== null) {
      this.labels = new Array<Label | null>(larger.length / width).fill(null);
      for (let i = 0; i < length; i++) this.labels[i] = labels[this.at(i) / width];
    }
    give(rows);
    this.rows = larger;
    this.head = 0;
  }
}

const NONE: number[] = [];
/** So many doubles are not given back while the ring is in use. */
const STAYS = 256;
/** Rows in the smallest piece of memory; each larger size is twice as large. At most so many doubles of one size wait. */
const LEAST_ROWS = 4;
const KEPT = 1 << 15;
/** Pieces that wait to be lent again, by the binary logarithm of their size. */
const pools: number[][][] = Array.from({ length: 32 }, () => []);

function take(size: number): number[] {
  return pools[31 - Math.clz32(size)].pop() ?? doubles(size);
}

/**
 * An array that V8 knows to have no holes, as `new Array(size)` has: what is read from one with holes may be undefined, so that
 * a choice between two such values is an object.
 */
function doubles(size: number): number[] {
  const made: number[] = [];
  for (let i = 0; i < size; i++) made.push(Number.NaN);
  return made.slice();
}

/** Of the large ones few are kept. */
function give(rows: number[]): void {
  const pool = pools[31 - Math.clz32(rows.length)];
  if (pool.length * rows.length <= KEPT) pool.push(rows);
}
