/**
 * Documents with long columns of whole numbers, as bytes: JSON for the rest, and each column as the differences of neighbours in
 * seven bits a byte. What grows steadily, as times and sequence numbers do, takes two or three bytes a row before compression.
 *
 * Layout: length of the JSON (4 bytes, little-endian), the JSON in UTF-8, then columns and bytes where the JSON says.
 */

/** Where a column or a piece of memory lies, after the JSON. */
type Place =
  | { readonly $column: readonly [at: number, rows: number] }
  | { readonly $bytes: readonly [at: number, length: number] };

const HEAD = 4;

/** Numbers of columns are whole, and neighbours differ by less than 2^52. Objects, arrays, texts, numbers, booleans, nulls; typed arrays of doubles are columns, `Uint8Array`s stay what they are. */
export function pack(document: unknown): Uint8Array {
  const parts = new Parts();
  const json = new TextEncoder().encode(
    JSON.stringify(document, (_, value: unknown) => {
      if (value instanceof Float64Array) return { $column: [parts.column(value), value.length] };
      if (value instanceof Uint8Array) return { $bytes: [parts.bytes(value), value.length] };
      return value;
    }),
  );
  const whole = new Uint8Array(HEAD + json.length + parts.length);
  new DataView(whole.buffer).setUint32(0, json.length, true);
  whole.set(json, HEAD);
  whole.set(parts.all(), HEAD + json.length);
  return whole;
}

/** What `pack` was given; the caller knows its type. Throws where the bytes are none of `pack`. */
export function unpack<T>(packed: Uint8Array): T {
  const length = new DataView(packed.buffer, packed.byteOffset).getUint32(0, true);
  const base = HEAD + length;
  if (base > packed.length) throw new RangeError('packed document: the JSON is longer than the document');
  const isPlace = (value: unknown): value is Place =>
    typeof value === 'object' && value !== null && ('$column' in value || '$bytes' in value);
  return JSON.parse(new TextDecoder().decode(packed.subarray(HEAD, base)), (_, value: unknown) => {
    if (!isPlace(value)) return value;
    if ('$column' in value) return readColumn(packed, base + value.$column[0], value.$column[1]);
    const [at, size] = value.$bytes;
    return packed.slice(base + at, base + at + size);
  }) as T;
}

/** Bytes that grow. */
class Parts {
  length = 0;
  private memory = new Uint8Array(1 << 16);

  column(values: Float64Array): number {
    const at = this.length;
    let previous = 0;
    for (const value of values) {
      const step = value - previous;
      previous = value;
      // Zigzag: small numbers of either sign are small. In doubles: steps go beyond 32 bits.
      let rest = step >= 0 ? 2 * step : -2 * step - 1;
      this.reserve(8);
      while (rest >= 0x80) {
        this.memory[this.length++] = (rest % 0x80) + 0x80;
        rest = Math.floor(rest / 0x80);
      }
      this.memory[this.length++] = rest;
    }
    return at;
  }

  bytes(values: Uint8Array): number {
    const at = this.length;
    this.reserve(values.length);
    this.memory.set(values, at);
    this.length += values.length;
    return at;
  }

  all(): Uint8Array {
    return this.memory.subarray(0, this.length);
  }

  private reserve(more: number): void {
    if (this.length + more <= this.memory.length) return;
    const grown = new Uint8Array(Math.max(2 * this.memory.length, this.length + more));
    grown.set(this.memory);
    this.memory = grown;
  }
}

function readColumn(packed: Uint8Array, at: number, rows: number): Float64Array {
  const values = new Float64Array(rows);
  let value = 0;
  for (let i = 0; i < rows; i++) {
    let byte = packed[at++];
    let step = byte & 0x7f;
    for (let factor = 0x80; byte >= 0x80; factor *= 0x80) {
      byte = packed[at++];
      step += (byte & 0x7f) * factor;
    }
    value += step % 2 === 0 ? step / 2 : -(step + 1) / 2;
    values[i] = value;
  }
  return values;
}
