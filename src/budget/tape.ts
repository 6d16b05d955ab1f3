/**
 * The number that a byte stands for, where the byte says it all: small integers, and what is no number. After other bytes the
 * number itself follows.
 */
const LOWEST = -8;
const HIGHEST = 239 + LOWEST;
const NOT_A_NUMBER = 240;
const INFINITE = 241;
/** Integers of so many bits follow, and any number. */
const BITS_16 = 242;
const BITS_32 = 243;
const BITS_48 = 244;
const DOUBLE = 245;

const MOST_16 = 2 ** 15;
const MOST_32 = 2 ** 31;
const MOST_48 = 2 ** 47;
/** Bytes of the longest number. */
const WIDEST = 9;

/**
 * Numbers one after the other, as somebody writes down what he knows and reads it again. What is written in some order is read
 * in the same order. Each takes as many bytes as it needs: a flag one, a time of some hours (ns) seven.
 */
export class Tape {
  private written = new Uint8Array(1 << 10);
  private view = new DataView(this.written.buffer);
  private source: DataView = this.view;
  private at = 0;
  /** How many bytes are written. */
  length = 0;

  /** Nothing is written. */
  clear(): void {
    this.length = 0;
  }

  /** Writes one more number. */
  put(value: number): void {
    if (this.length + WIDEST > this.written.length) this.grow();
    const { view, length } = this;
    if (Number.isInteger(value)) {
      if (value >= LOWEST && value <= HIGHEST) {
        this.written[this.length++] = value - LOWEST;
        return;
      }
      if (value >= -MOST_16 && value < MOST_16) {
        view.setUint8(length, BITS_16);
        view.setInt16(length + 1, value);
        this.length += 3;
        return;
      }
      if (value >= -MOST_32 && value < MOST_32) {
        view.setUint8(length, BITS_32);
        view.setInt32(length + 1, value);
        this.length += 5;
        return;
      }
      if (value >= -MOST_48 && value < MOST_48) {
        const high = Math.floor(value / 2 ** 32);
        view.setUint8(length, BITS_48);
        view.setInt16(length + 1, high);
        view.setUint32(length + 3, value - high * 2 ** 32);
        this.length += 7;
        return;
      }
    } else if (Number.isNaN(value)) {
      view.setUint8(this.length++, NOT_A_NUMBER);
      return;
    } else if (value === Number.POSITIVE_INFINITY) {
      view.setUint8(this.length++, INFINITE);
      return;
    }
    view.setUint8(length, DOUBLE);
    view.setFloat64(length + 1, value);
    this.length += 9;
  }

  private grow(): void {
    const { written } = this;
    this.written = new Uint8Array(2 * written.length);
    this.written.set(written);
    this.view = new DataView(this.written.buffer);
  }

  /** All of it. */
  copy(): DataView {
    return new DataView(this.written.slice(0, this.length).buffer);
  }

  /** Writes all of it into `bytes` from `at` on. */
  copyTo(bytes: DataView, at: number): void {
    for (let i = 0; i < this.length; i++) bytes.setUint8(at + i, this.written[i]);
  }

  /** Reads from `bytes`, from `at` on, what was copied there. */
  open(bytes: DataView, at: number): void {
    this.source = bytes;
    this.at = at;
  }

  /** Reads the next number. What is a small integer is one to V8 as well, whatever field it came from. */
  next(): number {
    const { source, at } = this;
    const first = source.getUint8(at);
    if (first < NOT_A_NUMBER) {
      this.at = at + 1;
      return first + LOWEST;
    }
    switch (first) {
      case BITS_16:
        this.at = at + 3;
        return source.getInt16(at + 1);
      case BITS_32:
        this.at = at + 5;
        return source.getInt32(at + 1);
      case BITS_48:
        this.at = at + 7;
        return source.getInt16(at + 1) * 2 ** 32 + source.getUint32(at + 3);
      case DOUBLE:
        this.at = at + 9;
        return source.getFloat64(at + 1);
      default:
        this.at = at + 1;
        return first === INFINITE ? Number.POSITIVE_INFINITY : Number.NaN;
    }
  }
}
