import { FINDING_IDS, isFindingId } from '../../detect/catalogue.ts';
import { didYouMean } from '../../model/suggest.ts';
import { CONNECTION } from '../facts/connection-names.ts';
import { ROOT } from '../facts/names.ts';
import { compile } from '../language/compile.ts';
import { ExpressionError } from '../language/error.ts';
import type { Expression, Scope } from '../language/node.ts';
import { record } from '../language/type.ts';
import type { Location } from '../outcome.ts';
import { parseExpectedTrace, parseTolerance } from '../script/expected.ts';
import { type Problem, RulesError } from './error.ts';
import { type Assertion, type FlowRule, NO_RULES, type Range, type Rules } from './model.ts';

const VOCABULARY = { findingIds: FINDING_IDS };

const CAPTURE_SCOPE: Scope = { name: null, type: record(ROOT), parent: null };
const FLOW_SCOPE: Scope = { name: null, type: record(CONNECTION), parent: CAPTURE_SCOPE };

/** Throws ExpressionError. `of` says what names stand for. */
export function compileCondition(source: string, of: 'capture' | 'flow'): Expression {
  return compile(source, of === 'flow' ? FLOW_SCOPE : CAPTURE_SCOPE, VOCABULARY);
}

/** A condition of the command line, on connections or on what the scope describes. @throws RulesError */
export function compileLoose(source: string, of: 'flow' | Scope): Expression {
  const problems: Problem[] = [];
  const scope = of === 'flow' ? FLOW_SCOPE : of;
  const expression = guarded(source, problems, () => compile(source, scope, VOCABULARY));
  if (expression === null) throw new RulesError(problems);
  return expression;
}

/** `>= 1`, `2`, `< 5`, `0`; null when it is none of these. */
export function parseRange(text: string): Range | null {
  const found = /^(>=|<=|==|=|>|<)?\s*(\d+)$/.exec(text.trim());
  if (found === null) return null;
  const count = Number(found[2]);
  switch (found[1]) {
    case '>=':
      return { least: count, most: Number.POSITIVE_INFINITY, text };
    case '>':
      return { least: count + 1, most: Number.POSITIVE_INFINITY, text };
    case '<=':
      return { least: 0, most: count, text };
    case '<':
      return { least: 0, most: count - 1, text };
    default:
      return { least: count, most: count, text };
  }
}

export const AT_LEAST_ONE: Range = { least: 1, most: Number.POSITIVE_INFINITY, text: '>= 1' };

export interface ExpectedScript {
  readonly text: string;
  /** How far times may be off: `10ms`, `20%`. */
  readonly tolerance?: string;
}

/** Expressions without a file: those of the command line and of the library. */
export interface LooseRules {
  /** Conditions; each holds for every connection chosen, or for the capture when it speaks of nothing else. */
  readonly expect?: readonly string[];
  /** Chooses connections for `expect`. */
  readonly select?: string;
  /** How many connections there are to be: `>= 1`, `2`. */
  readonly expectFlows?: string;
  /** Expected traces, as docs/check.md describes them; each holds for every connection chosen. */
  readonly scripts?: readonly ExpectedScript[];
  /** Severities (`warning`: and graver) and ids of findings that are failures. */
  readonly failOn?: readonly string[];
}

/** Throws RulesError with everything that is wrong. */
export function looseRules({ expect = [], select, expectFlows, scripts = [], failOn = [] }: LooseRules): Rules {
  const problems: Problem[] = [];
  const guard = <T>(text: string, make: () => T): T | null => guarded(text, problems, make);
  const capture: Assertion[] = [];
  const perFlow: Assertion[] = [];
  for (const source of expect) {
    const expression = guard(source, () => compileCondition(source, 'flow'));
    if (expression === null) continue;
    const assertion: Assertion = { text: source, location: HERE, test: { kind: 'expression', expression } };
    (expression.isOfFlow ? perFlow : capture).push(assertion);
  }
  for (const { text, tolerance } of scripts) {
    const allowed = tolerance === undefined ? null : parseTolerance(tolerance);
    if (tolerance !== undefined && allowed === null) {
      problems.push({
        location: HERE,
        message: `a tolerance is a time or a share, such as 10ms or 20%, not ${tolerance}`,
      });
    }
    const trace = guard(text, () => parseExpectedTrace(text, allowed));
    if (trace !== null) perFlow.push({ text: 'script', location: HERE, test: { kind: 'script', trace } });
  }
  if (failOn.length > 0) {
    const unknown = failOn.map(failOnProblem).filter((message) => message !== null);
    problems.push(...unknown.map((message) => ({ location: HERE, message })));
    if (unknown.length === 0) {
      const expression = compileCondition(failOnExpression(failOn), 'capture');
      const text = `fail on ${failOn.join(', ')}`;
      capture.push({ text, location: HERE, test: { kind: 'expression', expression } });
    }
  }
  const selector = select === undefined ? null : guard(select, () => compileCondition(select, 'flow'));
  const range = expectFlows === undefined ? null : parseRange(expectFlows);
  if (expectFlows !== undefined && range === null) {
    problems.push({ location: HERE, message: `expect-flows is a count such as 2 or ">= 1", not ${expectFlows}` });
  }
  if (problems.length > 0) throw new RulesError(problems);
  const isAsked = perFlow.length > 0 || select !== undefined || expectFlows !== undefined;
  const rule: FlowRule = {
    name: null,
    select: selector,
    selectText: select ?? 'all connections',
    selectLocation: HERE,
    expectFlows: range,
    assertions: perFlow,
    control: null,
  };
  // The assertions on the capture were compiled where names of connections are known too: their scope must match.
  return { ...NO_RULES, capture: capture.map(inCapture), flows: isAsked ? [rule] : [] };
}

const HERE: Location = { file: null, line: 1, column: 1 };

function inCapture(assertion: Assertion): Assertion {
  if (assertion.test.kind === 'script') return assertion;
  const { source } = assertion.test.expression;
  return { ...assertion, test: { kind: 'expression', expression: compileCondition(source, 'capture') } };
}

function guarded<T>(text: string, problems: Problem[], make: () => T): T | null {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    problems.push({
      location: { ...HERE, column: error.at + 1 },
      message: error.message,
      shown: text.includes('\n') ? [] : [`  ${text}`, `  ${' '.repeat(error.at)}^`],
    });
    return null;
  }
}

const SEVERITY_WORDS = ['info', 'warning', 'error'];

/** What is wrong with a word that is to be a severity or the id of a finding; null nothing. */
export function failOnProblem(word: string): string | null {
  if (SEVERITY_WORDS.includes(word) || isFindingId(word)) return null;
  return `${word} is neither a severity (${SEVERITY_WORDS.join(', ')}) nor a finding${didYouMean(word, FINDING_IDS) || ': tcpscope findings lists them'}`;
}

/** `warning` and `zero-window` become one condition on the findings of the whole capture. */
export function failOnExpression(items: readonly string[]): string {
  const parts = items.map((item) => (SEVERITY_WORDS.includes(item) ? `severity >= ${item}` : `id == "${item}"`));
  return `capture.anomalies.none(${parts.join(' || ')})`;
}
