import { UsageError } from '../model/errors.ts';
import type { Context } from './context.ts';
import type { OutputFile } from './output-file.ts';

/** The file that a page is written to; without a name, or named `-`, it is standard output, which must be no terminal. */
export async function claimPage(name: string | undefined, context: Context): Promise<OutputFile> {
  const file = await context.files.claim(name ?? '-');
  if (file.isStandardOutput && context.stdout.isTerminal)
    throw new UsageError('an HTML file is not written to a terminal: use -o FILE or a pipe');
  return file;
}
