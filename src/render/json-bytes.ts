import { type Field, fieldTree, type Json, type Node, type Nullable } from './field.ts';
import { jsonOf } from './json.ts';

const encoder = new TextEncoder();
const FIRST_SIZE = 0x1000;
const [QUOTE, BACKSLASH, HASH, MINUS, POINT, ZERO, COMMA, COLON] = [0x22, 0x5c, 0x23, 0x2d, 0x2e, 0x30, 0x2c, 0x3a];
/** Larger than any sequence number, and small enough for its millionths to be exact. */
const LARGEST_DECIMAL = 2 ** 33;
const [OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];

/**
 * JSON written straight into bytes. Rows by the million are mostly names and small numbers: neither strings of them nor
 * the object that JSON.stringify wants are worth their memory.
 */
class JsonBytes {
  bytes = new Uint8Array(FIRST_SIZE);
  length = 0;

  /** Bytes that are JSON already. */
  raw(text: Uint8Array): void {
    this.reserve(text.length);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < text.length; i++) bytes[at++] = text[i];
    this.length = at;
  }

  byte(code: number): void {
    this.reserve(1);
    this.bytes[this.length++] = code;
  }

  value(value: Json): void {
    switch (typeof value) {
      case 'string':
        this.string(value);
        return;
      case 'number':
        this.number(value);
        return;
      case 'boolean':
        this.raw(value ? TRUE : FALSE);
        return;
      default:
        if (value === null) this.raw(NULL);
        else if (isList(value)) this.list(value);
        else this.object(value);
    }
  }

  private list(values: readonly Json[]): void {
    this.byte(OPEN_LIST);
    for (let i = 0; i < values.length; i++) {
      if (i > 0) this.byte(COMMA);
      this.value(values[i]);
    }
    this.byte(CLOSE_LIST);
  }

  private object(object: { readonly [key: string]: Json }): void {
    let separator = OPEN;
    for (const key in object) {
      if (object[key] === undefined) continue;
      this.byte(separator);
      separator = COMMA;
      this.string(key);
      this.byte(COLON);
      this.value(object[key]);
    }
    if (separator === OPEN) this.byte(OPEN);
    this.byte(CLOSE);
  }

  private string(text: string): void {
    this.reserve(text.length + 2);
    const { bytes } = this;
    let at = this.length;
    bytes[at++] = QUOTE;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH || code === HASH) {
        this.raw(encoder.encode(jsonOf(text)));
        return;
      }
      bytes[at++] = code;
    }
    bytes[at++] = QUOTE;
    this.length = at;
  }

  private number(value: number): void {
    // Digit by digit only where the arithmetic is exact and fast; -0 is 0 in JSON as well.
    if ((value | 0) === value) {
      this.integer(value);
      return;
    }
    if (value > 0 && value < LARGEST_DECIMAL && this.decimal(value)) return;
    if (Number.isFinite(value)) this.ascii(String(value));
    else this.raw(NULL);
  }

  /**
   * Numbers that are whole millionths: sequence numbers, times in milliseconds. False, and nothing written, for others. With no more than 15 digits only one decimal
   * reads as the number, so it is the one that JSON.stringify writes.
   */
  private decimal(value: number): boolean {
    const millionths = Math.round(value * 1e6);
    // The quotient of two exact numbers is the double next to it, which is what a reader makes of the decimal.
    if (millionths / 1e6 !== value) return false;
    const whole = Math.floor(value);
    let rest = millionths - whole * 1e6;
    if (rest !== 0 && whole >= 1e9) return false;
    if (whole >= 1e9) {
      this.integer(Math.floor(whole / 1e9));
      this.digits(whole % 1e9, 9);
    } else this.integer(whole);
    if (rest === 0) return true;
    let places = 6;
    for (; rest % 10 === 0; rest /= 10) places--;
    this.byte(POINT);
    this.digits(rest, places);
    return true;
  }

  /** With zeros in front. */
  private digits(value: number, count: number): void {
    this.reserve(count);
    const { bytes } = this;
    for (let i = this.length + count - 1; i >= this.length; i--) {
      const next = (value / 10) | 0;
      bytes[i] = ZERO + value - 10 * next;
      value = next;
    }
    this.length += count;
  }

  private ascii(text: string): void {
    this.reserve(text.length);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    this.length = at;
  }

  private integer(value: number): void {
    this.reserve(11);
    const { bytes } = this;
    let at = this.length;
    if (value < 0) bytes[at++] = MINUS;
    let digits = 1;
    for (let rest = (value / 10) | 0; rest !== 0; rest = (rest / 10) | 0) digits++;
    for (let i = at + digits - 1; i >= at; i--) {
      const next = (value / 10) | 0;
      bytes[i] = ZERO + Math.abs(value - 10 * next);
      value = next;
    }
    this.length = at + digits;
  }

  private reserve(room: number): void {
    if (this.length + room <= this.bytes.length) return;
    const grown = new Uint8Array(2 * (this.length + room));
    grown.set(this.bytes);
    this.bytes = grown;
  }
}

const TRUE = encoder.encode('true');
const FALSE = encoder.encode('false');
const NULL = encoder.encode('null');

/** Array.isArray, which does not see through `readonly`. */
function isList(value: object): value is readonly Json[] {
  return Array.isArray(value);
}

/**
 * Makes the function that writes a row as JSON, as JSON.stringify writes the object. The bytes are valid until the next
 * call.
 */
export function jsonWriter<Row>(
  fields: readonly Field<Row>[],
  nullable: readonly Nullable<Row>[] = [],
): (row: Row) => Uint8Array {
  const out = new JsonBytes();
  const write = objectWriter(fieldTree(fields, nullable), out);
  return (row) => {
    out.length = 0;
    write(row);
    return out.bytes.subarray(0, out.length);
  };
}

function objectWriter<Row>(nodes: readonly Node<Row>[], out: JsonBytes): (row: Row) => void {
  const names = nodes.map(({ name }, i) => encoder.encode(`${i === 0 ? '{' : ','}${JSON.stringify(name)}:`));
  const values = nodes.map(({ value, members, isNull }): ((row: Row) => void) => {
    if (value !== null) return (row) => out.value(value(row));
    const write = objectWriter(members, out);
    if (isNull === null) return write;
    return (row) => {
      if (isNull(row)) out.raw(NULL);
      else write(row);
    };
  });
  return (row) => {
    for (let i = 0; i < names.length; i++) {
      out.raw(names[i]);
      values[i](row);
    }
    out.byte(CLOSE);
  };
}
