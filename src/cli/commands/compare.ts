import type { Command } from 'commander';
import { Comparison } from '../../compare/comparison.ts';
import { named, withShortNames } from '../../compare/place-names.ts';
import { compareReport } from '../../compare/report.ts';
import { comparedPacket } from '../../compare/row.ts';
import { UsageError } from '../../model/errors.ts';
import { formatNumberOf } from '../../model/units.ts';
import { compareText, TimeLine } from '../../render/compare-text.ts';
import type { Context } from '../context.ts';
import { chosenFormat, withFormats } from '../format.ts';
import { nameInterface, parseCount, withExamples, withNote } from '../options.ts';
import { readPoints } from '../points.ts';
import { printRuns } from '../runs.ts';

const FORMATS = ['text', 'json', 'ndjson'] as const;

/** Packets before and after each loss in the time line, and its lines where nothing else is said. */
const AROUND = 2;
const LINES = 60;

interface CompareOptions {
  runs?: boolean;
  interface?: ReadonlyMap<number, string>;
  symmetric?: boolean;
  lines?: number;
  all?: boolean;
  connection?: number;
  quiet?: boolean;
}

export function registerCompare(program: Command, context: Context): void {
  const command = program
    .command('compare')
    .argument(
      '<captures...>',
      'captures of the same traffic at different places, in any order; or one of several interfaces',
    )
    .description(
      'Compares captures of the same traffic at several places, such as at the client and at the server: between which of them\n' +
        'packets were lost, how long each took, what was changed on the way, how the clocks stand. Connections are found\n' +
        'through address translation and shifted sequence numbers. Then a time line shows the packets around losses.',
    )
    .option('--runs', 'instead: two runs of the same thing, before and after a change; what became better or worse')
    .option(
      '--interface <number=name>',
      'name an interface that a capture has by number only; may be repeated',
      nameInterface,
    )
    .option('--symmetric', 'take both directions for equally fast: what is told of the clocks then rests on that')
    .option('--all', 'the time line shows every packet')
    .option(
      '--lines <number>',
      `show at most N lines of the time line (default: ${LINES}); 0 leaves it out`,
      parseCount,
    )
    .option('--connection <number>', 'the time line shows this connection only', parseCount)
    .option('-q, --quiet', 'results only: no headings, no warnings, no progress');
  withFormats(command, FORMATS);
  withExamples(command, [
    ['tcpscope compare client.pcap server.pcap', 'where packets were lost, and how long they took'],
    ['tcpscope compare a.pcap b.pcap c.pcap', 'three places in a row'],
    ['tcpscope compare router.pcapng', 'the interfaces of one capture, each a place'],
    ['tcpscope compare any.pcap --interface 2=veth12 --interface 3=eth0', 'the same, of -i any, with names'],
    ['tcpscope compare client.pcap server.pcap --connection 3 --all', 'one connection, packet by packet'],
    ['tcpscope compare --runs before.pcap after.pcap', 'did the change make a difference?'],
    ['tcpscope compare --ndjson a.pcap b.pcap | jq .lostBetween', 'a row for each packet, for programs'],
  ]);
  withNote(
    command,
    'The clocks of the captures need not agree. Nothing in captures tells how a round trip divides among its two directions: ' +
      'delays are right where both have the same least time, and the uncertainty says by how much they may be wrong.',
  );
  command.action((captures: string[], options: CompareOptions) => compare(captures, options, command, context));
}

async function compare(
  captures: readonly string[],
  options: CompareOptions,
  command: Command,
  context: Context,
): Promise<void> {
  const format = chosenFormat(command, FORMATS);
  if (format !== 'text' && (options.all || options.lines !== undefined))
    throw new UsageError(`--${options.all ? 'all' : 'lines'} is for text: --ndjson has every packet`);
  if (format === 'json' && options.connection !== undefined)
    throw new UsageError('--connection is for text and --ndjson');
  if (options.runs) {
    requireNoTimeLine(options);
    if (format === 'ndjson') throw new UsageError('--runs prints text or one JSON document: no --ndjson');
    await printRuns(captures, format, context);
    return;
  }
  const points = await readPoints(
    context,
    captures,
    options.interface === undefined ? {} : { interfaceNames: options.interface },
  );
  if (points === null) return;
  const comparison = new Comparison(format === 'text' ? withShortNames(points) : named(points), {
    isSymmetric: options.symmetric === true,
  });
  const { connection } = options;
  if (connection !== undefined && connection >= comparison.streams.length)
    throw new UsageError(
      `there is no connection ${connection}: the captures have ${formatNumberOf(comparison.streams.length, 'connection')}, numbered from 0`,
    );
  if (format === 'json') context.output.line(JSON.stringify(compareReport(comparison), null, 2));
  else if (format === 'ndjson') await rows(comparison, connection, context);
  else await text(comparison, options, context);
}

/** Why two runs have no use for an option, where it is not the time line. */
const REASONS: Readonly<Record<string, string>> = {
  symmetric: 'compares no clocks',
  interface: 'has no places',
};

/** Two runs have no packets in common: there is no time line. */
function requireNoTimeLine({ all, lines, connection, symmetric, interface: names }: CompareOptions): void {
  const given = Object.entries({ all, lines, connection, symmetric, interface: names }).find(
    ([, value]) => value !== undefined,
  );
  if (given !== undefined)
    throw new UsageError(`--${given[0]} is for captures of one run: --runs ${REASONS[given[0]] ?? 'has no time line'}`);
}

async function rows(comparison: Comparison, connection: number | undefined, { output }: Context): Promise<void> {
  const { packets, order } = comparison;
  for (const row of order) {
    if (connection !== undefined && packets.stream[row] !== connection) continue;
    output.line(JSON.stringify(comparedPacket(comparison, row)));
    await output.yieldWhenFull();
  }
}

async function text(comparison: Comparison, options: CompareOptions, context: Context): Promise<void> {
  const { output, stdout, isQuiet } = context;
  const report = compareReport(comparison);
  for (const line of compareText(report, stdout.width, stdout.style)) output.line(line);
  const { all = false, lines = all ? Number.POSITIVE_INFINITY : LINES, connection } = options;
  const shown = chosenRows(comparison, all || connection !== undefined, connection);
  if (lines === 0 || shown.length === 0) return;
  const { points, times } = comparison;
  const line = new TimeLine(
    points.map(({ name }) => name),
    report.vantageOrder,
    stdout.style,
    stdout.width,
  );
  if (!isQuiet) {
    output.line('');
    output.line(line.header());
  }
  let before = -1;
  for (const { row, place } of shown.slice(0, lines)) {
    if (before >= 0 && place > before + 1 && connection === undefined)
      output.line(stdout.style.quiet(`${' '.repeat(12)}…`));
    output.line(line.line(comparedPacket(comparison, row), times[row]));
    before = place;
    await output.yieldWhenFull();
  }
  if (shown.length > lines && !isQuiet)
    output.line(
      stdout.style.quiet(`and ${formatNumberOf(shown.length - lines, 'more packet')} (--all shows every packet)`),
    );
}

/** The rows of the time line, with their places in the order of time: all, or those around losses. */
function chosenRows(
  { packets, order }: Comparison,
  isAll: boolean,
  connection: number | undefined,
): { row: number; place: number }[] {
  const shown: { row: number; place: number }[] = [];
  let until = -1;
  let next = 0;
  order.forEach((row, place) => {
    if (connection !== undefined && packets.stream[row] !== connection) return;
    if (isAll) shown.push({ row, place });
    else {
      if (packets.lostFrom[row] >= 0) {
        for (next = Math.max(next, place - AROUND); next < place; next++) shown.push({ row: order[next], place: next });
        until = place + AROUND;
      }
      if (place > until || place < next) return;
      shown.push({ row, place });
      next = place + 1;
    }
  });
  return shown;
}
