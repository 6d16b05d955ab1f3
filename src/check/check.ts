import { Analyzer } from '../analyze.ts';
import { type CaptureSource, readCaptures } from '../capture/merge.ts';
import { CaptureSession } from '../capture/session.ts';
import { CaptureError, InputError } from '../model/errors.ts';
import { type ControlCapture, evaluateRules } from './evaluate.ts';
import type { CaptureState } from './facts/capture-state.ts';
import { FactCollector } from './facts/collect.ts';
import { type AssertionResult, type CheckReport, gravest, summaryOf } from './outcome.ts';
import { type Control, controlKey, needsPackets, type Rules } from './rules/model.ts';

/** Opens the capture of a control; what it throws makes the control an error. */
export type OpenControl = (control: Control) => CaptureSource;

/** Reads captures, as one, and checks them. Throws CaptureError when they are no captures. */
export async function checkCaptures(
  sources: readonly CaptureSource[],
  rules: Rules,
  openControl: OpenControl,
): Promise<CheckReport> {
  const state = await gatherFacts(sources, needsPackets(rules), rules.onIncomplete === 'ignore');
  const controls = await readControls(rules, openControl);
  const names = sources.map(({ name }) => name);
  return reportOf(evaluateRules(rules, state, controls), state, names);
}

/** Everything that assertions may ask of captures. `trusts`: do not doubt what cut or dropping captures show. */
export async function gatherFacts(
  sources: readonly CaptureSource[],
  keepsPackets: boolean,
  trusts: boolean,
): Promise<CaptureState> {
  const collector = new FactCollector(keepsPackets);
  const session = new CaptureSession();
  const analyzer = new Analyzer({ onRow: collector.take });
  await readCaptures(sources, analyzer, session);
  analyzer.end(session.facts);
  return collector.finish(analyzer, session.facts, trusts);
}

/** The captures of all controls, by their keys. */
export async function readControls(rules: Rules, open: OpenControl): Promise<Map<string, ControlCapture>> {
  const controls = new Map<string, ControlCapture>();
  for (const { control } of rules.flows) {
    if (control === null || controls.has(controlKey(control))) continue;
    controls.set(controlKey(control), await readControl(control, rules, open));
  }
  return controls;
}

async function readControl(control: Control, rules: Rules, open: OpenControl): Promise<ControlCapture> {
  try {
    return await gatherFacts([open(control)], needsPackets(rules), false);
  } catch (error) {
    const isExpected =
      error instanceof CaptureError ||
      error instanceof InputError ||
      (error as NodeJS.ErrnoException).code !== undefined;
    if (!isExpected) throw error;
    return error as Error;
  }
}

export function reportOf(
  results: readonly AssertionResult[],
  state: CaptureState,
  captures: readonly string[],
): CheckReport {
  return {
    schemaVersion: 1,
    outcome: gravest(results.map(({ outcome }) => outcome)),
    captures,
    packets: state.counts.total,
    connections: state.flows.length,
    incomplete: state.missing,
    summary: summaryOf(results),
    results,
  };
}
