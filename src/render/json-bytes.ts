import { type Field, fieldTree, type Json, type JsonOut, type Node, type Nullable } from './field.ts';
import { jsonOf } from './json.ts';

const encoder = new TextEncoder();
const FIRST_SIZE = 0x1000;
const [QUOTE, BACKSLASH, HASH, MINUS, POINT, ZERO, COMMA, COLON] = [0x22, 0x5c, 0x23, 0x2d, 0x2e, 0x30, 0x2c, 0x3a];
/** Larger than any sequence number, and small enough for its millionths to be exact. */
const LARGEST_DECIMAL = 2 ** 33;
/** So many bytes are copied sooner one by one than by a call. */
const SHORT = 16;
/** Of a number of 32 bits. */
const MOST_DIGITS = 10;
/** The two digits of 0 to 99. */
const PAIRS = Uint8Array.from({ length: 200 }, (_, i) => ZERO + (i % 2 === 0 ? Math.floor(i / 20) : (i >> 1) % 10));
const LAST_PRINTED = 0x7e;
/** Characters that stand for themselves in a string. */
const STANDS = Uint8Array.from({ length: LAST_PRINTED + 1 }, (_, code) =>
  Number(code >= 0x20 && code !== QUOTE && code !== BACKSLASH && code !== HASH),
);
const [OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];

/**
 * JSON written straight into bytes. Rows by the million are mostly names and small numbers: neither strings of them nor
 * the object that JSON.stringify wants are worth their memory.
 */
class JsonBytes implements JsonOut {
  bytes = new Uint8Array(FIRST_SIZE);
  length = 0;

  /** Bytes that are JSON already. */
  raw(text: Uint8Array): void {
    this.reserve(text.length);
    const { bytes } = this;
    let at = this.length;
    this.length += text.length;
    if (text.length > SHORT) bytes.set(text, at);
    else for (let i = 0; i < text.length; i++) bytes[at++] = text[i];
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
      const value = object[key];
      if (value === undefined) continue;
      this.byte(separator);
      separator = COMMA;
      this.string(key);
      this.byte(COLON);
      this.value(value);
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
      if (code > LAST_PRINTED || STANDS[code] === 0) {
        this.raw(encoder.encode(jsonOf(text)));
        return;
      }
      bytes[at++] = code;
    }
    bytes[at++] = QUOTE;
    this.length = at;
  }

  number(value: number): void {
    // Digit by digit only where the arithmetic is exact and fast; -0 is 0 in JSON as well.
    if ((value | 0) === value || value >>> 0 === value) {
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
    let rest = (millionths - whole * 1e6) | 0;
    if (rest !== 0 && whole >= 1e9) return false;
    if (whole >= 1e9) {
      this.integer(Math.floor(whole / 1e9));
      this.digits(whole % 1e9, 9);
    } else this.integer(whole);
    if (rest === 0) return true;
    let places = 6;
    while (rest % 10 === 0) {
      rest = (rest / 10) | 0;
      places--;
    }
    this.byte(POINT);
    this.digits(rest, places);
    return true;
  }

  digits(value: number, count: number): void {
    this.reserve(count);
    const { bytes } = this;
    const start = this.length;
    this.length += count;
    let rest = value;
    for (let i = this.length; i > start; ) {
      const next = (rest / 100) | 0;
      const pair = 2 * (rest - 100 * next);
      bytes[--i] = PAIRS[pair + 1];
      if (i > start) bytes[--i] = PAIRS[pair];
      rest = next;
    }
  }

  private ascii(text: string): void {
    this.reserve(text.length);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    this.length = at;
  }

  /** Of 32 bits, with or without a sign. */
  private integer(value: number): void {
    if (value < 0) this.byte(MINUS);
    const rest = Math.abs(value);
    this.digits(rest, digitsOf(rest));
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

/** One member of a row, or the beginning of an object in it. */
interface Step<Row> {
  /** Its name, and what stands before it. */
  readonly name: Uint8Array;
  readonly value: ((row: Row) => Json) | null;
  readonly write: ((row: Row, out: JsonOut) => void) | null;
  /** Of an object that can be null, else null. */
  readonly isNull: ((row: Row) => boolean) | null;
  /** Of such an object: the step after it, and how many objects end with its last member, it among them. */
  next: number;
  inside: number;
  /** So many objects end with it. */
  ends: number;
}

/** The members in the order in which they are written, those of objects among them. */
function stepsOf<Row>(nodes: readonly Node<Row>[], steps: Step<Row>[] = [], open = '{'): Step<Row>[] {
  nodes.forEach(({ name, value, write, members, isNull }, i) => {
    const text = `${i === 0 ? open : ','}${JSON.stringify(name)}:`;
    if (value === null && isNull === null) {
      stepsOf(members, steps, `${text}{`);
      steps.at(-1)!.ends++;
      return;
    }
    const step: Step<Row> = { name: encoder.encode(text), value, write, isNull, next: 0, inside: 0, ends: 0 };
    steps.push(step);
    if (value !== null) return;
    stepsOf(members, steps);
    const last = steps.at(-1)!;
    step.inside = ++last.ends;
    step.next = steps.length;
  });
  return steps;
}

function objectWriter<Row>(nodes: readonly Node<Row>[], out: JsonBytes): (row: Row) => void {
  const steps = stepsOf(nodes);
  return (row) => {
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i];
      const { name, value, write, isNull } = step;
      let { ends } = step;
      out.raw(name);
      if (write !== null) write(row, out);
      else if (value !== null) out.value(value(row));
      else if (isNull!(row)) {
        out.raw(NULL);
        i = step.next - 1;
        ends = steps[i].ends - step.inside;
      }
      for (; ends > 0; ends--) out.byte(CLOSE);
    }
    out.byte(CLOSE);
  };
}

/** Decimal digits of a number of 32 bits. */
function digitsOf(value: number): number {
  if (value < 1e5) return value < 100 ? (value < 10 ? 1 : 2) : value < 1e3 ? 3 : value < 1e4 ? 4 : 5;
  if (value < 1e8) return value < 1e6 ? 6 : value < 1e7 ? 7 : 8;
  return value < 1e9 ? 9 : MOST_DIGITS;
}
