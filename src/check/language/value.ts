/** A value that the capture cannot tell. */
export class Unknown {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Numbers measured at packets. */
export interface Series {
  readonly values: ArrayLike<number>;
  /** Frame of each value; empty when there is none. */
  readonly frames: ArrayLike<number>;
  /** By how much each value may be too small; 0 without. */
  readonly more?: number;
  /** With `more`: by how much each may be too large, all alike. */
  readonly less?: number;
}

/** What a condition asks of a value, and what its negation asks. */
export interface Wanted {
  readonly text: string;
  readonly negated: string;
}

/** One thing that was found, for the report. */
export interface Found {
  /** The part of the expression. */
  readonly text: string;
  readonly value: string;
  readonly frames: readonly number[];
  /** Of a list: the first of those that decided, in a few words each. */
  readonly examples?: readonly string[];
  /** What would have made the condition true; null where the value says it, or another part does. */
  readonly wanted: Wanted | null;
}

/**
 * A value with what is known of it. Where the capture is incomplete a number is only bounded: there may have been more
 * retransmissions than it holds, not fewer. `low` and `high` are those bounds; `why` says what makes them differ.
 */
export interface Val {
  readonly v: unknown;
  readonly low?: number;
  readonly high?: number;
  readonly why?: string;
  /** Packets that show it. */
  readonly frames?: readonly number[];
  /** What decided a truth value. */
  readonly found?: readonly Found[];
}

export const NO_FRAMES: readonly number[] = [];
export const NOTHING_FOUND: readonly Found[] = [];
/** Most packets that one value names. */
export const MAX_FRAMES = 1000;
/** Most items of a list that a text names; `...` stands for the others. */
export const MAX_EXAMPLES = 3;

/** A value that the capture does not tell; `reason` says why. */
export function unknown(reason: string, found: readonly Found[] = NOTHING_FOUND): Val {
  return { v: new Unknown(reason), found };
}

/** A value that is known exactly, and the packets that show it. */
export function exact(v: unknown, frames: readonly number[] = NO_FRAMES): Val {
  return { v, frames };
}

/** A figure that grows with every packet: a lower bound when `missing` says that packets are missing. */
export function counted(value: number, missing: string | null, frames: readonly number[] = NO_FRAMES): Val {
  if (missing === null) return { v: value, frames };
  return { v: value, low: value, high: Number.POSITIVE_INFINITY, why: missing, frames };
}

/** A figure that is at least `least` and at most `most`. */
export function between(least: number, most: number, why: string | null, frames: readonly number[] = NO_FRAMES): Val {
  if (least === most || why === null) return { v: least, frames };
  return { v: least, low: least, high: most, why, frames };
}

/** A figure that more packets could change either way. */
export function estimated(value: number, missing: string | null, frames: readonly number[] = NO_FRAMES): Val {
  if (missing === null) return { v: value, frames };
  return { v: value, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY, why: missing, frames };
}

/** True when `isSo`; a "no" is only sure when nothing is missing. */
export function seen(isSo: boolean, missing: string | null, frames: readonly number[] = NO_FRAMES): Val {
  return isSo || missing === null ? { v: isSo, frames } : unknown(missing);
}

/** The lower bound of a number; the number itself where it is exact. */
export function low(value: Val): number {
  return value.low ?? (value.v as number);
}

/** The upper bound of a number; the number itself where it is exact. */
export function high(value: Val): number {
  return value.high ?? (value.v as number);
}

/** Why the first of them that is not certain is not. */
export function reasonOf(...values: Val[]): string {
  for (const { v, why } of values) {
    if (v instanceof Unknown) return v.reason;
    if (why !== undefined) return why;
  }
  return 'the capture does not tell';
}

/** What was found, where the opposite of the condition is wanted. */
export function negated(found: readonly Found[]): Found[] {
  return found.map((one) =>
    one.wanted === null ? one : { ...one, wanted: { text: one.wanted.negated, negated: one.wanted.text } },
  );
}

/** The packets that show any of them, each once. */
export function framesOf(...values: Val[]): readonly number[] {
  const all = new Set<number>();
  for (const { frames = NO_FRAMES } of values) {
    for (const frame of frames) {
      if (all.size >= MAX_FRAMES) break;
      all.add(frame);
    }
  }
  return [...all].sort((a, b) => a - b);
}
