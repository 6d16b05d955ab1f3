import type { Comparison } from './comparison.ts';
import { milliseconds } from './row.ts';

/** Values in milliseconds: how many, and where they lie. */
export interface Distribution {
  count: number;
  minMs: number;
  medianMs: number;
  p95Ms: number;
  p99Ms: number;
  maxMs: number;
}

/** One direction between two neighbouring points. */
export interface WayReport {
  /** Packets that were seen at both, that were lost in between, and of which nothing tells. */
  passed: number;
  lost: number;
  unknown: number;
  /** Time from the one to the other; null without packets. */
  delay: Distribution | null;
  /** The same above its least value: what packets waited, in queues for the most part. */
  queueing: Distribution | null;
}

function distributionOf(values: Float64Array): Distribution | null {
  if (values.length === 0) return null;
  values.sort();
  const at = (share: number) => milliseconds(values[Math.min(values.length - 1, Math.ceil(share * values.length) - 1)]);
  return {
    count: values.length,
    minMs: milliseconds(values[0]),
    medianMs: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    maxMs: milliseconds(values[values.length - 1]),
  };
}

/** What became of the packets of one direction between two points that are neighbours on the path. */
export function wayBetween(comparison: Comparison, first: number, second: number, direction: 0 | 1): WayReport {
  const { packets, order, clocks } = comparison;
  const [from, to] = direction === 0 ? [first, second] : [second, first];
  const delays = oneWayDelays(comparison, from, to);
  let lost = 0;
  let unknown = 0;
  for (const row of order) {
    if (packets.direction[row] !== direction) continue;
    if (packets.lostFrom[row] === from && packets.lostTo[row] === to) lost++;
    else if (packets.at[from][row] >= 0 && packets.at[to][row] < 0 && !(packets.missed[row] & (1 << to))) unknown++;
  }
  const least = delays.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const isComparable = clocks.clocks[first].isKnown && clocks.clocks[second].isKnown;
  return {
    passed: delays.length,
    lost,
    unknown,
    delay: isComparable ? distributionOf(delays) : null,
    queueing: distributionOf(delays.map((delay) => delay - least)),
  };
}

/** Nanoseconds from one point to another, of all packets that pass them in this order and were seen at both. */
export function oneWayDelays(comparison: Comparison, from: number, to: number): Float64Array {
  const { packets, order, path } = comparison;
  const direction = path.indexOf(from) < path.indexOf(to) ? 0 : 1;
  const delays: number[] = [];
  for (const row of order) {
    if (packets.direction[row] !== direction || packets.at[from][row] < 0 || packets.at[to][row] < 0) continue;
    delays.push(comparison.delay(row, from, to));
  }
  return Float64Array.from(delays);
}
