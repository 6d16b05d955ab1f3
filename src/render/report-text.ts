import type { Connection } from '../model/connection.ts';
import { escapeText } from '../model/escape.ts';
import type { FindingReport } from '../report/finding.ts';
import { clockText } from './clock.ts';
import { CONNECTION_COLUMNS, type ConnectionColumn } from './connection-fields.ts';
import { fieldText } from './field.ts';
import { RowWriter, rowWidth } from './row-writer.ts';
import { type Style, severityStyle } from './style.ts';
import { MAX_TABLE_ROWS, renderTable } from './table.ts';
import { textWidth, wrap } from './text.ts';

const GAP = 2;

/**
 * Lines of the connections: a table where it fits, else two lines for each. Long lists, of which the widths are not known
 * beforehand, are written row by row.
 */
export async function connectionLines(
  connections: readonly Connection[],
  width: number | null,
  style: Style,
): Promise<Iterable<string>> {
  if (connections.length <= MAX_TABLE_ROWS) {
    const columns = CONNECTION_COLUMNS.filter(
      ({ key }) => key !== 'findings' || connections.some((row) => row.findings.length > 0),
    );
    const cells = connections.map((row) => columns.map((column) => fieldText(column, row)));
    if (width === null || tableWidth(columns, cells) <= width) {
      return connectionTable(columns, connections, cells, style);
    }
    return connectionList(connections, width, style, (column) => widthOf(column, connections));
  }
  const digits = String(connections.length - 1).length;
  return connectionList(connections, width, style, ({ key, width: usual }) =>
    key === 'stream' ? digits : (usual ?? 0),
  );
}

function tableWidth(columns: readonly ConnectionColumn[], cells: readonly string[][]): number {
  return columns.reduce(
    (sum, column, i) =>
      sum +
      widest(
        column,
        cells.map((row) => row[i]),
      ) +
      GAP,
    -GAP,
  );
}

function widthOf(column: ConnectionColumn, rows: readonly Connection[]): number {
  return widest(
    column,
    rows.map((row) => fieldText(column, row)),
  );
}

function widest({ header, key }: ConnectionColumn, texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, textWidth(text)), textWidth(header ?? key));
}

async function connectionTable(
  columns: readonly ConnectionColumn[],
  rows: readonly Connection[],
  cells: readonly string[][],
  style: Style,
): Promise<string[]> {
  const heads = columns.map(({ header, key, align }) => ({
    header: style.heading(header ?? key),
    ...(align === undefined ? {} : { align }),
  }));
  const styled = cells.map((row, r) =>
    row.map((text, i) => (columns[i].style === undefined ? text : columns[i].style(rows[r], style)(text))),
  );
  return renderTable(heads, styled);
}

function* connectionList(
  connections: Iterable<Connection>,
  width: number | null,
  style: Style,
  columnWidth: (column: ConnectionColumn) => number,
): Generator<string> {
  const writer = connectionWriter(width, style, columnWidth);
  yield writer.header();
  for (const connection of connections) yield writer.row(connection);
}

/**
 * Writes connections one by one: a line each where the screen has room, else who with whom on the first line, and as much as fits,
 * and the rest in words below. `columnWidth`: of what is usual.
 */
export function connectionWriter(
  width: number | null,
  style: Style,
  columnWidth: (column: ConnectionColumn) => number = (column) => column.width ?? 0,
): RowWriter<Connection> {
  const columns = CONNECTION_COLUMNS.map((column) => ({ ...column, width: columnWidth(column) }));
  const find = (key: string) => columns.find((column) => column.key === key)!;
  const ends = ['stream', 'client', 'server'].map(find);
  const amounts = ['duration', 'bytes'].map(find);
  const rest = ['ending', 'states', 'packets', 'handshake', 'findings', 'history'].map(find);
  // Tight rows have one blank between their columns.
  const fits = width === null || rowWidth([...ends, ...amounts]) - 4 <= width;
  const [first, others] = fits ? [[...ends, ...amounts], rest] : [ends, [...amounts, ...rest]];
  const isRoomy = width === null || width >= 150;
  return new RowWriter(
    isRoomy
      ? { fields: columns, note: null, width }
      : { fields: first, note: { ...inWords(others), style: (_, s) => s.quiet }, width },
    style,
  );
}

/** Several columns as one text: `closed, TIME-WAIT / CLOSED, packets 12 / 11`. */
function inWords(columns: readonly ConnectionColumn[]): ConnectionColumn {
  const bare = new Set(['ending', 'states', 'findings']);
  const words = (row: Connection) =>
    columns
      .map((column) => ({ key: column.key, text: fieldText(column, row) }))
      .filter(({ text }) => text !== '')
      .map(({ key, text }) => (bare.has(key) ? text : `${key} ${text}`));
  return { key: 'rest', header: '', about: '', value: (row) => words(row).join(', ') };
}

/** Columns from which on the clock has one of its own; on narrower screens it stands below the place. */
const ROOM_FOR_CLOCK = 120;

/** One finding, its text wrapped beside the place that it is about, and the time of day when it happened. `isDated`: the capture knows it. */
export function findingText(finding: FindingReport, width: number | null, style: Style, isDated = true): string {
  const { severity, stream, packet, timestamp, text, id } = finding;
  const place = [stream === null ? 'capture' : `stream ${stream}`, packet === null ? '' : `#${packet}`];
  const clock = timestamp === null || !isDated ? '' : clockText(timestamp);
  const isRoomy = width === null || width >= ROOM_FOR_CLOCK;
  const where = place.filter((part) => part !== '').join(' ');
  const own = isRoomy && isDated ? `${where.padEnd(16)}  ${clock.padEnd(12)}` : where.padEnd(16);
  const head = `${severity.padEnd(7)}  ${own}  `;
  const below = isRoomy ? '' : `${' '.repeat(9)}${clock.padEnd(16)}  `;
  const safe = escapeText(`${text} [${id}]`);
  const lines = width === null ? [safe] : wrap(safe, Math.max(30, width - head.length));
  if (below.trim() !== '' && lines.length === 1) lines.push('');
  const rest = ' '.repeat(head.length);
  const fronts = [
    severityStyle(severity, style)(head.slice(0, 7)) + head.slice(7),
    below.trim() === '' ? rest : style.quiet(below),
  ];
  return lines.map((line, i) => `${fronts[i] ?? rest}${line}`.trimEnd()).join('\n');
}
