import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkCaptures } from '../check/check.ts';
import type { CheckReport } from '../check/outcome.ts';
import { type LooseRules, looseRules } from '../check/rules/expressions.ts';
import { type Control, type Incomplete, join, type Rules } from '../check/rules/model.ts';
import { UsageError } from '../model/errors.ts';
import { type CaptureInput, inputSource } from './capture-input.ts';
import { controlFile } from './control-files.ts';

export type { AssertionResult, Case, CheckReport, FoundItem, Location, Outcome } from '../check/outcome.ts';
export { type Problem, RulesError } from '../check/rules/error.ts';
export type { ExpectedScript, LooseRules } from '../check/rules/expressions.ts';
export type { Incomplete } from '../check/rules/model.ts';

export interface CheckOptions extends LooseRules {
  /** Path of a rules file. */
  readonly rules?: string | URL;
  /** The text of one. */
  readonly rulesText?: string;
  /** What to make of a capture that is cut or has dropped packets; `inconclusive`. */
  readonly onIncomplete?: Incomplete;
  /** Read several captures as one, such as the files of a ring. */
  readonly merge?: boolean;
  /** Folders or files from which control captures may be read, besides the folder of the rules file and the current one. */
  readonly controls?: readonly string[];
}

/**
 * Checks assertions on a capture, or on each of several; with `merge`, on all of them as one. The report says pass, fail or inconclusive; look at `outcome`.
 *
 * Throws a RulesError when the assertions cannot be used, a CaptureError when the input is no capture.
 */
export async function check(
  capture: CaptureInput | readonly CaptureInput[],
  options: CheckOptions,
): Promise<CheckReport> {
  const inputs = isList(capture) ? capture : [capture];
  const rules = await rulesOf(options);
  if (rules.capture.length === 0 && rules.flows.length === 0) {
    throw new UsageError('nothing to check: give rules, rulesText, expect, scripts or failOn');
  }
  const openControl = ({ capture: path, location: { file } }: Control) =>
    inputSource(controlFile(path, file === null ? '.' : dirname(file), options.controls ?? []));
  return checkCaptures(inputs.map(inputSource), rules, openControl, options.merge === true);
}

function isList(capture: CaptureInput | readonly CaptureInput[]): capture is readonly CaptureInput[] {
  return Array.isArray(capture);
}

async function rulesOf(options: CheckOptions): Promise<Rules> {
  const { rules: location, rulesText, onIncomplete } = options;
  const parts: Rules[] = [looseRules(options)];
  const file = location instanceof URL ? fileURLToPath(location) : location;
  if (file !== undefined || rulesText !== undefined) {
    const { parseRules } = await import('../check/rules/rules-file.ts');
    if (file !== undefined) parts.push(parseRules(readFileSync(file, 'utf8'), file));
    if (rulesText !== undefined) parts.push(parseRules(rulesText, null));
  }
  const rules = join(...parts);
  return onIncomplete === undefined ? rules : { ...rules, onIncomplete };
}
