import { bounded, caseAt, envOf, outcomeOf, placeOf, runOnFlow, selectorDoubt } from './conditions.ts';
import type { CaptureState } from './facts/capture-state.ts';
import type { FlowFacts } from './facts/flow-facts.ts';
import { Budget } from './language/budget.ts';
import { Unknown, unknown, type Val } from './language/value.ts';
import { Cases } from './outcome.ts';
import type { FlowRule, Requirement, Rules } from './rules/model.ts';

const TRUE: Val = { v: true };

/** First packets of connections that are shown for all that a selector chooses. */
const MAX_FIRST_PACKETS = 100;

/** What a rule says of connections, taken one after another. */
export class FlowJudge {
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
      this.doubts.add('inconclusive', () => selectorDoubt(flow, selected.v as Unknown));
      return;
    }
    this.chosen++;
    if (this.frames.length < MAX_FIRST_PACKETS) this.frames.push(flow.connection.firstFrame);
    const lacking = this.lacks(flow);
    for (const [i, assertion] of assertions.entries()) {
      const value = lacking === null ? bounded(() => runOnFlow(assertion, flow, state, budget)) : unknown(lacking);
      const outcome = outcomeOf(value);
      if (outcome !== 'pass') this.cases[i].add(outcome, () => caseAt(value, outcome, placeOf(flow)));
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
