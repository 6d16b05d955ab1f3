/** A part of sequence space: `end` is the offset after its last byte. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Ranges in one chunk. Within it, moving is cheaper than any tree. */
const CHUNK = 64;

/**
 * Disjoint ranges in ascending order, in chunks: searching, putting in and taking out cost O(log n), at both ends O(1). A
 * cursor stands on one of them; `seek` puts it there, and every change moves it.
 */
export class SortedRanges<T extends Range> {
  /** None of them is empty; `NO_CHUNKS` while there is no range. The last one stands beside them: most ranges are put there. */
  private chunks: T[][] = NO_CHUNKS as T[][];
  private tail: T[] = NO_CHUNK as T[];
  /** Index of the first range in the first chunk: what lies before was taken out. */
  private head = 0;
  private chunk = 0;
  private index = 0;
  length = 0;

  get first(): T | null {
    return this.length === 0 ? null : this.chunks[0][this.head];
  }

  get last(): T | null {
    return this.length === 0 ? null : last(this.tail);
  }

  /** Adds one after all others. */
  push(range: T): void {
    if (this.length++ === 0) {
      this.chunks = chunksWith(range);
      this.tail = this.chunks[0];
    } else if (this.tail.length < CHUNK) this.tail.push(range);
    else {
      this.tail = [range];
      this.chunks.push(this.tail);
    }
  }

  /** Takes the first one out, and returns the next. */
  shift(): T | null {
    this.chunk = 0;
    this.index = this.head;
    return this.removeHere();
  }

  /** The first one that ends after `offset`, null without. */
  seek(offset: number): T | null {
    const { chunks } = this;
    let low = 0;
    let high = chunks.length;
    // Usually it is the first or beyond the last.
    if (high > 0 && last(chunks[high - 1]).end <= offset) low = high;
    else if (high > 0 && last(chunks[0]).end > offset) high = 0;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (last(chunks[middle]).end > offset) high = middle;
      else low = middle + 1;
    }
    this.chunk = low;
    if (low === chunks.length) {
      this.index = 0;
      return null;
    }
    const chunk = chunks[low];
    let from = low === 0 ? this.head : 0;
    let to = chunk.length - 1;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (chunk[middle].end > offset) to = middle;
      else from = middle + 1;
    }
    this.index = from;
    return chunk[from];
  }

  /** The one under the cursor, null after the last. */
  get here(): T | null {
    return this.chunk < this.chunks.length ? this.chunks[this.chunk][this.index] : null;
  }

  /** Moves the cursor on. */
  next(): T | null {
    const { chunks } = this;
    if (this.chunk >= chunks.length) return null;
    if (++this.index >= chunks[this.chunk].length) {
      this.chunk++;
      this.index = 0;
    }
    return this.here;
  }

  /** Moves the cursor back; null, and stays, at the first. */
  previous(): T | null {
    if (this.index > (this.chunk === 0 ? this.head : 0)) this.index--;
    else if (this.chunk > 0) {
      this.chunk--;
      this.index = this.chunks[this.chunk].length - 1;
    } else return null;
    return this.here;
  }

  /** Takes out the one under the cursor, which then stands on the next: that is returned. */
  removeHere(): T | null {
    this.length--;
    if (this.length === 0) {
      this.clear();
      return null;
    }
    const chunk = this.chunks[this.chunk];
    const first = this.chunk === 0 ? this.head : 0;
    if (first === chunk.length - 1) {
      // The only one of its chunk.
      if (this.chunk === 0) {
        this.chunks.shift();
        this.head = 0;
      } else this.chunks.splice(this.chunk, 1);
      this.tail = last(this.chunks);
      this.index = 0;
      return this.here;
    }
    if (this.chunk === 0 && this.index === first) {
      // Taking out the oldest is the rule, and moves nothing; the place forgets it.
      chunk[first] = chunk[first + 1];
      this.index = ++this.head;
      return this.here;
    }
    if (this.index === chunk.length - 1) chunk.pop();
    else chunk.splice(this.index, 1);
    if (this.index >= chunk.length) {
      this.chunk++;
      this.index = 0;
    }
    return this.here;
  }

  /** Puts one in at its place; the cursor stands on it. */
  insert(range: T): void {
    if (this.seek(range.start) === null) {
      this.push(range);
      this.chunk = this.chunks.length - 1;
      this.index = this.chunks[this.chunk].length - 1;
      return;
    }
    const { chunks } = this;
    const chunk = chunks[this.chunk];
    if (this.chunk === 0 && this.head > 0) {
      chunk.splice(0, this.head);
      this.index -= this.head;
      this.head = 0;
    }
    chunk.splice(this.index, 0, range);
    this.length++;
    if (chunk.length <= CHUNK) return;
    const upper = chunk.splice(CHUNK / 2);
    chunks.splice(this.chunk + 1, 0, upper);
    this.tail = last(chunks);
    if (this.index >= chunk.length) {
      this.index -= chunk.length;
      this.chunk++;
    }
  }

  /** The last one was taken out. */
  private clear(): void {
    giveChunks(this.chunks);
    this.chunks = NO_CHUNKS as T[][];
    this.tail = NO_CHUNK as T[];
    this.head = this.chunk = this.index = 0;
  }
}

/** Nearly all ranges are empty nearly always: the arrays that they need wait here until somebody else needs them. */
const NO_CHUNKS: Range[][] = [];
const NO_CHUNK: Range[] = [];
const MOST_SPARE = 1 << 10;
const spare: Range[][][] = [];
const NOTHING: Range = { start: 0, end: 0 };

/** One chunk with one range. */
function chunksWith<T extends Range>(range: T): T[][] {
  const chunks = spare.pop() as T[][] | undefined;
  // New arrays for one have no room to spare: most of them are those of a SYN that nobody answers.
  if (chunks === undefined) return [[range]];
  chunks[0][0] = range;
  return chunks;
}

/** `chunks` is one chunk, of which nothing is needed. An array that becomes empty would lose its memory: one place stays. */
function giveChunks(chunks: Range[][]): void {
  if (spare.length >= MOST_SPARE) return;
  const [chunk] = chunks;
  chunk[0] = NOTHING;
  chunk.length = 1;
  spare.push(chunks);
}

function last<T>(chunk: readonly T[]): T {
  return chunk[chunk.length - 1];
}
