import type { SegmentView } from './segment.ts';

/** One of several analyses that divide the connections of a capture among them. */
export interface Shard {
  /** From 0. */
  readonly index: number;
  readonly count: number;
}

/** Shards at the most. */
export const MOST_SHARDS = 65_536;

/**
 * To which shard a segment belongs, from 0: alike for both directions, and the same in every run and on every machine, so that
 * pieces which were made apart fit together. ICMP errors and reassembled datagrams go where their segment goes.
 */
export function shardOf(view: SegmentView, count: number): number {
  const isFour = view.ipVersion === 4;
  const source = isFour
    ? mix(mix(SEED, view.src3), view.srcPort)
    : mix(mix(mix(mix(mix(SEED, view.src0), view.src1), view.src2), view.src3), view.srcPort);
  const destination = isFour
    ? mix(mix(SEED, view.dst3), view.dstPort)
    : mix(mix(mix(mix(mix(SEED, view.dst0), view.dst1), view.dst2), view.dst3), view.dstPort);
  let hash = Math.imul((source + destination) | 0, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return (hash >>> 0) % count;
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

const SEED = 0x9747b28c;

/** A round of MurmurHash3. Whoever makes sockets collide here makes one shard work more than the others. */
function mix(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  let mixed = hash ^ Math.imul(k, 0x1b873593);
  mixed = (mixed << 13) | (mixed >>> 19);
  return (Math.imul(mixed, 5) + 0xe6546b64) | 0;
}
