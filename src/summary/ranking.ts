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
