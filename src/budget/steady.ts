import type { Tape } from './tape.ts';

/**
 * A congestion window that was full for so many round trips without a loss has grown by five segments (RFC 8312 section 4.2: CUBIC by half a
 * segment in each at least, and others by more).
 */
export const STEADY_ROUNDS = 10;

/** What a sender had in flight at most while something else than its congestion window held it. */
export interface Steady {
  /** Index of the sender. */
  readonly index: number;
  /** Bytes, and for how long it waited for ACKs with so many (ns). */
  readonly bytes: number;
  readonly time: number;
}

/** Of one sender. */
export interface Held {
  readonly index: number;
  readonly steadyFlight: number;
  readonly steadyTime: number;
}

/** Of the sender that was held for longer; null where neither was for long enough, with round trips of `round` (ns). */
export function steadyOf(fromA: Held | null, fromB: Held | null, round: number): Steady | null {
  const longer = (fromA?.steadyTime ?? 0) >= (fromB?.steadyTime ?? 0) ? fromA : fromB;
  if (longer === null || !(longer.steadyTime > 0) || longer.steadyTime < STEADY_ROUNDS * round) return null;
  return { index: longer.index, bytes: longer.steadyFlight, time: longer.steadyTime };
}

export function writeSteady(steady: Steady | null, tape: Tape): void {
  tape.put(steady === null ? 0 : steady.time);
  if (steady === null) return;
  tape.put(steady.index);
  tape.put(steady.bytes);
}

export function readSteady(tape: Tape): Steady | null {
  const time = tape.next();
  return time === 0 ? null : { time, index: tape.next(), bytes: tape.next() };
}
