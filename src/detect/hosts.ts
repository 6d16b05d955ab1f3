import type { Endpoint } from '../model/endpoint.ts';
import { KeyedHash } from '../model/keyed-hash.ts';

/** Most hosts that are kept. */
export const MOST_HOSTS = 1 << 16;
/** Words of an address here. */
const WIDTH = 5;

type Words = Pick<Endpoint, 'w0' | 'w1' | 'w2' | 'w3'>;

/** An address, as an endpoint has it. */
export interface HostAddress extends Words {
  readonly connection: { readonly ipVersion: number };
}

/**
 * What is remembered of each address. A Map with a number or a text as its key would do the same, but for captures that are
 * made to collide in it: its hash of a number is no secret.
 */
export class HostTable<T, A extends HostAddress = HostAddress> {
  /** In the order in which their addresses came. */
  readonly values: T[] = [];
  /** The address of each, IP version and four words: an endpoint would keep its connection. */
  private addresses = new Int32Array(64 * WIDTH);
  private readonly keyed = new KeyedHash(4);
  /** Index in `values` plus one, 0 for an empty slot. Open addressing. */
  private slots = new Int32Array(64);
  private hashes = new Int32Array(64);
  private readonly make: (endpoint: A) => T;

  constructor(make: (endpoint: A) => T) {
    this.make = make;
  }

  /** The entry of the endpoint's address; undefined where there is none. */
  find(endpoint: A): T | undefined {
    return this.values[this.slots[this.slotFor(endpoint, this.hash(endpoint))] - 1];
  }

  /** The same, made if there is none; null when there are `MOST_HOSTS` others. */
  of(endpoint: A): T | null {
    const hash = this.hash(endpoint);
    const i = this.slotFor(endpoint, hash);
    if (this.slots[i] !== 0) return this.values[this.slots[i] - 1];
    if (this.values.length >= MOST_HOSTS) return null;
    const made = this.make(endpoint);
    this.noteAddress(this.values.length, endpoint);
    this.slots[i] = this.values.push(made);
    this.hashes[i] = hash;
    if (this.values.length * 2 > this.slots.length) this.grow();
    return made;
  }

  /** The slot of the address, or the empty one where it belongs. */
  private slotFor(endpoint: A, hash: number): number {
    let i = this.slotOf(hash);
    while (this.slots[i] !== 0 && !(this.hashes[i] === hash && this.isAddress(this.slots[i] - 1, endpoint)))
      i = this.after(i);
    return i;
  }

  private noteAddress(index: number, { w0, w1, w2, w3, connection }: HostAddress): void {
    if ((index + 1) * WIDTH > this.addresses.length) {
      const { addresses } = this;
      this.addresses = new Int32Array(2 * addresses.length);
      this.addresses.set(addresses);
    }
    this.addresses.set([connection.ipVersion, w0, w1, w2, w3], index * WIDTH);
  }

  private isAddress(index: number, { w0, w1, w2, w3, connection }: HostAddress): boolean {
    const { addresses } = this;
    const at = index * WIDTH;
    return (
      addresses[at + 4] === (w3 | 0) &&
      addresses[at] === connection.ipVersion &&
      addresses[at + 3] === (w2 | 0) &&
      addresses[at + 2] === (w1 | 0) &&
      addresses[at + 1] === (w0 | 0)
    );
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

  private hash({ w0, w1, w2, w3, connection }: HostAddress): number {
    const { keyed } = this;
    keyed.words[0] = w3;
    if (connection.ipVersion === 4) return keyed.hash(1);
    keyed.words[1] = w2;
    keyed.words[2] = w1;
    keyed.words[3] = w0;
    return keyed.hash(4);
  }
}

/** The words of both addresses are equal. */
export function sameAddress(one: Words, other: Words): boolean {
  return one.w3 === other.w3 && one.w2 === other.w2 && one.w1 === other.w1 && one.w0 === other.w0;
}
