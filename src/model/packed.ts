/**
 * Objects of which there are tens of thousands keep the numbers that few packets ask for outside of the heap: in rows of typed
 * arrays that many of them share. The garbage collector does not look into a row, a flag is a byte there, and a double is eight
 * bytes where a field of an object is a pointer to sixteen. Accessors on the prototype carry the names of the fields, so that
 * nobody else knows the layout.
 *
 * What every packet asks for stays a field of the object: V8 reads that with one instruction, and a place in a shared array
 * with six. With all fields in rows a packet took a quarter longer (Node 20).
 *
 * The accessors of all such classes share what the compiler learns of them, and that is little once they have met more than
 * four classes. So there are few.
 */

/**
 * Zero for a field that will hold doubles: V8 takes a plain 0 for a small integer, and throws away the code that it has
 * compiled for all users of the class when the first double comes.
 */
export const DOUBLE_ZERO = -0;

/**
 * A time (ns) that never was: before all others, so that as much time went by since then as one likes. No number stands for it: what
 * was captured before the first record has a negative time.
 */
export const NEVER = Number.NEGATIVE_INFINITY;

/** Minus one for such a field, "none" of what is never negative: read from an array of doubles it is no small integer. */
export const DOUBLE_NONE = new Float64Array([-1])[0];

/** Names and initial values of the fields of a class, by what they hold. */
export interface PackedFields {
  readonly doubles?: Readonly<Record<string, number>>;
  /** Between -2^31 and 2^31 - 1. */
  readonly integers?: Readonly<Record<string, number>>;
  /** Between 0 and 2^32 - 1: numbers of packets, raw sequence numbers. */
  readonly unsigned?: Readonly<Record<string, number>>;
  /** Between -128 and 127. */
  readonly small?: Readonly<Record<string, number>>;
  readonly flags?: Readonly<Record<string, boolean>>;
}

export interface Packed {
  /** The arrays that hold its row, all over the same memory. */
  readonly doubles: Float64Array;
  readonly integers: Int32Array;
  readonly bytes: Int8Array;
  /** Where its row begins, in doubles. */
  readonly row: number;
}

/** Rows in the first block of memory, and in the largest. */
const FIRST_ROWS = 16;
const MOST_ROWS = 512;

/** Hands out rows with the initial values. After `take` the row is at `row` of the three arrays. */
export class PackedRows {
  doubles = new Float64Array(0);
  integers = new Int32Array(0);
  bytes = new Int8Array(0);
  row = 0;
  private readonly image: Float64Array;
  private rows = FIRST_ROWS / 2;

  /** `image` is a row with the initial values. */
  constructor(image: Float64Array) {
    this.image = image;
  }

  /** Bytes of a row. */
  get size(): number {
    return this.image.byteLength;
  }

  take(): this {
    const { length } = this.image;
    this.row += length;
    if (this.row + length > this.doubles.length) this.reserve();
    return this;
  }

  private reserve(): void {
    const { image } = this;
    this.rows = Math.min(2 * this.rows, MOST_ROWS);
    const doubles = new Float64Array(this.rows * image.length);
    const { buffer } = doubles;
    // Copied as bytes: what a double of the image holds may be integers, and no number.
    const bytes = new Uint8Array(buffer);
    bytes.set(new Uint8Array(image.buffer));
    for (let have = image.byteLength; have < bytes.length; have *= 2) bytes.copyWithin(have, 0, have);
    this.doubles = doubles;
    this.integers = new Int32Array(buffer);
    this.bytes = new Int8Array(buffer);
    this.row = 0;
  }
}

/** Defines the accessors of `fields` on `prototype`; the rows that it returns hold them in the order of their sizes. */
export function definePacked(prototype: Packed, fields: PackedFields): PackedRows {
  const doubles = Object.entries(fields.doubles ?? {});
  const integers = Object.entries(fields.integers ?? {});
  const unsigned = Object.entries(fields.unsigned ?? {});
  const small = Object.entries(fields.small ?? {});
  const flags = Object.entries(fields.flags ?? {});
  const firstInteger = 2 * doubles.length;
  const firstUnsigned = firstInteger + integers.length;
  const firstSmall = 4 * (firstUnsigned + unsigned.length);
  const firstFlag = firstSmall + small.length;
  const image = new Float64Array(Math.ceil((firstFlag + flags.length) / 8));
  const words = new Int32Array(image.buffer);
  const bytes = new Int8Array(image.buffer);
  doubles.forEach(([name, value], i) => {
    image[i] = value;
    defineDouble(prototype, name, i);
  });
  integers.forEach(([name, value], i) => {
    words[firstInteger + i] = value;
    defineInteger(prototype, name, firstInteger + i);
  });
  unsigned.forEach(([name, value], i) => {
    words[firstUnsigned + i] = value;
    defineUnsigned(prototype, name, firstUnsigned + i);
  });
  small.forEach(([name, value], i) => {
    bytes[firstSmall + i] = value;
    defineSmall(prototype, name, firstSmall + i);
  });
  flags.forEach(([name, value], i) => {
    bytes[firstFlag + i] = value ? 1 : 0;
    defineFlag(prototype, name, firstFlag + i);
  });
  return new PackedRows(image);
}

function defineDouble(prototype: Packed, name: string, place: number): void {
  Object.defineProperty(prototype, name, {
    get(this: Packed): number {
      return this.doubles[this.row + place];
    },
    set(this: Packed, value: number) {
      this.doubles[this.row + place] = value;
    },
  });
}

function defineInteger(prototype: Packed, name: string, place: number): void {
  Object.defineProperty(prototype, name, {
    get(this: Packed): number {
      return this.integers[2 * this.row + place];
    },
    set(this: Packed, value: number) {
      this.integers[2 * this.row + place] = value;
    },
  });
}

function defineUnsigned(prototype: Packed, name: string, place: number): void {
  Object.defineProperty(prototype, name, {
    get(this: Packed): number {
      return this.integers[2 * this.row + place] >>> 0;
    },
    set(this: Packed, value: number) {
      this.integers[2 * this.row + place] = value;
    },
  });
}

function defineSmall(prototype: Packed, name: string, place: number): void {
  Object.defineProperty(prototype, name, {
    get(this: Packed): number {
      return this.bytes[8 * this.row + place];
    },
    set(this: Packed, value: number) {
      this.bytes[8 * this.row + place] = value;
    },
  });
}

function defineFlag(prototype: Packed, name: string, place: number): void {
  Object.defineProperty(prototype, name, {
    get(this: Packed): boolean {
      return this.bytes[8 * this.row + place] !== 0;
    },
    set(this: Packed, value: boolean) {
      this.bytes[8 * this.row + place] = value ? 1 : 0;
    },
  });
}
