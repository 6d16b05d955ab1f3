import type { Connection } from '../model/connection.ts';
import { escapeText } from '../model/escape.ts';
import type { Severity } from '../model/finding.ts';
import type { FindingReport } from '../report.ts';
import { CONNECTION_COLUMNS, type ConnectionColumn } from './connection-fields.ts';
import { fieldText } from './field.ts';
import { RowWriter, rowWidth } from './row-writer.ts';
import type { Style } from './style.ts';
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

/** Who with whom on the first line, as much as fits; the rest in words below. */
function* connectionList(
  connections: Iterable<Connection>,
  width: number | null,
  style: Style,
  columnWidth: (column: ConnectionColumn) => number,
): Generator<string> {
  const columns = CONNECTION_COLUMNS.map((column) => ({ ...column, width: columnWidth(column) }));
  const find = (key: string) => columns.find((column) => column.key === key)!;
  const ends = ['stream', 'client', 'server'].map(find);
  const amounts = ['duration', 'bytes'].map(find);
  const rest = ['ending', 'states', 'packets', 'handshake', 'findings', 'history'].map(find);
  // Tight rows have one blank between their columns.
  const fits = width === null || rowWidth([...ends, ...amounts]) - 4 <= width;
  const [first, others] = fits ? [[...ends, ...amounts], rest] : [ends, [...amounts, ...rest]];
  const isRoomy = width === null || width >= 150;
  const writer = new RowWriter(
    isRoomy
      ? { fields: columns, note: null, width }
      : { fields: first, note: { ...inWords(others), style: (_, s) => s.quiet }, width },
    style,
  );
  yield writer.header();
  for (const connection of connections) yield writer.row(connection);
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

/** One finding, its text wrapped behind the place that it is about. */
export function findingText(finding: FindingReport, width: number | null, style: Style): string {
  const { severity, stream, packet, text, id } = finding;
  const place = [stream === null ? 'capture' : `stream ${stream}`, packet === null ? '' : `#${packet}`];
  const head = `${severity.padEnd(7)}  ${place
    .filter((part) => part !== '')
    .join(' ')
    .padEnd(16)}  `;
  const body = `${text} [${id}]`;
  const safe = escapeText(body);
  const lines = width === null ? [safe] : wrap(safe, Math.max(30, width - head.length));
  const painted = severityStyle(severity, style)(head.slice(0, 7)) + head.slice(7);
  return lines.map((line, i) => (i === 0 ? painted : ' '.repeat(head.length)) + line).join('\n');
}

export function severityStyle(severity: Severity, style: Style): (text: string) => string {
  return severity === 'error' ? style.error : severity === 'warning' ? style.warning : style.info;
}
