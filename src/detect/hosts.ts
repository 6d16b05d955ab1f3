import type { Endpoint } from '../model/connection.ts';
import { KeyedHash } from '../model/keyed-hash.ts';

/**
 * What is remembered of each address. A Map with a number or a text as its key would do the same, but for captures that are
 * made to collide in it: its hash of a number is no secret.
 */
export class HostTable<T> {
  /** In the order in which their addresses came. */
  readonly values: T[] = [];
  /** An endpoint with the address of each. */
  private readonly examples: Endpoint[] = [];
  private readonly keyed = new KeyedHash(4);
  /** Index in `values` plus one, 0 for an empty slot. Open addressing. */
  private slots = new Int32Array(64);
  private hashes = new Int32Array(64);
  private readonly make: (endpoint: Endpoint) => T;

  constructor(make: (endpoint: Endpoint) => T) {
    this.make = make;
  }

  /** The entry of the endpoint's address, made if there is none. */
  of(endpoint: Endpoint): T {
    const hash = this.hash(endpoint);
    let i = this.slotOf(hash);
    for (; this.slots[i] !== 0; i = this.after(i)) {
      const index = this.slots[i] - 1;
      if (this.hashes[i] === hash && isSameHost(this.examples[index], endpoint)) return this.values[index];
    }
    const made = this.make(endpoint);
    this.examples.push(endpoint);
    this.slots[i] = this.values.push(made);
    this.hashes[i] = hash;
    if (this.values.length * 2 > this.slots.length) this.grow();
    return made;
  }

  private grow(): void {
    const { slots, hashes } = this;
    this.slots = new Int32Array(4 * slots.length);
    this.hashes = new Int32Array(4 * slots.length);
    for (let j = 0; j < slots.length; j++) {
      if (slots[j] === 0) continue;
      let i = this.slotOf(hashes[j]);
      while (this.slots[i] !== 0) i = this.after(i);
      this.slots[i] = slots[j];
      this.hashes[i] = hashes[j];
    }
  }

  private slotOf(hash: number): number {
    return hash & (this.slots.length - 1);
  }

  private after(slot: number): number {
    return (slot + 1) & (this.slots.length - 1);
  }

  private hash({ w0, w1, w2, w3, connection }: Endpoint): number {
    const { keyed } = this;
    keyed.words[0] = w3;
    if (connection.ipVersion === 4) return keyed.hash(1);
    keyed.words[1] = w2;
    keyed.words[2] = w1;
    keyed.words[3] = w0;
    return keyed.hash(4);
  }
}

function isSameHost(one: Endpoint, other: Endpoint): boolean {
  return one.connection.ipVersion === other.connection.ipVersion && sameAddress(one, other);
}

export function sameAddress(one: Endpoint, other: Endpoint): boolean {
  return one.w3 === other.w3 && one.w2 === other.w2 && one.w1 === other.w1 && one.w0 === other.w0;
}
