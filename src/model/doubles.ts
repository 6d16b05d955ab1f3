/**
 * A double that is a field of an object is an object of its own to V8: a pointer and 16 bytes somewhere, which every access
 * follows and the garbage collector copies. Of classes with tens of thousands of instances, and many times and round trips in
 * each, the doubles lie in rows of large arrays instead; accessors on the prototype make them look like fields.
 */

/** Rows in one array. */
const ROWS = 512;

export interface DoubleFields {
  /** The array that holds its row, and where the row begins. */
  readonly slab: Float64Array;
  readonly row: number;
}

/** Hands out rows with the initial values. */
export class DoubleRows {
  private readonly initial: Float64Array;
  private slab: Float64Array;
  private next = 0;

  constructor(initial: readonly number[]) {
    this.initial = Float64Array.from(initial);
    this.slab = new Float64Array(0);
  }

  /** The place of the next row in `current`. */
  take(): number {
    const { initial } = this;
    if (this.next === this.slab.length) {
      this.slab = new Float64Array(ROWS * initial.length);
      for (let i = 0; i < this.slab.length; i += initial.length) this.slab.set(initial, i);
      this.next = 0;
    }
    const row = this.next;
    this.next += initial.length;
    return row;
  }

  /** The array of the row that was taken last. */
  get current(): Float64Array {
    return this.slab;
  }
}

/** The accessor of the double at `place` of a row. */
export type DoubleAccessor = (place: number) => { get(): number; set(value: number): void } & ThisType<DoubleFields>;

/**
 * Defines the accessors on `prototype`; `fields` names each with its value in the beginning. A class brings its own `accessor`,
 * though all say the same: of one that many classes shared the compiler could not tell which of them it meets.
 */
export function defineDoubles(
  prototype: DoubleFields,
  fields: Readonly<Record<string, number>>,
  accessor: DoubleAccessor,
): DoubleRows {
  Object.keys(fields).forEach((name, place) => {
    Object.defineProperty(prototype, name, accessor(place));
  });
  return new DoubleRows(Object.values(fields));
}
