import { CaptureError } from '../model/errors.ts';
import { formatCount } from '../model/units.ts';
import { CaptureState } from './facts/capture-state.ts';
import type { FlowFacts } from './facts/flow-facts.ts';
import { Budget } from './language/budget.ts';
import { BudgetError } from './language/error.ts';
import type { Env, Expression } from './language/node.ts';
import { framesOf, MAX_EXAMPLES, NOTHING_FOUND, Unknown, unknown, type Val } from './language/value.ts';
import { type AssertionResult, type Case, type FoundItem, resultOf } from './outcome.ts';
import { AT_LEAST_ONE, compileCondition } from './rules/expressions.ts';
import {
  type Assertion,
  type Control,
  controlKey,
  type FlowRule,
  type Incomplete,
  type Range,
  type Requirement,
  type Rules,
} from './rules/model.ts';
import { matchTrace } from './script/match.ts';

/** The capture of a control, or why it could not be read. */
export type ControlCapture = CaptureState | Error;

/** Checks `rules` on a capture. `controls` holds the captures of the controls, by their keys. */
export function evaluateRules(
  rules: Rules,
  state: CaptureState,
  controls: ReadonlyMap<string, ControlCapture>,
): AssertionResult[] {
  const captures = [state, ...[...controls.values()].filter((control) => control instanceof CaptureState)];
  const packets = captures.reduce((sum, { counts }) => sum + counts.total, 0);
  const evaluator = new Evaluator(rules, state, Budget.ofRun(packets));
  return [
    ...evaluator.ofInput(),
    ...rules.capture.map((assertion) => evaluator.ofCapture(assertion)),
    ...rules.flows.flatMap((rule) => evaluator.ofRule(rule, controls)),
  ];
}

class Evaluator {
  private readonly state: CaptureState;
  private readonly require: readonly Requirement[];
  private readonly onIncomplete: Incomplete;
  private readonly budget: Budget;

  constructor({ require, onIncomplete }: Pick<Rules, 'require' | 'onIncomplete'>, state: CaptureState, budget: Budget) {
    this.state = state;
    this.budget = budget;
    this.require = require;
    this.onIncomplete = onIncomplete;
  }

  /** `on_incomplete: fail` makes an assertion of its own. */
  ofInput(): AssertionResult[] {
    const { missing } = this.state;
    if (this.onIncomplete !== 'fail' || missing === null) return [];
    const head = { rule: null, assertion: 'the capture is complete', location: { file: null, line: 1, column: 1 } };
    return [resultOf(head, 1, [{ ...NO_FLOW, outcome: 'fail', reason: missing, found: [], packets: [] }])];
  }

  ofCapture(assertion: Assertion): AssertionResult {
    const head = { rule: null, assertion: assertion.text, location: assertion.location };
    if (this.state.counts.total === 0)
      return resultOf(head, 1, [inconclusive(NO_FLOW, 'the capture holds no packets')]);
    const outcome = caseOf(() => runOnCapture(assertion, this.state, this.budget), NO_FLOW);
    return resultOf(head, 1, outcome === null ? [] : [outcome]);
  }

  ofRule(rule: FlowRule, controls: ReadonlyMap<string, ControlCapture>): AssertionResult[] {
    const { chosen, doubts } = select(rule, this.state, this.budget);
    const selection = this.selection(rule, chosen, doubts);
    const results: AssertionResult[] = [];
    if (selection.outcome !== 'pass' || rule.expectFlows !== null) results.push(selection);
    if (chosen.length > 0 || this.state.left > 0)
      results.push(...rule.assertions.map((assertion) => this.ofFlows(rule, assertion, chosen)));
    if (rule.control !== null)
      results.push(ofControl(rule, rule.control, controls.get(controlKey(rule.control)), this.budget));
    return results;
  }

  private ofFlows(rule: FlowRule, assertion: Assertion, flows: readonly FlowFacts[]): AssertionResult {
    const cases: Case[] = [];
    for (const flow of flows) {
      const lacking = this.lacks(flow);
      const outcome =
        lacking === null
          ? caseOf(() => runOnFlow(assertion, flow, this.state, this.budget), placeOf(flow))
          : inconclusive(placeOf(flow), lacking);
      if (outcome !== null) cases.push(outcome);
    }
    const head = { rule: rule.name, assertion: assertion.text, location: assertion.location };
    const { unkept } = this.state;
    return resultOf(head, flows.length, cases, unkept === null ? [] : [inconclusive(NO_FLOW, unkept)]);
  }

  /** What `input: require:` asks for and the connection does not have. */
  private lacks({ connection }: FlowFacts): string | null {
    if (this.require.includes('handshake') && !connection.sawHandshake)
      return 'the handshake was not captured, which the rules require';
    if (this.require.includes('both-directions') && !(connection.a.seen && connection.b.seen)) {
      return 'only one direction was captured, and the rules require both';
    }
    return null;
  }

  private selection(rule: FlowRule, chosen: readonly FlowFacts[], doubts: readonly Case[]): AssertionResult {
    const { expectFlows, selectText, name, selectLocation: location } = rule;
    const range = expectFlows ?? AT_LEAST_ONE;
    const head = { rule: name, assertion: `expect_flows ${range.text} of: ${selectText}`, location };
    const found: FoundItem[] = [
      {
        text: 'connections',
        value: formatCount(chosen.length),
        wanted: range.text,
        examples: [],
        packets: firstPackets(chosen),
      },
    ];
    const verdict = this.judge(range, chosen.length, expectFlows !== null, doubts.length);
    const cases: Case[] = [...doubts];
    if (verdict !== null)
      cases.push({ ...NO_FLOW, ...verdict, found, packets: verdict.outcome === 'fail' ? firstPackets(chosen) : [] });
    return resultOf(head, Math.max(chosen.length, 1), cases);
  }

  private judge(
    range: Range,
    count: number,
    isWritten: boolean,
    doubts: number,
  ): Pick<Case, 'outcome' | 'reason'> | null {
    const { counts, flows } = this.state;
    const missing = this.state.missing ?? this.state.unkept;
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
      reason: `the selector matches none of the ${formatCount(flows.length)} connections (${examples(flows)}); write expect_flows: 0 if there should be none`,
    };
  }
}

function examples(flows: readonly FlowFacts[]): string {
  const names = flows.slice(0, MAX_EXAMPLES).map((flow) => placeOf(flow).flow);
  return `${names.join(', ')}${flows.length > MAX_EXAMPLES ? ', ...' : ''}`;
}

function firstPackets(flows: readonly FlowFacts[]): number[] {
  return flows.slice(0, 100).map(({ connection }) => connection.firstFrame);
}

type Place = Pick<Case, 'stream' | 'flow'>;
const NO_FLOW: Place = { stream: null, flow: null };

function placeOf({ connection }: FlowFacts): Place {
  return { stream: connection.id, flow: `${connection.client.name} -> ${connection.server.name}` };
}

function inconclusive(place: Place, reason: string): Case {
  return { ...place, outcome: 'inconclusive', reason, found: [], packets: [] };
}

/** The connections that the selector chooses, and those of which it cannot tell. */
function select(
  { select: selector }: FlowRule,
  state: CaptureState,
  budget: Budget,
): { chosen: FlowFacts[]; doubts: Case[] } {
  if (selector === null) return { chosen: [...state.flows], doubts: [] };
  return chooseFlows(selector, state, budget);
}

/** The connections of which the condition is true, and those of which it cannot be told. */
export function chooseFlows(
  selector: Expression,
  state: CaptureState,
  budget: Budget,
): { chosen: FlowFacts[]; doubts: Case[] } {
  const chosen: FlowFacts[] = [];
  const doubts: Case[] = [];
  for (const flow of state.flows) {
    const value = bounded(() => selector.run(envOf(flow, state, budget)));
    if (value.v === true) chosen.push(flow);
    else if (value.v instanceof Unknown)
      doubts.push(inconclusive(placeOf(flow), `it cannot be told whether the selector chooses it: ${value.v.reason}`));
  }
  return { chosen, doubts };
}

function envOf(flow: FlowFacts | null, state: CaptureState, whole: Budget): Env {
  const budget = whole.part(flow === null ? state.counts.total : flow.connection.packets);
  const root: Env = { value: state, parent: null, budget };
  return flow === null ? root : { value: flow, parent: root, budget };
}

/** The conditions that are true of every one of the connections, of those that are one each. */
export function holdingOn(
  conditions: readonly string[],
  flows: readonly FlowFacts[],
  state: CaptureState,
): readonly string[] {
  const budget = Budget.ofRun(state.counts.total);
  return conditions.filter((source) => {
    const condition = compileCondition(source, 'flow');
    return flows.every((flow) => bounded(() => condition.run(envOf(flow, state, budget))).v === true);
  });
}

function runOnCapture({ test }: Assertion, state: CaptureState, budget: Budget): Val {
  if (test.kind === 'script') throw new TypeError('a script speaks of one connection');
  return test.expression.run(envOf(null, state, budget));
}

function runOnFlow({ test }: Assertion, flow: FlowFacts, state: CaptureState, budget: Budget): Val {
  if (test.kind === 'script') return matchTrace(test.trace, flow, budget.part(flow.connection.packets));
  return test.expression.run(envOf(flow, state, budget));
}

function bounded(run: () => Val): Val {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof BudgetError)) throw error;
    return unknown(error.message);
  }
}

/** What came of a condition at a place; null when it passed. */
export function caseOf(run: () => Val, place: Pick<Case, 'stream' | 'flow'>): Case | null {
  const { v, found: all = NOTHING_FOUND } = bounded(run);
  if (v === true) return null;
  const found = all.map(({ text, value, frames, wanted, examples = [] }) => ({
    text,
    value,
    wanted: wanted?.text ?? null,
    examples,
    packets: frames,
  }));
  const packets = framesOf(...all.map(({ frames }) => ({ v: null, frames })));
  if (v instanceof Unknown) return { ...place, outcome: 'inconclusive', reason: v.reason, found, packets };
  return { ...place, outcome: 'fail', reason: null, found, packets };
}

/** A control that does not show what it should makes the rule worthless, whatever it said: that is inconclusive. */
function ofControl(
  rule: FlowRule,
  control: Control,
  capture: ControlCapture | undefined,
  budget: Budget,
): AssertionResult {
  const { capture: path, expectFlows, expect, location } = control;
  const wanted = expect === null ? '' : `, assertions ${expect}`;
  const head = { rule: rule.name, assertion: `control ${path}: expect_flows ${expectFlows.text}${wanted}`, location };
  const reason = controlFailure(rule, control, capture, budget);
  if (reason === null) return resultOf(head, 1, []);
  if (capture === undefined || capture instanceof Error) {
    return resultOf(head, 1, [{ ...NO_FLOW, outcome: 'error', reason, found: [], packets: [] }]);
  }
  return resultOf(head, 1, [inconclusive(NO_FLOW, `${reason}: that this rule says anything is not shown`)]);
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
  const { chosen } = select(rule, capture, budget);
  if (chosen.length < expectFlows.least || chosen.length > expectFlows.most) {
    return `the selector chooses ${chosen.length} of the control's ${capture.flows.length} connections, not ${expectFlows.text}`;
  }
  if (expect === null) return null;
  for (const assertion of rule.assertions) {
    const outcomes = chosen.map(
      (flow) => caseOf(() => runOnFlow(assertion, flow, capture, budget), placeOf(flow))?.outcome ?? 'pass',
    );
    const isAsWanted = expect === 'pass' ? outcomes.every((outcome) => outcome === 'pass') : outcomes.includes('fail');
    if (!isAsWanted) return `on the control, "${assertion.text}" does not ${expect}`;
  }
  return null;
}
