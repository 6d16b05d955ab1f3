import { type Command, Option } from 'commander';
import { UsageError } from '../../model/errors.ts';
import { SEVERITIES } from '../../model/finding.ts';
import type { PacketRow } from '../../model/row.ts';
import type { SegmentView } from '../../model/segment.ts';
import { absoluteTime } from '../../model/timestamp.ts';
import { partsOf } from '../../render/packet-field.ts';
import { packetFields } from '../../render/packet-fields.ts';
import { isStream, requireStream } from '../choice.ts';
import type { Context } from '../context.ts';
import { chosenFormat, withFormats } from '../format.ts';
import { interfaceNameOf } from '../interfaces.ts';
import {
  increase,
  modelOption,
  parseCount,
  parsePositive,
  parseSeconds,
  withCaptures,
  withExamples,
  withNote,
} from '../options.ts';
import { tellWhoLeft } from '../others-leave.ts';
import { isAnyView, LATE, leavingOf, type PacketsOptions, printRows, runOptions } from '../packet-choice.ts';
import { dumpForm, fieldsOf, type RowFormat, rowSink, tcpdumpPrinter, timeForm } from '../packet-sinks.ts';
import { writePackets } from '../packet-write.ts';
import { parquetTables, requireParquet } from '../parquet-file.ts';
import type { ParquetTable } from '../parquet-table.ts';
import { analyzeCaptures } from '../run.ts';
import { startFilter } from '../time-window.ts';
import { ALL_VIEWS } from '../views.ts';

const FORMATS = ['text', 'tcpdump', 'ndjson', 'csv', 'parquet'] as const;

export function registerPackets(program: Command, context: Context): void {
  const command = withCaptures(program.command('packets'))
    .description('Prints one line for each packet, when its verdict is settled, in the order of the capture.')
    .option('-c, --count <number>', 'stop after N packets', parsePositive);
  withPicks(command);
  command
    .option('-o, --output <file>', 'where --format parquet writes')
    .option('-w, --write <file>', 'write the packets into a pcapng file instead of printing them, - is standard output')
    .option('--comments', 'with -w, verdicts and findings as comments of their packets');
  withLooks(command);
  command
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
      'port and state. Times of day and dates are in the zone of TZ. Fewer --fields take less time: what none of them shows is not worked out.',
  );
  command.action((captures: string[], options: PacketsOptions) => packets(captures, options, command, context));
}

/** Adds the options that pick packets by their verdicts and findings. */
function withPicks(command: Command): void {
  command
    .option('--problems', 'only packets with findings (warning, error) or a verdict, and those around them')
    .addOption(
      new Option('--min-severity <severity>', 'only packets with such a finding, or a graver one').choices(SEVERITIES),
    )
    .option('--select <condition>', "only packets of which it is true, as in check: 'verdict == retransmission'")
    .option(
      '--context <number>',
      'with these, packets before and after each (default: 5 with --problems, else 0)',
      parseCount,
    );
}

/** Adds the options that say how a packet is printed. */
function withLooks(command: Command): void {
  command
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
    .option('--fields <names>', 'columns, separated by commas; --fields list shows them all');
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
  if (options.write !== undefined) await writePackets(captures, options, options.write, command, context);
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

async function asTable(captures: readonly string[], options: PacketsOptions, context: Context): Promise<void> {
  const tableOf = await parquetTables(context, options.output);
  let table: ParquetTable<PacketRow> | null = null;
  await printRows(captures, options, { keep: 'headers', everyView: false }, context, (session) => {
    const fields = fieldsOf(options, () => session.origin.base);
    table = tableOf(fields);
    return { parts: partsOf(fields), take: table.take };
  });
  await (table as ParquetTable<PacketRow> | null)?.end();
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
      ...leavingOf(options),
      onSegment: ({ connection }, view) => {
        if (isStream(connection.id, options)) print(view);
      },
      onOther: (view) => {
        if (stream === undefined) print(view);
      },
    };
  });
  requireStream(analyzer.opened, options, context);
  tellWhoLeft(analyzer, LATE, context);
}
