import { formatBytes, formatCount, formatDuration } from '../../model/units.ts';
import { content } from '../en/grammar.ts';
import type { End } from '../message.ts';

// How Chinese writes numbers, times and lists: the only place that knows it.

export { content, formatBytes as size, formatCount as count };

const UNITS: Readonly<Record<string, string>> = {
  ns: '纳秒',
  µs: '微秒',
  ms: '毫秒',
  s: '秒',
  min: '分',
  h: '小时',
  d: '天',
};

/** `47.5 毫秒`, `2 分 03 秒`, of nanoseconds. */
export function duration(nanoseconds: number): string {
  return formatDuration(nanoseconds).replace(/[a-zµ]+/g, (unit) => UNITS[unit]);
}

/** `等待 200 毫秒`, `分别等待 200 毫秒和 400 毫秒`, of nanoseconds. */
export function waited(times: readonly number[]): string {
  return `${times.length > 1 ? '分别' : ''}等待 ${durations(times)}`;
}

export function durations(times: readonly number[]): string {
  return list(times.map(duration));
}

/** `1,448 字节`. */
export function bytes(n: number): string {
  return `${formatCount(n)} 字节`;
}

/** A share from 0 to 1 in percent: `3.1%`, `42%`. */
export function percent(share: number): string {
  return `${share < 0.0995 ? (100 * share).toFixed(1) : Math.round(100 * share)}%`;
}

/** `甲`, `甲和乙`, `甲、乙和丙`; beyond `most` their number is told. */
export function list(items: readonly string[], most = 8): string {
  if (items.length > most) return `${items.slice(0, most).join('、')}等 ${items.length} 项`;
  if (items.length < 2) return items.join('');
  const last = items[items.length - 1];
  return `${items.slice(0, -1).join('、')}和${/^[\x21-\x7e]/.test(last) ? ' ' : ''}${last}`;
}

export const ROLES = { client: '客户端', server: '服务器' } as const;

/** `10.9.0.1:37022（客户端）`. */
export function nameOf({ name, role }: End): string {
  return `${name}（${ROLES[role]}）`;
}
