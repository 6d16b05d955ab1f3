/**
 * HalfSipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF"; the same as `hsiphash` of a 32-bit Linux):
 * the hash of every table whose keys come from the wire. Without the key, which is drawn anew for each table, nobody can
 * tell which inputs collide, so that no capture can be made to fill one bucket.
 */
export class KeyedHash {
  /** The input: whoever asks fills the first words, as many as are hashed. */
  readonly words: Int32Array;
  private readonly key0: number;
  private readonly key1: number;

  /** `capacity` is the largest number of words that are hashed. */
  constructor(capacity: number, key: ArrayLike<number> = crypto.getRandomValues(new Int32Array(2))) {
    this.words = new Int32Array(capacity);
    this.key0 = key[0] | 0;
    this.key1 = key[1] | 0;
  }

  /** The hash of the first `length` of `words`, 32 bits, signed. */
  hash(length: number): number {
    const { words, key0, key1 } = this;
    let v0 = key0;
    let v1 = key1;
    let v2 = key0 ^ 0x6c796765;
    let v3 = key1 ^ 0x74656462;
    // One round for each word and one for the length (in bytes, in the top octet of the last word); then three more.
    for (let i = 0; i < length + 4; i++) {
      const word = i < length ? words[i] : i === length ? length << 26 : 0;
      if (i === length + 1) v2 ^= 0xff;
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    return v1 ^ v3;
  }
}
