import { InvalidArgumentError } from 'commander';
import { UsageError } from '../model/errors.ts';
import { NANOS_PER_SECOND } from '../model/timestamp.ts';

/** A moment as a command line names it, in nanoseconds since 1970, since the first packet, or since midnight. */
export interface MomentChoice {
  readonly since: 'epoch' | 'start' | 'midnight';
  readonly nanoseconds: bigint;
  /** It was written with a plus: of the end of a time window, since its beginning. */
  readonly isAdded?: boolean;
}

const SECONDS = /^([+-]?)(\d+)(?:\.(\d{1,9}))?$/;
const OFFSET = /^([+-]?)(\d+)(?:\.(\d{1,9}))?\s*(ns|us|µs|ms|s|min|h|d)$/;
const CLOCK = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d|60)(?:[.,](\d{1,9}))?)?$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
/** Parts of a second in a date and time: Date knows milliseconds only. */
const FRACTION = /^(.*:\d{2})[.,](\d{1,9})(.*)$/;
/** Larger numbers of seconds are Unix times: no capture is three years long. */
const LEAST_UNIX_TIME = 100_000_000n;
const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  ms: 1_000_000n,
  s: NANOS_PER_SECOND,
  min: 60n * NANOS_PER_SECOND,
  h: 3600n * NANOS_PER_SECOND,
  d: 86400n * NANOS_PER_SECOND,
};

/** What the help says of it. */
export const MOMENT_FORMS = 'seconds or 500ms, 2min since the first packet; a time of day, a date or a Unix time';

/**
 * `12.5`, `500ms` or `2min` since the first packet, a Unix time, a time of day or a date (with a time or without) in the zone
 * of TZ, or an ISO date and time with a zone of its own.
 */
export function parseMoment(text: string): MomentChoice {
  const [, sign = '', whole, fraction = '', unit = 's'] = SECONDS.exec(text) ?? OFFSET.exec(text) ?? [];
  if (whole !== undefined) {
    const size = (BigInt(whole) * NANOS_PER_SECOND + BigInt(fraction.padEnd(9, '0'))) * UNITS[unit];
    const nanoseconds = (sign === '-' ? -size : size) / NANOS_PER_SECOND;
    const isEpoch = sign === '' && SECONDS.test(text) && BigInt(whole) >= LEAST_UNIX_TIME;
    return { since: isEpoch ? 'epoch' : 'start', nanoseconds, ...(sign === '+' ? { isAdded: true } : {}) };
  }
  const clock = CLOCK.exec(text);
  if (clock !== null) {
    const [, hours, minutes, seconds = '0', parts = ''] = clock;
    const sum = (BigInt(hours) * 60n + BigInt(minutes)) * 60n + BigInt(seconds);
    return { since: 'midnight', nanoseconds: sum * NANOS_PER_SECOND + BigInt(parts.padEnd(9, '0')) };
  }
  const [, front = text, parts = '', zone = ''] = FRACTION.exec(text) ?? [];
  // A date alone would be midnight in Greenwich, with a time it is that of TZ: both are of TZ here.
  const date = Date.parse(DAY.test(text) ? `${text}T00:00:00` : front + zone);
  if (/\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(date)) {
    return { since: 'epoch', nanoseconds: BigInt(date) * 1_000_000n + BigInt(parts.padEnd(9, '0')) };
  }
  throw new InvalidArgumentError(
    'Write seconds since the first packet (12.5) or 500ms, 2min; a time of day (17:42:16), a date or a Unix time.',
  );
}

/**
 * Nanoseconds since the first packet, which was at `origin` (nanoseconds since 1970); the latest is at `end`. A time of day
 * is that of the first packet's day, or of the next day where only that is within the capture.
 */
export function resolveMoment(moment: MomentChoice, origin: bigint, end: number): number {
  const { since, nanoseconds } = moment;
  if (since === 'start') return Number(nanoseconds);
  if (since === 'epoch') return Number(nanoseconds - origin);
  const [first, next] = timesOfDay(moment, origin);
  return first >= 0 || next > end ? first : next;
}

/** As `resolveMoment` while the capture is read: of two days that of which the time of day is nearer to the first packet. */
export function resolveEarly(moment: MomentChoice, origin: bigint): number {
  if (moment.since !== 'midnight') return resolveMoment(moment, origin, 0);
  const [first, next] = timesOfDay(moment, origin);
  return first >= 0 || -first <= next ? first : next;
}

/** The time of day on the day of the first packet and on the next one, in nanoseconds since the first packet. */
function timesOfDay({ nanoseconds }: MomentChoice, origin: bigint): [number, number] {
  const midnight = new Date(Number(origin / 1_000_000n));
  if (Number.isNaN(midnight.getTime()))
    throw new UsageError(
      'a time of day: the capture is of a year that has no calendar here; give seconds since its start',
    );
  midnight.setHours(0, 0, 0, 0);
  const time = () => Number(BigInt(midnight.getTime()) * 1_000_000n + nanoseconds - origin);
  const first = time();
  midnight.setDate(midnight.getDate() + 1);
  return [first, time()];
}
