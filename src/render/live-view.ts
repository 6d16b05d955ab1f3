import type { Connection } from '../model/connection.ts';
import { ending } from '../model/ending.ts';
import { escapeText } from '../model/escape.ts';
import { GRAVITY, type Severity } from '../model/finding.ts';
import { STATE_NAMES } from '../model/state.ts';
import { formatBytes, formatCount, formatDuration, formatNumberOf, formatRate } from '../model/units.ts';
import { lostOf, totalsSoFar } from '../summary/tally.ts';
import type { Style } from './style.ts';
import { pad, textWidth, truncate, wrap } from './text.ts';

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

/** Columns of the state and the gravest finding, which are shown before any other figure. */
const STATE = 22;
/** `10.0.0.10:12345`: the columns keep their places while connections with short names come and go. */
const NAME = 15;
/** Findings at the foot of the screen. */
const FOOT = 5;

/** How much is wrong with a connection: its gravest finding first, then the time that it lost (ns). */
function troubleOf(connection: Connection): number {
  let rank = 0;
  for (const { severity } of connection.findings) rank = Math.max(rank, 1 + GRAVITY[severity]);
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
  const { order, filter, isTyping, chosen } = view;
  const rows = view.rows.slice(0, roomFor(height));
  const by = `by ${order}${filter === null ? '' : `, with ${escapeText(filter)}${isTyping ? '_' : ''}`}`;
  const lines = [style.quiet(truncate(by, width))];
  const columns = columnsFor(rows, width);
  const cells = (of: (column: LiveColumn) => string) =>
    truncate(columns.map((column) => pad(of(column), column.width, column.align)).join('  '), width);
  lines.push(style.heading(cells(({ head }) => head).trimEnd()));
  rows.forEach((row, i) => {
    const worst = worstOf(row.connection);
    const paint = worst === null ? (plain: string) => plain : style[worst.severity];
    const line = cells(({ text, head }) => (head === 'st' && i === chosen ? `> ${text(row)}` : text(row))).trimEnd();
    lines.push(i === chosen ? style.strong(line) : paint(line));
  });
  if (rows.length === 0) lines.push(style.quiet('  no connection'));
  return lines;
}

interface LiveColumn {
  readonly head: string;
  readonly align: 'left' | 'right';
  readonly width: number;
  readonly text: (row: LiveRow) => string;
}

const COLUMNS: readonly LiveColumn[] = [
  { head: 'st', align: 'right', width: 7, text: ({ connection }) => String(connection.id) },
  { head: 'client', align: 'left', width: 6, text: ({ connection }) => connection.client.name },
  { head: 'server', align: 'left', width: 6, text: ({ connection }) => connection.server.name },
  {
    head: 'rate',
    align: 'right',
    width: 11,
    text: ({ bitsPerSecond }) => (bitsPerSecond > 0 ? formatRate(bitsPerSecond) : ''),
  },
  {
    head: 'bytes',
    align: 'right',
    width: 9,
    text: ({ connection: { a, b } }) => formatBytes(a.ipBytes + b.ipBytes),
  },
  { head: 'time', align: 'right', width: 8, text: ({ connection }) => formatDuration(connection.duration) },
  {
    head: 'lost',
    align: 'right',
    width: 8,
    text: ({ connection }) => {
      const lost = lostOf(totalsSoFar(connection));
      return lost > 0 ? formatDuration(lost) : '';
    },
  },
  {
    head: 'state',
    align: 'left',
    width: 5,
    text: ({ connection }) => {
      const worst = worstOf(connection);
      return `${ending(connection)}${worst === null ? '' : `, ${worst.id}`}`;
    },
  },
];
/** Left out one after the other until there is room for the state. */
const EXPENDABLE = ['bytes', 'lost', 'time', 'rate'];

/** What there is room for: names as wide as they are, the other figures as wide as they may get. */
function columnsFor(rows: readonly LiveRow[], width: number): readonly LiveColumn[] {
  let columns = COLUMNS.map((column) =>
    column.head === 'client' || column.head === 'server'
      ? { ...column, width: Math.max(NAME, ...rows.map((row) => textWidth(column.text(row)))) }
      : column,
  );
  const room = () => width - columns.slice(0, -1).reduce((sum, column) => sum + column.width + 2, 0);
  for (const head of EXPENDABLE) {
    if (room() >= STATE) break;
    columns = columns.filter((column) => column.head !== head);
  }
  return columns;
}

function worstOf({ findings }: Connection): { severity: Severity; id: string } | null {
  let worst: { severity: Severity; id: string } | null = null;
  for (const { severity, id } of findings) {
    if (worst === null || GRAVITY[severity] > GRAVITY[worst.severity]) worst = { severity, id };
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

const ALL_KEYS =
  't trouble  r rate  b bytes  d duration  l latest   / filter   p pause   up, down, Enter open   q quit';
/** Where there is no room for all words, how to get out stands first. */
const KEYS = 'q quit  p pause  Enter open  / filter  t trouble  r rate  b d l other orders';

function footOf({ findings, opened, isTyping }: LiveView, width: number, style: Style): string[] {
  const keys = isTyping
    ? 'type a part of an address, Enter to keep, Esc to clear'
    : opened !== null
      ? 'Esc back   p pause   q quit'
      : width >= ALL_KEYS.length
        ? ALL_KEYS
        : KEYS;
  const lines = findings
    .slice(-FOOT)
    .map((finding) => style[finding.severity](truncate(liveFindingLine(finding).trim(), width)));
  while (lines.length < FOOT) lines.unshift('');
  return [style.quiet('─'.repeat(width)), ...lines, style.quiet(truncate(keys, width))];
}
