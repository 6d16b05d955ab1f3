const FIRST_SIZE = 0x1000;
const [MINUS, POINT, ZERO] = [0x2d, 0x2e, 0x30];
/** Larger than any sequence number, and small enough for its millionths to be exact. */
const LARGEST_DECIMAL = 2 ** 33;
/** Of a number of 32 bits. */
const MOST_DIGITS = 10;
/** The two digits of 0 to 99, as little-endian words. */
const PAIRS = Uint16Array.from({ length: 100 }, (_, i) => ((ZERO + (i % 10)) << 8) | (ZERO + Math.floor(i / 10)));
const WORD = 8;
const encoder = new TextEncoder();

/** Text of ASCII that is written again and again: copied by words of eight bytes. */
export class FixedText {
  /** As numbers of 64 bits, little-endian: ASCII is never NaN, which could change on its way. */
  words = new Float64Array(0);
  length = 0;

  constructor(text: string) {
    const bytes = encoder.encode(text);
    const padded = new Uint8Array(bytes.length + WORD);
    padded.set(bytes);
    this.take(new DataView(padded.buffer), 0, bytes.length);
  }

  /** Becomes the `length` bytes from `at` on, after which `view` has eight more. */
  take(view: DataView, at: number, length: number): void {
    const count = Math.ceil(length / WORD);
    if (count > this.words.length) this.words = new Float64Array(count);
    for (let i = 0; i < count; i++) this.words[i] = view.getFloat64(at + WORD * i, true);
    this.length = length;
  }
}

/** Rows as text, one after the other. */
export interface RowBytes<Row> {
  /** What was written. Whoever takes it may set its length. */
  readonly out: TextBytes;
  /** Writes a row at the end of `out`. */
  add(row: Row): void;
}

/** Text written straight into bytes: rows by the million are mostly names and small numbers, and strings of them are not worth their memory. */
export class TextBytes {
  bytes = new Uint8Array(FIRST_SIZE);
  length = 0;
  private view = new DataView(this.bytes.buffer);

  /** Takes the first `count` bytes away. */
  drop(count: number): void {
    this.bytes.copyWithin(0, count, this.length);
    this.length -= count;
  }

  fixed(text: FixedText): void {
    const { words, length } = text;
    this.reserve(length);
    const { view } = this;
    const at = this.length;
    this.length += length;
    for (let i = 0; WORD * i < length; i++) view.setFloat64(at + WORD * i, words[i], true);
  }

  /** What was written from `start` on becomes a text. */
  copyTo(text: FixedText, start: number): void {
    text.take(this.view, start, this.length - start);
  }

  /** Bytes as they are. */
  protected raw(text: Uint8Array): void {
    this.reserve(text.length);
    this.bytes.set(text, this.length);
    this.length += text.length;
  }

  byte(code: number): void {
    this.reserve(1);
    this.bytes[this.length++] = code;
  }

  /** As String writes it. */
  number(value: number): void {
    // Digit by digit only where the arithmetic is exact and fast; -0 is 0 as well.
    if ((value | 0) === value || value >>> 0 === value) {
      this.integer(value);
      return;
    }
    if (value > 0 && value < LARGEST_DECIMAL && this.decimal(value)) return;
    this.ascii(String(value));
  }

  /**
   * Numbers that are whole millionths: sequence numbers, times in milliseconds. False, and nothing written, for others. With no more than 15 digits only one decimal
   * reads as the number, so it is the one that String writes.
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

  /** With zeros in front, `count` digits in all. */
  digits(value: number, count: number): void {
    this.reserve(count);
    const start = this.length;
    this.length += count;
    let rest = value;
    let at = this.length - 2;
    for (; at >= start; at -= 2) {
      const next = (rest / 100) | 0;
      this.view.setUint16(at, PAIRS[rest - 100 * next], true);
      rest = next;
    }
    if (at === start - 1) this.bytes[start] = ZERO + (rest % 10);
  }

  protected ascii(text: string): void {
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

  /** Makes room for so many bytes, and for the rest of the last word. */
  protected reserve(room: number): void {
    if (this.length + room + WORD <= this.bytes.length) return;
    const grown = new Uint8Array(2 * (this.length + room + WORD));
    grown.set(this.bytes);
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}

/** Decimal digits of a number of 32 bits. */
function digitsOf(value: number): number {
  if (value < 1e5) return value < 100 ? (value < 10 ? 1 : 2) : value < 1e3 ? 3 : value < 1e4 ? 4 : 5;
  if (value < 1e8) return value < 1e6 ? 6 : value < 1e7 ? 7 : 8;
  return value < 1e9 ? 9 : MOST_DIGITS;
}
