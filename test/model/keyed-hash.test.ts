import { describe, expect, it } from 'vitest';
import { KeyedHash } from '../../src/model/keyed-hash.ts';

describe('KeyedHash', () => {
  // The vectors of the Linux kernel for 32-bit machines (lib/test_siphash.c) whose length is a multiple of four octets. The
  // octets of the key and of the input are 0, 1, 2, ...
  const VECTORS = [
    0x5814c896, 0x7e059ea6, 0x577999b1, 0x6b28096c, 0x8b31d501, 0x911bb605, 0x57150ad7, 0x0a4100d0, 0xbc6dda8d,
    0x7c46fb7f,
  ];
  const counting = new DataView(Uint8Array.from({ length: 36 }, (_, i) => i).buffer);

  it.each(VECTORS.map((hash, length) => ({ length, hash })))('is HalfSipHash-1-3 for $length words', (vector) => {
    const keyed = new KeyedHash(VECTORS.length, [0x03020100, 0x07060504]);
    for (let i = 0; i < vector.length; i++) keyed.words[i] = counting.getInt32(4 * i, true);
    expect(keyed.hash(vector.length) >>> 0).toBe(vector.hash);
  });

  it('draws a key of its own', () => {
    const hashes = Array.from({ length: 8 }, () => new KeyedHash(1).hash(1));
    expect(new Set(hashes).size).toBeGreaterThan(6);
  });
});
