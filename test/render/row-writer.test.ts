import { describe, expect, it } from 'vitest';
import type { Column } from '../../src/render/field.ts';
import { RowWriter } from '../../src/render/row-writer.ts';
import { PLAIN } from '../../src/render/style.ts';

interface Row {
  name: string;
  size: number;
  note: string;
}

const FIELDS: Column<Row>[] = [
  { key: 'name', about: '', value: (row) => row.name, width: 4 },
  { key: 'size', about: '', value: (row) => row.size, align: 'right', width: 4 },
];
const NOTE: Column<Row> = { key: 'note', header: '', about: '', value: (row) => row.note };

describe('RowWriter', () => {
  it('aligns columns, and widens one that meets a longer cell', () => {
    const writer = new RowWriter({ fields: FIELDS, note: null, width: null }, PLAIN);
    expect(writer.header()).toBe('name  size');
    expect(writer.row({ name: 'a', size: 1, note: '' })).toBe('a        1');
    expect(writer.row({ name: 'abcdef', size: 12345, note: '' })).toBe('abcdef  12345');
    expect(writer.row({ name: 'a', size: 1, note: '' })).toBe('a           1');
  });

  it('writes a note where there is room for it, else below', () => {
    const row = { name: 'a', size: 1, note: 'this is somewhat longer' };
    expect(new RowWriter({ fields: FIELDS, note: NOTE, width: null }, PLAIN).row(row)).toBe(
      'a        1  this is somewhat longer',
    );
    expect(new RowWriter({ fields: FIELDS, note: NOTE, width: 80 }, PLAIN).row(row)).toBe(
      'a        1  this is somewhat longer',
    );
    expect(new RowWriter({ fields: FIELDS, note: NOTE, width: 32 }, PLAIN).row(row)).toBe(
      'a       1\n       this is somewhat longer',
    );
  });

  it('counts columns of the screen, not characters', () => {
    const writer = new RowWriter({ fields: FIELDS, note: null, width: null }, PLAIN);
    expect(writer.row({ name: '包包包', size: 1, note: '' })).toBe('包包包     1');
  });
});
