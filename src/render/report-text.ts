import type { Connection } from '../model/connection.ts';
import { escapeText } from '../model/escape.ts';
import type { Severity } from '../model/finding.ts';
import { linkName } from '../model/link-type.ts';
import { formatBytes, formatCount, formatDuration, formatNumberOf } from '../model/units.ts';
import type { CaptureReport, FindingReport } from '../report.ts';
import { CONNECTION_COLUMNS, type ConnectionColumn } from './connection-fields.ts';
import { fieldText } from './field.ts';
import { RowWriter, rowWidth } from './row-writer.ts';
import type { Style } from './style.ts';
import { MAX_TABLE_ROWS, renderTable } from './table.ts';
import { textWidth, wrap } from './text.ts';

const GAP = 2;

/** What the capture is, in a few lines. */
export function captureText(capture: CaptureReport, width: number | null, style: Style): string[] {
  const { packets, bytes } = capture;
  const fitted = (text: string) => (width === null ? [text] : wrap(text, width));
  const lines = capture.files.map(({ name, format, compression, byteOrder }) => {
    const facts = [format, compression, byteOrder === null ? null : `${byteOrder}-endian`];
    return `${style.title(escapeText(name))}${style.quiet(`  ${facts.filter((fact) => fact !== null).join(', ')}`)}`;
  });
  const links = [...new Set(capture.interfaces.map(({ linkType }) => linkName(linkType)))];
  const amount = [formatNumberOf(packets.total, 'packet'), formatBytes(bytes.wire)];
  if (links.length > 0) amount.push(links.join(', '));
  if (capture.times === 'unknown') amount.push('times unknown');
  else if (capture.first !== null && capture.durationMs !== null) {
    const beginning = capture.times === 'undated' ? ', date unknown' : ` from ${utcText(capture.first)}`;
    amount.push(formatDuration(capture.durationMs * 1e6) + beginning);
  }
  lines.push(...fitted(amount.join(', ')));
  for (const text of oddities(capture)) lines.push(...fitted(text).map(style.warning));
  const isns = isnText(capture);
  if (isns !== null) lines.push(...fitted(isns).map(style.quiet));
  for (const comment of capture.comments) lines.push(...fitted(`comment: ${escapeText(comment)}`).map(style.quiet));
  return lines;
}

/** Predictable numbers are findings; that the others are random is worth one line. */
function isnText({ initialSequenceNumbers }: CaptureReport): string | null {
  const random = initialSequenceNumbers.filter(({ choice }) => choice === 'random');
  const [first] = random;
  if (first === undefined) return null;
  const hosts = random.length === 1 ? first.address : `${formatCount(random.length)} hosts`;
  // A connection has two of them.
  const numbers = random.reduce((sum, host) => sum + host.connections, 0);
  return `initial sequence numbers of ${hosts} random (${formatNumberOf(numbers, 'number')})`;
}

/** Everything about the packets that is not plain TCP, whole and readable. */
function oddities({ packets, bytes, dropped }: CaptureReport): string[] {
  const others: string[] = [];
  const add = (count: number, text: string, plural = text) => {
    if (count > 0) others.push(formatNumberOf(count, text, plural));
  };
  add(packets.notTcp, 'not TCP');
  add(packets.icmpErrors, 'ICMP error about TCP', 'ICMP errors about TCP');
  add(packets.fragments, 'fragment', 'fragments');
  add(packets.cutShort, 'cut within their headers');
  add(packets.malformed, 'malformed');
  add(packets.unknownLink, 'of an unknown link type');
  const lines = others.length === 0 ? [] : [`${formatCount(packets.tcp)} TCP, ${others.join(', ')}`];
  if (packets.filteredOut > 0) {
    const accepted = formatCount(packets.tcp - packets.filteredOut);
    lines.push(`the filter accepts ${accepted} of ${formatNumberOf(packets.tcp, 'TCP packet')}`);
  }
  if (packets.snapped > 0) {
    lines.push(
      `${formatNumberOf(packets.snapped, 'packet')} captured in part: ${formatBytes(bytes.captured)} of ${formatBytes(bytes.wire)}`,
    );
  }
  if (dropped !== null && dropped > 0) {
    lines.push(
      `${formatNumberOf(dropped, 'packet')} dropped by the capturing system: what is missing was not lost on the way`,
    );
  }
  return lines;
}

/** `2021-03-25 12:00:00 UTC` of a Unix time. */
export function utcText(timestamp: string): string {
  const date = new Date(Number(timestamp.split('.')[0]) * 1000);
  if (Number.isNaN(date.getTime())) return `${timestamp} (Unix time)`;
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

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
