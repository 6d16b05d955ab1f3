import { existsSync } from 'node:fs';
import { NO_RULES } from '../check/rules/model.ts';
import { starterRules } from '../check/starter.ts';
import { UsageError } from '../model/errors.ts';
import { factsOf, writeFile } from './checking.ts';
import type { Context } from './context.ts';
import type { CaptureOptions } from './options.ts';

/** `tcpscope init`. */
export async function writeStarter(
  captures: readonly string[],
  options: CaptureOptions,
  file: string,
  mayReplace: boolean,
  context: Context,
): Promise<void> {
  if (file !== '-' && !mayReplace && existsSync(file))
    throw new UsageError(`${file}: is there already; --force replaces it`);
  const state = await factsOf(captures, options, NO_RULES, context);
  const text = starterRules(state, captures.length === 0 ? ['-'] : captures);
  if (file === '-') context.output.write(text);
  else {
    writeFile(file, text);
    context.note(`${file} is written; try: tcpscope check ${captures.join(' ')} ${file}`);
  }
}
