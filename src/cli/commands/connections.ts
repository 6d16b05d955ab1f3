import type { Command } from 'commander';
import type { CaptureSession } from '../../capture/session.ts';
import { type ConnectionLine, connectionLine, type WrittenBecause } from '../../connection-line.ts';
import type { Connection } from '../../model/connection.ts';
import { UsageError } from '../../model/errors.ts';
import { CONNECTION_LINE_FIELDS } from '../../render/connection-fields.ts';
import { csvHeader, csvRow } from '../../render/csv.ts';
import { jsonOf } from '../../render/json.ts';
import { connectionWriter } from '../../render/report-text.ts';
import { isChosen, requireStream } from '../choice.ts';
import type { Context } from '../context.ts';
import { AS_THEY_END, type EvictionOptions, withEviction } from '../eviction.ts';
import { type FollowOptions, followedCaptures, withFollow } from '../following.ts';
import { chosenFormat, withFormats } from '../format.ts';
import { type CaptureOptions, withCaptures, withExamples, withNote } from '../options.ts';
import { parquetFile } from '../parquet-file.ts';
import { LineOutput, type LinesOptions, withLines } from '../rotation.ts';
import { analyzeCaptures } from '../run.ts';

const FORMATS = ['text', 'ndjson', 'csv', 'parquet'] as const;
type LineFormat = Exclude<(typeof FORMATS)[number], 'parquet'>;

interface ConnectionsOptions extends CaptureOptions, EvictionOptions, LinesOptions, FollowOptions {}

export function registerConnections(program: Command, context: Context): void {
  const command = withCaptures(program.command('connections')).description(
    'Writes a line for each connection as it ends, and at the end of the input for those that are left. Memory stays flat\n' +
      'on a pipe without end.',
  );
  withFollow(command);
  withEviction(command, AS_THEY_END);
  withLines(command);
  withFormats(command, FORMATS);
  withExamples(command, [
    ['tcpdump -U -w - | tcpscope connections --ndjson -', 'for days, as conn.log of Zeek'],
    ['tcpscope connections --csv trace.pcap > connections.csv', 'for a spreadsheet'],
    ["tcpscope connections --follow '/captures/trace-*.pcap' --ndjson", 'files of tcpdump -G as they come'],
    ['tcpscope connections --ndjson -o log.ndjson --rotate 1h -', 'a file for each hour'],
    ['tcpscope connections --evict closed=60s,idle=1d -', 'other rules'],
  ]);
  withNote(
    command,
    'A connection ends 5 s after both ends have closed or one has reset, 10 s after the last packet of an attempt that came ' +
      'to nothing, 5 minutes after that of a half-closed one, and an hour after that of any other (--evict), by the clock ' +
      'of the capture. Packets that come later open another line, whose "continues" names the first.',
  );
  command.action((captures: string[], options: ConnectionsOptions) => run(captures, options, command, context));
}

async function run(
  captures: readonly string[],
  options: ConnectionsOptions,
  command: Command,
  context: Context,
): Promise<void> {
  const format = chosenFormat(command, FORMATS);
  const { filter, memory, evict } = options;
  let session: CaptureSession | null = null;
  const origin = () => session?.facts.firstTimestamp ?? 0n;
  const sink =
    format === 'parquet' ? await tableSink(options, origin, context) : await lineSink(format, options, origin, context);
  const take = (connection: Connection, why: WrittenBecause) => {
    if (isChosen(connection, options)) sink.take(connection, why);
  };
  const { analyzer } = await analyzeCaptures(
    context,
    {
      ...followedCaptures(captures, options),
      isStreaming: true,
      ...(memory === undefined ? {} : { memory }),
    },
    (its) => {
      session = its;
      return {
        congestion: false,
        roundTrips: true,
        eviction: evict ?? AS_THEY_END,
        onLeave: take,
        ...(filter === undefined ? {} : { filter }),
      };
    },
  );
  requireStream(analyzer.opened, options, context);
  for (const connection of analyzer.connections) {
    take(connection, 'end of input');
    await context.output.yieldWhenFull();
  }
  await sink.end();
}

interface ConnectionSink {
  take(connection: Connection, why: WrittenBecause): void;
  end(): Promise<void>;
}

async function lineSink(
  format: LineFormat,
  options: ConnectionsOptions,
  origin: () => bigint,
  context: Context,
): Promise<ConnectionSink> {
  const { head, write } = writerOf(format, options, origin, context);
  const lines = new LineOutput(context, options, head);
  await lines.open();
  return {
    take: (connection, why) => lines.line(write(connection, why), connection.latestTime),
    end: () => lines.end(),
  };
}

async function tableSink(
  { output, rotate }: ConnectionsOptions,
  origin: () => bigint,
  context: Context,
): Promise<ConnectionSink> {
  if (rotate !== undefined) throw new UsageError('--rotate is for lines: a Parquet file is one table');
  const table = await parquetFile(context, output, CONNECTION_LINE_FIELDS);
  return {
    take: (connection, why) => table.take(connectionLine(connection, why, origin())),
    end: () => table.end(),
  };
}

interface LineWriter {
  readonly head: string | null;
  readonly write: (connection: Connection, why: WrittenBecause) => string;
}

function writerOf(format: LineFormat, { output }: LinesOptions, origin: () => bigint, context: Context): LineWriter {
  const { stdout, isQuiet } = context;
  const line = (connection: Connection, why: WrittenBecause): ConnectionLine =>
    connectionLine(connection, why, origin());
  switch (format) {
    case 'ndjson':
      return { head: null, write: (connection, why) => jsonOf(line(connection, why)) };
    case 'csv':
      return {
        head: isQuiet ? null : csvHeader(CONNECTION_LINE_FIELDS),
        write: (connection, why) => csvRow(CONNECTION_LINE_FIELDS, line(connection, why)),
      };
    default: {
      const width = output === undefined ? stdout.width : null;
      const rows = connectionWriter(width, stdout.style);
      return { head: isQuiet ? null : rows.header(), write: (connection) => rows.row(connection) };
    }
  }
}
