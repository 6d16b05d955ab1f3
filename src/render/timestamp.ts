import { absoluteTime } from './time-form.ts';

const NANOS_PER_SECOND = 1_000_000_000n;

/**
 * Unix time in seconds with nine decimals, of a time in nanoseconds since the first record at `origin`. A string: a double
 * would lose the nanoseconds.
 */
export function timestampText(origin: bigint, time: number): string {
  const total = absoluteTime(origin, time);
  const size = total < 0n ? -total : total;
  return `${total < 0n ? '-' : ''}${size / NANOS_PER_SECOND}.${String(size % NANOS_PER_SECOND).padStart(9, '0')}`;
}
