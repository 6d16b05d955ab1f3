import { describe, expect, it } from 'vitest';
import type { Field } from '../../src/render/field.ts';
import { jsonRows } from '../../src/render/json-bytes.ts';
import { randomNumbers } from './packets.ts';
import { rowText } from './row-text.ts';

interface Row {
  key: number;
  a: string;
  b: number;
  c: number;
}

const alike = (row: Row) => row.key;
const common = { type: 'number', about: '' } as const;
const FIELDS: readonly Field<Row>[] = [
  { ...common, key: 'c', value: (row) => row.c },
  { ...common, key: 'a', value: (row) => row.a, alike },
  { ...common, key: 'b', value: (row) => row.b, alike },
  { ...common, key: 'd', value: (row) => row.c },
];

describe('what rows have in common', () => {
  it('is what each would say of itself, of more sorts than are kept', () => {
    const random = randomNumbers(7);
    const of = Array.from({ length: 1000 }, (_, key) => ({ key, a: 'x'.repeat(random(40)), b: random(1e6) }));
    const write = rowText(jsonRows(FIELDS));
    for (let i = 0; i < 5000; i++) {
      const { key, a, b } = of[random(4) === 0 ? random(1000) : random(8)];
      expect(write({ key, a, b, c: i })).toBe(JSON.stringify({ c: i, a, b, d: i }));
    }
  });

  it('is not looked for where nothing is known of others', () => {
    const write = rowText(jsonRows(FIELDS));
    expect(write({ key: -1, a: 'x', b: 1, c: 1 })).toBe('{"c":1,"a":"x","b":1,"d":1}');
    expect(write({ key: -1, a: 'y', b: 2, c: 1 })).toBe('{"c":1,"a":"y","b":2,"d":1}');
  });

  it('is written once: the values of rows that are alike are not asked for', () => {
    let asked = 0;
    const value = () => ++asked;
    const write = rowText(jsonRows<Row>([{ ...common, key: 'a', value, alike }]));
    const texts = [5, 5, 5 + 256, 5].map((key) => write({ key, a: '', b: 0, c: 0 }));
    expect(texts).toEqual(['{"a":1}', '{"a":1}', '{"a":2}', '{"a":3}']);
  });
});
