import type { Stamp } from '../model/stream.ts';

const FIRST_CAPACITY = 1 << 12;
/** Runs that are remembered; a power of two. */
const RUNS = 1 << 11;

/**
 * The last bytes that were delivered, with the segments that brought them, to compare what comes for the same place later.
 * Two rings of bounded size. Offsets are those of the stream, from 0.
 */
export class DeliveredBytes {
  private readonly limit: number;
  private bytes = new Uint8Array(0);
  /** Runs by serial, `serial & (RUNS - 1)`: starts and ends rise. */
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  private readonly stamps: Stamp[] = [];
  private first = 0;
  private count = 0;

  /** At most `limit` bytes are kept; a power of two. */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** Runs come in order. Keeps a copy of `bytes`, and of the stamp's fields. */
  add(start: number, bytes: Uint8Array, stamp: Stamp): void {
    const end = start + bytes.length;
    if (this.bytes.length < this.limit) this.grow(start, end);
    const capacity = this.bytes.length;
    const kept = bytes.length > capacity ? bytes.subarray(bytes.length - capacity) : bytes;
    this.write(this.bytes, end - kept.length, kept);
    if (this.count === RUNS) this.first++;
    else this.count++;
    const i = (this.first + this.count - 1) & (RUNS - 1);
    this.starts[i] = start;
    this.ends[i] = end;
    const { frame, time, ttl, ipId } = stamp;
    this.stamps[i] = { frame, time, ttl, ipId };
  }

  /** Calls `visit` for every remembered stretch of `[start, end)`, in order, with its bytes (valid until it returns). */
  within(start: number, end: number, visit: (start: number, bytes: Uint8Array, stamp: Stamp) => void): void {
    const oldest = this.newest() - this.bytes.length;
    let low = this.first;
    let high = this.first + this.count;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.ends[middle & (RUNS - 1)] <= start) low = middle + 1;
      else high = middle;
    }
    for (let serial = low; serial < this.first + this.count; serial++) {
      const i = serial & (RUNS - 1);
      if (this.starts[i] >= end) return;
      const from = Math.max(this.starts[i], start, oldest);
      const to = Math.min(this.ends[i], end);
      if (from < to) visit(from, this.read(from, to), this.stamps[i]);
    }
  }

  private newest(): number {
    return this.count === 0 ? 0 : this.ends[(this.first + this.count - 1) & (RUNS - 1)];
  }

  /** Doubles the ring while it is too small for all that was delivered. */
  private grow(start: number, end: number): void {
    const begin = this.count === 0 ? start : this.starts[this.first & (RUNS - 1)];
    let capacity = Math.max(this.bytes.length, Math.min(FIRST_CAPACITY, this.limit));
    while (capacity < this.limit && end - begin > capacity) capacity *= 2;
    if (capacity === this.bytes.length) return;
    const newest = this.newest();
    const from = Math.max(newest - this.bytes.length, begin);
    const kept = from < newest ? new Uint8Array(this.read(from, newest)) : null;
    this.bytes = new Uint8Array(capacity);
    if (kept !== null) this.write(this.bytes, from, kept);
  }

  private write(ring: Uint8Array, start: number, bytes: Uint8Array): void {
    const at = start % ring.length;
    const front = Math.min(bytes.length, ring.length - at);
    ring.set(bytes.subarray(0, front), at);
    if (front < bytes.length) ring.set(bytes.subarray(front), 0);
  }

  private read(start: number, end: number): Uint8Array {
    const { bytes } = this;
    const at = start % bytes.length;
    const length = end - start;
    if (at + length <= bytes.length) return bytes.subarray(at, at + length);
    const joined = new Uint8Array(length);
    joined.set(bytes.subarray(at));
    joined.set(bytes.subarray(0, at + length - bytes.length), bytes.length - at);
    return joined;
  }
}
