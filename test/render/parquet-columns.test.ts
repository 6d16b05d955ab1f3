import { expect, it } from 'vitest';
import type { Field } from '../../src/render/field.ts';
import { columnKind, columnValue } from '../../src/render/parquet-columns.ts';

const value = (key: string, given: unknown) =>
  columnValue({ key, about: '', value: () => given } as unknown as Field<null>, columnKind(key), null);

it('times are what 64 bits of nanoseconds hold, and nothing else', () => {
  expect(value('timestamp', '9223372036.854775807')).toBe(2n ** 63n - 1n);
  expect(value('timestamp', '9223372036.854775808')).toBeNull();
  expect(value('timestamp', '-9223372036.854775808')).toBe(-(2n ** 63n));
  expect(value('timestamp', '-9223372036.854775809')).toBeNull();
});

it('a number that is not known is null, and any other word is a mistake', () => {
  expect(value('windowScale', 'unknown')).toBeNull();
  expect(value('windowScale', 7)).toBe(7);
  expect(() => value('windowScale', 'seven')).toThrow(TypeError);
});
