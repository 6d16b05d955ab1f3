import { baselineDocument, isBaseline, MAX_BASELINE_FILE, parseBaseline } from '../check/baseline.ts';
import { changesSince } from '../check/changes.ts';
import type { CaptureState } from '../check/facts/capture-state.ts';
import { NO_RULES } from '../check/rules/model.ts';
import { InputError, UsageError } from '../model/errors.ts';
import { changeLines } from '../render/change-text.ts';
import { jsonOf } from '../render/json.ts';
import { factsOf, readText } from './checking.ts';
import type { Context } from './context.ts';
import type { CaptureOptions } from './options.ts';
import { statsOf } from './stats.ts';

/** `tcpscope baseline save`. */
export async function saveBaseline(
  captures: readonly string[],
  options: CaptureOptions,
  name: string,
  context: Context,
): Promise<void> {
  context.files.reads(captures.length === 0 ? ['-'] : captures);
  const file = await context.files.claim(name);
  const state = await factsOf(captures, options, NO_RULES, context);
  warnOfLack(state, 'the baseline', context);
  const text = `${jsonOf(baselineDocument(state), 2)}\n`;
  await context.files.write(file, text);
}

/**
 * `tcpscope baseline compare --update`: what changed since the figures were kept, which are then those of the captures. Where
 * there were none they are written.
 * @throws UsageError in CI, where nobody sees what changed, and for a file that holds something else
 */
export async function updateBaseline(
  captures: readonly string[],
  options: CaptureOptions,
  name: string,
  context: Context,
): Promise<void> {
  if (!['', '0', 'false'].includes(context.env.CI ?? ''))
    throw new UsageError(
      '--update is refused in CI (the variable CI is set): update the baseline by hand and commit it',
    );
  context.files.reads(captures.length === 0 ? ['-'] : captures);
  const text = ownText(name);
  const before = text === '' ? null : parseBaseline(text, name);
  const file = await context.files.claim(name);
  const state = await factsOf(captures, options, NO_RULES, context);
  if (context.isCutOff || state.counts.total === 0) {
    context.files.discardAll();
    throw new InputError(
      captures[0] ?? 'standard input',
      `holds no packets, or was not read whole: ${name} stays as it is`,
    );
  }
  warnOfLack(state, 'the baseline', context);
  await context.files.write(file, `${jsonOf(baselineDocument(state), 2)}\n`);
  const { output, stdout } = context;
  if (before !== null)
    for (const line of await changeLines(changesSince(state, before), stdout.style)) output.line(line);
  context.note(`${name} is ${before === null ? 'written' : 'updated'}`);
}

/** What is missing from the capture, or from the figures of it. */
function warnOfLack({ missing, unkept, noClock }: CaptureState, what: string, context: Context): void {
  if (noClock !== null) context.warn(`${what} says nothing of time: ${noClock}`);
  for (const reason of [missing, unkept]) if (reason !== null) context.warn(`${what} may be wrong: ${reason}`);
}

/**
 * What a file that is to be written holds: the text of a baseline, of whatever version; empty where there is nothing yet.
 * @throws UsageError where it holds something else
 */
function ownText(name: string): string {
  if (name === '-' || !statsOf(name)?.isFile()) return '';
  const text = readText(name, 'baseline', MAX_BASELINE_FILE);
  if (text !== '' && !isBaseline(text))
    throw new UsageError(`${name} is no baseline and stays as it is: name another file`);
  return text;
}

/** `tcpscope baseline compare` without limits: what changed, and no verdict on it. */
export async function printChanges(
  captures: readonly string[],
  options: CaptureOptions,
  baseline: string,
  context: Context,
): Promise<void> {
  const before = parseBaseline(readText(baseline, 'baseline', MAX_BASELINE_FILE), baseline);
  context.files.reads([baseline]);
  const state = await factsOf(captures, options, NO_RULES, context);
  if (context.isCutOff && state.counts.total === 0) return;
  warnOfLack(state, 'the comparison', context);
  const { output, stdout } = context;
  for (const line of await changeLines(changesSince(state, before), stdout.style)) output.line(line);
}
