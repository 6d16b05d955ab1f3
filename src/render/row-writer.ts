import { type Column, fieldText } from './field.ts';
import type { Style } from './style.ts';
import { pad, textWidth, wrap } from './text.ts';

/** Blanks between columns, and where these do not fit or the screen is narrower than NARROW. */
const GAP = '  ';
const NARROW_GAP = ' ';
const NARROW = 64;
/** Continuation lines of notes begin here. */
const INDENT = '       ';
/** Notes are broken over lines no narrower than this. */
const LEAST_NOTE = 24;

export interface RowLayout<Row> {
  fields: readonly Column<Row>[];
  /** What is written after the last column where there is room for it, else on lines of its own. */
  note: Column<Row> | null;
  /** Columns of the screen; null without a limit. */
  width: number | null;
}

/**
 * Writes rows of columns one by one, without knowing those to come: a column that meets a wider cell stays that wide from
 * then on. Constant memory and time for each row, unlike a table.
 */
export class RowWriter<Row> {
  private readonly layout: RowLayout<Row>;
  private readonly style: Style;
  private readonly widths: number[];
  private readonly gap: string;

  constructor(layout: RowLayout<Row>, style: Style) {
    this.layout = layout;
    this.style = style;
    const isTight = layout.width !== null && (layout.width < NARROW || rowWidth(layout.fields) > layout.width);
    this.gap = isTight ? NARROW_GAP : GAP;
    this.widths = layout.fields.map(leastWidth);
  }

  header(): string {
    const { fields, note } = this.layout;
    const cells = fields.map((field, i) => pad(headerOf(field), this.widths[i], field.align ?? 'left'));
    if (note !== null) cells.push(headerOf(note));
    return this.style.heading(cells.join(this.gap).trimEnd());
  }

  row(row: Row): string {
    const { fields, note } = this.layout;
    let line = '';
    let used = 0;
    let blanks = '';
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i];
      const text = fieldText(field, row);
      const width = textWidth(text);
      if (width > this.widths[i]) this.widths[i] = width;
      const fill = ' '.repeat(this.widths[i] - width);
      const styled = field.style === undefined ? text : field.style(row, this.style)(text);
      // Blanks are only written when something follows them.
      if (field.align === 'right') {
        line += blanks + fill + styled;
        blanks = this.gap;
      } else {
        line += blanks + styled;
        blanks = fill + this.gap;
      }
      used += this.widths[i] + (i > 0 ? this.gap.length : 0);
    }
    if (note === null) return line;
    const text = fieldText(note, row);
    return text === '' ? line : line + this.noteText(row, note, text, used, blanks);
  }

  private noteText(row: Row, note: Column<Row>, text: string, used: number, blanks: string): string {
    const { width } = this.layout;
    const paint = note.style === undefined ? (plain: string) => plain : note.style(row, this.style);
    if (width === null || used + this.gap.length + textWidth(text) <= width) return blanks + paint(text);
    const lines = wrap(text, Math.max(LEAST_NOTE, width - INDENT.length));
    return `\n${lines.map((part) => INDENT + paint(part)).join('\n')}`;
  }
}

/** Columns of the screen that rows of these fields take, unless a cell is wider than usual. */
export function rowWidth<Row>(fields: readonly Column<Row>[]): number {
  return fields.reduce((sum, field) => sum + leastWidth(field) + GAP.length, -GAP.length);
}

function leastWidth<Row>(field: Column<Row>): number {
  return Math.max(field.width ?? 0, textWidth(headerOf(field)));
}

function headerOf<Row>(field: Column<Row>): string {
  return field.header ?? field.key;
}
