import { escapeText } from '../model/escape.ts';
import type { Style } from './style.ts';
import type { FixedText } from './text-bytes.ts';

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * What a field holds besides null, for formats whose columns have a type. `number`: a number, or the word `unknown`; `count`:
 * a list of which such a column has the length; `text`: a string; `flag`: true or false; `list`: an array; `time`: Unix time
 * in seconds with nine decimals, as a string.
 */
export type FieldType = 'number' | 'count' | 'text' | 'flag' | 'list' | 'time';

/** A column of text: what is shown, and how. */
export interface Column<Row> {
  readonly key: string;
  /** Head of the column in text; the key when there is none. */
  readonly header?: string;
  /** One line for the list of fields. */
  readonly about: string;
  readonly value: (row: Row) => Json;
  /** How text shows it; else the value as it is, and nothing for null. */
  readonly text?: (row: Row) => string;
  readonly align?: 'left' | 'right';
  /** Least width of the column in text. */
  readonly width?: number;
  readonly style?: (row: Row, style: Style) => (text: string) => string;
}

/**
 * One field of a document: text, NDJSON, CSV and Parquet are all made from the same list of these, so they cannot disagree.
 * The key of a nested field is its path (`states.client.after`), which is how NDJSON nests it.
 */
export interface Field<Row> extends Column<Row> {
  readonly type: FieldType;
  /** Writes the JSON of `value`, where millions of rows have it and making the value first would take several times as long. */
  readonly write?: (row: Row, out: JsonOut) => void;
  /**
   * A whole number from 0 on: rows of one analysis with the same number have the same value, so that its text is kept from one to the next.
   * Below 0: nothing is known of others.
   */
  readonly alike?: (row: Row) => number;
}

/** Where a field writes its JSON, piece by piece. */
export interface JsonOut {
  /** So many bytes were written. What was written from there on is taken back by setting it. */
  length: number;
  /** Text that is JSON. */
  fixed(json: FixedText): void;
  number(value: number): void;
  /** A whole number of at most nine digits with zeros in front, `count` in all. */
  digits(value: number, count: number): void;
  value(value: Json): void;
}

/** An object within the row that can be null as a whole, such as the verdict of a packet that has none. */
export interface Nullable<Row> {
  readonly key: string;
  readonly isNull: (row: Row) => boolean;
}

/** The fields, with null for those that are in an object which is null. */
export function guarded<Row, Of extends Field<Row>>(
  fields: readonly Of[],
  nullable: readonly Nullable<Row>[],
): readonly Of[] {
  return fields.map((field) => {
    const isNull = nullable.find(({ key }) => field.key.startsWith(`${key}.`))?.isNull;
    return isNull === undefined ? field : { ...field, value: (row) => (isNull(row) ? null : field.value(row)) };
  });
}

/** The field as the cell of a table: safe on a screen, whatever it holds. */
export function fieldText<Row>(field: Column<Row>, row: Row): string {
  return escapeText(field.text === undefined ? jsonText(field.value(row)) : field.text(row));
}

/** A value in one cell: lists and objects as JSON, null as nothing. */
export function jsonText(value: Json): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The fields of an object, in the order of their first appearance. */
export interface Node<Row> {
  name: string;
  /** Of a leaf. */
  value: ((row: Row) => Json) | null;
  /** Of a leaf that writes its own JSON. */
  write: ((row: Row, out: JsonOut) => void) | null;
  alike: ((row: Row) => number) | null;
  members: Node<Row>[];
  isNull: ((row: Row) => boolean) | null;
}

/** The fields as a tree, nested by their paths. */
export function fieldTree<Row>(
  fields: readonly Field<Row>[],
  nullable: readonly Nullable<Row>[],
  prefix = '',
): Node<Row>[] {
  const members = new Map<string, Field<Row>[]>();
  for (const field of fields) {
    const name = field.key.slice(prefix.length).split('.', 1)[0];
    const group = members.get(name);
    if (group === undefined) members.set(name, [field]);
    else group.push(field);
  }
  return [...members].map(([name, group]): Node<Row> => {
    const key = prefix + name;
    if (group.length === 1 && group[0].key === key) {
      const [{ value, write = null, alike = null }] = group;
      return { name, value, write, alike, members: [], isNull: null };
    }
    const isNull = nullable.find((node) => node.key === key)?.isNull ?? null;
    return { name, value: null, write: null, alike: null, members: fieldTree(group, nullable, `${key}.`), isNull };
  });
}

/** Makes the function that writes a row as an object. */
export function objectWriter<Row>(
  fields: readonly Field<Row>[],
  nullable: readonly Nullable<Row>[] = [],
): (row: Row) => Record<string, Json> {
  const write = (nodes: readonly Node<Row>[], row: Row): Record<string, Json> => {
    const object: Record<string, Json> = {};
    for (const { name, value, members, isNull } of nodes) {
      if (value !== null) object[name] = value(row);
      else object[name] = isNull?.(row) ? null : write(members, row);
    }
    return object;
  };
  const nodes = fieldTree(fields, nullable);
  return (row) => write(nodes, row);
}
