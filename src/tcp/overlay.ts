import type { OverlapPolicy } from '../model/stream.ts';
import { laterWins } from './overlap.ts';
import type { Origin, Piece, WaitingBytes } from './waiting-bytes.ts';

/** Bytes of two segments for the same place, `[from, to)`: those of `old`, and `later`, which came now. */
export type OnOverlap = (from: number, old: Piece, to: number, later: Uint8Array) => void;

/**
 * Puts the bytes `[start, end)` of a segment (which are kept; null when the capture cut them off) among those that wait. The
 * policy decides about what waits there already; `onOverlap` sees both.
 */
export function overlay(waiting: WaitingBytes, added: Piece, policy: OverlapPolicy, onOverlap: OnOverlap): void {
  const { start, end, bytes, origin } = added;
  const add = (from: number, to: number) => {
    if (from === to) return;
    const part = bytes === null || to - from === bytes.length ? bytes : bytes.slice(from - start, to - start);
    waiting.insert({ start: from, end: to, bytes: part, origin });
  };
  waiting.seek(start);
  // Nobody else has the bytes from `run` on, as far as the cursor.
  let run = start;
  let after: Piece | null = null;
  for (let old = waiting.current; old !== null && old.start < end; old = waiting.current) {
    const from = Math.max(old.start, start);
    const to = Math.min(old.end, end);
    if (bytes !== null && old.bytes !== null) onOverlap(from, old, to, bytes.subarray(from - start, to - start));
    if (!replaces(bytes, origin, old, policy)) {
      add(run, from);
      run = to;
      waiting.next();
    } else if (old.start < from) {
      if (old.end > to) after = { ...old, start: to, bytes: old.bytes?.slice(to - old.start) ?? null };
      waiting.trim(old, old.start, from);
      waiting.next();
    } else if (old.end > to) {
      waiting.trim(old, to, old.end);
    } else waiting.remove();
  }
  if (run < end) add(run, end);
  if (after !== null) waiting.insert(after);
}

/** Bytes that the capture cut off give way to bytes that it has. */
function replaces(bytes: Uint8Array | null, origin: Origin, old: Piece, policy: OverlapPolicy): boolean {
  if (bytes === null || old.bytes === null) return bytes !== null;
  return laterWins(policy, origin, old.origin);
}
