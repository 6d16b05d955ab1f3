import { DUP_THRESH } from '../model/tcp-constants.ts';
import { SortedRanges } from './sorted-ranges.ts';

/** Runs that are kept; a receiver that reports more is forged, or the lowest are told again. */
const MAX_RUNS = 1 << 14;

interface Run {
  start: number;
  end: number;
}

/** What SACK blocks have reported above the cumulative acknowledgment, as disjoint runs. */
export class SackedRuns {
  private readonly runs = new SortedRanges<Run>();
  /** The parts of the latest block that no earlier one held: start, end, start, end ... */
  readonly gaps: number[] = [];
  /** The run that holds the latest block. */
  mergedStart = 0;
  mergedEnd = 0;

  /** Adds the block; `gaps` says what of it is new. */
  add(start: number, end: number): void {
    const { runs, gaps } = this;
    gaps.length = 0;
    // One that ends where the block begins is continued by it.
    const first = runs.seek(start - 1);
    if (first === null || first.start > end) {
      gaps.push(start, end);
      this.mergedStart = start;
      this.mergedEnd = end;
      runs.insert({ start, end });
      if (runs.length > MAX_RUNS) runs.shift();
      return;
    }
    let at = start;
    let last = first.end;
    let run: Run | null = first;
    while (run !== null && run.start <= end) {
      if (run.start > at) gaps.push(at, run.start);
      if (run.end > at) at = run.end;
      last = run.end;
      run = run === first ? runs.next() : runs.removeHere();
    }
    if (at < end) gaps.push(at, end);
    first.start = this.mergedStart = Math.min(first.start, start);
    first.end = this.mergedEnd = Math.max(last, end);
  }

  /** Does one run hold all of it? */
  holds(start: number, end: number): boolean {
    const run = this.runs.seek(start);
    return run !== null && run.start <= start && run.end >= end;
  }

  /** Forgets all. */
  clear(): void {
    const { runs } = this;
    while (runs.first !== null) runs.shift();
  }

  /** Forgets what lies below the cumulative acknowledgment. */
  dropBelow(una: number): void {
    const { runs } = this;
    for (let { first } = runs; first !== null && first.end <= una; first = runs.first) runs.shift();
  }

  /**
   * RFC 6675 section 4, IsLost: DupThresh runs, or more than DupThresh - 1 segments' worth of bytes, were reported above
   * `offset`.
   */
  isLost(offset: number, smss: number): boolean {
    let runs = 0;
    let bytes = 0;
    for (let run = this.fromTop(); run !== null && run.start >= offset; run = this.runs.previous()) {
      bytes += run.end - run.start;
      if (++runs >= DUP_THRESH || bytes > (DUP_THRESH - 1) * smss) return true;
    }
    return false;
  }

  private fromTop(): Run | null {
    const { last } = this.runs;
    return last === null ? null : this.runs.seek(last.start);
  }
}
