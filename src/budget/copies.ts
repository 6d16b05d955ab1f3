import { SHORTEST_ANSWER } from '../model/capture-position.ts';
import type { Question } from '../model/row.ts';
import { Cause, Fate, type Verdict } from '../model/verdict.ts';

/*
 * What is kept of a segment until it has arrived: a row of doubles. Offsets; times (ns) of the first copy, of the latest and of
 * the one before that, NaN where there is none; how late the first was; the exchange.
 */
export const START = 0;
export const END = 1;
export const FIRST = 2;
export const LATE = 3;
export const LATEST = 4;
export const BEFORE = 5;
export const EXCHANGE = 6;
/** One of `Reason` in the lowest bits, for the first copy, and the flags below. */
export const NOTES = 7;
export const REASON = 7;
export const SACKED = 8;
/** The latest copy, and the one before it, was sent by a timer. */
export const TIMER = 16;
const TIMER_BEFORE = 32;
/** A SACK block told that it has arrived. */
export const TOLD = 64;
export const WIDTH = 8;

/** Beside the row: the packets of the first and of the latest copy where rows are kept, and the verdict on the latest. */
export interface Copies {
  first: Question | null;
  latest: Question | null;
  verdict: Verdict | null;
}

/** The copy that arrived. One object, reused. */
export class Delivered {
  /** When it passed the point of capture (ns). */
  passed = Number.NaN;
  /** It was sent again, by a timer or not. */
  isRetransmission = false;
  byTimer = false;
  packet: Question | null = null;

  /** Of the row at `at`, by an ACK that passes at `now`; `round` is the way to the receiver and back (ns). */
  choose(memory: readonly number[], at: number, copies: Copies | null, now: number, round: number): void {
    const latest = memory[at + LATEST];
    const notes = memory[at + NOTES];
    this.passed = memory[at + FIRST];
    this.packet = copies?.first ?? null;
    this.isRetransmission = this.byTimer = false;
    if (Number.isNaN(latest)) {
      this.isRetransmission = this.byTimer = (notes & TIMER) !== 0;
      return;
    }
    const verdict = copies?.verdict ?? null;
    const isNeedless = verdict !== null && (verdict.spurious || verdict.fate === Fate.LOST);
    if (!isNeedless && now - latest >= SHORTEST_ANSWER * round) {
      this.passed = latest;
      this.isRetransmission = true;
      this.byTimer = (notes & TIMER) !== 0;
      this.packet = copies?.latest ?? null;
    } else if (!Number.isNaN(memory[at + BEFORE])) {
      this.passed = memory[at + BEFORE];
      this.isRetransmission = true;
      this.byTimer = (notes & TIMER_BEFORE) !== 0;
    } else if (Number.isNaN(this.passed)) {
      // Only this one was seen.
      this.passed = latest;
      this.isRetransmission = true;
      this.byTimer = (notes & TIMER) !== 0;
    }
  }
}

/** Notes in the row at `at` that it is sent once more. */
export function noteCopy(memory: number[], at: number, now: number, byTimer: boolean): void {
  const notes = memory[at + NOTES];
  memory[at + BEFORE] = memory[at + LATEST];
  memory[at + LATEST] = now;
  memory[at + NOTES] = (notes & ~(TIMER | TIMER_BEFORE)) | (notes & TIMER ? TIMER_BEFORE : 0) | (byTimer ? TIMER : 0);
}

/** What is sent again because a timer has expired, and not because something beyond it has arrived. */
export function isByTimer(verdict: Verdict | null): boolean {
  return verdict !== null && (verdict.cause === Cause.RTO || verdict.cause === Cause.TLP);
}
