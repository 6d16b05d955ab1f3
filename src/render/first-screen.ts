import type { AnswerWords } from '../messages/answer.ts';
import { ENGLISH } from '../messages/en/index.ts';
import { type Owner, TIME_USES } from '../model/budget.ts';
import { formatCount, formatDuration, formatNumberOf } from '../model/units.ts';
import type { KindSummary } from '../summary/kind-summary.ts';
import type { WorstConnection } from '../summary/listed.ts';
import type { GroupSummary, Summary } from '../summary/summary.ts';
import type { Tally } from '../summary/tally.ts';
import { bar } from './bar.ts';
import { clockAt } from './clock.ts';
import { nextLines } from './next-lines.ts';
import { DEFAULT_WIDTH, MIN_WIDTH, type ScreenOptions } from './screen-options.ts';
import { ownerStyle } from './style.ts';
import { pad, textWidth, truncate } from './text.ts';
import { verdictLines } from './verdict-lines.ts';

const MAX_KINDS = 8;
const TITLE = 'Where the time went';
/** A connection that lost less than this part of what the worst lost is not among the worst. */
const WORTH = 0.01;
/** Owners in the table; what is nobody's or not known is one column. */
const COLUMNS = ['network', 'server', 'client', 'rest'] as const;
type Column = (typeof COLUMNS)[number];
const BAR = 6;
/** Columns of a screen that has room for bars beside the numbers. */
const ROOM_FOR_BARS = 100;
/** Characters of the longest head of a column. */
const HEAD = 7;
/** `59 min 40 s`, and a blank before it. */
const DURATION = 12;
/** How many connections. */
const CONNS = 8;
/** `stream 907 #1093`, and two blanks before it. */
const PLACE = 23;
/** Characters of the name of a kind that can be told from the others. */
const READABLE = 27;

/** The first screen of many connections, about forty lines whatever is in the capture. */
export function firstScreen(summary: Summary, options: ScreenOptions): string[] {
  const screen = new Screen(options);
  return [
    ...verdictLines(summary, options),
    ...screen.times(summary),
    ...screen.kinds(summary),
    ...screen.worst(summary),
    ...screen.next(summary),
  ];
}

class Screen {
  private readonly options: ScreenOptions;
  private readonly width: number;
  private readonly words: AnswerWords;
  private readonly hasBars: boolean;

  constructor(options: ScreenOptions) {
    this.options = options;
    this.width = Math.max(options.width ?? DEFAULT_WIDTH, MIN_WIDTH);
    this.words = ENGLISH.answer;
    this.hasBars = options.hasBars && this.width >= ROOM_FOR_BARS;
  }

  /** Where the time went, over all and by service. */
  times({ overall, groups, grouping }: Summary): string[] {
    if (overall.time === 0) return [];
    const { style, groups: most } = this.options;
    const { hasBars } = this;
    const shown = groups.slice(0, groups.length === 1 && grouping === 'service' ? 0 : most);
    const names = COLUMNS.map((column) => (column === 'rest' ? 'other' : column));
    const isNarrow = this.width < TITLE.length + CONNS + DURATION + COLUMNS.length * (HEAD + 2);
    const cells = names.map((name) => (isNarrow ? name.length : hasBars ? BAR + 6 : HEAD));
    const conns = isNarrow ? 0 : CONNS;
    const numbers = conns + DURATION + cells.reduce((sum, cell) => sum + cell + 2, 0);
    const nameWidth = Math.min(
      Math.max(...shown.map(({ name }) => textWidth(name)), TITLE.length),
      this.width - numbers,
    );
    const heads = names.map((name, i) => pad(name, cells[i], hasBars ? 'left' : 'right'));
    const head = `${pad(truncate(TITLE, nameWidth), nameWidth, 'left')}${isNarrow ? '' : pad('conns', conns, 'right')}${pad('time', DURATION, 'right')}  ${heads.join('  ')}`;
    const more = groups.length - shown.length;
    const line = (name: string, tally: Tally) => this.timeLine(name, tally, [nameWidth, conns, ...cells]);
    return [
      '',
      style.heading(head.trimEnd()),
      line('all', overall),
      ...shown.map(({ name, tally }: GroupSummary) => line(name, tally)),
      ...(more > 0 && shown.length > 0
        ? [style.quiet(`… and ${formatNumberOf(more, NOUNS[grouping][0], NOUNS[grouping][1])} more: --top N`)]
        : []),
    ];
  }

  /** `widths`: of the name, of the number of connections (0: left out), and of each owner. */
  private timeLine(name: string, tally: Tally, [nameWidth, conns, ...widths]: readonly number[]): string {
    const { style } = this.options;
    const { hasBars } = this;
    const shares = sharesOf(tally);
    const cells = COLUMNS.map((column, i) => {
      const cell = widths[i];
      const share = shares[column];
      const percent = `${Math.round(100 * share)} %`;
      if (!hasBars) return pad(percent, cell, 'right');
      const paint = ownerStyle(column, style);
      return `${paint(pad(bar(share, BAR), BAR, 'left'))}${pad(percent, cell - BAR, 'right')}`;
    });
    const text = pad(truncate(name, nameWidth), nameWidth, 'left');
    const count = conns === 0 ? '' : pad(formatCount(tally.connections), conns, 'right');
    return `${text}${count}${pad(formatDuration(tally.time), DURATION, 'right')}  ${cells.join('  ')}`.trimEnd();
  }

  /** Trouble gathered by kind, what cost most first. */
  kinds({ kinds }: Summary): string[] {
    const { style } = this.options;
    if (kinds.length === 0) return [];
    const shown = kinds.slice(0, MAX_KINDS);
    const labels = shown.map((kind) => this.kindLabel(kind));
    const longest = Math.max(...labels.map(textWidth), 15);
    const figuresWidth = 2 * CONNS + DURATION;
    // Where there is no room for it beside a name that can be read, the worst has a line of its own.
    const isNarrow = this.width - figuresWidth - PLACE < Math.min(longest, READABLE);
    const labelWidth = Math.min(longest, this.width - figuresWidth - (isNarrow ? 0 : PLACE));
    const head = `${pad('What went wrong', labelWidth, 'left')}${pad('conns', CONNS, 'right')}${pad('times', CONNS, 'right')}${pad('time lost', DURATION, 'right')}${isNarrow ? '' : '  worst'}`;
    const more = kinds.length - shown.length;
    return [
      '',
      style.heading(head),
      ...shown.flatMap((kind, i) => {
        const { connections, times, lost, severity } = kind;
        const paint =
          lost === 0 && severity === 'error' ? style.error : lost > 0 ? style.warning : (text: string) => text;
        const figures = [
          pad(formatCount(connections), CONNS, 'right'),
          pad(times === 0 ? '-' : formatCount(times), CONNS, 'right'),
          pad(lost === 0 ? '-' : formatDuration(lost), DURATION, 'right'),
        ];
        const line = `${paint(pad(truncate(labels[i], labelWidth), labelWidth, 'left'))}${figures.join('')}`;
        return isNarrow
          ? [line, `  ${style.quiet(`worst: ${this.place(kind, this.width - 9)}`)}`]
          : [`${line}  ${this.place(kind, this.width - labelWidth - figuresWidth - 2)}`];
      }),
      ...(more > 0 ? [style.quiet(`… and ${formatNumberOf(more, 'more kind')}: --all`)] : []),
    ];
  }

  private kindLabel({ kind }: KindSummary): string {
    const own = (this.words.kinds as Readonly<Record<string, string>>)[kind];
    return own ?? lowerFirst((ENGLISH.pages as Readonly<Record<string, { title: string }>>)[kind]?.title ?? kind);
  }

  /** `stream 42, 3.1 s at 22:13:24.118`, `stream 907 #1093`. */
  private place({ worst: { stream, frame, time, duration } }: KindSummary, room: number): string {
    const { origin } = this.options;
    const where = stream < 0 ? 'capture' : `stream ${stream}`;
    if (frame > 0) return `${where} #${frame}`;
    const clock = origin === null ? '' : ` at ${clockAt(origin, time)}`;
    const text = `${where}, ${formatDuration(duration)}`;
    return textWidth(text + clock) <= room ? text + clock : text;
  }

  /** The connections that lost most. */
  worst({ worst, connections, order }: Summary): string[] {
    const { style, worst: most } = this.options;
    const isByLost = order === 'time-lost';
    const shown = worst.slice(0, most).filter(({ lost }) => !isByLost || lost >= WORTH * worst.at(0)!.lost);
    if (shown.length === 0) return [];
    const rows = shown.map(({ connection, lost, kind, most: time }: WorstConnection) => ({
      stream: String(connection.id),
      ends: `${connection.client.name} → ${connection.server.name}`,
      lost: formatDuration(lost),
      because: kind === null ? '' : this.words.because[kind](time),
    }));
    const streamWidth = Math.max(...rows.map(({ stream }) => stream.length), 3);
    const endsWidth = Math.max(...rows.map(({ ends }) => textWidth(ends)), 17 - streamWidth);
    const reason = Math.max(...rows.map(({ because }) => textWidth(because)));
    const isNarrow = streamWidth + 2 + endsWidth + DURATION + 2 + reason > this.width;
    const title = isByLost ? 'Worst connections' : `By ${order}`;
    const head = `${pad(title, streamWidth + 2 + endsWidth, 'left')}${pad('time lost', DURATION, 'right')}  ${isNarrow ? '' : 'because'}`;
    const more = connections - shown.length;
    return [
      '',
      style.heading(head.trimEnd()),
      ...rows.flatMap(({ stream, ends, lost, because }) => {
        const line = `${pad(stream, streamWidth, 'right')}  ${pad(ends, endsWidth, 'left')}${pad(lost, DURATION, 'right')}`;
        return isNarrow
          ? [line, `${' '.repeat(streamWidth + 2)}${style.quiet(because)}`]
          : [`${line}  ${style.quiet(because)}`];
      }),
      ...(more > 0
        ? [style.quiet(`… and ${formatNumberOf(more, 'more connection')}: --top N, --sort KEY, --all`)]
        : []),
    ];
  }

  /** What to look at next. */
  next({ worst }: Summary): string[] {
    const stream = worst.at(0)?.connection.id ?? 0;
    return nextLines(
      (name) => [`tcpscope explain ${name} --stream ${stream}`, `tcpscope exchanges ${name}`, `tcpscope ${name} --all`],
      this.options,
    );
  }
}

const NOUNS = {
  service: ['service', 'services'],
  client: ['client', 'clients'],
  server: ['server', 'servers'],
  network: ['network', 'networks'],
} as const;

function sharesOf(tally: Tally): Record<Column, number> {
  const shares: Record<Column, number> = { network: 0, server: 0, client: 0, rest: 0 };
  const { time } = tally;
  if (time === 0) return shares;
  tally.totals.forEach((spent, use) => {
    shares[columnOf(TIME_USES[use].owner)] += spent / time;
  });
  return shares;
}

function columnOf(owner: Owner): Column {
  return owner === 'network' || owner === 'server' || owner === 'client' ? owner : 'rest';
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text[0].toLowerCase() + text.slice(1) : text;
}
