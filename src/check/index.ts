import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CaptureInput, inputSource } from '../capture-input.ts';
import { UsageError } from '../model/errors.ts';
import { checkCaptures } from './check.ts';
import type { CheckReport } from './outcome.ts';
import { type LooseRules, looseRules } from './rules/expressions.ts';
import { type Incomplete, join, type Rules } from './rules/model.ts';

export type { AssertionResult, Case, CheckReport, FoundItem, Location, Outcome } from './outcome.ts';
export { type Problem, RulesError } from './rules/error.ts';
export type { ExpectedScript, LooseRules } from './rules/expressions.ts';
export type { Incomplete } from './rules/model.ts';

export interface CheckOptions extends LooseRules {
  /** Path of a rules file. */
  readonly rules?: string | URL;
  /** The text of one. */
  readonly rulesText?: string;
  /** What to make of a capture that is cut or has dropped packets; `inconclusive`. */
  readonly onIncomplete?: Incomplete;
}

/**
 * Checks assertions on a capture, or on several as one. The report says pass, fail or inconclusive; look at `outcome`.
 *
 * Throws a RulesError when the assertions cannot be used, a CaptureError when the input is no capture.
 */
export async function check(
  capture: CaptureInput | readonly CaptureInput[],
  options: CheckOptions,
): Promise<CheckReport> {
  const inputs = isList(capture) ? capture : [capture];
  const { rules, folder } = await rulesOf(options);
  if (rules.capture.length === 0 && rules.flows.length === 0) {
    throw new UsageError('nothing to check: give rules, rulesText, expect, scripts or failOn');
  }
  const openControl = (path: string) => inputSource(isAbsolute(path) ? path : resolve(folder, path));
  return checkCaptures(inputs.map(inputSource), rules, openControl);
}

function isList(capture: CaptureInput | readonly CaptureInput[]): capture is readonly CaptureInput[] {
  return Array.isArray(capture);
}

async function rulesOf(options: CheckOptions): Promise<{ rules: Rules; folder: string }> {
  const { rules: location, rulesText, onIncomplete } = options;
  const parts: Rules[] = [looseRules(options)];
  const file = location instanceof URL ? fileURLToPath(location) : location;
  if (file !== undefined || rulesText !== undefined) {
    const { parseRules } = await import('./rules/rules-file.ts');
    if (file !== undefined) parts.push(parseRules(readFileSync(file, 'utf8'), file));
    if (rulesText !== undefined) parts.push(parseRules(rulesText, null));
  }
  const rules = join(...parts);
  return {
    rules: onIncomplete === undefined ? rules : { ...rules, onIncomplete },
    folder: file === undefined ? '.' : dirname(file),
  };
}
