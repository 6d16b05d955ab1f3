import { baselineOf } from '../check/baseline.ts';
import { NO_RULES } from '../check/rules/model.ts';
import { factsOf, writeFile } from './checking.ts';
import type { Context } from './context.ts';
import type { CaptureOptions } from './options.ts';

/** `tcpscope baseline save`. */
export async function saveBaseline(
  captures: readonly string[],
  options: CaptureOptions,
  file: string | null,
  context: Context,
): Promise<void> {
  const state = await factsOf(captures, options, NO_RULES, context);
  if (state.missing !== null) context.warn(`the baseline may be wrong: ${state.missing}`);
  const text = `${JSON.stringify(baselineOf(state), null, 2)}\n`;
  if (file === null) context.output.write(text);
  else writeFile(file, text);
}
