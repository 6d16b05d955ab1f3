import type { Connection } from '../model/connection.ts';
import { ending } from '../model/ending.ts';
import { escapeText } from '../model/escape.ts';
import type { Severity } from '../model/finding.ts';
import { STATE_NAMES } from '../model/state.ts';
import { formatBytes, formatCount, formatDuration, formatNumberOf, formatRate } from '../model/units.ts';
import { lostOf, totalsSoFar } from '../summary/tally.ts';
import type { Style } from './style.ts';
import { pad, truncate, wrap } from './text.ts';

/** What the rows can be ordered by; the key that chooses it is its first letter. */
export const LIVE_ORDERS = ['trouble', 'rate', 'bytes', 'duration', 'latest'] as const;
export type LiveOrder = (typeof LIVE_ORDERS)[number];

/** What came in one interval, and what there is. */
export interface LiveFigures {
  readonly packets: number;
  readonly open: number;
  readonly ended: number;
  readonly packetsPerSecond: number;
  readonly bitsPerSecond: number;
}

/** A connection with what it carried in the latest interval. */
export interface LiveRow {
  readonly connection: Connection;
  readonly bitsPerSecond: number;
}

export interface LiveFinding {
  readonly severity: Severity;
  readonly text: string;
  readonly stream: number;
}

export interface LiveView {
  readonly figures: LiveFigures;
  readonly rows: readonly LiveRow[];
  readonly findings: readonly LiveFinding[];
  readonly order: LiveOrder;
  /** Rows are those with this text in their names; null while nothing is typed. */
  readonly filter: string | null;
  readonly isTyping: boolean;
  readonly isPaused: boolean;
  /** Index in `rows` of the one that is chosen. */
  readonly chosen: number;
  /** It is shown whole. */
  readonly opened: Connection | null;
}

const RANK: Readonly<Record<Severity, number>> = { info: 1, warning: 2, error: 3 };
/** From so many columns on there is room for all figures. */
const WIDE = 120;
/** Findings at the foot of the screen. */
const FOOT = 5;

/** How much is wrong with a connection: its gravest finding first, then the time that it lost (ns). */
function troubleOf(connection: Connection): number {
  let rank = 0;
  for (const { severity } of connection.findings) rank = Math.max(rank, RANK[severity]);
  return rank * 1e15 + lostOf(totalsSoFar(connection));
}

const FIGURE: Readonly<Record<LiveOrder, (row: LiveRow) => number>> = {
  trouble: ({ connection }) => troubleOf(connection),
  rate: ({ bitsPerSecond }) => bitsPerSecond,
  bytes: ({ connection: { a, b } }) => a.ipBytes + b.ipBytes,
  duration: ({ connection }) => connection.duration,
  latest: ({ connection }) => connection.latestTime,
};

/** The `most` rows that come first. */
export function ordered(rows: Iterable<LiveRow>, order: LiveOrder, most: number): LiveRow[] {
  const figured = [...rows].map((row) => ({ row, figure: FIGURE[order](row) }));
  figured.sort((one, other) => other.figure - one.figure || one.row.connection.id - other.row.connection.id);
  return figured.slice(0, most).map(({ row }) => row);
}

/** Rows of the screen that are left for connections. */
export function roomFor(height: number): number {
  return Math.max(1, height - FOOT - 4);
}

/** The whole screen, a line each; none is wider than `width`. */
export function liveScreen(view: LiveView, width: number, height: number, style: Style): string[] {
  const lines = [heading(view, width, style)];
  if (view.opened !== null) lines.push(...detail(view.opened, width, style));
  else lines.push(...table(view, width, height, style));
  const foot = footOf(view, width, style);
  const room = Math.max(0, height - foot.length);
  const body = lines.slice(0, room);
  while (body.length < room) body.push('');
  return [...body, ...foot].slice(0, height);
}

/** What a line says where the output is no terminal. */
export function liveLine({ packets, open, ended, packetsPerSecond, bitsPerSecond }: LiveFigures, time: string): string {
  return `${time}  ${formatNumberOf(packets, 'packet')}, ${formatCount(Math.round(packetsPerSecond))} a second, ${formatRate(bitsPerSecond)}; ${formatCount(open)} open, ${formatCount(ended)} ended`;
}

/** A finding as a line under the table. */
export function liveFindingLine({ severity, text, stream }: LiveFinding): string {
  return `  ${severity}${stream < 0 ? '' : ` (stream ${stream})`}: ${escapeText(text)}`;
}

function heading({ figures, isPaused }: LiveView, width: number, style: Style): string {
  const state = isPaused ? '  paused' : '';
  const text = `tcpscope live  ${liveLine(figures, '').trim()}${state}`;
  return style.title(truncate(text, width));
}

function table(view: LiveView, width: number, height: number, style: Style): string[] {
  const { rows, order, filter, isTyping, chosen } = view;
  const isWide = width >= WIDE;
  const by = `by ${order}${filter === null ? '' : `, with ${escapeText(filter)}${isTyping ? '_' : ''}`}`;
  const lines = [
    style.quiet(truncate(by, width)),
    style.heading(
      truncate(
        cells(isWide, [
          pad('st', 7, 'right'),
          pad('client', 21, 'left'),
          pad('server', 21, 'left'),
          pad('rate', 11, 'right'),
          pad('bytes', 9, 'right'),
          pad('time', 8, 'right'),
          pad('lost', 8, 'right'),
          'state',
        ]),
        width,
      ),
    ),
  ];
  rows.slice(0, roomFor(height)).forEach((row, i) => {
    const { connection, bitsPerSecond } = row;
    const { client, server, a, b } = connection;
    const lost = lostOf(totalsSoFar(connection));
    const worst = worstOf(connection);
    const text = cells(isWide, [
      pad(`${i === chosen ? '> ' : ''}${connection.id}`, 7, 'right'),
      pad(client.name, 21, 'left'),
      pad(server.name, 21, 'left'),
      pad(bitsPerSecond > 0 ? formatRate(bitsPerSecond) : '', 11, 'right'),
      pad(formatBytes(a.ipBytes + b.ipBytes), 9, 'right'),
      pad(formatDuration(connection.duration), 8, 'right'),
      pad(lost > 0 ? formatDuration(lost) : '', 8, 'right'),
      `${ending(connection)}${worst === null ? '' : `, ${worst.id}`}`,
    ]);
    const paint = worst === null ? (plain: string) => plain : style[worst.severity];
    const line = truncate(text, width);
    lines.push(i === chosen ? style.strong(line) : paint(line));
  });
  if (rows.length === 0) lines.push(style.quiet('  no connection'));
  return lines;
}

/** Bytes and time lost only where there is room. */
function cells(isWide: boolean, all: readonly string[]): string {
  return all.filter((_, i) => isWide || (i !== 4 && i !== 6)).join('  ');
}

function worstOf({ findings }: Connection): { severity: Severity; id: string } | null {
  let worst: { severity: Severity; id: string } | null = null;
  for (const { severity, id } of findings) {
    if (worst === null || RANK[severity] > RANK[worst.severity]) worst = { severity, id };
  }
  return worst !== null && worst.severity !== 'info' ? worst : null;
}

function detail(connection: Connection, width: number, style: Style): string[] {
  const { client, server } = connection;
  const lines = [
    '',
    style.strong(truncate(`stream ${connection.id}  ${client.name} > ${server.name}`, width)),
    truncate(
      `${ending(connection)}, ${STATE_NAMES[client.state]} / ${STATE_NAMES[server.state]}, ${formatNumberOf(connection.packets, 'packet')} in ${formatDuration(connection.duration)}, history ${connection.historyText}`,
      width,
    ),
  ];
  for (const end of [client, server]) {
    const rtt = end.outbound?.rtt;
    const round = rtt === undefined || rtt.srtt < 0 ? '' : `, round trip ${formatDuration(rtt.srtt)}`;
    lines.push(
      truncate(
        `${end.role}: ${formatNumberOf(end.packets, 'packet')}, ${formatBytes(end.streamBytes)}, window ${end.window < 0 ? 'unknown' : formatBytes(end.window)}${round}`,
        width,
      ),
    );
  }
  lines.push('');
  if (connection.findings.length === 0) lines.push(style.quiet('no findings'));
  for (const { severity, text } of connection.findings) {
    for (const line of wrap(`${severity}: ${escapeText(text)}`, width)) lines.push(style[severity](line));
  }
  return lines;
}

function footOf({ findings, opened, isTyping }: LiveView, width: number, style: Style): string[] {
  const keys = isTyping
    ? 'type a part of an address, Enter to keep, Esc to clear'
    : opened === null
      ? 't trouble  r rate  b bytes  d duration  l latest   / filter   p pause   up, down, Enter open   q quit'
      : 'Esc back   p pause   q quit';
  const lines = findings
    .slice(-FOOT)
    .map((finding) => style[finding.severity](truncate(liveFindingLine(finding).trim(), width)));
  while (lines.length < FOOT) lines.unshift('');
  return [style.quiet('─'.repeat(width)), ...lines, style.quiet(truncate(keys, width))];
}
