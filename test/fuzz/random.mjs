/** Pseudo-random choices from a seed: the same in every run (mulberry32). */
export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** An integer from 0 to `below`, which it does not reach. */
  next(below) {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  }

  /** True once in `n` times. */
  once(n) {
    return this.next(n) === 0;
  }

  pick(list) {
    return list[this.next(list.length)];
  }

  /** A number that a field of so many bits may hold, mostly near an edge. */
  field(bits) {
    const most = 2 ** bits - 1;
    if (this.once(2)) return this.next(most + 1);
    return this.pick([0, 1, 2, most, most - 1, 2 ** (bits - 1), 2 ** (bits - 1) - 1, this.next(256)]);
  }
}
