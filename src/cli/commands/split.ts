import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { SeveralVantagesError } from '../../analysis.ts';
import { PcapngWriter } from '../../capture/write-pcapng.ts';
import { InputError, UsageError } from '../../model/errors.ts';
import { absoluteTime } from '../../model/timestamp.ts';
import { formatNumberOf } from '../../model/units.ts';
import { Divider, manifestOf } from '../../shard/division.ts';
import type { Context } from '../context.ts';
import { inputNames } from '../input.ts';
import { captureNames, withExamples, withNote } from '../options.ts';
import { analyzeCaptures } from '../run.ts';
import { statsOf } from '../stats.ts';
import { packageVersion } from '../version.ts';

/** Files that are open at once: as many as systems usually allow, with some room. */
const MOST_FILES = 512;
export const MANIFEST = 'manifest.json';

interface SplitOptions {
  read?: string[];
  shards: number;
  output: string;
}

export function registerSplit(program: Command, context: Context): void {
  const command = program
    .command('split')
    .description(
      'Divides captures into shards, for analysis on many machines: all packets of a connection are in one file, with ' +
        'their numbers in the capture. Prints the names of the files. tcpscope part analyses each, tcpscope merge puts the ' +
        'parts together.',
    )
    .argument('[captures...]', 'pcap, pcapng (plain, gzip, zstd) or tcpdump -x/-X text; - is standard input')
    .requiredOption('--shards <number>', 'how many files', parseShards)
    .requiredOption('-o, --output <directory>', `write the files and ${MANIFEST} there`)
    .option('-q, --quiet', 'no messages but errors');
  withExamples(command, [
    ['tcpscope split trace.pcap --shards 8 -o shards', 'eight files and their manifest'],
    [
      'tcpscope split trace.pcap --shards 8 -o s | parallel tcpscope part {} -o {.}.part',
      'and analysed, with GNU parallel',
    ],
    ['tcpscope merge s/*.part', 'the report, as of one run'],
    ['tcpdump -U -w - | tcpscope split - --shards 4 -o shards', 'from a pipe'],
  ]);
  withNote(
    command,
    'A connection goes to a shard by a hash of its addresses and ports, which is the same everywhere. Fragments are in ' +
      'all shards, what is no TCP is in the first. A capture of several interfaces is not divided: its points of view are ' +
      'found by looking at all packets together.',
  );
  command.action((captures: string[], options: SplitOptions) => split(captures, options, context));
}

function parseShards(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > MOST_FILES)
    throw new InvalidArgumentError(`a number from 1 to ${MOST_FILES} is expected.`);
  return count;
}

async function split(captures: readonly string[], options: SplitOptions, context: Context): Promise<void> {
  const { shards: count, output: directory } = options;
  const names = captureNames(captures, options);
  context.files.reads(inputNames(names));
  makeDirectory(directory);
  const width = String(count - 1).length;
  const files = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const name = `shard-${String(index).padStart(width, '0')}.pcapng`;
      return { name, file: await context.files.claim(join(directory, name)), packets: 0, bytes: 0 };
    }),
  );
  const manifest = await context.files.claim(join(directory, MANIFEST));
  try {
    const { analyzer, facts } = await analyzeCaptures(context, { captures: names }, ({ facts, origin }) => {
      const writers = files.map((file, index) => {
        const about = `Shard ${index} of ${count} (from 0) that tcpscope split made. epb_packetid: the number in the capture (48 bits), TCP segments of other shards since the last one here (16 bits)`;
        return new PcapngWriter(`tcpscope ${packageVersion()}`, [about], (block) => {
          file.bytes += block.length;
          file.file.bytes(block);
        });
      });
      const divider = new Divider(
        writers.map((writer, index) => (record, time, id, comment) => {
          files[index].packets++;
          writer.packet(record, absoluteTime(origin.base, time), comment === null ? [] : [comment], id);
        }),
        facts,
      );
      const onPacket = divider.take.bind(divider);
      return { shard: { index: -1, count, onPacket }, congestion: false, timeBudget: false };
    });
    // Broken off: it was told that nothing is written, and names of files would be those of others.
    if (!context.files.isWriting) return;
    const { overview } = analyzer;
    const shards = files.map(({ name, packets, bytes }) => ({ name, packets, bytes }));
    const whole = { division: '', facts, overview, shards };
    const division = createHash('sha256')
      .update(JSON.stringify(manifestOf(whole)))
      .digest('hex')
      .slice(0, 32);
    for (const { file } of files) await context.files.commit(file);
    await context.files.write(manifest, `${JSON.stringify(manifestOf({ ...whole, division }))}\n`);
    for (const { name } of files) context.output.line(join(directory, name));
    await context.output.flush();
    context.note(`${formatNumberOf(overview.counts.total, 'packet')} in ${formatNumberOf(count, 'shard')}`);
  } catch (error) {
    if (!(error instanceof SeveralVantagesError)) throw error;
    throw new UsageError(
      `${names.join(', ')}: the capture has several interfaces, and their packets are analysed together`,
      'analyse it as it is (tcpscope analyze), or divide the capture of one interface',
    );
  }
}

/** Each folder by itself: `recursive` never comes back where the system makes none, as in /proc. */
function makeDirectory(name: string): void {
  const stats = statsOf(name);
  if (stats?.isDirectory()) return;
  if (stats !== null) throw new InputError(name, 'is no directory');
  if (dirname(name) !== name) makeDirectory(dirname(name));
  try {
    mkdirSync(name);
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (statsOf(name)?.isDirectory()) return;
    throw new InputError(name, `cannot be made: ${(error as Error).message}`);
  }
}
