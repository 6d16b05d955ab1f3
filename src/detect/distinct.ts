import type { Endpoint } from '../model/connection.ts';

/** Addresses that are counted one by one; beyond, their number is estimated. */
const EXACT = 4096;
/** Bits of the estimate: 512 KB. */
const BITS = 1 << 22;

/**
 * How many different addresses there were, in bounded memory: exact to 4,096, then by linear counting (Whang and others, 1990),
 * whose standard error is below 0.1 % up to five million addresses.
 */
export class DistinctAddresses {
  private readonly exact = new Set<string>();
  /** The words of those that were counted one by one. */
  private readonly early: number[] = [];
  private bits: Uint32Array | null = null;
  private set = 0;

  add(endpoint: Endpoint): void {
    if (this.bits === null) {
      const { address } = endpoint;
      if (this.exact.has(address)) return;
      if (this.exact.size < EXACT) {
        this.exact.add(address);
        this.early.push(endpoint.w0, endpoint.w1, endpoint.w2, endpoint.w3);
        return;
      }
      this.bits = new Uint32Array(BITS / 32);
      for (let i = 0; i < this.early.length; i += 4)
        this.mark(this.early[i], this.early[i + 1], this.early[i + 2], this.early[i + 3]);
      this.early.length = 0;
      this.exact.clear();
    }
    this.mark(endpoint.w0, endpoint.w1, endpoint.w2, endpoint.w3);
  }

  get count(): number {
    if (this.bits === null) return this.exact.size;
    const empty = Math.max(BITS - this.set, 1);
    return Math.round(BITS * Math.log(BITS / empty));
  }

  get isEstimate(): boolean {
    return this.bits !== null;
  }

  private mark(w0: number, w1: number, w2: number, w3: number): void {
    let hash = mix(mix(mix(mix(0x9e3779b9, w0), w1), w2), w3);
    hash = (hash ^ (hash >>> 15)) & (BITS - 1);
    const bit = 1 << (hash & 31);
    if (this.bits![hash >>> 5] & bit) return;
    this.bits![hash >>> 5] |= bit;
    this.set++;
  }
}

/** A round of MurmurHash3. Whoever makes addresses collide here makes a flood look as if it had fewer sources. */
function mix(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  let mixed = hash ^ Math.imul(k, 0x1b873593);
  mixed = (mixed << 13) | (mixed >>> 19);
  mixed = Math.imul(mixed, 5) + 0xe6546b64;
  mixed ^= mixed >>> 16;
  return Math.imul(mixed, 0x85ebca6b);
}
