import { type Field, type Json, jsonText } from './field.ts';
import { escapeText } from './text.ts';

/** One line of CSV (RFC 4180, with line feeds): fields with commas, quotes or line ends are quoted. */
export function csvLine(cells: readonly string[]): string {
  return cells.map(csvCell).join(',');
}

export function csvHeader<Row>(fields: readonly Field<Row>[]): string {
  return csvLine(fields.map((field) => field.key));
}

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

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
