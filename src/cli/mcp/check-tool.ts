import { gatherFacts, reportOf } from '../../check/check.ts';
import { evaluateRules } from '../../check/evaluate.ts';
import { EarlyJudge } from '../../check/flow-judge.ts';
import type { AssertionResult } from '../../check/outcome.ts';
import { looseRules } from '../../check/rules/expressions.ts';
import { needsPackets } from '../../check/rules/model.ts';
import { checkTerminal } from '../../render/check-terminal.ts';
import { PLAIN } from '../../render/style.ts';
import { sourceOf } from './analyses.ts';
import { pageOfLines } from './page.ts';
import type { Question, Tool } from './tool.ts';

type Args = {
  readonly expression: string;
  readonly select?: string;
  readonly expectFlows?: string;
};

/** Connections that did not pass, in `data`, and packets of each. */
const CASES = 10;
const PACKETS = 20;

export const CHECK_TOOL: Tool = {
  name: 'check_expression',
  title: 'Check an expression',
  description:
    'Whether a condition holds, as tcpscope check --expect says it: pass, fail or inconclusive, with what was found and the ' +
    'packets that show it. Examples: "handshake.complete", "p(95, rtt) < 50ms", "retransmissions.count == 0". docs/check.md ' +
    'has the names, units and functions; a wrong expression is answered with what was probably meant.',
  properties: {
    expression: { type: 'string', minLength: 1, maxLength: 4096, description: 'a condition' },
    select: {
      type: 'string',
      maxLength: 4096,
      description: 'chooses the connections: "server.port == 443" (default: all)',
    },
    expectFlows: { type: 'string', maxLength: 100, description: 'how many it is to choose: "2", ">= 1" (the default)' },
  },
  required: ['expression'],
  answers: {
    outcome: { enum: ['pass', 'fail', 'inconclusive', 'error'] },
    checked: { type: 'integer', description: 'connections that it was checked on' },
    passed: { type: 'integer' },
    cases: {
      type: 'array',
      items: { type: 'object' },
      description: 'connections that did not pass, the gravest first',
    },
  },
  answer: async ({ args, capture, from, signal }: Question<Args>) => {
    const { expression, select, expectFlows } = args;
    const rules = looseRules({
      expect: [expression],
      ...(select === undefined ? {} : { select }),
      ...(expectFlows === undefined ? {} : { expectFlows }),
    });
    const early = new EarlyJudge(rules);
    const sources = [sourceOf(capture, signal)];
    const state = await gatherFacts(sources, needsPackets(rules), false, (flow) => early.take(flow));
    const report = reportOf(evaluateRules(rules, state, new Map(), early), state, [capture.shown]);
    const lines = checkTerminal(report, PLAIN).trimEnd().split('\n');
    return pageOfLines(lines, from, { outcome: report.outcome, ...figures(report.results) });
  },
};

function figures(results: readonly AssertionResult[]): Record<string, unknown> {
  const [{ checked, passed }] = results;
  const cases = results.flatMap((result) => result.cases);
  return {
    checked,
    passed,
    cases: cases.slice(0, CASES).map(({ outcome, stream, flow, reason, found, packets }) => ({
      outcome,
      stream,
      flow,
      reason,
      found: found.slice(0, PACKETS).map(({ text, value, wanted, examples }) => ({ text, value, wanted, examples })),
      packets: packets.slice(0, PACKETS),
    })),
  };
}
