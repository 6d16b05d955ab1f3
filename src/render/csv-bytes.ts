import { escapeText } from '../model/escape.ts';
import { csvCell } from './csv.ts';
import { type Field, type Json, jsonText } from './field.ts';
import { JsonBytes } from './json-bytes.ts';
import { type RowBytes, TextBytes } from './text-bytes.ts';

const encoder = new TextEncoder();
const [QUOTE, COMMA, COLON] = [0x22, 0x2c, 0x3a];
const LAST_PRINTED = 0x7e;
/** Characters that stand for themselves in a cell: none of those that are quoted, escaped or looked at (`model/escape.ts`). */
const STANDS = standing('",#:\\');
/** Those that do so in a cell that is quoted, quotes apart. */
const STANDS_QUOTED = standing('#\\');
/** A cell that begins so may be taken for a formula. */
const FORMULA = '=+-@';

function standing(others: string): Uint8Array {
  return Uint8Array.from({ length: LAST_PRINTED + 1 }, (_, code) =>
    Number(code >= 0x20 && !others.includes(String.fromCharCode(code))),
  );
}

/** Rows as CSV, as `csvRow` writes them. */
export function csvRows<Row>(fields: readonly Field<Row>[]): RowBytes<Row> {
  const out = new CsvBytes();
  const add = (row: Row) => {
    for (let i = 0; i < fields.length; i++) {
      if (i > 0) out.byte(COMMA);
      out.field(fields[i], row);
    }
  };
  return { out, add };
}

class CsvBytes extends TextBytes {
  private readonly json = new JsonBytes();

  field<Row>({ value, write }: Field<Row>, row: Row): void {
    if (write === undefined || !this.fromJson(write, row)) this.value(value(row));
  }

  private value(value: Json): void {
    if (typeof value === 'number') this.number(value);
    else if (value !== null) this.text(jsonText(value));
  }

  private text(text: string): void {
    this.reserve(text.length);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > LAST_PRINTED || STANDS[code] === 0 || (i === 0 && FORMULA.includes(text[0]))) {
        this.raw(encoder.encode(csvCell(escapeText(text))));
        return;
      }
      bytes[at++] = code;
    }
    this.length = at;
  }

  /** The JSON that a field writes by itself: a list, or a string. False, and nothing written, where something in it is escaped. */
  private fromJson<Row>(write: NonNullable<Field<Row>['write']>, row: Row): boolean {
    const { json } = this;
    json.length = 0;
    write(row, json);
    const { bytes, length } = json;
    return bytes[0] === QUOTE ? this.unquoted(bytes, length - 1) : this.quoted(bytes, length);
  }

  /** What stands between the first quote and `end`. */
  private unquoted(from: Uint8Array, end: number): boolean {
    this.reserve(end);
    const { bytes } = this;
    let at = this.length;
    for (let i = 1; i < end; i++) {
      if (
        from[i] > LAST_PRINTED ||
        STANDS[from[i]] === 0 ||
        (i === 1 && FORMULA.includes(String.fromCharCode(from[1])))
      )
        return false;
      bytes[at++] = from[i];
    }
    this.length = at;
    return true;
  }

  private quoted(from: Uint8Array, length: number): boolean {
    this.reserve(2 * length + 2);
    const { bytes } = this;
    let at = this.length;
    let isPlain = true;
    bytes[at++] = QUOTE;
    for (let i = 0; i < length; i++) {
      const code = from[i];
      if (code > LAST_PRINTED || STANDS_QUOTED[code] === 0 || (code === COLON && from[i + 1] === COLON)) return false;
      if (code === QUOTE) bytes[at++] = QUOTE;
      if (code === QUOTE || code === COMMA) isPlain = false;
      bytes[at++] = code;
    }
    bytes[at++] = QUOTE;
    if (isPlain) this.raw(from.subarray(0, length));
    else this.length = at;
    return true;
  }
}
