/** Things in an order, as an array has them. */
export interface Ranked<T> extends Iterable<T> {
  readonly length: number;
  at(place: number): T | undefined;
  slice(start: number, end: number): T[];
}

/** Very many things in an order: numbers tell which is where, and each is made when somebody asks for it. */
export class Ranking<T> implements Ranked<T> {
  private readonly order: Uint32Array;
  private readonly make: (index: number) => T;

  /** `order`: their indices, the first one first; `make`: the one with that index. */
  constructor(order: Uint32Array, make: (index: number) => T) {
    this.order = order;
    this.make = make;
  }

  /** The first `most` of `count` things, by `compare` of their indices. */
  static of<T>(
    count: number,
    compare: (a: number, b: number) => number,
    make: (index: number) => T,
    most = count,
  ): Ranking<T> {
    const order = new Uint32Array(count);
    for (let i = 0; i < count; i++) order[i] = i;
    return new Ranking(order.sort(compare).slice(0, most), make);
  }

  get length(): number {
    return this.order.length;
  }

  at(place: number): T | undefined {
    return place < this.length ? this.make(this.order[place]) : undefined;
  }

  slice(start: number, end: number): T[] {
    return Array.from(this.order.subarray(start, end), this.make);
  }

  *[Symbol.iterator](): Generator<T> {
    for (const index of this.order) yield this.make(index);
  }
}
