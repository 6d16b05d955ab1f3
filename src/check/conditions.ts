import type { CaptureState } from './facts/capture-state.ts';
import type { FlowFacts } from './facts/flow-facts.ts';
import { Budget } from './language/budget.ts';
import { BudgetError } from './language/error.ts';
import type { Env, Expression } from './language/node.ts';
import { framesOf, NOTHING_FOUND, Unknown, unknown, type Val } from './language/value.ts';
import type { Case, Outcome } from './outcome.ts';
import { compileCondition } from './rules/expressions.ts';
import type { Assertion } from './rules/model.ts';
import { matchTrace } from './script/match.ts';

/* One condition, on one connection or on the capture, and what comes of it. */

type Place = Pick<Case, 'stream' | 'flow'>;
export const NO_FLOW: Place = { stream: null, flow: null };

export function placeOf({ connection }: FlowFacts): Place {
  return { stream: connection.id, flow: `${connection.client.name} -> ${connection.server.name}` };
}

export function inconclusive(place: Place, reason: string): Case {
  return { ...place, outcome: 'inconclusive', reason, found: [], packets: [] };
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

export function selectorDoubt(flow: FlowFacts, { reason }: Unknown): Case {
  return inconclusive(placeOf(flow), `it cannot be told whether the selector chooses it: ${reason}`);
}

/** What names stand for in a condition on a connection. */
export function envOf(flow: FlowFacts, state: CaptureState | null, whole: Budget): Env {
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

export function runOnCapture({ test }: Assertion, state: CaptureState, budget: Budget): Val {
  if (test.kind === 'script') throw new TypeError('a script speaks of one connection');
  const { noClock, counts } = state;
  return test.expression.run({ value: state, parent: null, budget: budget.part(counts.total), noClock });
}

export function runOnFlow({ test }: Assertion, flow: FlowFacts, state: CaptureState | null, budget: Budget): Val {
  if (test.kind === 'script') return matchTrace(test.trace, flow, budget.part(flow.connection.packets));
  return test.expression.run(envOf(flow, state, budget));
}

export function bounded(run: () => Val): Val {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof BudgetError)) throw error;
    return unknown(error.message);
  }
}

/** What came of a condition: it holds, it does not, or that cannot be told. */
export function outcomeOf({ v }: Val): Exclude<Outcome, 'error'> {
  if (v === true) return 'pass';
  return v instanceof Unknown ? 'inconclusive' : 'fail';
}

/** The same at a place, where it is not `pass`. */
export function caseOf(value: Val, place: Place): Case | null {
  const outcome = outcomeOf(value);
  return outcome === 'pass' ? null : caseAt(value, outcome, place);
}

/** What was found at a place where a condition does not hold. */
export function caseAt({ v, found: all = NOTHING_FOUND }: Val, outcome: Case['outcome'], place: Place): Case {
  const found = all.map(({ text, value, frames, wanted, examples = [] }) => ({
    text,
    value,
    wanted: wanted?.text ?? null,
    examples,
    packets: frames,
  }));
  const packets = framesOf(...all.map(({ frames }) => ({ v: null, frames })));
  return { ...place, outcome, reason: v instanceof Unknown ? v.reason : null, found, packets };
}
