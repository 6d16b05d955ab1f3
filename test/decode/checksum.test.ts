import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectedChecksum, fold, sumBytes, WordSummer } from '../../src/decode/checksum.ts';
import { hex, naiveChecksum } from './build.ts';

function naiveSum(bytes: Uint8Array): number {
  return 0xffff - naiveChecksum(bytes);
}

/** In ones' complement 0 and 0xffff are the same number; only all-zero data sums to 0. */
function same(a: number, b: number): boolean {
  return a % 0xffff === b % 0xffff;
}

describe('Internet checksum', () => {
  it('sums the example of RFC 1071 section 3', () => {
    const bytes = hex('0001 f203 f4f5 f6f7');
    expect(sumBytes(new DataView(bytes.buffer), 0, 8)).toBe(0xddf2);
  });

  it('pads an odd octet on the right (RFC 9293 section 3.1)', () => {
    const bytes = hex('12 34 56');
    expect(sumBytes(new DataView(bytes.buffer), 0, 3)).toBe(0x1234 + 0x5600);
  });

  it('equals the naive sum at any alignment and length', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 0, maxLength: 3000 }),
        fc.nat(9),
        fc.nat(5),
        fc.nat(5),
        (payload, offset, origin, tail) => {
          const buffer = new ArrayBuffer(origin + offset + payload.length + tail);
          const bytes = new Uint8Array(buffer, origin);
          bytes.fill(0xa5);
          bytes.set(payload, offset);
          const data = new DataView(buffer, origin);
          const expected = naiveSum(payload);
          expect(same(sumBytes(data, offset, payload.length), expected)).toBe(true);
          expect(same(new WordSummer().sum(bytes, data, offset, payload.length), expected)).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('gives the same from both loops at every length and alignment around the switch', () => {
    const summer = new WordSummer();
    const bytes = Uint8Array.from({ length: 400 }, (_, i) => (i * 167 + 13) & 255);
    const data = new DataView(bytes.buffer);
    for (let offset = 0; offset < 9; offset++) {
      for (let length = 1; length < 300; length++) {
        expect(summer.sum(bytes, data, offset, length)).toBe(naiveSum(bytes.subarray(offset, offset + length)));
      }
    }
  });

  it('does not overflow on the largest segments', () => {
    const bytes = new Uint8Array(600_000).fill(0xff);
    const data = new DataView(bytes.buffer);
    expect(sumBytes(data, 1, 599_999)).toBe(naiveSum(bytes.subarray(1)));
    expect(new WordSummer().sum(bytes, data, 1, 599_999)).toBe(naiveSum(bytes.subarray(1)));
  });

  it('follows a change of buffers', () => {
    const summer = new WordSummer();
    const buffers = [1, 2, 3].map((seed) => Uint8Array.from({ length: 500 }, (_, i) => (i * seed * 31) & 255));
    for (const index of [0, 1, 0, 2, 0, 1, 2, 2, 1, 0]) {
      const bytes = buffers[index];
      expect(summer.sum(bytes, new DataView(bytes.buffer), 3, 400)).toBe(naiveSum(bytes.subarray(3, 403)));
    }
  });

  it('folds exactly below 2^53', () => {
    expect(fold(0)).toBe(0);
    expect(fold(0xffff)).toBe(0xffff);
    expect(fold(0x10000)).toBe(1);
    fc.assert(
      fc.property(fc.maxSafeNat(), (sum) => {
        expect(same(fold(sum), Number(BigInt(sum) % 65535n))).toBe(true);
        expect(fold(sum) === 0).toBe(sum === 0);
      }),
    );
  });

  it('finds the checksum that belongs in the field', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 60 }), fc.nat(0xffff), (bytes, found) => {
        bytes[2] = 1; // Not all zeros.
        bytes[0] = 0;
        bytes[1] = 0;
        const right = naiveChecksum(bytes);
        bytes[0] = found >>> 8;
        bytes[1] = found & 255;
        expect(expectedChecksum(naiveSum(bytes), found)).toBe(right === 0xffff ? 0 : right);
      }),
    );
  });
});
