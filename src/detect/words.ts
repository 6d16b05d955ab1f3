import type { Endpoint } from '../model/connection.ts';
import { formatCount } from '../model/units.ts';

export { formatCount as count, formatDuration as duration, formatNumberOf as plural } from '../model/units.ts';

/** `10.9.0.1:37022 (client)`. */
export function nameOf(endpoint: Endpoint): string {
  return `${endpoint.name} (${endpoint.role})`;
}

export function percent(share: number): string {
  return `${share < 0.0995 ? (100 * share).toFixed(1) : Math.round(100 * share)} %`;
}

/** `a`, `a and b`, `a, b and c`; beyond `most` the rest is counted. */
export function list(items: readonly string[], most = 8): string {
  if (items.length > most) return `${items.slice(0, most).join(', ')} and ${items.length - most} more`;
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`;
}

/** `once`, `twice`, `3 times`. */
export function times(n: number): string {
  return n === 1 ? 'once' : n === 2 ? 'twice' : `${formatCount(n)} times`;
}
