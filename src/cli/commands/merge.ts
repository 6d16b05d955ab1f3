import type { Command } from 'commander';
import { STANDARD_INPUT } from '../../capture/source.ts';
import { InputError, UsageError } from '../../model/errors.ts';
import { FINDING_FIELDS } from '../../render/finding-fields.ts';
import { Merged } from '../../shard/merge.ts';
import type { ReadPart } from '../../shard/part-lines.ts';
import { storedShare } from '../../shard/share.ts';
import { Departed } from '../../summary/departed.ts';
import { isChosen, requireStream } from '../choice.ts';
import type { Context } from '../context.ts';
import { reportDamages } from '../damages.ts';
import { Exit } from '../exit.ts';
import { chosenFormat, withFormats } from '../format.ts';
import { MetricsOutput } from '../metrics-output.ts';
import { withExamples, withNote } from '../options.ts';
import { parquetFile } from '../parquet-file.ts';
import { readPartFile } from '../part-file.ts';
import {
  chosenOf,
  HISTORY_NOTE,
  printReport,
  REPORT_FORMATS,
  type ReportChoice,
  requireText,
  withReportChoice,
  writeTable,
} from '../report-output.ts';
import { collectStreams } from '../stream-choice.ts';

interface NamedPart extends ReadPart {
  /** For messages. */
  readonly name: string;
}

interface MergeOptions extends ReportChoice {
  output?: string;
  quiet?: boolean;
}

export function registerMerge(program: Command, context: Context): void {
  const command = program
    .command('merge')
    .description('Puts the parts of all shards together, and prints what tcpscope analyze prints of the capture.')
    .argument('<parts...>', 'what tcpscope part wrote of every shard, in any order; gzip, zstd; - is standard input')
    .option('--stream <numbers>', 'only these connections: 3, or 3,7-9; may be repeated', collectStreams);
  withReportChoice(command);
  withFormats(command, REPORT_FORMATS);
  command
    .option('-o, --output <file>', 'with openmetrics and parquet (the findings): where to, replaced as a whole')
    .option('-q, --quiet', 'results only: no headings, no warnings');
  withExamples(command, [
    ['tcpscope merge shards/*.part', 'the answer'],
    ['tcpscope merge shards/*.part --json | jq .findings', 'for programs'],
    ['tcpscope merge shards/*.part --all --stream 3', 'one connection'],
    ['ssh host cat shard-1.part.gz | tcpscope merge shard-0.part -', 'one of them from another machine'],
  ]);
  withNote(command, HISTORY_NOTE);
  command.action((names: string[], options: MergeOptions) => merge(names, options, command, context));
}

async function merge(
  names: readonly string[],
  options: MergeOptions,
  command: Command,
  context: Context,
): Promise<void> {
  const format = chosenFormat(command, REPORT_FORMATS);
  requireText(format, options);
  if (options.output !== undefined && format !== 'openmetrics' && format !== 'parquet')
    throw new UsageError('-o goes with --format openmetrics and --format parquet');
  if (names.filter((name) => name === '-').length > 1) throw new UsageError('standard input (-) can be read only once');
  context.files.reads(names);
  const read: NamedPart[] = [];
  for (const name of names) read.push({ name: name === '-' ? STANDARD_INPUT : name, ...(await readPartFile(name)) });
  requireAll(read);
  const parts = read.map(({ part }) => part);
  const departed = new Departed(options.by);
  for (const part of parts) if (part.departed !== null) departed.join(part.departed);
  const left = departed.connections > 0;
  if (left && options.by !== undefined && options.by !== 'service')
    throw new UsageError('--by: connections left the parts for want of memory, and those are counted by service only');
  const analyzer = new Merged(parts.map(storedShare));
  const analysis = { analyzer, facts: analyzer.facts };
  const { facts } = analysis;
  if (format === 'openmetrics') {
    if (left)
      throw new UsageError('openmetrics: connections left the parts for want of memory, and are not in the sums');
    const metrics = await MetricsOutput.open(options, context, (one) => isChosen(one, options));
    requireStream(analyzer.opened, options, context);
    await metrics.ends(analysis);
  } else {
    const table = format === 'parquet' ? await parquetFile(context, options.output, FINDING_FIELDS) : null;
    const wanted = { ...chosenOf(analysis, options, context), departed };
    if (format === 'parquet') await writeTable(wanted, table!);
    else await printReport(format, wanted, facts.files, options, context);
  }
  await context.output.flush();
  reportDamages(context, facts.damages, analyzer.counts.total);
  if ((facts.leftOut.length > 0 || analyzer.isCutShort) && context.status === Exit.DONE) context.status = Exit.FAILED;
}

/** All shards of one division, each of them once. */
function requireAll(parts: readonly NamedPart[]): void {
  const [first] = parts;
  const { count } = first.part.shard;
  const seen = new Map<number, string>();
  for (const { name, part, division } of parts) {
    if (division !== first.division || part.shard.count !== count)
      throw new InputError(name, `is of another capture than ${first.name}, or of another division of it`);
    const other = seen.get(part.shard.index);
    if (other !== undefined) throw new InputError(name, `is of shard ${part.shard.index}, and so is ${other}`);
    seen.set(part.shard.index, name);
  }
  const missing = Array.from({ length: count }, (_, index) => index).filter((index) => !seen.has(index));
  if (missing.length === 0) return;
  const few = missing.slice(0, 10).join(', ');
  throw new InputError(
    first.name,
    `the parts of ${missing.length} of ${count} shards are missing: ${few}${missing.length > 10 ? ' ...' : ''}`,
  );
}
