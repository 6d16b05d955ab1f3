import type { CaptureSession } from '../capture/session.ts';
import { UsageError } from '../model/errors.ts';
import type { PacketRow, RowPart } from '../model/row.ts';
import { nearest } from '../model/suggest.ts';
import { formatNumberOf } from '../model/units.ts';
import { csvHeader } from '../render/csv.ts';
import { csvRows } from '../render/csv-bytes.ts';
import { type PacketField, partsOf } from '../render/packet-field.ts';
import { packetFields } from '../render/packet-fields.ts';
import { objectFields, packetJson } from '../render/packet-json.ts';
import { fieldsInForm, PacketText } from '../render/packet-text.ts';
import { type DumpForm, TcpdumpPrinter } from '../render/tcpdump.ts';
import type { InterfaceName } from '../render/tcpdump-link.ts';
import { TIME_FORMS, type TimeForm } from '../render/time-form.ts';
import type { Context } from './context.ts';
import type { PacketsOptions, RowSink } from './packet-choice.ts';
import { RowLines } from './row-lines.ts';
import { ALL_VIEWS } from './views.ts';

/** Formats of one row after the other. */
export type RowFormat = 'text' | 'ndjson' | 'csv';

export function rowSink(
  format: RowFormat,
  options: PacketsOptions,
  session: CaptureSession,
  context: Context,
): RowSink {
  const origin = () => session.origin.base;
  switch (format) {
    case 'ndjson':
      return new NdjsonSink(fieldsOf(options, origin), context);
    case 'csv':
      return new CsvSink(fieldsOf(options, origin), context);
    default:
      return textSink(options, origin, context);
  }
}

/** Those that `--fields` names; without it, all that programs get. */
export function fieldsOf({ fields }: PacketsOptions, origin: () => bigint): readonly PacketField[] {
  return fields === undefined ? objectFields(origin) : chosen(packetFields(origin), fields);
}

function textSink(options: PacketsOptions, origin: () => bigint, context: Context): RowSink {
  const { output, stdout } = context;
  const { style, width } = stdout;
  const { absolute = false, nano } = options;
  const forms = { time: timeForm(options), absolute, precision: nano ? 'nano' : 'micro' } as const;
  const fields = fieldsInForm(packetFields(origin), forms, origin);
  const columns = options.fields === undefined ? null : chosen(fields, options.fields).map(({ key }) => key);
  const isBare = context.isQuiet;
  const text = new PacketText({
    fields,
    columns,
    width,
    style,
    isBare,
    tellsMissing: stdout.isTerminal,
    hasVantage: options.view === ALL_VIEWS,
  });
  const hasLine = options.verbose > 0 || options.link === true;
  const hasDetails = hasLine || dumpForm(options) !== 'none';
  const printer = hasDetails ? tcpdumpPrinter(options, 'none', (index) => `if${index}`) : null;
  const take = (row: PacketRow) => {
    output.write(text.row(row));
    if (printer === null) return;
    const details = printer.print(row.view, 0n)!;
    // Without -v or -e, only the dump after the first line is wanted.
    const from = hasLine ? 0 : `${details}\n`.indexOf('\n') + 1;
    if (details.length > from) output.line(style.quiet(details.slice(from).replace(/^\t?/gm, '       ')));
  };
  const gap = (packets: number) => output.line(style.quiet(`    … ${formatNumberOf(packets, 'packet')}`));
  return { parts: text.parts, take, gap };
}

/** A line for each row, as JSON. */
class NdjsonSink implements RowSink {
  readonly parts: ReadonlySet<RowPart>;
  private readonly output: Context['output'];
  private readonly lines: RowLines<PacketRow>;

  constructor(fields: readonly PacketField[], { output }: Context) {
    this.parts = partsOf(fields);
    this.output = output;
    this.lines = new RowLines(packetJson(fields));
  }

  take(row: PacketRow): void {
    this.output.bytes(this.lines.line(row));
  }

  hold(row: PacketRow | null): void {
    this.lines.push(row);
  }

  tell(): boolean {
    const line = this.lines.shift();
    if (line !== null) this.output.bytes(line);
    return line !== null;
  }
}

/** With the header in front of the first row, or alone where there is none: not before it is known that a capture is there. */
class CsvSink implements RowSink {
  readonly parts: ReadonlySet<RowPart>;
  private readonly fields: readonly PacketField[];
  private readonly output: Context['output'];
  private readonly lines: RowLines<PacketRow>;
  private hasHeader: boolean;

  constructor(fields: readonly PacketField[], { output, isQuiet }: Context) {
    this.parts = partsOf(fields);
    this.fields = fields;
    this.output = output;
    this.lines = new RowLines(csvRows(fields));
    this.hasHeader = isQuiet;
  }

  take(row: PacketRow): void {
    this.end();
    this.output.bytes(this.lines.line(row));
  }

  hold(row: PacketRow | null): void {
    this.lines.push(row);
  }

  tell(): boolean {
    const line = this.lines.shift();
    if (line === null) return false;
    this.end();
    this.output.bytes(line);
    return true;
  }

  end(): void {
    if (!this.hasHeader) this.output.line(csvHeader(this.fields));
    this.hasHeader = true;
  }
}

export function tcpdumpPrinter(options: PacketsOptions, time: TimeForm, interfaceName: InterfaceName): TcpdumpPrinter {
  return new TcpdumpPrinter({
    interfaceName,
    verbose: options.verbose,
    absolute: options.absolute ?? false,
    time,
    precision: options.nano ? 'nano' : 'micro',
    link: options.link ?? false,
    dump: dumpForm(options),
  });
}

/** The form of times that so many `-t` ask for, as in tcpdump. */
export function timeForm({ t }: PacketsOptions): TimeForm {
  return TIME_FORMS[Math.min(t, TIME_FORMS.length - 1)];
}

/** The form of the dump that `-x`, `-X` and `-A` ask for, as in tcpdump. */
export function dumpForm({ x, X, A }: PacketsOptions): DumpForm {
  if (X > 0) return X > 1 ? 'XX' : 'X';
  if (x > 0) return x > 1 ? 'xx' : 'x';
  if (A > 0) return A > 1 ? 'AA' : 'A';
  return 'none';
}

/** The fields of those names, in that order; the name of an object stands for all that is in it, a heading for its column. */
export function chosen(all: readonly PacketField[], names: string): PacketField[] {
  return names.split(',').flatMap((name) => {
    const key = name.trim();
    const found = all.filter((field) => field.key === key || field.key.startsWith(`${key}.`));
    if (found.length > 0) return found;
    const shown = all.filter((field) => field.header?.trim() === key && key !== '');
    if (shown.length > 0) return shown;
    const meant = nearest(
      key,
      all.map((field) => field.key),
    );
    const advice = meant === null ? '--fields list shows all of them' : `did you mean ${meant}?`;
    throw new UsageError(`--fields: there is no field "${key}"; ${advice}`);
  });
}
