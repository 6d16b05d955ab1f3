/** Rows that come one by one and end as columns. Numbers are rounded: columns are of whole numbers, and -1 is "not known". */
export class ColumnBuilder<Key extends string> {
  readonly columns: Record<Key, number[]>;
  private readonly keys: readonly Key[];

  constructor(keys: readonly Key[]) {
    this.keys = keys;
    this.columns = Object.fromEntries(keys.map((key) => [key, [] as number[]])) as Record<Key, number[]>;
  }

  get length(): number {
    return this.columns[this.keys[0]].length;
  }

  add(row: Readonly<Record<Key, number>>): void {
    for (const key of this.keys) {
      const value = row[key];
      this.columns[key].push(Number.isFinite(value) ? Math.round(value) : -1);
    }
  }

  build(): Record<Key, Float64Array> {
    return Object.fromEntries(this.keys.map((key) => [key, Float64Array.from(this.columns[key])])) as Record<
      Key,
      Float64Array
    >;
  }
}

/** Values that come again and again, each kept once. */
export class Dictionary<T = string> {
  readonly values: T[];
  private readonly indexes = new Map<string, number>();
  private readonly keyOf: (value: T) => string;

  constructor(keyOf: (value: T) => string, first: readonly T[] = []) {
    this.keyOf = keyOf;
    this.values = [];
    for (const value of first) this.indexOf(value);
  }

  indexOf(value: T): number {
    const key = this.keyOf(value);
    let index = this.indexes.get(key);
    if (index === undefined) {
      index = this.values.length;
      this.values.push(value);
      this.indexes.set(key, index);
    }
    return index;
  }
}

/** Texts of packets; the first is the empty one. */
export function textDictionary(): Dictionary {
  return new Dictionary((text) => text, ['']);
}
