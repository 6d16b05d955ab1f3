import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvHeader, csvLine, csvRow } from '../../src/render/csv.ts';
import { csvRows } from '../../src/render/csv-bytes.ts';
import { type Field, guarded, type Json, objectWriter } from '../../src/render/field.ts';
import { jsonOf } from '../../src/render/json.ts';
import { jsonRows } from '../../src/render/json-bytes.ts';
import { rowText } from './row-text.ts';

type Row = Record<string, Json>;

const field = (key: string): Field<Row> => ({ key, type: 'text', about: '', value: (row) => row[key] });
const FIELDS = ['a', 'b.c', 'b.d.e', 'f', 'b.g'].map(field);
const ROW = { a: 1, 'b.c': 'x', 'b.d.e': null, f: [1, { two: true }], 'b.g': 2.5 };

describe('an object', () => {
  it('is nested by the paths of its fields', () => {
    expect(objectWriter(FIELDS)(ROW)).toEqual({ a: 1, b: { c: 'x', d: { e: null }, g: 2.5 }, f: [1, { two: true }] });
  });

  it('is null as a whole where it is said to be', () => {
    const nullable = [{ key: 'b', isNull: (row: Row) => row['b.c'] === null }];
    expect(objectWriter(FIELDS, nullable)({ ...ROW, 'b.c': null })).toMatchObject({ b: null });
    const fields = guarded(FIELDS, nullable);
    expect(csvRow(fields, { ...ROW, 'b.c': null })).toBe('1,,,"[1,{""two"":true}]",');
  });
});

describe('JSON in bytes', () => {
  it('is the JSON of the object, escaped alike', () => {
    const json = fc.jsonValue() as fc.Arbitrary<Json>;
    const row = fc.record({
      a: json,
      'b.c': fc.string({ unit: 'binary' }),
      'b.d.e': fc.integer(),
      f: fc.double(),
      'b.g': json,
    });
    const write = rowText(jsonRows(FIELDS));
    const toObject = objectWriter(FIELDS);
    fc.assert(
      fc.property(row, (values) => {
        expect(write(values)).toBe(jsonOf(toObject(values)));
      }),
    );
  });

  it('closes the objects around one that is null', () => {
    const fields = ['a', 'b.c.d', 'b.c.e.f', 'g.h.i.j'].map(field);
    const isNull = (key: string) => ({ key, isNull: (row: Row) => (row.nulls as string[]).includes(key) });
    const nullable = ['b', 'b.c', 'b.c.e', 'g.h', 'g.h.i'].map(isNull);
    const write = rowText(jsonRows(fields, nullable));
    const toObject = objectWriter(fields, nullable);
    for (let which = 0; which < 1 << nullable.length; which++) {
      const nulls = nullable.filter((_, i) => which & (1 << i)).map(({ key }) => key);
      const row: Row = { nulls, a: 1, 'b.c.d': 2, 'b.c.e.f': 3, 'g.h.i.j': 4 };
      expect(write(row)).toBe(JSON.stringify(toObject(row)));
    }
  });

  it('writes decimals as JSON.stringify does', () => {
    const write = rowText(jsonRows([field('a')]));
    const same = (a: number) => {
      expect(write({ a })).toBe(JSON.stringify({ a }));
    };
    fc.assert(
      fc.property(fc.maxSafeInteger(), (n) => same(n / 1e6)),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2e9 }), (n) => same(n / 1e6)),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 }), (n) => same(n)),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.double({ min: 0, max: 2 ** 34 }), (n) => same(n)),
      { numRuns: 2000 },
    );
    for (const a of [1e-6, 1e-7, 0.1, 0.000001, 1.000001, 999999999.999999, 1e9 + 0.5, 1e9 - 1, 1e9, 0.3, 0.1 + 0.2])
      same(a);
  });

  it('holds integers at the edges', () => {
    const write = rowText(jsonRows([field('a')]));
    for (let a = 1; a <= 1e16; a *= 10) {
      for (const n of [a - 1, a, a + 1, 1 - a, -a]) expect(write({ a: n })).toBe(JSON.stringify({ a: n }));
    }
    for (const a of [0, -0, 9, 10, 99, 100, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 32 - 1, 2 ** 53, -1]) {
      expect(write({ a })).toBe(JSON.stringify({ a }));
    }
  });
});

describe('CSV', () => {
  it('quotes what RFC 4180 section 2 wants quoted', () => {
    expect(csvLine(['a', 'b,c', 'd"e', 'f\ng', ''])).toBe('a,"b,c","d""e","f\ng",');
  });

  it('is the same in bytes', () => {
    const write = rowText(csvRows(FIELDS));
    const same = (row: Row) => {
      expect(write(row)).toBe(csvRow(FIELDS, row));
    };
    for (const a of [
      '',
      '=',
      '=a',
      '-1',
      '-a',
      '+1',
      '@a',
      'a-b',
      'a,b',
      'a"b',
      ' ::error ::x',
      'a::b',
      '##[x',
      'ü',
      '\x1b[2J',
    ])
      same({ ...ROW, a });
    for (const a of [0, -0, -1.5, 1e21, 1e-7, Number.NaN, Number.POSITIVE_INFINITY, true, null]) same({ ...ROW, a });
    const json = fc.jsonValue() as fc.Arbitrary<Json>;
    const row = fc.record({
      a: json,
      'b.c': fc.string({ unit: 'binary' }),
      'b.d.e': fc.double(),
      f: fc.string(),
      'b.g': json,
    });
    fc.assert(fc.property(row, same));
  });

  it('names the fields by their paths', () => {
    expect(csvHeader(FIELDS)).toBe('a,b.c,b.d.e,f,b.g');
  });

  it('lets no control character through to a terminal', () => {
    expect(csvRow([field('a')], { a: '\x1b[2J' })).toBe('\\x1b[2J');
  });
});
