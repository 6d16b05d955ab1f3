import { CaptureError } from '../model/errors.ts';
import { bounded, chooseFlows, inconclusive, NO_FLOW, outcomeOf, runOnFlow } from './conditions.ts';
import type { CaptureState } from './facts/capture-state.ts';
import type { FlowFacts } from './facts/flow-facts.ts';
import type { Budget } from './language/budget.ts';
import { type AssertionResult, resultOfOne } from './outcome.ts';
import type { Control, FlowRule } from './rules/model.ts';

/** The capture of a control, or why it could not be read. */
export type ControlCapture = CaptureState | Error;

/** A control that does not show what it should makes the rule worthless, whatever it said: that is inconclusive. */
export function ofControl(
  rule: FlowRule,
  control: Control,
  capture: ControlCapture | undefined,
  budget: Budget,
): AssertionResult {
  const { capture: path, expectFlows, expect, location } = control;
  const wanted = expect === null ? '' : `, assertions ${expect}`;
  const head = { rule: rule.name, assertion: `control ${path}: expect_flows ${expectFlows.text}${wanted}`, location };
  const reason = controlFailure(rule, control, capture, budget);
  if (reason === null) return resultOfOne(head, null);
  if (capture === undefined || capture instanceof Error) {
    return resultOfOne(head, { ...NO_FLOW, outcome: 'error', reason, found: [], packets: [] });
  }
  return resultOfOne(head, inconclusive(NO_FLOW, `${reason}: that this rule says anything is not shown`));
}

/** Without what stands in the file: rules from elsewhere may name any. */
function reasonOf(error: Error): string {
  return error instanceof CaptureError ? 'it is not a capture in a known format' : error.message;
}

function controlFailure(
  rule: FlowRule,
  { expectFlows, expect }: Control,
  capture: ControlCapture | undefined,
  budget: Budget,
): string | null {
  if (capture === undefined) return 'the control capture was not read';
  if (capture instanceof Error) return `the control capture cannot be read: ${reasonOf(capture)}`;
  if (capture.unkept !== null) return `of the control capture ${capture.unkept}`;
  const chosen = chosenBy(rule, capture, budget);
  if (chosen.length < expectFlows.least || chosen.length > expectFlows.most) {
    return `the selector chooses ${chosen.length} of the control's ${capture.flows.length} connections, not ${expectFlows.text}`;
  }
  if (expect === null) return null;
  for (const assertion of rule.assertions) {
    const outcomes = chosen.map((flow) => outcomeOf(bounded(() => runOnFlow(assertion, flow, capture, budget))));
    const isAsWanted = expect === 'pass' ? outcomes.every((outcome) => outcome === 'pass') : outcomes.includes('fail');
    if (!isAsWanted) return `on the control, "${assertion.text}" does not ${expect}`;
  }
  return null;
}

/** The connections that the selector of the rule chooses. */
function chosenBy({ select }: FlowRule, state: CaptureState, budget: Budget): readonly FlowFacts[] {
  return select === null ? state.flows : chooseFlows(select, state, budget).chosen;
}
