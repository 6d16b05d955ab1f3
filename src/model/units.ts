const THOUSANDS = /\B(?=(\d{3})+$)/g;

/** `1,234,567` */
export function formatCount(count: number): string {
  return count < 1000 ? String(count) : String(count).replace(THOUSANDS, ',');
}

/** `1 packet`, `2 packets` */
export function formatNumberOf(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`;
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `999 B`, `14.2 KiB`, `1.50 GiB`: three digits from a KiB on. */
export function formatBytes(bytes: number): string {
  let unit = 0;
  while (bytes >= 1023.5 && unit < BYTE_UNITS.length - 1) {
    bytes /= 1024;
    unit++;
  }
  return `${unit === 0 ? bytes : digits(bytes)} ${BYTE_UNITS[unit]}`;
}

/** Three digits that count: `1.23`, `12.3`, `123`. Number.toFixed would take ten times as long. */
function digits(value: number): string {
  if (value >= 99.95) return String(Math.round(value));
  if (value >= 9.995) {
    const tenths = Math.round(value * 10);
    return `${Math.floor(tenths / 10)}.${tenths % 10}`;
  }
  const hundredths = Math.round(value * 100);
  return `${Math.floor(hundredths / 100)}.${Math.floor(hundredths / 10) % 10}${hundredths % 10}`;
}

/** `850 ns`, `48.2 ms`, `1.23 s`, `2 min 03 s`, `1 h 02 min`, `3 d 04 h` */
export function formatDuration(nanoseconds: number): string {
  if (nanoseconds < 0) return `-${formatDuration(-nanoseconds)}`;
  if (nanoseconds === 0) return '0 s';
  if (nanoseconds < 999.5) return `${Math.round(nanoseconds)} ns`;
  if (nanoseconds < 999.5e3) return `${digits(nanoseconds / 1e3)} µs`;
  if (nanoseconds < 999.5e6) return `${digits(nanoseconds / 1e6)} ms`;
  if (nanoseconds < 59.95e9) return `${digits(nanoseconds / 1e9)} s`;
  const seconds = Math.round(nanoseconds / 1e9);
  if (seconds < 3600) return pair(seconds, 60, 'min', 's');
  if (seconds < 86400) return pair(Math.round(seconds / 60), 60, 'h', 'min');
  return pair(Math.round(seconds / 3600), 24, 'd', 'h');
}

function pair(value: number, base: number, large: string, small: string): string {
  return `${Math.floor(value / base)} ${large} ${String(value % base).padStart(2, '0')} ${small}`;
}

/** Seconds with six decimals, as in a column of times: `0.048160`. */
export function formatSeconds(nanoseconds: number): string {
  return (nanoseconds / 1e9).toFixed(6);
}

/** `12.5 %` of `whole`; empty when there is no whole. */
export function formatShare(part: number, whole: number): string {
  return whole === 0 ? '' : `${((100 * part) / whole).toFixed(1)} %`;
}

/** `1.25 Mbit/s`. */
export function formatRate(bitsPerSecond: number): string {
  const unit = bitsPerSecond >= 1e9 ? 1e9 : bitsPerSecond >= 1e6 ? 1e6 : 1e3;
  const name = unit === 1e9 ? 'Gbit/s' : unit === 1e6 ? 'Mbit/s' : 'kbit/s';
  return `${(bitsPerSecond / unit).toPrecision(3)} ${name}`;
}

/** The number, or null where it is NaN or infinite: JSON has neither. */
export function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** 16 bits in hexadecimal digits: `0x1a2b`. */
export function formatHex16(value: number): string {
  return `0x${value.toString(16).padStart(4, '0')}`;
}
