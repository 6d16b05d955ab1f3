import { baselineDocument } from '../check/baseline.ts';
import { NO_RULES } from '../check/rules/model.ts';
import { jsonOf } from '../render/json.ts';
import { factsOf } from './checking.ts';
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
