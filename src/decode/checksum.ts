/**
 * The Internet checksum (RFC 1071; RFC 9293 section 3.1).
 *
 * Sums are taken over little-endian words and swapped once at the end: the sum does not depend on the byte order, only
 * its octets come out swapped (RFC 1071 section 2 (B)). Carries are not folded while summing ("deferred carries",
 * section 2 (C)): doubles hold 2^53, so 2^21 words of 32 bits can be added before a fold.
 */

import { MOST_SUMMED, type SumWords, sumOf } from '../model/packet-memory.ts';

/** Below this many bytes the call or the set-up of the aligned loop costs more than it saves (measured). */
const QUICK_FROM = 64;
const ALIGNED_FROM = 96;

const LITTLE_ENDIAN_HOST = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

const TWO_TO_MINUS_32 = 2 ** -32;

/** Folds an exact sum below 2^53 to 16 bits with end-around carry. 0 only for a sum of 0. */
export function fold(sum: number): number {
  const low = sum >>> 0;
  // A product with a power of two is exact, and quicker than the quotient.
  const high = ((sum - low) * TWO_TO_MINUS_32) | 0;
  return foldSmall((low & 0xffff) + (low >>> 16) + (high & 0xffff) + (high >>> 16));
}

/** `fold` for sums below 2^31, on integers alone. */
export function foldSmall(sum: number): number {
  const folded = (sum & 0xffff) + (sum >>> 16);
  return (folded & 0xffff) + (folded >>> 16);
}

/** The two halves of a word, added. */
export function halves(word: number): number {
  return (word >>> 16) + (word & 0xffff);
}

function swap(sum: number): number {
  return (sum >>> 8) | ((sum & 0xff) << 8);
}

/** Ones' complement sum of big-endian 16-bit words, folded; the reference and the choice for a few dozen bytes. */
export function sumBytes(data: DataView, offset: number, length: number): number {
  // Of 32-bit words x: `low` sums x modulo 2^32, `high` sums x >>> 16. The sum of the low halves is low - 65536 * high,
  // which stays below 2^32 for up to 65536 words. Three operations a word, all on 32-bit integers.
  const end = offset + length;
  let carried = 0;
  let i = offset;
  while (end - i >= 4) {
    const stop = Math.min(end - 3, i + 4 * 65536);
    let low = 0;
    let high = 0;
    for (; i < stop; i += 4) {
      const word = data.getInt32(i, true);
      low = (low + word) | 0;
      high = (high + (word >>> 16)) | 0;
    }
    const rest = low - (high << 16);
    carried = foldSmall(carried + (rest & 0xffff) + (rest >>> 16) + (high & 0xffff) + (high >>> 16));
  }
  if (end - i >= 2) {
    carried += data.getUint16(i, true);
    i += 2;
  }
  if (i < end) carried += data.getUint8(i);
  return swap(foldSmall(carried));
}

/**
 * Sums long stretches with the buffer's own function, where it has one (`model/packet-memory.ts`); else through a `Uint32Array` over
 * the whole buffer, which is aligned and needs no byte swaps: about 90 ns for 800 bytes where the best loop of DataView reads
 * takes 115 ns and byte pairs take 500 ns (Node 20).
 *
 * A capture is read into one reused buffer, so the array is made once per buffer. It is found by the identity of the
 * `Uint8Array`, because asking that for its `buffer` is a call (some 8 ns). The second slot is for the buffers of
 * reassembled datagrams between which the reader's buffer comes back.
 */
export class WordSummer {
  private bytes: Uint8Array = new Uint8Array(0);
  private words: Uint32Array = new Uint32Array(0);
  /** `byteOffset` of `bytes`. */
  private origin = 0;
  /** The buffer's own sum, null where it has none. */
  private quick: SumWords | null = null;
  private otherBytes = this.bytes;
  private otherWords = this.words;

  /** Ones' complement sum of `length` octets from `offset`, as big-endian 16-bit words, folded to 16 bits. */
  sum(bytes: Uint8Array, data: DataView, offset: number, length: number): number {
    if (length < QUICK_FROM) return sumBytes(data, offset, length);
    if (bytes !== this.bytes) this.select(bytes);
    if (this.quick !== null && length <= MOST_SUMMED) return swap(this.quick(this.origin + offset, length));
    if (length < ALIGNED_FROM || !LITTLE_ENDIAN_HOST) return sumBytes(data, offset, length);
    return wordSum(bytes, this.words, this.origin, offset, length);
  }

  private select(bytes: Uint8Array): void {
    const previous = this.bytes;
    const previousWords = this.words;
    this.words =
      bytes === this.otherBytes ? this.otherWords : new Uint32Array(bytes.buffer, 0, bytes.buffer.byteLength >>> 2);
    this.bytes = bytes;
    this.origin = bytes.byteOffset;
    this.quick = sumOf(bytes.buffer);
    this.otherBytes = previous;
    this.otherWords = previousWords;
  }
}

/** `words` is the buffer of `bytes`, which begins at `origin` there, as 32-bit words. Needs `length` >= 8. */
function wordSum(bytes: Uint8Array, words: Uint32Array, origin: number, offset: number, length: number): number {
  const end = offset + length;
  let i = offset;
  let rest = 0;
  // After an odd number of octets every later word has its octets swapped (RFC 1071 section 2 (B)): then the sum of the
  // aligned little-endian words is already in network order, and the leading octet counts as the high half.
  const odd = (origin + i) & 1;
  if (odd !== 0) {
    rest = bytes[i] << 8;
    i++;
  }
  if (((origin + i) & 2) !== 0) {
    rest += bytes[i] | (bytes[i + 1] << 8);
    i += 2;
  }
  let k = (origin + i) >> 2;
  const last = (origin + end) >> 2;
  const unrolled = k + ((last - k) & ~15);
  // Four sums, so that one addition need not wait for the one before.
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (; k < unrolled; k += 16) {
    s0 += words[k] + words[k + 4] + (words[k + 8] + words[k + 12]);
    s1 += words[k + 1] + words[k + 5] + (words[k + 9] + words[k + 13]);
    s2 += words[k + 2] + words[k + 6] + (words[k + 10] + words[k + 14]);
    s3 += words[k + 3] + words[k + 7] + (words[k + 11] + words[k + 15]);
  }
  for (; k < last; k++) s0 += words[k];
  rest += fold(s0 + s1 + s2 + s3);
  i = k * 4 - origin;
  if (end - i >= 2) {
    rest += bytes[i] | (bytes[i + 1] << 8);
    i += 2;
  }
  if (i < end) rest += bytes[i];
  const sum = foldSmall(rest);
  return odd !== 0 ? sum : swap(sum);
}

/**
 * The checksum that belongs in a field that holds `found`, given the folded sum of everything including that field: the
 * complement of the sum without the field. A sum of zero cannot occur in a header with a nonzero octet, so of the two
 * zeros of ones' complement 0xffff is meant.
 */
export function expectedChecksum(sum: number, found: number): number {
  let rest = sum - found;
  if (rest <= 0) rest += 0xffff;
  return ~rest & 0xffff;
}
