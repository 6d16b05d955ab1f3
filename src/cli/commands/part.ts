import { basename, dirname, join } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '../../model/errors.ts';
import { formatNumberOf } from '../../model/units.ts';
import { partOf } from '../../shard/part.ts';
import { Departed } from '../../summary/departed.ts';
import { KEEP_ALL } from '../../tcp/eviction.ts';
import type { Context } from '../context.ts';
import { parseMemory } from '../memory.ts';
import { withExamples, withNote } from '../options.ts';
import { readManifestFile, writePart } from '../part-file.ts';
import { analyzeCaptures } from '../run.ts';
import { statsOf } from '../stats.ts';
import { MANIFEST } from './split.ts';

interface PartOptions {
  output?: string;
  manifest?: string;
  memory?: number;
}

export function registerPart(program: Command, context: Context): void {
  const command = program
    .command('part')
    .description('Analyses one shard that tcpscope split made, and writes what tcpscope merge needs of it.')
    .argument('<shard>', 'a file that split wrote')
    .option('-o, --output <file>', 'write there, replaced as a whole (default: standard output)')
    .option('--manifest <file>', `that of the division (default: ${MANIFEST} beside the shard)`)
    .option('--memory <size>', 'use at most this much memory, such as 500M (default: half of the heap)', parseMemory)
    .option('-q, --quiet', 'no messages but errors');
  withExamples(command, [
    ['tcpscope part shards/shard-0.pcapng -o shard-0.part', 'one shard'],
    ["tcpscope part shards/shard-0.pcapng | ssh host 'cat > shard-0.part'", 'into a pipe'],
  ]);
  withNote(
    command,
    'A part is a pure function of the shard and the manifest: made twice, on whatever machine, it is the same. Work that ' +
      'was lost is done again without harm.',
  );
  command.action((shard: string, options: PartOptions) => part(shard, options, context));
}

async function part(shard: string, options: PartOptions, context: Context): Promise<void> {
  const size = statsOf(shard)?.size;
  if (size === undefined) throw new InputError(shard, 'no such file');
  const manifest = options.manifest ?? join(dirname(shard), MANIFEST);
  if (options.manifest === undefined && statsOf(manifest) === null)
    throw new InputError(
      shard,
      `no ${MANIFEST} lies beside it: tcpscope split writes both, --manifest names another place`,
    );
  const { division, facts, overview, shards } = readManifestFile(manifest);
  const index = shards.findIndex(({ name }) => name === basename(shard));
  if (index < 0) throw new InputError(shard, `is none of the shards of ${manifest}`);
  const { packets, bytes } = shards[index];
  if (size !== bytes)
    throw new InputError(
      shard,
      `has ${formatNumberOf(size, 'byte')}, and its manifest says ${formatNumberOf(bytes, 'byte')}`,
    );
  context.files.reads([shard, manifest]);
  const file = await context.files.claim(options.output ?? '-');
  const place = { index, count: shards.length };
  const departed = new Departed();
  const origin = facts.firstTimestamp ?? 0n;
  let records = 0;
  const { analyzer } = await analyzeCaptures(
    context,
    {
      captures: [shard],
      before: (_, session) => () => {
        records = session.records;
      },
      ...(options.memory === undefined ? {} : { memory: options.memory }),
    },
    (session) => {
      session.hasPacketIds = true;
      session.origin.start(Number(origin / 1_000_000_000n), Number(origin % 1_000_000_000n));
      return {
        shard: { ...place, overview },
        roundTrips: true,
        eviction: KEEP_ALL,
        onLeave: (connection) => departed.add(connection),
        onLeaveSyn: (syn) => departed.addFirstSyn(syn),
      };
    },
  );
  if (context.isCutOff) throw new InputError(shard, 'was not read to its end: no part is written');
  if (records !== packets)
    throw new InputError(
      shard,
      `holds ${formatNumberOf(records, 'packet')}, and its manifest says ${formatNumberOf(packets, 'packet')}`,
    );
  await writePart(context, file, partOf(analyzer, facts, place, { departed: departed.facts }), division);
}
