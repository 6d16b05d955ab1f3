import { murmurRound } from './murmur.ts';
import type { SegmentView } from './segment.ts';

/** One of several analyses that divide the connections of a capture among them. */
export interface Shard {
  /** From 0. */
  readonly index: number;
  readonly count: number;
}

/** Most shards of a capture. */
export const MOST_SHARDS = 65_536;

const SEED = 0x9747b28c;

/**
 * To which shard a segment belongs, from 0: alike for both directions, and the same in every run and on every machine, so that
 * pieces which were made apart fit together. ICMP errors and reassembled datagrams go where their segment goes. Whoever
 * makes sockets collide makes one shard work more than the others.
 */
export function shardOf(view: SegmentView, count: number): number {
  const isFour = view.ipVersion === 4;
  const source = isFour
    ? hash4(view.src3, view.srcPort)
    : hash6(view.src0, view.src1, view.src2, view.src3, view.srcPort);
  const destination = isFour
    ? hash4(view.dst3, view.dstPort)
    : hash6(view.dst0, view.dst1, view.dst2, view.dst3, view.dstPort);
  let hash = Math.imul((source + destination) | 0, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return (hash >>> 0) % count;
}

function hash4(word: number, port: number): number {
  return murmurRound(murmurRound(SEED, word), port);
}

function hash6(w0: number, w1: number, w2: number, w3: number, port: number): number {
  return murmurRound(murmurRound(murmurRound(murmurRound(murmurRound(SEED, w0), w1), w2), w3), port);
}

/** Tells the segments of one shard from those of the others. */
export class ShardOwner {
  readonly shard: Shard;
  /** Of the segment that was asked about last. */
  isForeign = false;

  constructor(shard: Shard) {
    this.shard = shard;
  }

  /** Asked as soon as the sockets are known: of foreign segments nothing more is read. */
  owns(view: SegmentView): boolean {
    const { index, count } = this.shard;
    this.isForeign = shardOf(view, count) !== index;
    return !this.isForeign;
  }
}
