import type { WayReport } from '../compare/delays.ts';
import type { ClockReport, CompareReport, LinkReport } from '../compare/report.ts';
import type { ComparedPacket } from '../compare/row.ts';
import { escapeText } from '../model/escape.ts';
import { formatCount, formatDuration, formatNumberOf, formatShare } from '../model/units.ts';
import type { Style } from './style.ts';
import { fit, textWidth } from './text.ts';

/** Lines of connections that are listed. */
const MAX_CONNECTIONS = 10;

const ms = (value: number) => formatDuration(value * 1e6);

/** The answer: where packets were lost, how long they took, what was changed, and how far the captures can be trusted. */
export function compareText(report: CompareReport, width: number | null, style: Style): string[] {
  const { files, vantageOrder, clocks, links, connections, notes } = report;
  const fitted = (text: string) => fit(text, width);
  const path = `${vantageOrder.map(escapeText).join(' ↔ ')}  from client to server`;
  const lines = fitted(path).map(style.title);
  lines.push(...fitted(answer(report)).map(style.strong));
  for (const { text } of notes) lines.push(...fitted(escapeText(text)).map(style.warning));
  for (const link of links.filter(isTelling)) lines.push('', ...linkLines(link, links.length > 1, width, style));
  const fits = clocks
    .slice(1)
    .filter(({ uncertaintyBasis }) => uncertaintyBasis !== 'one-clock')
    .map((clock) => clockText(clock, files[0].file));
  if (fits.length > 0) lines.push('', style.heading('Clocks'), ...fits.flatMap((text) => fitted(text)));
  lines.push('', style.heading('Connections'));
  const worst = [...connections].sort((a, b) => b.lost - a.lost || a.stream - b.stream).slice(0, MAX_CONNECTIONS);
  for (const { stream, packets, lost, at } of worst) {
    const names = at.flatMap((one) => (one === null ? [] : [`${one.client} → ${one.server}`]));
    const unseen = at.some((one) => one === null) ? ', not in every capture' : '';
    const counts = `${formatNumberOf(packets, 'packet')}, ${formatCount(lost)} lost${unseen}`;
    lines.push(...connectionLines(`#${stream}`, [...new Set(names)], counts, width, style));
  }
  if (connections.length > worst.length)
    lines.push(style.quiet(`and ${formatCount(connections.length - worst.length)} more (--json lists all)`));
  return lines;
}

/** In one line where it fits; otherwise a line for each pair of addresses, and one for the rest. */
function connectionLines(
  number: string,
  names: readonly string[],
  counts: string,
  width: number | null,
  style: Style,
): string[] {
  const line = `${number}  ${names.join('  =  ')}`;
  if (width === null || textWidth(line) + 2 + textWidth(counts) <= width) return [`${line}  ${style.quiet(counts)}`];
  const indent = ' '.repeat(number.length + 2);
  const lines = names.map((name, i) => (i === 0 ? `${number}  ${name}` : `${indent}= ${name}`));
  return [...lines, indent + style.quiet(counts)];
}

/** Packets were seen at both of its ends, or lost between them. */
function isTelling({ c2s, s2c }: LinkReport): boolean {
  return c2s.passed + s2c.passed + c2s.lost + s2c.lost > 0;
}

/** What the places are: captures, or points of view of one. */
function placesOf(files: CompareReport['files']): string {
  return files.every(({ capture }) => capture === files[0].capture) ? 'points of view' : 'captures';
}

/** One sentence. */
function answer({ files, links, connections }: CompareReport): string {
  const lost = links.reduce((sum, { c2s, s2c }) => sum + c2s.lost + s2c.lost, 0);
  const both = links.reduce((sum, { c2s, s2c }) => sum + c2s.passed + s2c.passed, 0);
  if (both === 0 && lost === 0) return `Nothing can be compared: no packet is in two of the ${placesOf(files)}.`;
  const where = links
    .filter(({ c2s, s2c }) => c2s.lost + s2c.lost > 0)
    .map(({ from, to, c2s, s2c }) => {
      const ways = [
        c2s.lost > 0 ? `${formatCount(c2s.lost)} towards the server` : '',
        s2c.lost > 0 ? `${formatCount(s2c.lost)} towards the client` : '',
      ];
      return `between ${from} and ${to}: ${ways.filter((way) => way !== '').join(', ')}`;
    });
  const losses =
    lost === 0
      ? `No packet was lost between the ${placesOf(files)}`
      : `${formatNumberOf(lost, 'packet')} ${lost === 1 ? 'was' : 'were'} lost ${where.join('; ')}`;
  return escapeText(`${losses}. ${formatNumberOf(connections.length, 'connection')}.`);
}

function linkLines(
  { from, to, c2s, s2c, changes }: LinkReport,
  isNamed: boolean,
  width: number | null,
  style: Style,
): string[] {
  const fitted = (text: string) => fit(text, width);
  const lines = fitted(isNamed ? `Between ${escapeText(from)} and ${escapeText(to)}` : 'On the way').map(style.heading);
  const labels = [
    '',
    'passed',
    'lost',
    'unknown',
    'delay: least',
    'median',
    '95 %',
    '99 %',
    'most',
    'queueing: median',
    '95 %',
  ];
  const columns = [
    ['to the server', ...cells(c2s)],
    ['to the client', ...cells(s2c)],
  ];
  const hasUnknown = c2s.unknown + s2c.unknown > 0;
  labels.forEach((label, i) => {
    if (label === 'unknown' && !hasUnknown) return;
    const text = `${label.padEnd(18)}${columns.map((column) => column[i].padStart(16)).join('')}`;
    lines.push(i === 0 ? style.quiet(text) : text);
  });
  if (changes.length > 0) {
    const said = changes.map(
      ({ code, direction, packets }) =>
        `${code} (${formatNumberOf(packets, 'packet')} ${direction === 'c2s' ? 'to the server' : 'to the client'})`,
    );
    lines.push(...fitted(`changed on the way: ${said.join(', ')}`));
  }
  return lines;
}

function cells({ passed, lost, unknown, delay, queueing }: WayReport): string[] {
  const share = formatShare(lost, passed + lost);
  const figure = (value: number | undefined) => (value === undefined ? '-' : ms(value));
  return [
    formatCount(passed),
    lost === 0 ? '0' : `${formatCount(lost)} (${share})`,
    formatCount(unknown),
    figure(delay?.minMs),
    figure(delay?.medianMs),
    figure(delay?.p95Ms),
    figure(delay?.p99Ms),
    figure(delay?.maxMs),
    figure(queueing?.medianMs),
    figure(queueing?.p95Ms),
  ];
}

function clockText(
  { file, offsetMs, driftPpm, uncertaintyMs, uncertaintyBasis, symmetricUncertaintyMs }: ClockReport,
  first: string,
): string {
  const name = escapeText(file);
  if (offsetMs === null || driftPpm === null) return `${name}: no packet tells how its clock stands`;
  const offset = `${name} is ${ms(Math.abs(offsetMs))} ${offsetMs < 0 ? 'behind' : 'ahead of'} ${escapeText(first)}`;
  const drift =
    driftPpm === 0 ? '' : `, runs ${Math.abs(driftPpm).toFixed(1)} ppm ${driftPpm < 0 ? 'slower' : 'faster'}`;
  if (uncertaintyMs === null || symmetricUncertaintyMs === null)
    return `${offset}${drift}, if the fastest packet took no time: packets of one direction tell no more`;
  if (uncertaintyBasis === 'clocks-agree')
    return `${name} and ${escapeText(first)} show the same time${uncertaintyMs > 0 ? `, to ± ${ms(uncertaintyMs)}` : ''}; with directions of different times they would agree so well by chance in at most 1 of 100 cases`;
  if (uncertaintyBasis === 'symmetric')
    return `${offset}${drift}; ± ${ms(uncertaintyMs)}, taking both directions for equally fast (--symmetric)`;
  return `${offset}${drift}; ± ${ms(symmetricUncertaintyMs)} if both directions take the same least time, else up to ± ${ms(uncertaintyMs)}`;
}

/** Columns of the time line: a frame's number, an arrow to the next, and what stands before and after them. */
const CELL = 8;
const GAP = 14;
const AROUND_CELLS = 38;

/** Writes the time line: a packet a line, its frame at each point, and what happened in between. */
export class TimeLine {
  private readonly places: readonly number[];
  private readonly files: readonly string[];
  private readonly style: Style;
  private start: number | null = null;
  private readonly cell: number;
  private readonly gap: number;

  /** `files` in the order in which they were given, `order` from client to server; `width` null: as wide as it likes. */
  constructor(files: readonly string[], order: readonly string[], style: Style, width: number | null) {
    const isNarrow = width !== null && AROUND_CELLS + order.length * CELL + (order.length - 1) * GAP > width;
    this.cell = CELL - (isNarrow ? 2 : 0);
    this.gap = GAP - (isNarrow ? 2 : 0);
    this.files = order;
    this.places = order.map((file) => files.indexOf(file));
    this.style = style;
  }

  header(): string {
    const names = this.files.map((file, i) =>
      clip(escapeText(file), i + 1 < this.files.length ? this.cell + this.gap : 40),
    );
    const cells = names.map((name, i) => (i + 1 < names.length ? name.padEnd(this.cell + this.gap) : name));
    return this.style.quiet(`${'time'.padStart(12)}  ${'#'.padStart(4)}  ${cells.join('')}`);
  }

  /** `time` in nanoseconds. */
  line(packet: ComparedPacket, time: number): string {
    const { style, places } = this;
    this.start ??= time;
    const isForward = packet.direction === 'c2s';
    const numbers = places.map((place) => packet.packets[place]);
    let text = '';
    numbers.forEach((one, i) => {
      const isMissed = packet.missedBy.includes(this.files[i]);
      const cell = one === null ? (isMissed ? '(missed)' : '') : `${one.number}`;
      text += cell.padEnd(this.cell);
      if (i + 1 < numbers.length) text += this.way(packet, i, isForward);
    });
    const length = packet.length > 0 ? ` len ${packet.length}` : '';
    const part = packet.isPart ? ' (part of a frame)' : '';
    const made = packet.duplicatedBetween === null ? '' : ' duplicated by the network';
    const seconds = ((time - this.start) / 1e9).toFixed(6).padStart(12);
    const line = `${style.quiet(seconds)}  ${String(packet.stream).padStart(4)}  ${text}${packet.flags}${length}${part}${made}`;
    return packet.lostBetween === null ? line : style.error(line);
  }

  private way({ delays, lostBetween }: ComparedPacket, i: number, isForward: boolean): string {
    const [near, far] = [this.files[i], this.files[i + 1]];
    const width = this.gap - 2;
    const isLost =
      lostBetween !== null &&
      (isForward
        ? lostBetween[0] === near && lostBetween[1] === far
        : lostBetween[0] === far && lostBetween[1] === near);
    const delay = delays[i];
    if (!isLost && delay === null) return ' '.repeat(this.gap);
    const label = isLost ? ' lost ' : ` ${ms(delay!)} `;
    const left = Math.max(1, Math.floor((width - textWidth(label)) / 2));
    const right = Math.max(1, width - textWidth(label) - left);
    const end = isLost ? '×' : isForward ? '▶' : '◀';
    const line = isForward
      ? `${'─'.repeat(left)}${label}${'─'.repeat(right - 1)}${end}`
      : `${end}${'─'.repeat(left - 1)}${label}${'─'.repeat(right)}`;
    return `${line}  `;
  }
}

function clip(text: string, width: number): string {
  return text.length < width ? text : `…${text.slice(text.length - width + 2)} `;
}
