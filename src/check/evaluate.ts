import { CaptureError } from '../model/errors.ts';
import { formatCount, formatNumberOf } from '../model/units.ts';
import { CaptureState } from './facts/capture-state.ts';
import type { FlowFacts } from './facts/flow-facts.ts';
import { Budget } from './language/budget.ts';
import { BudgetError } from './language/error.ts';
import type { Env, Expression } from './language/node.ts';
import { framesOf, MAX_EXAMPLES, NOTHING_FOUND, Unknown, unknown, type Val } from './language/value.ts';
import { type AssertionResult, type Case, Cases, type FoundItem, resultOf } from './outcome.ts';
import { AT_LEAST_ONE, compileCondition } from './rules/expressions.ts';
import {
  type Assertion,
  type Control,
  controlKey,
  type FlowRule,
  type Range,
  type Requirement,
  type Rules,
} from './rules/model.ts';
import { matchTrace } from './script/match.ts';

/** The capture of a control, or why it could not be read. */
export type ControlCapture = CaptureState | Error;

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
    return [one(head, { ...NO_FLOW, outcome: 'fail', reason: missing, found: [], packets: [] })];
  }

  ofCapture(assertion: Assertion): AssertionResult {
    const head = { rule: null, assertion: assertion.text, location: assertion.location };
    if (this.state.counts.total === 0) return one(head, inconclusive(NO_FLOW, 'the capture holds no packets'));
    return one(
      head,
      caseOf(
        () => runOnCapture(assertion, this.state, this.budget),
        () => NO_FLOW,
      ),
    );
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

type Place = Pick<Case, 'stream' | 'flow'>;
const NO_FLOW: Place = { stream: null, flow: null };

function placeOf({ connection }: FlowFacts): Place {
  return { stream: connection.id, flow: `${connection.client.name} -> ${connection.server.name}` };
}

function inconclusive(place: Place, reason: string): Case {
  return { ...place, outcome: 'inconclusive', reason, found: [], packets: [] };
}

/** The result of an assertion that is checked once; null: it passed. */
function one(head: Parameters<typeof resultOf>[0], found: Case | null): AssertionResult {
  return resultOf(head, 1, Cases.of(found === null ? [] : [found]));
}

/** First packets of connections that are shown for all that a selector chooses. */
const MAX_FIRST_PACKETS = 100;

/** What a rule says of connections, taken one after another. */
class FlowJudge {
  /** Connections that the selector chooses, and the first packets of the first. */
  chosen = 0;
  readonly frames: number[] = [];
  /** Of those that it may choose: connections whose sockets had another one before, which left. */
  again = 0;
  /** Connections of which the selector cannot tell. */
  doubts = new Cases();
  /** Of each assertion. */
  cases: readonly Cases[];
  private readonly rule: FlowRule;
  private readonly require: readonly Requirement[];

  constructor(rule: FlowRule, require: readonly Requirement[]) {
    this.rule = rule;
    this.require = require;
    this.cases = rule.assertions.map(() => new Cases());
  }

  /** `state` is null while the capture is read. */
  take(flow: FlowFacts, state: CaptureState | null, budget: Budget): void {
    const { select, assertions } = this.rule;
    const selected = select === null ? TRUE : bounded(() => select.run(envOf(flow, state, budget)));
    const isDoubtful = selected.v instanceof Unknown;
    if (selected.v !== true && !isDoubtful) return;
    if (flow.followsLeft) this.again++;
    if (isDoubtful) {
      this.doubts.add(selectorDoubt(flow, selected.v as Unknown));
      return;
    }
    this.chosen++;
    if (this.frames.length < MAX_FIRST_PACKETS) this.frames.push(flow.connection.firstFrame);
    const lacking = this.lacks(flow);
    for (const [i, assertion] of assertions.entries()) {
      const found =
        lacking === null
          ? caseOf(
              () => runOnFlow(assertion, flow, state, budget),
              () => placeOf(flow),
            )
          : inconclusive(placeOf(flow), lacking);
      if (found !== null) this.cases[i].add(found);
    }
  }

  /** What it says of these, and then of those of `later`. */
  with(later: FlowJudge): FlowJudge {
    const all = new FlowJudge(this.rule, this.require);
    all.chosen = this.chosen + later.chosen;
    all.again = this.again + later.again;
    all.frames.push(...[...this.frames, ...later.frames].slice(0, MAX_FIRST_PACKETS));
    all.doubts = this.doubts.with(later.doubts);
    all.cases = this.cases.map((cases, i) => cases.with(later.cases[i]));
    return all;
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
}

/** Judges connections that leave before the capture has ended, by those rules that ask nothing of the capture as a whole. */
export class EarlyJudge {
  private readonly judges = new Map<FlowRule, FlowJudge>();
  private readonly budget = Budget.ofRun(0);

  constructor({ flows, require }: Pick<Rules, 'flows' | 'require'>) {
    for (const rule of flows) if (!asksOfCapture(rule)) this.judges.set(rule, new FlowJudge(rule, require));
  }

  take(flow: FlowFacts): void {
    this.budget.grant(flow.connection.packets);
    for (const judge of this.judges.values()) judge.take(flow, null, this.budget);
  }

  /** What a rule says of those that left; null: it is not known. */
  of(rule: FlowRule): FlowJudge | null {
    return this.judges.get(rule) ?? null;
  }
}

function asksOfCapture({ select, assertions }: FlowRule): boolean {
  return (
    select?.isOfCapture === true ||
    assertions.some(({ test }) => test.kind === 'expression' && test.expression.isOfCapture)
  );
}

/** Why what was said of connections that left says too little: `count` connections came after them. */
function againText(count: number): string {
  return `${formatNumberOf(count, 'connection')} had the sockets of connections that left while the capture was read, to bound the memory: their packets may belong together`;
}

const TRUE: Val = { v: true };

function selectorDoubt(flow: FlowFacts, { reason }: Unknown): Case {
  return inconclusive(placeOf(flow), `it cannot be told whether the selector chooses it: ${reason}`);
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
    else if (value.v instanceof Unknown) doubts.push(selectorDoubt(flow, value.v));
  }
  return { chosen, doubts };
}

/** What names stand for in a condition on a connection. */
function envOf(flow: FlowFacts, state: CaptureState | null, whole: Budget): Env {
  const budget = whole.part(flow.connection.packets);
  const noClock = state?.noClock ?? null;
  return { value: flow, parent: { value: state, parent: null, budget, noClock }, budget, noClock };
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
  const { noClock, counts } = state;
  return test.expression.run({ value: state, parent: null, budget: budget.part(counts.total), noClock });
}

function runOnFlow({ test }: Assertion, flow: FlowFacts, state: CaptureState | null, budget: Budget): Val {
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

/** What came of a condition at a place, which is asked for where it did not pass; null when it passed. */
export function caseOf(run: () => Val, placed: () => Pick<Case, 'stream' | 'flow'>): Case | null {
  const { v, found: all = NOTHING_FOUND } = bounded(run);
  if (v === true) return null;
  const place = placed();
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
  if (reason === null) return one(head, null);
  if (capture === undefined || capture instanceof Error) {
    return one(head, { ...NO_FLOW, outcome: 'error', reason, found: [], packets: [] });
  }
  return one(head, inconclusive(NO_FLOW, `${reason}: that this rule says anything is not shown`));
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
      (flow) =>
        caseOf(
          () => runOnFlow(assertion, flow, capture, budget),
          () => placeOf(flow),
        )?.outcome ?? 'pass',
    );
    const isAsWanted = expect === 'pass' ? outcomes.every((outcome) => outcome === 'pass') : outcomes.includes('fail');
    if (!isAsWanted) return `on the control, "${assertion.text}" does not ${expect}`;
  }
  return null;
}
