import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { translated } from '../../scripts/build-wasm.mjs';
import { WordSummer } from '../../src/decode/checksum.ts';
import { MOST_SUMMED, packetBuffer, type SumWords, sumOf } from '../../src/model/packet-memory.ts';

/** A process has few such memories, and those of other tests may not have been collected yet. */
async function collectMemories(): Promise<void> {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  // What a collected object had registered is called then.
  await setTimeout(10);
}

/** RFC 1071 section 4.1, byte by byte: little-endian words, an odd last byte alone. */
function naiveSum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) sum += bytes[i] << (8 * (i & 1));
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return sum;
}

describe('memory for packets', () => {
  let buffer: Uint8Array;
  let sum: SumWords;
  beforeAll(async () => {
    await collectMemories();
    buffer = packetBuffer(1 << 20);
    sum = sumOf(buffer.buffer)!;
  });

  it('sums any bytes of its own as RFC 1071 has it', () => {
    for (let i = 0; i < 4096; i++) buffer[i] = (i * 2654435761) >>> 13;
    fc.assert(
      fc.property(fc.nat(2000), fc.nat(2000), (offset, length) => {
        expect(sum(offset, length)).toBe(naiveSum(buffer.subarray(offset, offset + length)));
      }),
      { numRuns: 500 },
    );
    // Around a block of the loop, at every alignment.
    for (let offset = 0; offset < 34; offset++) {
      for (let length = 0; length < 70; length++)
        expect(sum(offset, length)).toBe(naiveSum(buffer.subarray(offset, offset + length)));
    }
  });

  it('has room for as many bytes as it promises, all of them 255', () => {
    buffer.fill(0xff);
    expect(sum(3, MOST_SUMMED)).toBe(0xffff);
    expect(sum(3, MOST_SUMMED - 1)).toBe(naiveSum(buffer.subarray(3, 3 + MOST_SUMMED - 1)));
  });

  it('is what checksums are summed with, up to that length and in the same way beyond', () => {
    for (let i = 0; i < buffer.length; i++) buffer[i] = (i * 40503) >>> 7;
    const plain = new Uint8Array(buffer);
    const [quick, slow] = [new WordSummer(), new WordSummer()];
    const [data, plainData] = [buffer, plain].map((bytes) => new DataView(bytes.buffer));
    for (const length of [0, 1, 63, 64, 65, 1447, 1448, MOST_SUMMED, MOST_SUMMED + 1, 500_001]) {
      for (const offset of [0, 1, 2, 3, 14])
        expect(quick.sum(buffer, data, offset, length)).toBe(slow.sum(plain, plainData, offset, length));
    }
  });

  it('is a plain buffer where it would be too large, or where there are many', () => {
    expect(sumOf(packetBuffer(64 << 20).buffer)).not.toBeNull();
    expect(sumOf(packetBuffer((64 << 20) + 1).buffer)).toBeNull();
    const many = Array.from({ length: 40 }, () => packetBuffer(1000));
    expect(many.every(({ length }) => length === 1000)).toBe(true);
    expect(many.filter(({ buffer }) => sumOf(buffer) !== null).length).toBeLessThanOrEqual(16);
    expect(sumOf(many[39].buffer)).toBeNull();
  });

  it('runs what its source says', async () => {
    const stored = readFileSync(new URL('../../src/model/sum-wasm.ts', import.meta.url), 'utf8');
    expect(stored).toBe(await translated());
  });
});
