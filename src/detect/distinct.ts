import type { Endpoint } from '../model/endpoint.ts';
import { murmurRound } from '../model/murmur.ts';

/** Addresses that are counted one by one; beyond, their number is estimated. */
const EXACT = 4096;
/** Bits of the estimate: 512 KB. */
const BITS = 1 << 22;

/** What was counted, as plain data: the words of each address, or the bits of the estimate as bytes in hexadecimal. */
export interface DistinctFacts {
  readonly addresses: readonly (readonly [string, number, number, number, number])[];
  readonly bits: string | null;
}

/**
 * How many different addresses there were, in bounded memory: exact to 4,096, then by linear counting (Whang and others, 1990),
 * whose standard error is below 0.1 % up to five million addresses.
 */
export class DistinctAddresses {
  /** The words of those that are counted one by one, by their texts. */
  private readonly exact = new Map<string, readonly [number, number, number, number]>();
  private bits: Uint32Array | null = null;
  private set = 0;

  add({ address, w0, w1, w2, w3 }: Pick<Endpoint, 'address' | 'w0' | 'w1' | 'w2' | 'w3'>): void {
    if (this.bits === null) {
      if (this.exact.has(address)) return;
      if (this.exact.size < EXACT) {
        this.exact.set(address, [w0, w1, w2, w3]);
        return;
      }
      this.estimate();
    }
    this.mark(w0, w1, w2, w3);
  }

  /** From here on their number is estimated. */
  private estimate(): void {
    this.bits = new Uint32Array(BITS / 32);
    for (const words of this.exact.values()) this.mark(...words);
    this.exact.clear();
  }

  get gathered(): DistinctFacts {
    const { bits } = this;
    return {
      addresses: [...this.exact].map(([address, words]) => [address, ...words]),
      bits: bits === null ? null : Array.from(bits, (word) => word.toString(16).padStart(8, '0')).join(''),
    };
  }

  join({ addresses, bits }: DistinctFacts): void {
    for (const [address, w0, w1, w2, w3] of addresses) this.add({ address, w0, w1, w2, w3 });
    if (bits === null) return;
    if (this.bits === null) this.estimate();
    this.set = 0;
    const own = this.bits!;
    for (let i = 0; i < own.length; i++) {
      own[i] |= Number.parseInt(bits.slice(8 * i, 8 * i + 8), 16);
      for (let word = own[i]; word !== 0; word &= word - 1) this.set++;
    }
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

/** Whoever makes addresses collide here makes a flood look as if it had fewer sources. */
function mix(hash: number, word: number): number {
  const mixed = murmurRound(hash, word);
  return Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
}
