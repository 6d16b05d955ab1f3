import { type Command, Option } from 'commander';
import { type ExchangeReport, exchangeReport } from '../../budget/report.ts';
import { budgetOf } from '../../model/budget.ts';
import type { Connection } from '../../model/connection.ts';
import { formatNumberOf } from '../../model/units.ts';
import { csvHeader, csvRow } from '../../render/csv.ts';
import { EXCHANGE_COLUMNS, EXCHANGE_FIELDS } from '../../render/exchange-fields.ts';
import { RowWriter } from '../../render/row-writer.ts';
import { isClocked } from '../../summary/trust.ts';
import { chosenConnections } from '../choice.ts';
import type { Context } from '../context.ts';
import { analyzeDivided } from '../divided.ts';
import { chosenFormat, withFormats } from '../format.ts';
import { withJobs } from '../jobs-option.ts';
import {
  type CaptureOptions,
  parsePositive,
  type SelectOptions,
  withCaptures,
  withExamples,
  withNote,
  withSelect,
} from '../options.ts';
import { parquetFile, requireParquet } from '../parquet-file.ts';

const FORMATS = ['text', 'ndjson', 'csv', 'parquet'] as const;

/** What exchanges are sorted by, the largest first. */
const SORTS = {
  'server-thinking': (row: ExchangeReport) => row.thinkingMs.server,
  'client-thinking': (row: ExchangeReport) => row.thinkingMs.client,
  'first-byte': (row: ExchangeReport) => row.firstByteMs,
  duration: (row: ExchangeReport) => row.durationMs,
  'request-bytes': (row: ExchangeReport) => row.requestBytes,
  'answer-bytes': (row: ExchangeReport) => row.answerBytes,
  losses: (row: ExchangeReport) => row.losses,
} as const;

interface ExchangesOptions extends CaptureOptions, SelectOptions {
  sort?: keyof typeof SORTS;
  top?: number;
  output?: string;
  jobs?: number;
}

export function registerExchanges(program: Command, context: Context): void {
  const command = withSelect(withCaptures(program.command('exchanges')))
    .description(
      'Prints the requests and answers of every connection, told by the turns of the data and not by its content: how long\n' +
        'each end thought, how long the answer took, and what most of the time was spent on.',
    )
    .addOption(
      new Option('--sort <figure>', 'the largest first; else in the order of the connections').choices(
        Object.keys(SORTS),
      ),
    )
    .option('--top <number>', 'show at most N exchanges', parsePositive)
    .option('-o, --output <file>', 'where --format parquet writes');
  withJobs(command);
  withFormats(command, FORMATS);
  withExamples(command, [
    ['tcpscope exchanges trace.pcap --stream 3', 'those of one connection'],
    ['tcpscope exchanges trace.pcap --sort server-thinking --top 20', 'where the server was slowest'],
    ['tcpscope exchanges trace.pcap --csv > exchanges.csv', 'for a spreadsheet'],
  ]);
  withNote(
    command,
    'Requests that were sent together without waiting for an answer are one exchange. Times at the end where the capture was ' +
      'not made are estimates: half a round trip each way.',
  );
  command.action((captures: string[], options: ExchangesOptions) => exchanges(captures, options, command, context));
}

async function exchanges(
  captures: readonly string[],
  options: ExchangesOptions,
  command: Command,
  context: Context,
): Promise<void> {
  const format = chosenFormat(command, FORMATS);
  const { sort, top, output } = options;
  requireParquet(format, output);
  const table = format === 'parquet' ? await parquetFile(context, output, EXCHANGE_FIELDS) : null;
  const { analyzer, facts } = await analyzeDivided(context, captures, options, { congestion: false });
  const chosen = chosenConnections(analyzer.connections, options, context, analyzer.opened);
  const origin = facts.firstTimestamp ?? 0n;
  let left = 0;
  for (const connection of chosen) left += budgetOf(connection)?.moreExchanges ?? 0;
  if (left > 0) {
    context.warn(`${formatNumberOf(left, 'exchange')} of connections with very many are not listed`);
  }
  const isTimed = isClocked(analyzer.findings);
  if (!isTimed) context.warn('no one clock gave the times of the capture: how long anything took is not known');
  const rows = rowsOf(chosen, origin, isTimed);
  const wanted = sort === undefined && top === undefined ? rows : ranked([...rows], sort, top);
  if (format !== 'parquet') return PRINTERS[format](wanted, context, () => whyNone(chosen, options));
  for (const row of wanted) table!.take(row);
  await table!.end();
}

function* rowsOf(connections: readonly Connection[], origin: bigint, isTimed: boolean): Generator<ExchangeReport> {
  for (const connection of connections) {
    for (const exchange of budgetOf(connection)?.exchanges ?? [])
      yield exchangeReport(exchange, connection, origin, isTimed);
  }
}

/** Those without a figure stand last. */
function ranked(rows: ExchangeReport[], sort: ExchangesOptions['sort'], top = rows.length): ExchangeReport[] {
  if (sort !== undefined) {
    const figure = SORTS[sort];
    rows.sort((a, b) => (figure(b) ?? -1) - (figure(a) ?? -1));
  }
  return rows.slice(0, top);
}

/** `none`: what is said where there are no rows. */
type Printer = (rows: Iterable<ExchangeReport>, context: Context, none: () => string) => Promise<void>;

const PRINTERS: Record<Exclude<(typeof FORMATS)[number], 'parquet'>, Printer> = { text, ndjson, csv };

function whyNone(connections: readonly Connection[], { filter, select }: ExchangesOptions): string {
  if (connections.length === 0 && (filter ?? select) !== undefined) return 'No exchanges: no connection is selected.';
  const carriers = connections.filter(({ client, server }) => client.streamBytes + server.streamBytes > 0);
  if (carriers.length === 0) return 'No exchanges: no connection carried data.';
  return carriers.every(({ client, server }) => !client.seen || !server.seen)
    ? 'No exchanges: of the connections that carried data the capture holds one direction only.'
    : 'No exchanges can be told from what was captured.';
}

async function text(
  rows: Iterable<ExchangeReport>,
  { output, stdout, isQuiet }: Context,
  none: () => string,
): Promise<void> {
  const writer = new RowWriter(
    { fields: EXCHANGE_COLUMNS.slice(0, -1), note: EXCHANGE_COLUMNS[EXCHANGE_COLUMNS.length - 1], width: stdout.width },
    stdout.style,
  );
  let count = 0;
  for (const row of rows) {
    if (count++ === 0 && !isQuiet) output.line(writer.header());
    output.line(writer.row(row));
    await output.yieldWhenFull();
  }
  if (isQuiet) return;
  output.line(stdout.style.quiet(count === 0 ? none() : formatNumberOf(count, 'exchange')));
}

async function ndjson(rows: Iterable<ExchangeReport>, { output }: Context): Promise<void> {
  for (const row of rows) {
    output.line(JSON.stringify(row));
    await output.yieldWhenFull();
  }
}

async function csv(rows: Iterable<ExchangeReport>, { output, isQuiet }: Context): Promise<void> {
  if (!isQuiet) output.line(csvHeader(EXCHANGE_FIELDS));
  for (const row of rows) {
    output.line(csvRow(EXCHANGE_FIELDS, row));
    await output.yieldWhenFull();
  }
}
