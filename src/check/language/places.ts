import type { PlacedLoss, SeenConnection } from '../../model/sight.ts';
import { positional } from './arguments.ts';
import type { Call, Compiling, Node, Scope } from './node.ts';
import { lostBetweenPoints } from './points.ts';
import type { Syntax } from './syntax.ts';
import { NUMBER } from './type.ts';
import { exact, Unknown, unknown, type Val } from './value.ts';

/**
 * lost_between("veth12", "eth0"): packets that one of two neighbouring vantages of a capture saw and the other, the next, did
 * not; of two captures that are compared, what was lost between them.
 */
export function lostBetween(compiler: Compiling, call: Call, scope: Scope): Node {
  if (compiler.resolve(call, 'points', scope) !== null) return lostBetweenPoints(compiler, call, scope);
  const names = positional(compiler, call, 2).map((argument) => {
    if (argument.op !== 'string')
      throw compiler.error(argument, 'the name of a vantage is expected, in quotes: "eth0"');
    return argument.value;
  });
  if (names[0] === names[1]) throw compiler.error(call, 'two vantages are expected');
  const capture: Syntax = { ...call, op: 'name', name: 'capture' };
  const views =
    compiler.resolve(call, 'views', scope) ??
    compiler.node({ ...call, op: 'member', of: capture, name: 'views' }, scope);
  return compiler.make(call, NUMBER, (env) => {
    const value = views.run(env);
    return value.v instanceof Unknown ? value : countOf(value.v as readonly SeenConnection[], names);
  });
}

function countOf(views: readonly SeenConnection[], names: readonly string[]): Val {
  if (views.length === 0) return unknown('it has one point of view only');
  const known = new Set(views.flatMap(({ shares }) => shares.map(({ vantage }) => vantage.name)));
  const absent = names.find((name) => !known.has(name));
  if (absent !== undefined)
    return unknown(`nothing was seen at ${absent}; the points of view are ${[...known].join(', ')}`);
  const losses = views.flatMap(({ losses }) => losses.filter((loss) => isBetween(loss, names)));
  return exact(
    losses.reduce((sum, { packets }) => sum + packets, 0),
    losses.flatMap(({ frames }) => [...frames]),
  );
}

function isBetween({ from, to }: PlacedLoss, [a, b]: readonly string[]): boolean {
  return (from.name === a && to.name === b) || (from.name === b && to.name === a);
}
