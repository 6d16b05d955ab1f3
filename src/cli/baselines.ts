import { baselineDocument, MAX_BASELINE_FILE, parseBaseline } from '../check/baseline.ts';
import { changesSince } from '../check/changes.ts';
import { NO_RULES } from '../check/rules/model.ts';
import { changeLines } from '../render/change-text.ts';
import { jsonOf } from '../render/json.ts';
import { factsOf, readText } from './checking.ts';
import type { Context } from './context.ts';
import type { CaptureOptions } from './options.ts';

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
  if (state.missing !== null) context.warn(`the baseline may be wrong: ${state.missing}`);
  const text = `${jsonOf(baselineDocument(state), 2)}\n`;
  await context.files.write(file, text);
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
  if (state.missing !== null) context.warn(`the comparison may be wrong: ${state.missing}`);
  const { output, stdout } = context;
  for (const line of await changeLines(changesSince(state, before), stdout.style)) output.line(line);
}
