import type { Connection } from '../model/connection.ts';
import type { PacketRow, RowPart } from '../model/row.ts';
import { absoluteTime } from '../model/timestamp.ts';
import { type PacketField, partsOf } from './packet-field.ts';
import { RowWriter, rowWidth } from './row-writer.ts';
import type { Style } from './style.ts';
import { wrap } from './text.ts';
import { type TimeForm, TimeWriter } from './time-form.ts';

export interface PacketTextOptions {
  /** All fields of a packet, `time` in the form that is wanted. */
  fields: readonly PacketField[];
  /** Keys of the columns that are wanted; without them, those that fit. */
  columns: readonly string[] | null;
  width: number | null;
  style: Style;
  /** No head, no introductions. */
  isBare: boolean;
  /** Says which columns the screen has no room for. */
  tellsMissing: boolean;
  /** With the vantage of each packet. */
  hasVantage: boolean;
}

export interface FieldForms {
  /** `time` is tcpdump's default; here it means seconds since the first packet of the capture. */
  time: TimeForm;
  precision: 'micro' | 'nano';
  /** Sequence numbers as on the wire. */
  absolute: boolean;
}

/** The fields with times and sequence numbers in the forms that are wanted for text. */
export function fieldsInForm(
  fields: readonly PacketField[],
  { time, precision, absolute }: FieldForms,
  origin: () => bigint,
): readonly PacketField[] {
  const writer = new TimeWriter(time, precision);
  const digits = precision === 'nano' ? 9 : 6;
  const forms: Record<string, Partial<PacketField>> = {
    time: {
      width: time === 'none' ? HIDDEN : WHOLE_WIDTH[time] + 1 + digits,
      text:
        time === 'time'
          ? (row) => (row.view.time / 1e9).toFixed(digits)
          : (row) => writer.write(absoluteTime(origin(), row.view.time)).trim(),
    },
  };
  if (absolute) {
    forms.seqRange = {
      value: ({ view: { seq, payloadLength } }) =>
        payloadLength === 0 ? String(seq) : `${seq}:${(seq + payloadLength) >>> 0}`,
    };
    forms.ack = { value: (row) => (row.ack < 0 ? null : row.view.ack) };
  }
  return fields.map((field) => ({ ...field, ...forms[field.key] }));
}

/** Width of a column that is not wanted. */
const HIDDEN = 0;
/** Characters in front of the decimal point: up to 999 s, a Unix time, `00:00:00`, a date with it. */
const WHOLE_WIDTH = { time: 3, epoch: 10, delta: 8, date: 19, elapsed: 8 } as const;

const NARROW = ['number', 'time', 'stream', 'direction', 'flags', 'seqRange', 'ack', 'payloadLength'];
const MEDIUM = [...NARROW, 'window'];
const WIDE = [...MEDIUM, 'states.client.after', 'states.server.after'];

/** Where the vantage stands among the columns. */
const AFTER_STREAM = NARROW.indexOf('stream') + 1;

/** Room for numbers that are longer than usual. */
const SLACK = 4;

/** Writes one line for each packet, with one more that introduces each connection. */
export class PacketText {
  private readonly writer: RowWriter<PacketRow>;
  /** The parts of rows that it reads. */
  readonly parts: ReadonlySet<RowPart>;
  private readonly options: PacketTextOptions;
  /** Stream numbers come in ascending order, but the rows of several of them may be mixed. */
  private readonly introduced = new Set<number>();
  /** Columns that the screen has no room for. */
  private readonly missing: readonly PacketField[] = [];
  private isBegun = false;

  constructor(options: PacketTextOptions) {
    this.options = options;
    const { fields, columns, width } = options;
    const find = (key: string) => fields.find((field) => field.key === key)!;
    if (columns !== null) {
      const chosen = columns.map(find);
      this.writer = new RowWriter({ fields: chosen, note: null, width }, options.style);
      this.parts = partsOf(chosen);
      return;
    }
    const [wide, medium, narrow] = [WIDE, MEDIUM, NARROW]
      .map((keys) => (options.hasVantage ? keys.toSpliced(AFTER_STREAM, 0, 'vantage') : keys))
      .map((keys) => keys.map(find).filter(isShown));
    const shown = [wide, medium].find((columns) => width === null || rowWidth(columns) + SLACK <= width) ?? narrow;
    const note = shown === wide ? find('mark') : changesAndMark(find);
    this.writer = new RowWriter({ fields: shown, note, width }, options.style);
    this.parts = partsOf([...shown, note]);
    this.missing = wide.filter((field) => !shown.includes(field));
  }

  /** The head comes with the first row: before it, nobody knows whether there will be any. */
  row(row: PacketRow): string {
    const head = this.isBegun || this.options.isBare ? '' : this.head();
    this.isBegun = true;
    return head + this.line(row);
  }

  private head(): string {
    const { style, width, tellsMissing } = this.options;
    const head = `${this.writer.header()}\n`;
    if (!tellsMissing || this.missing.length === 0) return head;
    const names = this.missing.map((field) => field.header ?? field.key).join(', ');
    const lines = wrap(
      `no room for ${names}: a wider screen or --fields shows them`,
      width ?? Number.POSITIVE_INFINITY,
    );
    return lines.map((line) => `${style.quiet(line)}\n`).join('') + head;
  }

  private line(row: PacketRow): string {
    const line = `${this.writer.row(row)}\n`;
    if (this.options.isBare || this.options.columns !== null || this.introduced.has(row.connection.id)) return line;
    this.introduced.add(row.connection.id);
    return introduction(row.connection, this.options.style) + line;
  }
}

function isShown(field: PacketField): boolean {
  return field.width !== HIDDEN;
}

/** Without columns for the states, their changes are noted. */
function changesAndMark(find: (key: string) => PacketField): PacketField {
  const change = find('stateChange');
  const mark = find('mark');
  return {
    ...mark,
    key: 'note',
    value: (row) => [change.value(row), mark.value(row)].filter((text) => text !== '').join('; '),
  };
}

function introduction({ id, client, server, previous }: Connection, style: Style): string {
  const again = previous === null ? '' : ` (the same sockets as stream ${previous.id})`;
  const ends = `${style.client(client.name)} → ${style.server(server.name)}`;
  return `${style.quiet(`stream ${id}:`)} ${ends}${style.quiet(again)}\n`;
}
