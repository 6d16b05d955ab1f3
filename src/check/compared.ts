import type { Comparison } from '../compare/comparison.ts';
import { oneWayDelays } from '../compare/delays.ts';
import { formatDuration, formatNumberOf } from '../model/units.ts';
import { bounded, caseOf, NO_FLOW } from './conditions.ts';
import { Budget } from './language/budget.ts';
import type { Scope } from './language/node.ts';
import type { ComparedPoints } from './language/points.ts';
import { field, oneOf, record, type Schema } from './language/type.ts';
import { between, exact, NO_FRAMES, unknown, type Val } from './language/value.ts';
import { type AssertionResult, type CheckReport, gravest, resultOfOne, summaryOf } from './outcome.ts';
import { compileLoose } from './rules/expressions.ts';

/** Checks conditions on captures of several points. Throws RulesError where one is none. */
export function checkCompared(comparison: Comparison, conditions: readonly string[]): CheckReport {
  const { points, path, order, streams } = comparison;
  const scope: Scope = { name: null, type: record(vocabularyOf(path.map((p) => points[p].name))), parent: null };
  const expressions = conditions.map((source) => compileLoose(source, scope));
  const budget = Budget.ofRun(order.length);
  const compared = new Compared(comparison);
  const results = expressions.map((expression, i): AssertionResult => {
    const head = { rule: null, assertion: conditions[i], location: { file: null, line: 1, column: 1 } };
    const env = { value: compared, parent: null, budget: budget.part(order.length), noClock: null };
    return resultOfOne(
      head,
      caseOf(
        bounded(() => expression.run(env)),
        NO_FLOW,
      ),
    );
  });
  return {
    schemaVersion: 1,
    outcome: gravest(results.map(({ outcome }) => outcome)),
    captures: points.map(({ name }) => name),
    packets: points.reduce((sum, { counts }) => sum + counts.total, 0),
    connections: streams.length,
    incomplete: null,
    summary: summaryOf(results),
    results,
  };
}

function vocabularyOf(names: readonly string[]): Schema<Compared> {
  return {
    name: 'comparison',
    fields: {
      points: field({ kind: 'list', of: oneOf(names) }, 'the captures, from the client to the server', () =>
        exact(names),
      ),
      comparison: field(record({ name: 'comparison', fields: {} }), 'what the captures show together', exact),
    },
  };
}

/** What a comparison answers. A value is known as well as clocks and captures allow. */
class Compared implements ComparedPoints {
  private readonly comparison: Comparison;

  constructor(comparison: Comparison) {
    this.comparison = comparison;
  }

  delay(from: string, to: string): Val {
    const { clocks } = this.comparison.clocks;
    const [a, b] = [this.place(from), this.place(to)];
    const { uncertainty, basis } = this.comparison.certainty(a, b);
    if (!clocks[a].isKnown || !clocks[b].isKnown || !Number.isFinite(uncertainty))
      return unknown(`no packets of both directions are in ${from} and ${to}: their clocks cannot be compared`);
    const values = oneWayDelays(this.comparison, a, b);
    return {
      v: { values, frames: NO_FRAMES, more: uncertainty, less: uncertainty },
      why:
        basis === 'round-trip'
          ? `nothing tells how the round trip divides among the directions: delays may be ${formatDuration(uncertainty)} longer or shorter`
          : `the clocks are known to ${formatDuration(uncertainty)}`,
    };
  }

  lost(one: string, other: string): Val {
    const { packets, order, path } = this.comparison;
    const ends = [this.place(one), this.place(other)].map((point) => path.indexOf(point));
    const [first, last] = [Math.min(...ends), Math.max(...ends)];
    const isInside = (point: number) => path.indexOf(point) >= first && path.indexOf(point) <= last;
    let lost = 0;
    let open = 0;
    for (const row of order) {
      if (packets.lostFrom[row] >= 0) {
        if (isInside(packets.lostFrom[row]) && isInside(packets.lostTo[row])) lost++;
        continue;
      }
      const [from, to] = packets.direction[row] === 0 ? [path[first], path[last]] : [path[last], path[first]];
      if (packets.at[from][row] >= 0 && packets.at[to][row] < 0 && !(packets.missed[row] & (1 << to))) open++;
    }
    const why = open === 0 ? null : `nothing tells of ${formatNumberOf(open, 'packet')} whether they were lost`;
    return between(lost, lost + open, why);
  }

  private place(name: string): number {
    return this.comparison.points.findIndex((point) => point.name === name);
  }
}
