import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pack, unpack } from '../../src/page/pack.ts';

describe('packed documents', () => {
  it('come out as they went in, for whole numbers up to 2^50 (nanoseconds of 13 days, petabytes)', () => {
    const whole = fc.integer({ min: -(2 ** 50), max: 2 ** 50 });
    fc.assert(
      fc.property(fc.array(whole), fc.uint8Array(), fc.string({ unit: 'binary' }), (numbers, bytes, text) => {
        const document = { text, nested: [{ column: Float64Array.from(numbers) }], bytes, none: null };
        expect(unpack(pack(document))).toEqual(document);
      }),
    );
  });

  it.each([
    [0, 1],
    [63, 1],
    [64, 2],
    [-64, 1],
    [-65, 2],
    [8191, 2],
    [8192, 3],
  ])('a step of %i takes %i byte(s)', (step, length) => {
    const size = (values: number[]) => pack({ c: Float64Array.from(values) }).length;
    expect(size([step]) - size([]) - (JSON.stringify([0, 1]).length - JSON.stringify([0, 0]).length)).toBe(length);
  });

  it('keeps times of years in nanoseconds', () => {
    const times = [0, 1, 3e9, 3.2e16, 3.2e16 - 1];
    expect([...unpack<{ c: Float64Array }>(pack({ c: Float64Array.from(times) })).c]).toEqual(times);
  });

  it('refuses what is no packed document', () => {
    expect(() => unpack(new Uint8Array([9, 0, 0, 0, 1]))).toThrow(RangeError);
  });
});
