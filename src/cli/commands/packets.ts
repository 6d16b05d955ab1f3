import { type Command, Option } from 'commander';
import { horizonOf } from '../../analyze.ts';
import type { CaptureSession } from '../../capture/session.ts';
import { UsageError } from '../../model/errors.ts';
import { SEVERITIES, type Severity } from '../../model/finding.ts';
import type { KeepBytes, PacketRow } from '../../model/row.ts';
import type { SegmentView } from '../../model/segment.ts';
import { nearest } from '../../model/suggest.ts';
import { absoluteTime } from '../../model/timestamp.ts';
import { formatNumberOf } from '../../model/units.ts';
import { csvHeader, csvRow } from '../../render/csv.ts';
import { type PacketField, packetFields } from '../../render/packet-fields.ts';
import { objectFields, packetJson } from '../../render/packet-json.ts';
import { fieldsInForm, PacketText } from '../../render/packet-text.ts';
import { type DumpForm, TcpdumpPrinter } from '../../render/tcpdump.ts';
import type { InterfaceName } from '../../render/tcpdump-link.ts';
import { TIME_FORMS, type TimeForm } from '../../render/time-form.ts';
import { isChosen, isStream, requireStream } from '../choice.ts';
import type { Context } from '../context.ts';
import { Exit } from '../exit.ts';
import { chosenFormat, withFormats } from '../format.ts';
import { interfaceNameOf } from '../interfaces.ts';
import {
  type CaptureOptions,
  captureNames,
  increase,
  type ModelOptions,
  modelOption,
  modelsOf,
  parseCount,
  parsePositive,
  parseSeconds,
  withCaptures,
  withExamples,
  withNote,
} from '../options.ts';
import { PacketFile } from '../packet-file.ts';
import { parquetTables, requireParquet } from '../parquet-file.ts';
import type { ParquetTable } from '../parquet-table.ts';
import { isOfSeverity, isProblem, Picked } from '../problems.ts';
import { analyzeCaptures, type RunOptions } from '../run.ts';
import { startFilter } from '../time-window.ts';
import { ALL_VIEWS } from '../views.ts';

const FORMATS = ['text', 'tcpdump', 'ndjson', 'csv', 'parquet'] as const;
type RowFormat = Exclude<(typeof FORMATS)[number], 'tcpdump' | 'parquet'>;

interface PacketsOptions extends CaptureOptions, ModelOptions {
  count?: number;
  verbose: number;
  absolute?: boolean;
  t: number;
  x: number;
  X: number;
  A: number;
  link?: boolean;
  nano?: boolean;
  fields?: string;
  horizon?: number;
  problems?: boolean;
  minSeverity?: Severity;
  select?: string;
  context?: number;
  write?: string;
  output?: string;
  comments?: boolean;
}

/** Packets before and after each problem. */
const CONTEXT = 5;

/** Takes rows, writes them. */
interface RowSink {
  take(row: PacketRow): void;
  /** A packet that is no TCP segment: only a capture file takes it. */
  other?(view: SegmentView): void;
  /** Text alone says where packets are left out. */
  gap?(packets: number): void;
  /** There are no more; with `isCut`, because as many as were wanted have come. */
  end?(isCut: boolean): void;
}

export function registerPackets(program: Command, context: Context): void {
  const command = withCaptures(program.command('packets'))
    .description('Prints one line for each packet, when its verdict is settled, in the order of the capture.')
    .option('-c, --count <number>', 'stop after N packets', parsePositive)
    .option('--problems', 'only packets with findings (warning, error) or a verdict, and those around them')
    .addOption(
      new Option('--min-severity <severity>', 'only packets with such a finding, or a graver one').choices(SEVERITIES),
    )
    .option('--select <condition>', "only packets of which it is true, as in check: 'verdict == retransmission'")
    .option(
      '--context <number>',
      'with these, packets before and after each (default: 5 with --problems, else 0)',
      parseCount,
    )
    .option('-o, --output <file>', 'where --format parquet writes')
    .option('-w, --write <file>', 'write the packets into a pcapng file instead of printing them, - is standard output')
    .option('--comments', 'with -w, verdicts and findings as comments of their packets')
    .option(
      '-v, --verbose',
      "add tcpdump's line about the IP header, options and checksums; -vv adds more",
      increase,
      0,
    )
    .option('-S, --absolute', 'sequence numbers as on the wire')
    .option(
      '-t',
      'times: -t none, -tt Unix, -ttt since the packet before, -tttt date, -ttttt since the first',
      increase,
      0,
    )
    .option('-x', 'dump each packet in hexadecimal; -xx with the link header', increase, 0)
    .option('-X', 'the same with text beside it; -XX with the link header', increase, 0)
    .option('-A', 'the text alone; -AA with the link header', increase, 0)
    .option('-e, --link', 'add the link header, with the rest of the line that tcpdump prints')
    .addOption(new Option('--nano', 'times with nine decimals'))
    .option('--fields <names>', 'columns, separated by commas; --fields list shows them all')
    .option(
      '--horizon <seconds>',
      'how long a packet waits for evidence before it is printed (default: 10); 0 prints at once',
      parseSeconds,
    )
    .addOption(modelOption());
  withFormats(command, FORMATS);
  withExamples(command, [
    ['tcpscope packets trace.pcap --stream 3', 'one connection'],
    ['tcpscope packets -v -X trace.pcap -c 10', 'ten packets with all they hold'],
    ['tcpscope packets --ndjson trace.pcap | jq .verdict', 'for programs'],
    ["tcpscope packets -f 'port 443' trace.pcap", 'some of the packets'],
    ['tcpscope packets --view all any.pcap', 'each packet at every interface that saw it'],
    ['tcpscope packets --problems --context 3 trace.pcap', 'what went wrong, in its context'],
    ["tcpscope packets --select 'lost && payload > 1000' trace.pcap", 'packets of which a condition is true'],
    ['tcpscope packets --problems -w why.pcapng --comments trace.pcap', 'the same for Wireshark'],
    ['tcpscope packets --since 17:42:16 --until 17:42:20 trace.pcap', 'what happened then'],
    ['tcpscope packets --fields number,flags,mark trace.pcap', 'some of the columns'],
    ['tcpscope packets --format tcpdump -v trace.pcap', 'as tcpdump prints them'],
  ]);
  withNote(
    command,
    '--select has the names of a packet that tcpscope check --names lists, and stream, client and server with their ip, ' +
      'port and state. Times of day and dates are in the zone of TZ.',
  );
  command.action((captures: string[], options: PacketsOptions) => packets(captures, options, command, context));
}

async function packets(
  captures: readonly string[],
  options: PacketsOptions,
  command: Command,
  context: Context,
): Promise<void> {
  const { output } = context;
  if (options.fields === 'list') {
    for (const { key, about } of packetFields(() => 0n)) output.line(`${key.padEnd(26)} ${about}`);
    return;
  }
  const format = chosenFormat(command, FORMATS);
  requireMeaning(format, options);
  requireParquet(format, options.output);
  if (options.write !== undefined) await intoFile(captures, options, options.write, command, context);
  else if (format === 'tcpdump') await asTcpdump(captures, options, context);
  else if (format === 'parquet') await asTable(captures, options, context);
  else await asRows(captures, options, format, context);
}

/** An option that the format would ignore is a mistake: whoever gives it expects something. */
function requireMeaning(format: (typeof FORMATS)[number], options: PacketsOptions): void {
  const { verbose, absolute, t, x, X, A, link, nano, fields, horizon, problems, minSeverity, select, context } =
    options;
  const picks = Object.entries({ problems, 'min-severity': minSeverity, select }).filter(
    ([, value]) => value !== undefined,
  );
  if (context !== undefined && picks.length === 0)
    throw new UsageError('--context goes with --problems, --min-severity or --select');
  if (options.comments && options.write === undefined) throw new UsageError('--comments goes with -w FILE');
  if (format === 'tcpdump') {
    if (fields !== undefined) throw new UsageError('--fields: the format of tcpdump has no columns');
    if (horizon !== undefined) throw new UsageError('--horizon: the format of tcpdump has no verdicts to wait for');
    if (picks.length > 0)
      throw new UsageError(`--${picks[0][0]}: the format of tcpdump knows no verdicts and no findings`);
  } else if (format !== 'text') {
    const given = { v: verbose, S: absolute, t, x, X, A, e: link, '-nano': nano };
    const idle = Object.entries(given).find(([, value]) => value !== undefined && Number(value) > 0);
    if (idle === undefined) return;
    throw new UsageError(`-${idle[0]} is for text: --${format} has all in its fields (--fields list shows them)`);
  }
}

async function asRows(
  captures: readonly string[],
  options: PacketsOptions,
  format: RowFormat,
  context: Context,
): Promise<void> {
  const { verbose, link } = options;
  const keep = verbose > 0 || link === true || dumpForm(options) !== 'none' ? 'record' : 'headers';
  // Text has one view of each packet unless all are wanted, the formats for programs have all unless one is wanted.
  const everyView = format === 'text' ? options.view === ALL_VIEWS : isAnyView(options);
  const run = { keep, everyView } as const;
  await printRows(captures, options, run, context, (session) => rowSink(format, options, session, context));
}

/** No view was asked for, or all of them. */
function isAnyView({ view }: PacketsOptions): boolean {
  return view === undefined || view === ALL_VIEWS;
}

async function asTable(captures: readonly string[], options: PacketsOptions, context: Context): Promise<void> {
  const tableOf = await parquetTables(context, options.output);
  let table: ParquetTable<PacketRow> | null = null;
  await printRows(captures, options, { keep: 'headers', everyView: false }, context, (session) => {
    const { fields: names } = options;
    const origin = () => session.origin.base;
    table = tableOf(names === undefined ? objectFields(origin) : chosen(packetFields(origin), names));
    return { take: table.take };
  });
  await (table as ParquetTable<PacketRow> | null)?.end();
}

/** Reads the captures and hands what is selected to the sink. */
async function printRows(
  captures: readonly string[],
  options: PacketsOptions,
  { keep, everyView }: { keep: KeepBytes; everyView: boolean },
  context: Context,
  open: (session: CaptureSession) => RowSink,
): Promise<void> {
  const { horizon, problems } = options;
  const choice = await choiceOf(options);
  let left = options.count ?? Number.POSITIVE_INFINITY;
  let sink: RowSink | undefined;
  let picked: Picked | undefined;
  const { analyzer } = await analyzeCaptures(context, runOptions(captures, options), (session) => {
    sink = open(session);
    const { take: print, gap, other } = sink;
    const counted = (row: PacketRow) => {
      if (left <= 0) return;
      print(row);
      if (--left <= 0) session.stop();
    };
    const { isWanted } = choice;
    picked =
      isWanted === null
        ? undefined
        : new Picked(isWanted, options.context ?? (problems ? CONTEXT : 0), {
            take: counted,
            ...(gap === undefined ? {} : { gap }),
          });
    const take = picked === undefined ? counted : picked.take.bind(picked);
    const filter = startFilter(options.filter, session.origin);
    // Without a verdict, and of no connection, they are wanted with everything or by the filter only.
    const takesOthers = other !== undefined && picked === undefined && options.stream === undefined;
    return {
      onRow: (row) => {
        if (left <= 0 || !row.isSelected || !isChosen(row.connection, options)) return;
        take(row);
      },
      ...(takesOthers
        ? {
            onOther: (view: SegmentView) => {
              if (left > 0 && (filter === undefined || filter(view))) other(view);
            },
          }
        : {}),
      keep,
      congestion: modelsOf(options),
      everyView,
      ...(horizon === undefined ? {} : { horizon: horizonOf(horizon) }),
      ...(options.filter === undefined ? {} : { filter: options.filter }),
    };
  });
  requireStream(analyzer.opened, options, context);
  if (picked !== undefined && left > 0) {
    picked.end();
    if (picked.found === 0) context.note(problems ? 'no packet has a problem' : 'no packet is selected');
  }
  choice.report(context);
  sink?.end?.(left <= 0);
  const { hurriedRows } = analyzer;
  if (hurriedRows > 0)
    context.warn(
      `${formatNumberOf(hurriedRows, 'packet')} left before the questions about them were settled: too many were waiting (--horizon)`,
    );
}

/** Which packets --problems, --min-severity and --select leave (all of them together; null: every packet), and what is to be said of it. */
async function choiceOf({ problems, minSeverity, select }: PacketsOptions) {
  const conditions: ((row: PacketRow) => boolean)[] = [];
  if (problems) conditions.push(isProblem);
  if (minSeverity !== undefined) conditions.push((row) => isOfSeverity(row, minSeverity));
  const selector = select === undefined ? null : new (await import('../../check/selection.ts')).PacketSelector(select);
  if (selector !== null) conditions.push((row) => selector.selects(row));
  return {
    isWanted: conditions.length === 0 ? null : (row: PacketRow) => conditions.every((holds) => holds(row)),
    report: (context: Context) => {
      if (selector !== null && selector.unknown > 0)
        context.note(
          `${formatNumberOf(selector.unknown, 'packet')} left out, of which it cannot be told: ${selector.reason}`,
        );
    },
  };
}

/** Options that say how packets are printed. */
const PRINTING = ['verbose', 'absolute', 't', 'x', 'X', 'A', 'link', 'nano', 'fields', 'format', 'ndjson', 'csv'];

async function intoFile(
  captures: readonly string[],
  options: PacketsOptions,
  name: string,
  command: Command,
  context: Context,
): Promise<void> {
  const idle = PRINTING.find((option) => command.getOptionValueSource(option) === 'cli');
  if (idle !== undefined)
    throw new UsageError(
      `-w writes the packets as they are: ${idle.length > 1 ? '--' : '-'}${idle} is for printing them`,
    );
  const names = captureNames(captures, options);
  context.files.reads(names.length === 0 ? ['-'] : names);
  const file = await context.files.claim(name);
  if (file.isStandardOutput && context.stdout.isTerminal)
    throw new UsageError('a capture is not written to a terminal: use -w FILE or a pipe');
  let written: PacketFile | undefined;
  await printRows(captures, options, { keep: 'record', everyView: isAnyView(options) }, context, (session) => {
    const packets = new PacketFile(file, session, options.comments ?? false);
    written = packets;
    return {
      take: (row) => packets.row(row),
      other: (view) => packets.other(view),
      end: (isCut) => packets.end(isCut),
    };
  });
  if (context.status === Exit.UNREADABLE) context.files.discardAll();
  else await context.files.commit(file);
  if (!file.isStandardOutput && !context.isCutOff)
    context.note(`${name}: ${formatNumberOf(written?.count ?? 0, 'packet')}`);
}

function runOptions(captures: readonly string[], options: PacketsOptions): RunOptions {
  return { captures: captureNames(captures, options), isStreaming: true };
}

/** Without rows: tcpdump knows no verdicts, so there is nothing to wait for. It prints what is cut or broken as well. */
async function asTcpdump(captures: readonly string[], options: PacketsOptions, context: Context): Promise<void> {
  const { stream } = options;
  const printer = tcpdumpPrinter(options, timeForm(options), interfaceNameOf);
  let left = options.count ?? Number.POSITIVE_INFINITY;
  const { analyzer } = await analyzeCaptures(context, runOptions(captures, options), (session) => {
    const filter = startFilter(options.filter, session.origin);
    const print = (view: SegmentView) => {
      if (left <= 0 || !(filter === undefined || filter(view))) return;
      const text = printer.print(view, absoluteTime(session.origin.base, view.time));
      if (text === null) return;
      context.output.line(text);
      if (--left <= 0) session.stop();
    };
    return {
      views: false,
      onSegment: ({ connection }, view) => {
        if (isStream(connection.id, options)) print(view);
      },
      onOther: (view) => {
        if (stream === undefined) print(view);
      },
    };
  });
  requireStream(analyzer.opened, options, context);
}

function rowSink(format: RowFormat, options: PacketsOptions, session: CaptureSession, context: Context): RowSink {
  const origin = () => session.origin.base;
  const { output } = context;
  switch (format) {
    case 'ndjson': {
      const { fields: names } = options;
      const write = packetJson(names === undefined ? objectFields(origin) : chosen(packetFields(origin), names));
      return { take: (row) => output.bytesLine(write(row)) };
    }
    case 'csv': {
      const { fields: names } = options;
      const fields = names === undefined ? objectFields(origin) : chosen(packetFields(origin), names);
      return new CsvSink(fields, context);
    }
    default:
      return textSink(options, origin, context);
  }
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
  return { take, gap };
}

/** With the header in front of the first row, or alone where there is none: not before it is known that a capture is there. */
class CsvSink implements RowSink {
  private readonly fields: readonly PacketField[];
  private readonly output: Context['output'];
  private hasHeader: boolean;

  constructor(fields: readonly PacketField[], { output, isQuiet }: Context) {
    this.fields = fields;
    this.output = output;
    this.hasHeader = isQuiet;
  }

  readonly take = (row: PacketRow): void => {
    this.end();
    this.output.line(csvRow(this.fields, row));
  };

  end(): void {
    if (!this.hasHeader) this.output.line(csvHeader(this.fields));
    this.hasHeader = true;
  }
}

function tcpdumpPrinter(options: PacketsOptions, time: TimeForm, interfaceName: InterfaceName): TcpdumpPrinter {
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

function timeForm({ t }: PacketsOptions): TimeForm {
  return TIME_FORMS[Math.min(t, TIME_FORMS.length - 1)];
}

function dumpForm({ x, X, A }: PacketsOptions): DumpForm {
  if (X > 0) return X > 1 ? 'XX' : 'X';
  if (x > 0) return x > 1 ? 'xx' : 'x';
  if (A > 0) return A > 1 ? 'AA' : 'A';
  return 'none';
}

/** The fields of those names, in that order; the name of an object stands for all that is in it, a heading for its column. */
function chosen(all: readonly PacketField[], names: string): PacketField[] {
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
