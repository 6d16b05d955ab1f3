import { NO_RULES } from '../check/rules/model.ts';
import { starterRules } from '../check/starter.ts';
import { UsageError } from '../model/errors.ts';
import { factsOf } from './checking.ts';
import type { Context } from './context.ts';
import { statsOf } from './input.ts';
import type { CaptureOptions } from './options.ts';
import { shellWord } from './shell-word.ts';

/** `tcpscope init`. */
export async function writeStarter(
  captures: readonly string[],
  options: CaptureOptions,
  name: string,
  mayReplace: boolean,
  context: Context,
): Promise<void> {
  context.files.reads(captures.length === 0 ? ['-'] : captures);
  const file = await context.files.claim(name);
  if (!file.isStandardOutput && !mayReplace && statsOf(name)?.isFile() === true)
    throw new UsageError(`${name}: is there already; --force replaces it`);
  const state = await factsOf(captures, options, NO_RULES, context);
  const text = starterRules(state, captures.length === 0 ? ['-'] : captures);
  await context.files.write(file, text);
  if (!file.isStandardOutput && !context.isCutOff)
    context.note(`${name} is written; try: tcpscope check ${[...captures, name].map(shellWord).join(' ')}`);
}
