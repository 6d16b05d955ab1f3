import { formatCount, formatNumberOf } from '../model/units.ts';
import { bounded, caseOf, inconclusive, NO_FLOW, placeOf, runOnCapture } from './conditions.ts';
import { type ControlCapture, ofControl } from './control.ts';
import { CaptureState } from './facts/capture-state.ts';
import type { FlowFacts } from './facts/flow-facts.ts';
import { type EarlyJudge, FlowJudge } from './flow-judge.ts';
import { Budget } from './language/budget.ts';
import { MAX_EXAMPLES } from './language/value.ts';
import { type AssertionResult, type Case, Cases, type FoundItem, resultOf, resultOfOne } from './outcome.ts';
import { AT_LEAST_ONE } from './rules/expressions.ts';
import { type Assertion, controlKey, type FlowRule, type Range, type Rules } from './rules/model.ts';

/** Checks `rules` on a capture. `controls` holds the captures of the controls, by their keys. `early` has judged those that left. */
export function evaluateRules(
  rules: Rules,
  state: CaptureState,
  controls: ReadonlyMap<string, ControlCapture>,
  early: EarlyJudge | null = null,
): AssertionResult[] {
  const captures = [state, ...[...controls.values()].filter((control) => control instanceof CaptureState)];
  const packets = captures.reduce((sum, { counts }) => sum + counts.total, 0);
  const evaluator = new Evaluator(rules, state, Budget.ofRun(packets), early);
  return [
    ...evaluator.ofInput(),
    ...rules.capture.map((assertion) => evaluator.ofCapture(assertion)),
    ...rules.flows.flatMap((rule) => evaluator.ofRule(rule, controls)),
  ];
}

class Evaluator {
  private readonly state: CaptureState;
  private readonly rules: Rules;
  private readonly budget: Budget;
  private readonly early: EarlyJudge | null;

  constructor(rules: Rules, state: CaptureState, budget: Budget, early: EarlyJudge | null) {
    this.state = state;
    this.budget = budget;
    this.rules = rules;
    this.early = early;
  }

  /** `on_incomplete: fail` makes an assertion of its own. */
  ofInput(): AssertionResult[] {
    const { missing } = this.state;
    if (this.rules.onIncomplete !== 'fail' || missing === null) return [];
    const head = { rule: null, assertion: 'the capture is complete', location: { file: null, line: 1, column: 1 } };
    return [resultOfOne(head, { ...NO_FLOW, outcome: 'fail', reason: missing, found: [], packets: [] })];
  }

  ofCapture(assertion: Assertion): AssertionResult {
    const head = { rule: null, assertion: assertion.text, location: assertion.location };
    if (this.state.counts.total === 0) return resultOfOne(head, inconclusive(NO_FLOW, 'the capture holds no packets'));
    const value = bounded(() => runOnCapture(assertion, this.state, this.budget));
    return resultOfOne(head, caseOf(value, NO_FLOW));
  }

  ofRule(rule: FlowRule, controls: ReadonlyMap<string, ControlCapture>): AssertionResult[] {
    const { state } = this;
    const kept = new FlowJudge(rule, this.rules.require);
    for (const flow of state.flows) kept.take(flow, state, this.budget);
    const early = state.missing === null ? (this.early?.of(rule) ?? null) : null;
    const isEarlySure = early !== null && early.again + kept.again === 0;
    const judge = isEarlySure ? early.with(kept) : kept;
    const unjudged = isEarlySure ? null : early === null ? state.unkept : againText(early.again + kept.again);
    const selection = this.selection(rule, judge, unjudged);
    const results: AssertionResult[] = [];
    if (selection.outcome !== 'pass' || rule.expectFlows !== null) results.push(selection);
    const others = unjudged === null ? [] : [inconclusive(NO_FLOW, unjudged)];
    if (judge.chosen > 0 || unjudged !== null)
      for (const [i, { text: assertion, location }] of rule.assertions.entries())
        results.push(resultOf({ rule: rule.name, assertion, location }, judge.chosen, judge.cases[i], others));
    if (rule.control !== null)
      results.push(ofControl(rule, rule.control, controls.get(controlKey(rule.control)), this.budget));
    return results;
  }

  /** `unjudged`: why more may have been chosen. */
  private selection(rule: FlowRule, { chosen, doubts, frames }: FlowJudge, unjudged: string | null): AssertionResult {
    const { expectFlows, selectText, name, selectLocation: location } = rule;
    const range = expectFlows ?? AT_LEAST_ONE;
    const head = { rule: name, assertion: `expect_flows ${range.text} of: ${selectText}`, location };
    const found: FoundItem[] = [
      { text: 'connections', value: formatCount(chosen), wanted: range.text, examples: [], packets: frames },
    ];
    const verdict = this.judge(range, chosen, expectFlows !== null, doubts.count, this.state.missing ?? unjudged);
    const own: Case[] =
      verdict === null ? [] : [{ ...NO_FLOW, ...verdict, found, packets: verdict.outcome === 'fail' ? frames : [] }];
    return resultOf(head, Math.max(chosen, 1), doubts.with(Cases.of(own)));
  }

  private judge(
    range: Range,
    count: number,
    isWritten: boolean,
    doubts: number,
    missing: string | null,
  ): Pick<Case, 'outcome' | 'reason'> | null {
    const { counts, flows, left } = this.state;
    if (counts.tcp === 0) {
      const what = counts.total === 0 ? 'no packets' : `${formatCount(counts.total)} packets but no TCP`;
      return { outcome: 'inconclusive', reason: `the capture holds ${what}: there is nothing to check` };
    }
    if (count > range.most) return { outcome: 'fail', reason: null };
    const isUnsure = missing !== null && (count < range.least || range.most !== Number.POSITIVE_INFINITY);
    if (isUnsure) return { outcome: 'inconclusive', reason: missing };
    if (count >= range.least) return null;
    if (isWritten || doubts > 0) return { outcome: 'fail', reason: null };
    return {
      outcome: 'error',
      reason: `the selector matches none of the ${formatCount(flows.length + left.count)} connections (${examples(flows)}); write expect_flows: 0 if there should be none`,
    };
  }
}

function examples(flows: readonly FlowFacts[]): string {
  const names = flows.slice(0, MAX_EXAMPLES).map((flow) => placeOf(flow).flow);
  return `${names.join(', ')}${flows.length > MAX_EXAMPLES ? ', ...' : ''}`;
}

/** Why what was said of connections that left says too little: `count` connections came after them. */
function againText(count: number): string {
  return `${formatNumberOf(count, 'connection')} had the sockets of connections that left while the capture was read, to bound the memory: their packets may belong together`;
}
