/**
 * Numbers one after the other, as somebody writes down what he knows and reads it again. What is written in some order is read
 * in the same order.
 */
export class Tape {
  /** The first of them keeps it an array of doubles. */
  private readonly written: number[] = [Number.NaN];
  private source: ArrayLike<number> = this.written;
  private at = 0;
  /** How many numbers are written. */
  length = 0;

  /** Nothing is written. */
  clear(): void {
    this.length = 0;
  }

  /** Writes one more number. */
  put(value: number): void {
    this.written[this.length++] = value;
  }

  /** All that is written. */
  copy(): number[] {
    return this.written.slice(0, this.length);
  }

  /** Writes all of it into `numbers` from `at` on. */
  copyTo(numbers: Float64Array, at: number): void {
    for (let i = 0; i < this.length; i++) numbers[at + i] = this.written[i];
  }

  /** Reads from `numbers`, from `at` on, what was copied there. */
  open(numbers: ArrayLike<number>, at: number): void {
    this.source = numbers;
    this.at = at;
  }

  /** Reads the next number that is a time or a share. */
  next(): number {
    return this.source[this.at++];
  }

  /** Reads the next number that counts something. V8 keeps small integers in the field itself. */
  integer(): number {
    const value = this.source[this.at++];
    const small = value | 0;
    return small === value ? small : value;
  }
}
