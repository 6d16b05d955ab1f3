import type { Connection } from '../model/connection.ts';
import type { PacketRow } from '../model/row.ts';
import type { PacketField } from './packet-fields.ts';
import { RowWriter } from './row-writer.ts';
import type { Style } from './style.ts';
import { absoluteTime, type TimeForm, TimeWriter } from './time-form.ts';

export interface PacketTextOptions {
  /** All fields of a packet, `time` in the form that is wanted. */
  fields: readonly PacketField[];
  /** Keys of the columns that are wanted; without them, those that fit. */
  columns: readonly string[] | null;
  width: number | null;
  style: Style;
  /** No head, no introductions. */
  isBare: boolean;
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
    time:
      time === 'time'
        ? { text: (row) => (row.view.time / 1e9).toFixed(digits) }
        : { text: (row) => writer.write(absoluteTime(origin(), row.view.time)).trim() },
  };
  if (time === 'none') forms.time = { width: HIDDEN };
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

const NARROW = ['number', 'time', 'stream', 'direction', 'flags', 'seqRange', 'ack', 'payloadLength'];
const MEDIUM = [...NARROW, 'window'];
const WIDE = [...MEDIUM, 'states.client.after', 'states.server.after'];

/** Columns of the screen that these take, with numbers of usual length. */
const MEDIUM_WIDTH = 74;
const WIDE_WIDTH = 104;

/** Writes one line for each packet, with one more that introduces each connection. */
export class PacketText {
  private readonly writer: RowWriter<PacketRow>;
  private readonly options: PacketTextOptions;
  /** Stream numbers come in ascending order, but the rows of several of them may be mixed. */
  private readonly introduced = new Set<number>();

  constructor(options: PacketTextOptions) {
    this.options = options;
    const { fields, columns, width } = options;
    const find = (key: string) => fields.find((field) => field.key === key)!;
    if (columns !== null) {
      this.writer = new RowWriter({ fields: columns.map(find), note: null, width }, options.style);
      return;
    }
    const isWide = width === null || width >= WIDE_WIDTH;
    const keys = isWide ? WIDE : width >= MEDIUM_WIDTH ? MEDIUM : NARROW;
    this.writer = new RowWriter(
      { fields: keys.map(find).filter(isShown), note: isWide ? find('mark') : changesAndMark(find), width },
      options.style,
    );
  }

  header(): string {
    return this.options.isBare ? '' : `${this.writer.header()}\n`;
  }

  row(row: PacketRow): string {
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
