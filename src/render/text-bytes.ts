const FIRST_SIZE = 0x1000;
const [MINUS, POINT, ZERO] = [0x2d, 0x2e, 0x30];
/** Larger than any sequence number, and small enough for its millionths to be exact. */
const LARGEST_DECIMAL = 2 ** 33;
/** So many bytes are copied sooner one by one than by a call. */
const SHORT = 16;
/** Of a number of 32 bits. */
const MOST_DIGITS = 10;
/** The two digits of 0 to 99. */
const PAIRS = Uint8Array.from({ length: 200 }, (_, i) => ZERO + (i % 2 === 0 ? Math.floor(i / 20) : (i >> 1) % 10));

/** Text written straight into bytes: rows by the million are mostly names and small numbers, and strings of them are not worth their memory. */
export class TextBytes {
  bytes = new Uint8Array(FIRST_SIZE);
  length = 0;

  /** What was written; valid until something is written again. */
  get written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** Bytes as they are. */
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

  protected reserve(room: number): void {
    if (this.length + room <= this.bytes.length) return;
    const grown = new Uint8Array(2 * (this.length + room));
    grown.set(this.bytes);
    this.bytes = grown;
  }
}

/** Decimal digits of a number of 32 bits. */
function digitsOf(value: number): number {
  if (value < 1e5) return value < 100 ? (value < 10 ? 1 : 2) : value < 1e3 ? 3 : value < 1e4 ? 4 : 5;
  if (value < 1e8) return value < 1e6 ? 6 : value < 1e7 ? 7 : 8;
  return value < 1e9 ? 9 : MOST_DIGITS;
}
