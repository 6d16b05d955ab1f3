import { InvalidArgumentError } from 'commander';
import { UsageError } from '../model/errors.ts';

/** A moment as a command line names it, in nanoseconds since 1970 or since the first packet. */
export type MomentChoice = { since: 'epoch' | 'start' | 'midnight'; nanoseconds: bigint };

const SECONDS = /^([+-]?)(\d+)(?:\.(\d{1,9}))?s?$/;
const CLOCK = /^(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?$/;
/** Parts of a second in a date and time: Date knows milliseconds only. */
const FRACTION = /^(.*:\d{2})[.,](\d{1,9})(.*)$/;
/** Larger numbers of seconds are Unix times: no capture is three years long. */
const LEAST_UNIX_TIME = 100_000_000n;
const NANOS = 1_000_000_000n;

/** `12.5` since the first packet, a Unix time, a time of day in the zone of TZ, or an ISO date and time. */
export function parseMoment(text: string): MomentChoice {
  const seconds = SECONDS.exec(text);
  if (seconds !== null) {
    const [, sign, whole, fraction = ''] = seconds;
    const size = BigInt(whole) * NANOS + BigInt(fraction.padEnd(9, '0'));
    const nanoseconds = sign === '-' ? -size : size;
    return { since: sign === '' && BigInt(whole) >= LEAST_UNIX_TIME ? 'epoch' : 'start', nanoseconds };
  }
  const clock = CLOCK.exec(text);
  if (clock !== null) {
    const [, hours, minutes, whole, fraction = ''] = clock;
    const sum = (BigInt(hours) * 60n + BigInt(minutes)) * 60n + BigInt(whole);
    return { since: 'midnight', nanoseconds: sum * NANOS + BigInt(fraction.padEnd(9, '0')) };
  }
  const [, front = text, fraction = '', zone = ''] = FRACTION.exec(text) ?? [];
  const date = Date.parse(front + zone);
  if (/\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(date)) {
    return { since: 'epoch', nanoseconds: BigInt(date) * 1_000_000n + BigInt(fraction.padEnd(9, '0')) };
  }
  throw new InvalidArgumentError('Write seconds since the first packet (12.5), a time of day (17:42:16) or a date.');
}

/**
 * Nanoseconds since the first packet, which was at `origin` (nanoseconds since 1970); the latest is at `end`. A time of day
 * is that of the first packet's day, or of the next day where only that is within the capture.
 */
export function resolveMoment({ since, nanoseconds }: MomentChoice, origin: bigint, end: number): number {
  if (since === 'start') return Number(nanoseconds);
  if (since === 'epoch') return Number(nanoseconds - origin);
  const midnight = new Date(Number(origin / 1_000_000n));
  if (Number.isNaN(midnight.getTime()))
    throw new UsageError(
      'a time of day: the capture is of a year that has no calendar here; give seconds since its start',
    );
  midnight.setHours(0, 0, 0, 0);
  const time = () => Number(BigInt(midnight.getTime()) * 1_000_000n + nanoseconds - origin);
  const first = time();
  if (first >= 0) return first;
  midnight.setDate(midnight.getDate() + 1);
  const next = time();
  return next <= end ? next : first;
}
