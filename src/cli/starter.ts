import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { NO_RULES } from '../check/rules/model.ts';
import { starterRules } from '../check/starter.ts';
import { UsageError } from '../model/errors.ts';
import { shellWord } from '../model/shell-word.ts';
import { factsOf } from './checking.ts';
import type { Context } from './context.ts';
import type { CaptureOptions } from './options.ts';
import { statsOf } from './stats.ts';
import { packageVersion } from './version.ts';

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
  const folder = file.isStandardOutput ? '.' : dirname(name);
  const text = starterRules(state, captures.length === 0 ? ['-'] : captures, schemaFor(folder));
  await context.files.write(file, text);
  if (!file.isStandardOutput && !context.isCutOff)
    context.note(`${name} is written; try: tcpscope check ${[...captures, name].map(shellWord).join(' ')}`);
}

const SCHEMA = 'schema/rules.schema.json';

/**
 * Where an editor finds the schema for a file in `folder`: in the package, where a project has it among its dependencies, and
 * else in the published package of this version.
 */
function schemaFor(folder: string): string {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const path = join(at, 'node_modules/tcpscope', SCHEMA);
    if (existsSync(path)) return toUri(relative(resolve(folder), path));
    if (dirname(at) === at) return `https://unpkg.com/tcpscope@${packageVersion()}/${SCHEMA}`;
  }
}

/** A relative URI reference, which begins with a dot, so that no editor takes it for something else. */
function toUri(path: string): string {
  const slashed = path.split(sep).map(encodeURIComponent).join('/');
  return slashed.startsWith('.') ? slashed : `./${slashed}`;
}
