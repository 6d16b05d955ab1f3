import type { SeenPacket } from './seen-packet.ts';

/** Numbers of a bucket, as a power of two: some ten full segments, and a large frame is in a few. */
const BUCKET_BITS = 14;
const BUCKETS = 2 ** (32 - BUCKET_BITS);
/** What takes more numbers than this is in no bucket: no link carries so large a frame. */
export const MAX_SPAN = 1 << 20;
/** Packets of a bucket that are looked at: the latest ones. Who sends more for the same numbers gets no more. */
export const MAX_TRIED = 512;

/** Packets that wait, by the sequence numbers that they take. Those that take none are not in it. */
export class BySequence {
  /** Null while none waits. */
  private buckets: Map<number, SeenPacket[]> | null = null;

  add(packet: SeenPacket): void {
    for (const key of keysOf(packet.side, packet.seq, packet.end)) {
      this.buckets ??= new Map();
      const bucket = this.buckets.get(key);
      if (bucket === undefined) this.buckets.set(key, [packet]);
      else bucket.push(packet);
    }
  }

  remove(packet: SeenPacket): void {
    const { buckets } = this;
    if (buckets === null) return;
    for (const key of keysOf(packet.side, packet.seq, packet.end)) {
      const bucket = buckets.get(key);
      if (bucket === undefined) continue;
      const at = bucket.indexOf(packet);
      if (at < 0) continue;
      if (bucket.length === 1) buckets.delete(key);
      else bucket.splice(at, 1);
    }
    if (buckets.size === 0) this.buckets = null;
  }

  clear(): void {
    this.buckets = null;
  }

  /** Those of a side that take a number of `[from, to)`, the ones that came first in front. */
  overlapping(side: number, from: number, to: number): SeenPacket[] {
    const found = new Set<SeenPacket>();
    for (const key of keysOf(side, from, to)) {
      const bucket = this.buckets?.get(key) ?? [];
      for (let i = Math.max(0, bucket.length - MAX_TRIED); i < bucket.length; i++) {
        const packet = bucket[i];
        if (((packet.end - from) | 0) > 0 && ((to - packet.seq) | 0) > 0) found.add(packet);
      }
    }
    return [...found];
  }
}

function* keysOf(side: number, from: number, to: number): Generator<number> {
  if (from === to || (to - from) >>> 0 > MAX_SPAN) return;
  const last = ((to - 1) >>> BUCKET_BITS) % BUCKETS;
  for (let bucket = from >>> BUCKET_BITS; ; bucket = (bucket + 1) % BUCKETS) {
    yield 2 * bucket + side;
    if (bucket === last) return;
  }
}
