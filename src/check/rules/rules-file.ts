import { isScalar, type Node } from 'yaml';
import { ExpressionError } from '../language/error.ts';
import type { Location } from '../outcome.ts';
import { parseExpectedTrace, parseTolerance, type Tolerance } from '../script/expected.ts';
import { AT_LEAST_ONE, compileCondition, failOnExpression, failOnProblem, parseRange } from './expressions.ts';
import type { Assertion, Control, FlowRule, Range, Rules } from './model.ts';
import {
  type JsonSchema,
  list,
  mapping,
  mappingOr,
  oneOf,
  type Placed,
  Reading,
  text,
  textOrNumber,
  type Values,
} from './shape.ts';
import { RulesSource } from './source.ts';

const ASSERTION_KEYS = {
  name: { shape: text('how reports call it') },
  expr: { shape: textOrNumber('a condition, as docs/check.md describes them') },
  script: { shape: text('an expected trace, in the notation of packetdrill') },
  tolerance: { shape: text('how far times of the script may be off: 10ms, or 20%') },
};

const ASSERTION = mappingOr(
  mapping(ASSERTION_KEYS, 'a condition with a name, or an expected trace'),
  textOrNumber('a condition, as docs/check.md describes them'),
);

const COUNT_TEXT = 'how many connections: 2, ">= 1", "< 5"';

const CONTROL_KEYS = {
  capture: { shape: text('path of a capture, relative to this file'), required: true },
  expect_flows: { shape: textOrNumber(COUNT_TEXT) },
  expect: { shape: oneOf(['pass', 'fail'], 'what the assertions are to say of the connections there') },
};

const FLOW_KEYS = {
  name: { shape: text('how reports call it'), required: true },
  select: { shape: textOrNumber('a condition that chooses connections; without it, all') },
  expect_flows: { shape: textOrNumber(`${COUNT_TEXT}; without it at least one, and none is a mistake in the rules`) },
  assert: { shape: list(ASSERTION, 'what is to be true of each of them') },
  control: {
    shape: mapping(CONTROL_KEYS, 'a capture that shows that the selector or the assertions can tell a difference'),
  },
};

const INPUT_KEYS = {
  on_incomplete: {
    shape: oneOf(
      ['inconclusive', 'fail', 'ignore'],
      'what to make of a capture that is cut, damaged or has dropped packets: doubt what it cannot tell (the default), fail, or trust it',
    ),
  },
  require: {
    shape: list(
      oneOf(['handshake', 'both-directions'], 'what must be captured'),
      'what must be captured of every connection checked',
    ),
  },
};

const FILE_KEYS = {
  version: { shape: oneOf([1], 'of this format'), required: true },
  input: { shape: mapping(INPUT_KEYS, 'what the capture must be like') },
  capture: {
    shape: mapping(
      { assert: { shape: list(ASSERTION, 'conditions'), required: true } },
      'what is to be true of the capture as a whole',
    ),
  },
  fail_on: { shape: list(text('info, warning, error, or the id of a finding'), 'findings that are failures') },
  flows: { shape: list(mapping(FLOW_KEYS, 'connections and what is to be true of them'), 'groups of connections') },
};

const FILE = mapping(FILE_KEYS, 'Rules for tcpscope check');

/** The schema of rules files, for editors; `schema/rules.schema.json` holds it. */
export function rulesSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'https://unpkg.com/tcpscope/schema/rules.schema.json',
    title: 'tcpscope rules',
    ...FILE.schema,
  };
}

/** Reads a rules file. `file` is its name for messages. Throws RulesError with everything that is wrong in it. */
export function parseRules(content: string, file: string | null): Rules {
  const source = new RulesSource(content, file);
  const reading = new Reading(source);
  if (source.root === null)
    reading.report(null, () => 'the file is empty; tcpscope init CAPTURE writes a starter file');
  const root = source.root === null ? null : FILE.read(source.root, reading);
  const rules = root === null ? null : new RulesReader(reading).rules(root.value);
  if (reading.hasProblems || rules === null) throw reading.error();
  return rules;
}

/** Different captures that the controls of one file may name. */
const MAX_CONTROLS = 20;

class RulesReader {
  private readonly reading: Reading;

  constructor(reading: Reading) {
    this.reading = reading;
  }

  rules({ input, capture, fail_on: failOn, flows, version }: Values<typeof FILE_KEYS>): Rules {
    const captureItems = capture?.value.assert?.value ?? [];
    const assertions = captureItems.map((item) => this.assertion(item, 'capture')).filter((item) => item !== null);
    if (failOn !== null) assertions.push(...this.failOn(failOn.value));
    const flowRules = (flows?.value ?? []).map((item) => this.flow(item)).filter((item) => item !== null);
    this.checkNames(flows?.value ?? []);
    this.checkControls(flowRules);
    if (assertions.length === 0 && flowRules.length === 0 && !this.reading.hasProblems) {
      this.reading.report(
        version?.node ?? null,
        () => 'the file asserts nothing: flows, capture or fail_on is missing',
      );
    }
    return {
      onIncomplete: input?.value.on_incomplete?.value ?? 'inconclusive',
      require: input?.value.require?.value.map(({ value }) => value) ?? [],
      capture: assertions,
      flows: flowRules,
    };
  }

  private checkNames(flows: readonly Placed<Values<typeof FLOW_KEYS>>[]): void {
    const seen = new Set<string>();
    for (const { value } of flows) {
      if (value.name === null) continue;
      if (seen.has(value.name.value))
        this.reading.report(value.name.node, () => `two groups are called ${value.name?.value}`);
      seen.add(value.name.value);
    }
  }

  private checkControls(rules: readonly FlowRule[]): void {
    const captures = new Set(rules.map(({ control }) => control?.capture ?? null).filter((path) => path !== null));
    if (captures.size <= MAX_CONTROLS) return;
    this.reading.report(
      null,
      () => `the rules name ${captures.size} control captures; at most ${MAX_CONTROLS} are read`,
    );
  }

  private flow({ value, node }: Placed<Values<typeof FLOW_KEYS>>): FlowRule | null {
    const { name, select, expect_flows: expected, assert, control } = value;
    const condition = select === null ? null : this.condition(select, 'flow');
    const range = expected === null ? null : this.range(expected);
    const assertions = (assert?.value ?? [])
      .map((item) => this.assertion(item, 'flow'))
      .filter((item) => item !== null);
    const isEmpty = assert === null && expected === null;
    // After other problems it may only look so.
    if (isEmpty && !this.reading.hasProblems)
      this.reading.report(
        node,
        () => `${name?.value ?? 'this group'} asserts nothing: assert or expect_flows is missing`,
      );
    if (range?.most === 0 && assert !== null && assert.value.length > 0) {
      this.reading.report(assert.node, () => 'expect_flows is 0: there is no connection to assert this of');
    }
    return {
      name: name?.value ?? null,
      select: condition,
      selectText: select?.value ?? 'all connections',
      selectLocation: this.reading.source.locate(select?.node ?? name?.node ?? node),
      expectFlows: range,
      assertions,
      control: control === null ? null : this.control(control),
    };
  }

  private control({ value, node }: Placed<Values<typeof CONTROL_KEYS>>): Control {
    const { capture, expect_flows: expected, expect } = value;
    const range = expected === null ? null : this.range(expected);
    return {
      capture: capture?.value ?? '',
      expectFlows: range ?? AT_LEAST_ONE,
      expect: expect?.value ?? null,
      location: this.reading.source.locate(capture?.node ?? node),
    };
  }

  private range(placed: Placed<string>): Range | null {
    return (
      parseRange(placed.value) ??
      this.reading.report(placed.node, () => `expected a count such as 2 or ">= 1", found ${placed.value}`)
    );
  }

  private assertion(item: Placed<string | Values<typeof ASSERTION_KEYS>>, of: 'capture' | 'flow'): Assertion | null {
    const { value, node } = item;
    if (typeof value === 'string') return this.expression({ value, node }, of, value);
    const { name, expr, script, tolerance } = value;
    if ((expr === null) === (script === null)) {
      return this.reading.report(node, () => 'an assertion has either expr or script');
    }
    if (expr !== null) {
      if (tolerance !== null) this.reading.report(tolerance.node, () => 'tolerance belongs to a script');
      return this.expression(expr, of, name?.value ?? expr.value);
    }
    if (of === 'capture')
      return this.reading.report(script!.node, () => 'a script describes one connection: put it under flows');
    return this.script(script!, tolerance, name?.value ?? null);
  }

  private expression(placed: Placed<string>, of: 'capture' | 'flow', shown: string): Assertion | null {
    const expression = this.condition(placed, of);
    const location = this.reading.source.locate(placed.node);
    return expression === null ? null : { text: shown.trim(), location, test: { kind: 'expression', expression } };
  }

  private script(placed: Placed<string>, tolerance: Placed<string> | null, name: string | null): Assertion | null {
    const allowed = tolerance === null ? null : this.tolerance(tolerance);
    const location = this.reading.source.locate(placed.node);
    const trace = this.guard(placed, () => parseExpectedTrace(placed.value, allowed));
    return trace === null ? null : { text: name ?? 'script', location, test: { kind: 'script', trace } };
  }

  private tolerance(placed: Placed<string>): Tolerance | null {
    const expected = 'a time or a share, such as 10ms or 20%';
    return (
      parseTolerance(placed.value) ??
      this.reading.report(placed.node, () => `expected ${expected}, found ${placed.value}`)
    );
  }

  private failOn(items: readonly Placed<string>[]): Assertion[] {
    const assertions: Assertion[] = [];
    for (const item of items) {
      const problem = failOnProblem(item.value);
      if (problem !== null) {
        this.reading.report(item.node, () => problem);
        continue;
      }
      const expression = compileCondition(failOnExpression([item.value]), 'capture');
      const location = this.reading.source.locate(item.node);
      assertions.push({ text: `fail on ${item.value}`, location, test: { kind: 'expression', expression } });
    }
    return assertions;
  }

  private condition(placed: Placed<string>, of: 'capture' | 'flow') {
    return this.guard(placed, () => compileCondition(placed.value, of));
  }

  private guard<T>(placed: Placed<string>, make: () => T): T | null {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      return this.reading.reportAt(
        () => this.placeOf(placed.node, error.at),
        () => error.message,
      );
    }
  }

  private placeOf(node: Node, offset: number): Location {
    const { source } = this.reading;
    return isScalar(node) && typeof node.value === 'string'
      ? source.locateIn(node, node.value, offset)
      : source.locate(node);
  }
}
