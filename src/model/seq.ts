/**
 * Sequence number arithmetic modulo 2^32 (RFC 9293 section 3.4; serial numbers, RFC 1982).
 *
 * Sequence numbers travel as plain unsigned numbers 0..2^32-1 and are compared only through these functions.
 */

/**
 * Offset of the first byte of data: the SYN takes 0, and without it the first byte that was captured counts as 1. Where nothing was
 * acknowledged yet, the left edge is taken to be here: the SYN counts as acknowledged.
 */
export const FIRST_BYTE = 1;

/** Signed distance from `b` to `a`: positive when `a` is later. Right while the two are less than 2^31 apart. */
export function seqDiff(a: number, b: number): number {
  return (a - b) | 0;
}

/** `a` comes before `b`, modulo 2^32 (RFC 9293 section 3.4). */
export function seqBefore(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

/** `a` comes after `b`, modulo 2^32. */
export function seqAfter(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}

/** The number `length` after `a`, modulo 2^32. */
export function seqAdd(a: number, length: number): number {
  return (a + length) >>> 0;
}

/**
 * Widens a raw sequence number to an offset that never wraps: the offset congruent to `raw - base` that lies nearest to
 * `near`. Offsets are doubles, so streams beyond 4 GiB stay exact.
 */
export function widen(raw: number, base: number, near: number): number {
  return near + ((raw - base - near) | 0);
}
