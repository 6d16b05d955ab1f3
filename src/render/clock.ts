import { timestampText } from '../model/timestamp.ts';

/** The date of a Unix time in seconds; none outside of the years that have a calendar here. */
function dateOf(timestamp: string): Date {
  const [seconds, fraction = ''] = timestamp.split('.');
  // Before 1970 the fraction counts backwards as well.
  const sign = timestamp.startsWith('-') ? -1 : 1;
  return new Date(Number(seconds) * 1000 + sign * Number(fraction.slice(0, 3).padEnd(3, '0')));
}

const two = (value: number) => String(value).padStart(2, '0');

/** `2021-03-25 12:00:00 UTC` of a Unix time, in the zone of TZ: `2021-03-25 20:00:00 +08:00`. */
export function dateText(timestamp: string): string {
  const date = dateOf(timestamp);
  if (Number.isNaN(date.getTime())) return `${timestamp} (Unix time)`;
  const day = `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${secondsText(date)} ${zoneText(date)}`;
}

/** `12:00:00.250` of a Unix time, in the zone of TZ; empty outside of the calendar. */
export function clockText(timestamp: string): string {
  const date = dateOf(timestamp);
  if (Number.isNaN(date.getTime())) return '';
  return `${secondsText(date)}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** The same of a time in nanoseconds after `origin`, which is in nanoseconds since 1970. */
export function clockAt(origin: bigint, time: number): string {
  return clockText(timestampText(origin, time));
}

function secondsText(date: Date): string {
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function zoneText(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  if (minutes === 0) return 'UTC';
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
