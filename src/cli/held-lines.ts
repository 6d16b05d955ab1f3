/** Memory at the beginning; a power of two, as all that it grows to. */
const FIRST_SIZE = 0x10000;
const FIRST_LINES = 0x400;

/** The length of no line. */
const NONE = 0xffffffff;

/** Lines that wait for their turn, first in, first out, in two rings: their bytes, and how many each has. */
export class HeldLines {
  private bytes = new Uint8Array(FIRST_SIZE);
  /** Bytes that ever came, and that have left: places in the ring are these, modulo its size. */
  private end = 0;
  private start = 0;
  /** The lengths of the lines. */
  private lengths = new Uint32Array(FIRST_LINES);
  private pushed = 0;
  private left = 0;

  /** A line, or null where there is none. */
  push(line: Uint8Array | null): void {
    if (this.pushed - this.left === this.lengths.length) this.growLengths();
    this.lengths[this.pushed++ % this.lengths.length] = line?.length ?? NONE;
    if (line !== null) this.add(line);
  }

  private add(line: Uint8Array): void {
    if (this.end - this.start + line.length > this.bytes.length) this.growBytes(line.length);
    const { bytes } = this;
    const at = this.end % bytes.length;
    const room = bytes.length - at;
    if (line.length <= room) bytes.set(line, at);
    else {
      bytes.set(line.subarray(0, room), at);
      bytes.set(line.subarray(room), 0);
    }
    this.end += line.length;
  }

  /** The first of them; valid until the next call. */
  shift(): Uint8Array | null {
    const { bytes } = this;
    const length = this.lengths[this.left++ % this.lengths.length];
    if (length === NONE) return null;
    const at = this.start % bytes.length;
    this.start += length;
    if (at + length <= bytes.length) return bytes.subarray(at, at + length);
    const line = new Uint8Array(length);
    line.set(bytes.subarray(at));
    line.set(bytes.subarray(0, at + length - bytes.length), bytes.length - at);
    return line;
  }

  private growBytes(room: number): void {
    const { bytes, start, end } = this;
    let size = 2 * bytes.length;
    while (size < end - start + room) size *= 2;
    const grown = new Uint8Array(size);
    const at = start % bytes.length;
    const first = Math.min(end - start, bytes.length - at);
    grown.set(bytes.subarray(at, at + first));
    grown.set(bytes.subarray(0, end - start - first), first);
    this.bytes = grown;
    this.end = end - start;
    this.start = 0;
  }

  private growLengths(): void {
    const { lengths, left, pushed } = this;
    const grown = new Uint32Array(2 * lengths.length);
    for (let i = left; i < pushed; i++) grown[i - left] = lengths[i % lengths.length];
    this.lengths = grown;
    this.pushed = pushed - left;
    this.left = 0;
  }
}
