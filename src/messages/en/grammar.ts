import { formatBytes, formatCount, formatDuration, formatNumberOf } from '../../model/units.ts';
import type { End } from '../message.ts';

// How English writes numbers, times and lists: the only place that knows it.

export { formatBytes as size, formatCount as count, formatDuration as duration, formatNumberOf as plural };

/** `10.9.0.1:37022 (client)`. */
export function nameOf({ name, role }: End): string {
  return `${name} (${role})`;
}

/** A share from 0 to 1 in percent: `3.1 %`, `42 %`. */
export function percent(share: number): string {
  return `${share < 0.0995 ? (100 * share).toFixed(1) : Math.round(100 * share)} %`;
}

/** `a`, `a and b`, `a, b and c`; beyond `most` the rest is counted. */
export function list(items: readonly string[], most = 8): string {
  if (items.length > most) return `${items.slice(0, most).join(', ')} and ${items.length - most} more`;
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`;
}

/** `200 ms`, `200 ms and 400 ms`, of nanoseconds. */
export function durations(times: readonly number[]): string {
  return list(times.map(formatDuration));
}

/** `once`, `twice`, `3 times`. */
export function times(n: number): string {
  return n === 1 ? 'once' : n === 2 ? 'twice' : `${formatCount(n)} times`;
}

export function isOrAre(n: number): string {
  return n === 1 ? 'is' : 'are';
}

export function wasOrWere(n: number): string {
  return n === 1 ? 'was' : 'were';
}

export function itOrThem(n: number): string {
  return n === 1 ? 'it' : 'them';
}

/** `9.50 Mbit/s`, of bits per second. */
export function rate(bits: number): string {
  const [unit, name] = bits >= 1e9 ? [1e9, 'Gbit/s'] : bits >= 1e6 ? [1e6, 'Mbit/s'] : [1e3, 'kbit/s'];
  return `${(bits / unit).toPrecision(3)} ${name}`;
}

/** Text where it is text, else the octets. */
export function content(bytes: Uint8Array): string {
  const isText = bytes.every((octet) => (octet >= 0x20 && octet < 0x7f) || octet === 0x0d || octet === 0x0a);
  if (isText) return JSON.stringify(String.fromCharCode(...bytes));
  return Array.from(bytes, (octet) => octet.toString(16).padStart(2, '0')).join(' ');
}
