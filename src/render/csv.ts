import { escapeText } from '../model/escape.ts';
import { type Field, type Json, jsonText } from './field.ts';

/** One line of CSV (RFC 4180, with line feeds): fields with commas, quotes or line ends are quoted. */
export function csvLine(cells: readonly string[]): string {
  return cells.map(csvCell).join(',');
}

/** The line with the names of the columns. */
export function csvHeader<Row>(fields: readonly Field<Row>[]): string {
  return csvLine(fields.map((field) => field.key));
}

/** The line of one row. Rows by the million have `csvRows` (`csv-bytes.ts`). */
export function csvRow<Row>(fields: readonly Field<Row>[], row: Row): string {
  let line = '';
  for (let i = 0; i < fields.length; i++) {
    if (i > 0) line += ',';
    line += csvValue(fields[i].value(row));
  }
  return line;
}

function csvValue(value: Json): string {
  return typeof value === 'number' ? String(value) : csvCell(escapeText(jsonText(value)));
}

/**
 * Spreadsheets take a cell that begins so for a formula, and run it. With an apostrophe it is text to them. Numbers are not
 * meant.
 */
const FORMULA = /^[=+\-@](?!\d*\.?\d+$)./;

export function csvCell(text: string): string {
  if (FORMULA.test(text)) return csvCell(`'${text}`);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
