import { ACK } from '../model/flags.ts';
import { widen } from '../model/seq.ts';
import { Known, mix, type Sightings } from './sightings.ts';
import type { Traits } from './traits.ts';
import { COUNTED } from './votes.ts';

/** Packets that look the same are paired by time: so many at either vantage with every choice tried, more in their order. */
const MAX_TRIED = 256;

/** One direction of one connection at two vantages. */
export interface Course {
  readonly a: Sightings;
  readonly b: Sightings;
  /** Indices of its packets at each vantage, in the order of time. */
  readonly inA: Int32Array;
  readonly inB: Int32Array;
  /** From a sequence number, and an acknowledgment number, of `a` to that of `b`. */
  readonly seqShift: number;
  readonly ackShift: number;
}

/** When a packet that passed `a` may have passed `b`, by what is known of others. */
export interface Expectation {
  /**
   * How far (in nanoseconds) the time is from what packets near to it took, 0 where it is as usual. Infinity where it cannot
   * be at all.
   */
  deviation(timeA: number, timeB: number): number;
  /** A deviation from which on a packet is rather lost than so late (or early). */
  readonly limit: number;
}

/** Called for each pair: indices into the sightings of `a` and `b`. */
export type OnPair = (i: number, j: number) => void;

/**
 * Packets that have no second like them in either capture, as far as numbers, length and flags tell, and whose bytes no other
 * frame there carries: the surest pairs, which tell what stays the same on the way and how the clocks stand.
 */
export function matchSingles(course: Course, onPair: OnPair): void {
  const { a, b, inA, inB } = course;
  const keysA = sortedKeys(a, inA, course.seqShift, course.ackShift, null);
  const keysB = sortedKeys(b, inB, 0, 0, null);
  const sharedA = sharingBytes(a, inA);
  const sharedB = sharingBytes(b, inB);
  eachGroup(keysA, keysB, (fromA, toA, fromB, toB) => {
    if (toA - fromA !== 1 || toB - fromB !== 1) return;
    const placeA = placeOf(keysA[fromA]);
    const placeB = placeOf(keysB[fromB]);
    // A part that is sent again looks like the only one where offload hid the first in a larger frame.
    if (sharedA[placeA] || sharedB[placeB]) return;
    const i = inA[placeA];
    const j = inB[placeB];
    if (isSamePlace(course, i, j)) onPair(i, j);
  });
}

/**
 * All packets: those that agree in everything that stays the same on the way are one packet, and of several equal ones each
 * is paired with that which took a usual time.
 */
export function matchAll(course: Course, traits: Traits, expectation: Expectation, onPair: OnPair): void {
  const { a, b, inA, inB } = course;
  const keysA = sortedKeys(a, inA, course.seqShift, course.ackShift, traits);
  const keysB = sortedKeys(b, inB, 0, 0, traits);
  eachGroup(keysA, keysB, (fromA, toA, fromB, toB) => {
    const ofA = Int32Array.from(keysA.subarray(fromA, toA), (key) => inA[placeOf(key)]);
    const ofB = Int32Array.from(keysB.subarray(fromB, toB), (key) => inB[placeOf(key)]);
    pairByTime(course, traits, expectation, ofA, ofB, onPair);
  });
}

/** By place in `packets`: 1 where another of them carries some of the same bytes. */
function sharingBytes(s: Sightings, packets: Int32Array): Uint8Array {
  const shared = new Uint8Array(packets.length);
  if (packets.length === 0) return shared;
  const base = s.seq[packets[0]];
  const from = new Float64Array(packets.length);
  let near = 0;
  const places: number[] = [];
  packets.forEach((i, place) => {
    from[place] = widen(s.seq[i], base, near);
    if (s.payload[i] === 0) return;
    near = Math.max(near, from[place]);
    places.push(place);
  });
  places.sort((x, y) => from[x] - from[y]);
  let farthest = -1;
  let end = Number.NEGATIVE_INFINITY;
  for (const place of places) {
    if (from[place] < end) {
      shared[place] = 1;
      shared[farthest] = 1;
    }
    const to = from[place] + s.payload[packets[place]];
    if (to <= end) continue;
    end = to;
    farthest = place;
  }
  return shared;
}

/** Bits of a position in a sorted key; the other bits of a double's integers are those of the hash. */
const PLACE_BITS = 2 ** 23;

function placeOf(key: number): number {
  return key % PLACE_BITS;
}

/** A key a packet, sorted: equal packets stand together, in the order of time. */
function sortedKeys(
  s: Sightings,
  packets: Int32Array,
  seqShift: number,
  ackShift: number,
  traits: Traits | null,
): Float64Array {
  const keys = new Float64Array(packets.length);
  for (let place = 0; place < packets.length; place++) {
    const i = packets[place];
    const flags = s.flags[i];
    let hash = mix(mix(mix(0, (s.seq[i] + seqShift) | 0), s.payload[i]), flags & COUNTED);
    const isPureAck = s.payload[i] === 0 && (flags & COUNTED) === 0;
    if (flags & ACK && (isPureAck || traits?.ack)) hash = mix(hash, (s.ack[i] + ackShift) | 0);
    if (traits?.ipId && traits.ipIdEverywhere && s.known[i] & Known.IP_ID) hash = mix(hash, s.ipId[i]);
    if (traits?.timestamps && traits.timestampsEverywhere && s.known[i] & Known.TIMESTAMPS)
      hash = mix(mix(hash, s.tsVal[i]), s.tsEcr[i]);
    if (traits?.window) hash = mix(hash, s.window[i]);
    keys[place] = (hash >>> 2) * PLACE_BITS + place;
  }
  return keys.sort();
}

/** Walks both lists of keys and calls for each hash that is in both. */
function eachGroup(
  a: Float64Array,
  b: Float64Array,
  onGroup: (fromA: number, toA: number, fromB: number, toB: number) => void,
): void {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const hashA = Math.floor(a[i] / PLACE_BITS);
    const hashB = Math.floor(b[j] / PLACE_BITS);
    if (hashA < hashB) i++;
    else if (hashB < hashA) j++;
    else {
      const end = (hashA + 1) * PLACE_BITS;
      const fromA = i;
      const fromB = j;
      while (i < a.length && a[i] < end) i++;
      while (j < b.length && b[j] < end) j++;
      onGroup(fromA, i, fromB, j);
    }
  }
}

function isSamePlace({ a, b, seqShift }: Course, i: number, j: number): boolean {
  return (
    (a.seq[i] + seqShift) >>> 0 === b.seq[j] &&
    a.payload[i] === b.payload[j] &&
    (a.flags[i] & COUNTED) === (b.flags[j] & COUNTED)
  );
}

/**
 * Pairs packets that look the same, in the order of time: as many and as usual in their delays as can be, where a packet that
 * stays alone weighs as much as a deviation of the limit.
 */
function pairByTime(
  course: Course,
  traits: Traits,
  expectation: Expectation,
  ofA: Int32Array,
  ofB: Int32Array,
  onPair: OnPair,
): void {
  const { a, b, ackShift } = course;
  const cost = (i: number, j: number) =>
    isSamePlace(course, i, j) && traits.agree(a, i, b, j, ackShift)
      ? expectation.deviation(a.time[i], b.time[j])
      : Number.POSITIVE_INFINITY;
  const n = ofA.length;
  const m = ofB.length;
  const { limit } = expectation;
  if (n === 1 && m === 1) {
    if (cost(ofA[0], ofB[0]) < Number.POSITIVE_INFINITY) onPair(ofA[0], ofB[0]);
    return;
  }
  if (n > MAX_TRIED || m > MAX_TRIED) {
    pairInOrder(ofA, ofB, cost, limit, onPair);
    return;
  }
  // best[i][j]: the least cost of what follows the first i and the first j; each that stays alone costs the limit.
  const width = m + 1;
  const best = new Float64Array((n + 1) * width);
  for (let i = n; i >= 0; i--)
    for (let j = m; j >= 0; j--) {
      if (i === n || j === m) {
        best[i * width + j] = (n - i + (m - j)) * limit;
        continue;
      }
      const skip = limit + Math.min(best[(i + 1) * width + j], best[i * width + j + 1]);
      best[i * width + j] = Math.min(skip, cost(ofA[i], ofB[j]) + best[(i + 1) * width + j + 1]);
    }
  for (let i = 0, j = 0; i < n && j < m; ) {
    const here = best[i * width + j];
    if (here === cost(ofA[i], ofB[j]) + best[(i + 1) * width + j + 1]) onPair(ofA[i++], ofB[j++]);
    else if (here === limit + best[(i + 1) * width + j]) i++;
    else j++;
  }
}

/** The same for very many: each takes the first that is left of those that are near enough. */
function pairInOrder(
  ofA: Int32Array,
  ofB: Int32Array,
  cost: (i: number, j: number) => number,
  limit: number,
  onPair: OnPair,
): void {
  let from = 0;
  for (const i of ofA)
    for (let j = from; j < ofB.length && j < from + MAX_TRIED; j++)
      if (cost(i, ofB[j]) < 2 * limit) {
        onPair(i, ofB[j]);
        from = j + 1;
        break;
      }
}
