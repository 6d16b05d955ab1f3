import type { Command } from 'commander';
import { UsageError } from '../model/errors.ts';
import { formatNumberOf } from '../model/units.ts';
import type { Context } from './context.ts';
import { Exit } from './exit.ts';
import { captureNames } from './options.ts';
import { isAnyView, type PacketsOptions, printRows } from './packet-choice.ts';
import { PacketFile } from './packet-file.ts';

/** Options that say how packets are printed. */
const PRINTING = ['verbose', 'absolute', 't', 'x', 'X', 'A', 'link', 'nano', 'fields', 'format', 'ndjson', 'csv'];

export async function writePackets(
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
