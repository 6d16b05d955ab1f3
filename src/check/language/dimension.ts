import { formatBytes, formatCount, formatDuration } from '../../model/units.ts';

/** What a number measures, as powers of time and bytes: a rate in bytes per second is `{ time: -1, bytes: 1 }`. */
export interface Dimension {
  readonly time: number;
  readonly bytes: number;
}

export const PLAIN: Dimension = { time: 0, bytes: 0 };
/** Nanoseconds. */
export const TIME: Dimension = { time: 1, bytes: 0 };
export const BYTES: Dimension = { time: 0, bytes: 1 };
/** Bytes per nanosecond, so that bytes divided by a time need no factor. */
export const RATE: Dimension = { time: -1, bytes: 1 };
/** Per nanosecond. */
const FREQUENCY: Dimension = { time: -1, bytes: 0 };

export interface Quantity {
  readonly value: number;
  readonly dimension: Dimension;
  /** As it is written: `ms`, `Mbit/s`, `%`; empty for a plain number. */
  readonly unit: string;
}

const TIME_UNITS: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, min: 60e9, h: 3600e9 };

/** Bytes. A prefix alone counts in thousands, with an `i` in 1024s (IEC 80000-13). */
const SIZE_UNITS: Record<string, number> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  bit: 1 / 8,
  kbit: 1e3 / 8,
  Mbit: 1e6 / 8,
  Gbit: 1e9 / 8,
};

const NANOSECONDS = 1e9;

export const UNIT_NAMES: readonly string[] = [
  '%',
  ...Object.keys(TIME_UNITS),
  ...Object.keys(SIZE_UNITS),
  ...Object.keys(SIZE_UNITS).map((unit) => `${unit}/s`),
  'kbps',
  'Mbps',
  'Gbps',
];

/** Whether a number may have the word as its unit. */
export function isUnit(word: string): boolean {
  return UNIT_NAMES.includes(word);
}

/** `unit` as written after a number; null when there is no such unit. */
export function quantity(number: number, unit: string): Quantity | null {
  const found = measured(number, unit);
  return found === null ? null : { ...found, unit };
}

function measured(number: number, unit: string): Omit<Quantity, 'unit'> | null {
  if (unit === '%') return { value: number / 100, dimension: PLAIN };
  if (Object.hasOwn(TIME_UNITS, unit)) return { value: number * TIME_UNITS[unit], dimension: TIME };
  if (Object.hasOwn(SIZE_UNITS, unit)) return { value: number * SIZE_UNITS[unit], dimension: BYTES };
  if (unit === '/s') return { value: number / NANOSECONDS, dimension: FREQUENCY };
  const size = unit.endsWith('/s') ? unit.slice(0, -2) : unit.endsWith('bps') ? `${unit.slice(0, -3)}bit` : '';
  if (!Object.hasOwn(SIZE_UNITS, size)) return null;
  return { value: (number * SIZE_UNITS[size]) / NANOSECONDS, dimension: RATE };
}

/** `50ms`, `1%` or `0.2`, alone in a text such as the value of an option; null when it is none of these. */
export function parseQuantity(text: string): Quantity | null {
  const found = /^(-?\d+(?:\.\d+)?)\s*(\S*)$/.exec(text.trim());
  if (found === null) return null;
  const number = Number(found[1]);
  return found[2] === '' ? { value: number, dimension: PLAIN, unit: '' } : quantity(number, found[2]);
}

/** Both measure the same, so that they can be added and compared. */
export function isSame(a: Dimension, b: Dimension): boolean {
  return a.time === b.time && a.bytes === b.bytes;
}

/** `a` times `b` (`sign` 1) or divided by it (`sign` -1). */
export function combine(a: Dimension, b: Dimension, sign: 1 | -1): Dimension {
  return { time: a.time + sign * b.time, bytes: a.bytes + sign * b.bytes };
}

/** In words, for messages. */
export function dimensionName(dimension: Dimension): string {
  if (isSame(dimension, PLAIN)) return 'a plain number';
  if (isSame(dimension, TIME)) return 'a time';
  if (isSame(dimension, BYTES)) return 'a number of bytes';
  if (isSame(dimension, RATE)) return 'a rate of bytes';
  if (isSame(dimension, FREQUENCY)) return 'a rate';
  return `a number with bytes^${dimension.bytes} time^${dimension.time}`;
}

/** Something of that dimension, as it is to be written. */
export function exampleOf(dimension: Dimension): string {
  if (isSame(dimension, TIME)) return '50ms';
  if (isSame(dimension, BYTES)) return '10MB';
  if (isSame(dimension, RATE)) return '10MB/s';
  if (isSame(dimension, FREQUENCY)) return '5/s';
  return '5';
}

/** `unit`: that of the rule, in which the answer is to come. Without one that fits, the unit that suits the value. `digits`: significant ones. */
export function quantityText(value: number, dimension: Dimension, unit = '', digits = 4): string {
  if (!Number.isFinite(value)) return String(value);
  const one = unit === '' ? null : measured(1, unit);
  if (one !== null && isSame(one.dimension, dimension)) {
    return `${rounded(value / one.value, digits)}${unit === '%' ? '' : ' '}${unit}`;
  }
  if (isSame(dimension, TIME)) return formatDuration(value);
  if (isSame(dimension, BYTES)) return value < 0 ? `-${quantityText(-value, BYTES)}` : bytesText(value);
  if (isSame(dimension, RATE)) return `${formatBytes(Math.round(value * NANOSECONDS))}/s`;
  if (isSame(dimension, FREQUENCY)) return `${rounded(value * NANOSECONDS, digits)}/s`;
  return rounded(value, digits);
}

function bytesText(value: number): string {
  if (value < 1024 || !Number.isInteger(value)) return formatBytes(value);
  return `${formatBytes(value)} (${formatCount(value)} B)`;
}

function rounded(value: number, digits: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(digits)));
}
