import { combine, dimensionName, isSame } from './dimension.ts';
import { shown } from './evidence.ts';
import { calculate, interval } from './interval.ts';
import type { Compiling, Node, Scope } from './node.ts';
import type { Syntax } from './syntax.ts';
import { BOOL, typeName } from './type.ts';
import { high, low, NOTHING_FOUND, negated, reasonOf, Unknown, unknown } from './value.ts';

/** Compiles `!condition`; what is unknown stays unknown. */
export function not(compiler: Compiling, syntax: Syntax & { op: 'unary' }, scope: Scope): Node {
  const operand = compiler.condition(syntax.operand, scope);
  return compiler.make(syntax, BOOL, (env) => {
    const value = shown(operand, operand.run(env));
    const found = negated(value.found ?? NOTHING_FOUND);
    return value.v instanceof Unknown ? { ...value, found } : { ...value, v: !value.v, found };
  });
}

/** Compiles `-number`. */
export function negative(compiler: Compiling, syntax: Syntax & { op: 'unary' }, scope: Scope): Node {
  const operand = compiler.node(syntax.operand, scope);
  if (operand.type.kind !== 'number')
    throw compiler.error(syntax, `- needs a number, this is ${typeName(operand.type)}`);
  return compiler.make(
    syntax,
    operand.type,
    (env) => {
      const value = operand.run(env);
      if (value.v instanceof Unknown || value.v === null) return value;
      const { v, low: _low, high: _high, ...rest } = value;
      return interval(-(v as number), -high(value), -low(value), rest);
    },
    operand.isConstant,
  );
}

/** Compiles `test ? yes : no`; unknown where the test is. */
export function conditional(compiler: Compiling, syntax: Syntax & { op: 'conditional' }, scope: Scope): Node {
  const test = compiler.condition(syntax.test, scope);
  const a = compiler.node(syntax.yes, scope);
  const b = compiler.node(syntax.no, scope);
  if (a.type.kind !== b.type.kind) throw compiler.error(syntax, 'both branches of ? : must be of one kind');
  return compiler.make(syntax, a.type, (env) => {
    const { v } = test.run(env);
    return v instanceof Unknown ? unknown(v.reason) : v ? a.run(env) : b.run(env);
  });
}

/** Three-valued: a side that decides does so even when the other is unknown. `winner` is the value that decides. */
export function logic(compiler: Compiling, syntax: Syntax & { op: 'binary' }, scope: Scope, winner: boolean): Node {
  const left = compiler.condition(syntax.left, scope);
  const right = compiler.condition(syntax.right, scope);
  return compiler.make(syntax, BOOL, (env) => {
    const a = shown(left, left.run(env));
    if (a.v === winner) return a;
    const b = shown(right, right.run(env));
    if (b.v === winner) return b;
    const hidden = [a, b].filter(({ v }) => v instanceof Unknown);
    if (hidden.length > 0)
      return unknown(
        reasonOf(...hidden),
        hidden.flatMap(({ found = NOTHING_FOUND }) => found),
      );
    return { v: !winner, found: [...(a.found ?? NOTHING_FOUND), ...(b.found ?? NOTHING_FOUND)] };
  });
}

/** Compiles `+`, `-`, `*`, `/` and `%`, whose units must fit. An ExpressionError says where they do not. */
export function arithmetic(compiler: Compiling, syntax: Syntax & { op: 'binary' }, scope: Scope): Node {
  const { operator } = syntax;
  const left = compiler.node(syntax.left, scope);
  const right = compiler.node(syntax.right, scope);
  if (left.type.kind !== 'number' || right.type.kind !== 'number') {
    const wrong = left.type.kind !== 'number' ? left : right;
    throw compiler.error(
      syntax,
      `${operator} needs numbers: ${wrong.text} is ${typeName(wrong.type)}${compiler.advice(wrong.type)}`,
    );
  }
  const [a, b] = [left.type.dimension, right.type.dimension];
  if (/[+\-%]/.test(operator) && !isSame(a, b)) {
    throw compiler.error(
      syntax,
      `${left.text} is ${dimensionName(a)}, ${right.text} is ${dimensionName(b)}: ${operator} needs two of a kind`,
    );
  }
  const dimension = operator === '*' ? combine(a, b, 1) : operator === '/' ? combine(a, b, -1) : a;
  const isConstant = left.isConstant && right.isConstant;
  const unit = isConstant ? left.unit || right.unit || '' : '';
  const node = compiler.make(
    syntax,
    { kind: 'number', dimension },
    (env) => calculate(operator, left.run(env), right.run(env)),
    isConstant,
  );
  return { ...node, unit };
}
