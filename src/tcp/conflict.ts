import type { Endpoint } from '../model/endpoint.ts';
import { CONFLICT_CONTENT, type Conflict, type ConflictCopy, type OverlapPolicy, type Stamp } from '../model/stream.ts';

/** Two segments' bytes for the place that both hold, from `start` (offset in the stream) on; equally many. */
export interface Rivals {
  sender: Endpoint;
  start: number;
  earlier: Uint8Array;
  earlierStamp: Stamp;
  later: Uint8Array;
  laterStamp: Stamp;
}

/** Index of the first byte in which `b` differs from `a`, which is not longer; -1 when there is none. */
export function firstDifference(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return i;
  return -1;
}

/** The report; `difference` is the index of the first differing byte. */
export function conflictOf(
  rivals: Rivals,
  difference: number,
  delivered: boolean,
  policy: OverlapPolicy,
  picks: Conflict['picks'],
): Conflict {
  const { sender, start, earlier, later } = rivals;
  // The content is shown from the first byte on. Where the difference lies in its second half or behind it, it is shown from the difference on.
  const from = difference < CONFLICT_CONTENT / 2 ? 0 : difference;
  return {
    sender,
    start,
    end: start + earlier.length,
    differsAt: start + difference,
    contentStart: start + from,
    earlier: copyOf(earlier, from, earlier.length, rivals.earlierStamp),
    later: copyOf(later, from, earlier.length, rivals.laterStamp),
    delivered,
    kept: delivered ? 'earlier' : picks[policy],
    picks,
  };
}

function copyOf(bytes: Uint8Array, from: number, length: number, stamp: Stamp): ConflictCopy {
  const { frame, time, ttl, ipId } = stamp;
  const content = new Uint8Array(bytes.subarray(from, Math.min(length, from + CONFLICT_CONTENT)));
  return { frame, time, ttl, ipId, bytes: content };
}
