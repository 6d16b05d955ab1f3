export const NANOS_PER_SECOND = 1_000_000_000n;

/**
 * Nanoseconds since 1970 of a record `time` nanoseconds after the one at `first`.
 *
 * Beyond 2^53 ns (104 days) the double has lost its last digits: there the microsecond next to it is meant, which is
 * exact for a century in captures of that resolution.
 */
export function absoluteTime(first: bigint, time: number): bigint {
  if (Number.isSafeInteger(time)) return first + BigInt(time);
  return first + BigInt(Math.round(time / 1000)) * 1000n;
}

/** The origin that was last asked for, in whole seconds and nanoseconds: it is the same for all times of a capture. */
let known = 0n;
let knownSeconds = 0;
let knownNanos = 0;

/** A time since 1970. */
export interface UnixTime {
  seconds: number;
  nanos: number;
}

/** Reads a time in nanoseconds since the first record at `origin`. False: it is before 1970, or not exact as a double. */
export function readUnixTime(origin: bigint, time: number, into: UnixTime): boolean {
  if (origin !== known) {
    known = origin;
    knownSeconds = Number(origin / NANOS_PER_SECOND);
    knownNanos = Number(origin % NANOS_PER_SECOND);
  }
  if (time < 0 || origin < 0n || !Number.isSafeInteger(time)) return false;
  const whole = Math.floor(time / 1e9);
  into.nanos = knownNanos + (time - 1e9 * whole);
  into.seconds = knownSeconds + whole;
  if (into.nanos >= 1e9) {
    into.nanos -= 1e9;
    into.seconds++;
  }
  return true;
}

const read: UnixTime = { seconds: 0, nanos: 0 };

/**
 * Unix time in seconds with nine decimals, of a time in nanoseconds since the first record at `origin`. A string: a double
 * would lose the nanoseconds.
 */
export function timestampText(origin: bigint, time: number): string {
  if (!readUnixTime(origin, time, read)) return exactText(origin, time);
  return `${read.seconds}.${String(read.nanos).padStart(9, '0')}`;
}

/** The same without bounds. */
function exactText(origin: bigint, time: number): string {
  const total = absoluteTime(origin, time);
  const size = total < 0n ? -total : total;
  return `${total < 0n ? '-' : ''}${size / NANOS_PER_SECOND}.${String(size % NANOS_PER_SECOND).padStart(9, '0')}`;
}
