import { didYouMean } from '../../model/suggest.ts';
import { dimensionName, exampleOf, isSame } from './dimension.ts';
import { foundInComparison, foundOf } from './evidence.ts';
import { compareNumbers } from './interval.ts';
import { parseNetwork, sameAddress } from './network.ts';
import type { Compiling, Node, Scope } from './node.ts';
import type { Syntax } from './syntax.ts';
import { BOOL, isByteOrPlain, NETWORK, typeName } from './type.ts';
import { exact, reasonOf, Unknown, unknown, type Val, type Wanted } from './value.ts';
import { canonical, enumOf, wordOf } from './words.ts';

/** A word is told what it could be where there are so few possibilities that they can be read. */
const FEW = 20;

/** Compiles `a < b` and the other comparisons. Both sides must be of one type; an ExpressionError says where they are not. */
export function comparison(compiler: Compiling, syntax: Syntax & { op: 'binary' }, scope: Scope): Node {
  const { operator } = syntax;
  const [left, right] = sides(compiler, syntax, scope);
  checkComparable(compiler, syntax, left, right);
  const values = enumOf(left.type) ?? enumOf(right.type);
  const compare = comparer(operator, left, right, values);
  return compiler.make(syntax, BOOL, (env) => {
    const a = left.run(env);
    const b = right.run(env);
    const found = foundInComparison(operator, { node: left, value: a }, { node: right, value: b });
    if (a.v instanceof Unknown || b.v instanceof Unknown) return unknown(reasonOf(a, b), found);
    if (a.v === null || b.v === null)
      return { v: (a.v === b.v) === (operator === '==') && /[!=]=/.test(operator), found };
    const result = compare(a, b);
    return result === null ? unknown(reasonOf(a, b), found) : { v: result, found };
  });
}

/** Both operands; a bare or quoted word next to a text that can only be one of a few is one of these. */
function sides(compiler: Compiling, syntax: Syntax & { op: 'binary' }, scope: Scope): [Node, Node] {
  if (isWord(compiler, syntax.left, scope)) {
    const right = compiler.node(syntax.right, scope);
    return [operand(compiler, right, syntax.left, scope), right];
  }
  const left = compiler.node(syntax.left, scope);
  return [left, operand(compiler, left, syntax.right, scope)];
}

function isWord(compiler: Compiling, side: Syntax, scope: Scope): boolean {
  return wordOf(side) !== null && (side.op === 'string' || isUnresolved(compiler, side, scope));
}

/** `side`, to be compared with `other`. A word that `other` can be is that word, even where something has it for a name. */
function operand(compiler: Compiling, other: Node, side: Syntax, scope: Scope): Node {
  const values = enumOf(other.type);
  const word = wordOf(side);
  const isValue = values !== null && word !== null && canonical(word, values) !== null;
  return isValue || isWord(compiler, side, scope) ? wordFor(compiler, other, side, scope) : compiler.node(side, scope);
}

/** No part of it is a name that something has. */
function isUnresolved(compiler: Compiling, side: Syntax, scope: Scope): boolean {
  if (side.op === 'name') return !compiler.namesIn(scope).includes(side.name);
  return side.op === 'binary' && isUnresolved(compiler, side.left, scope) && isUnresolved(compiler, side.right, scope);
}

/** `side` read as something to compare `other` with: one of its values, or an address. */
function wordFor(compiler: Compiling, other: Node, side: Syntax, scope: Scope): Node {
  const text = wordOf(side)!;
  const { type } = other;
  if (type.kind === 'address') {
    const network = parseNetwork(text);
    if (network === null) throw compiler.error(side, `${text} is no address`);
    return compiler.constant(side, NETWORK, network);
  }
  if (type.kind !== 'string' || type.values === undefined) return compiler.node(side, scope);
  const value = canonical(text, type.values);
  if (value === null) {
    const few = type.values.length <= FEW ? `; it is one of ${type.values.join(', ')}` : '';
    const hint = didYouMean(text, type.values) || few;
    throw compiler.error(side, `${other.text} is never ${text}${hint}`);
  }
  return compiler.constant(side, type, value);
}

function checkComparable(
  compiler: Compiling,
  syntax: Syntax & { op: 'binary' },
  { type: a, text }: Node,
  { type: b, text: other }: Node,
): void {
  const { operator } = syntax;
  const isOrder = operator !== '==' && operator !== '!=';
  if (a.kind === 'null' || b.kind === 'null') {
    if (isOrder) throw compiler.error(syntax, `null can only be compared by == and !=`);
    return;
  }
  for (const [side, type, name] of [
    [syntax.left, a, text],
    [syntax.right, b, other],
  ] as const) {
    if (type.kind === 'series' || type.kind === 'record' || type.kind === 'list') {
      throw compiler.error(side, `${name} is ${typeName(type)} and cannot be compared${compiler.advice(type)}`);
    }
  }
  if (a.kind === 'number' && b.kind === 'number') {
    if (isSame(a.dimension, b.dimension)) return;
    // A plain number is a number of bytes too.
    if (a.dimension.time === 0 && b.dimension.time === 0 && isByteOrPlain(a) && isByteOrPlain(b)) return;
    throw compiler.error(
      syntax,
      `${text} is ${dimensionName(a.dimension)}, ${other} is ${dimensionName(b.dimension)}: compare it with one such as ${exampleOf(a.dimension)}`,
    );
  }
  if (a.kind === 'address' || a.kind === 'network') {
    if (b.kind !== 'network' && b.kind !== 'address')
      throw compiler.error(syntax, `an address cannot be compared with ${typeName(b)}`);
    if (isOrder) throw compiler.error(syntax, 'addresses are compared by ==, != and in');
    return;
  }
  if (a.kind !== b.kind)
    throw compiler.error(syntax, `${text} is ${typeName(a)}, ${other} is ${typeName(b)}: they cannot be compared`);
  if (isOrder && a.kind === 'bool') throw compiler.error(syntax, `true and false have no order`);
  if (isOrder && a.kind === 'string' && !(a.ordered || (b.kind === 'string' && b.ordered))) {
    throw compiler.error(syntax, `${text} is a text, which has no order here: use ==, != or in`);
  }
}

function comparer(
  operator: string,
  left: Node,
  right: Node,
  values: readonly string[] | null,
): (a: Val, b: Val) => boolean | null {
  if (left.type.kind === 'number') return (a, b) => compareNumbers(operator, a, b);
  if (left.type.kind === 'address' || right.type.kind === 'address') {
    const isEqual = (a: Val, b: Val) => sameAddress(a.v, b.v);
    return operator === '==' ? isEqual : (a, b) => !isEqual(a, b);
  }
  if (operator === '==') return (a, b) => a.v === b.v;
  if (operator === '!=') return (a, b) => a.v !== b.v;
  const rank = (value: Val) => exact(values!.indexOf(value.v as string));
  return (a, b) => compareNumbers(operator, rank(a), rank(b));
}

/** Compiles `item in list`: a list of values, or a network that holds an address. */
export function membership(compiler: Compiling, syntax: Syntax & { op: 'binary' }, scope: Scope): Node {
  const item = compiler.node(syntax.left, scope);
  const { right } = syntax;
  const choices =
    right.op === 'list'
      ? right.items.map((choice) => choiceOf(compiler, item, choice, scope))
      : [choiceOf(compiler, item, right, scope)];
  if (right.op !== 'list' && item.type.kind !== 'address' && choices[0].type.kind !== 'list') {
    throw compiler.error(right, `in needs a list, as in ${item.text} in [a, b]`);
  }
  const list = compiler.textOf(right);
  const wanted: Wanted = { text: `in ${list}`, negated: `not in ${list}` };
  return compiler.make(syntax, BOOL, (env) => {
    const value = item.run(env);
    const found = foundOf(item, value, wanted);
    if (value.v instanceof Unknown) return unknown(value.v.reason, found);
    let hidden: Val | null = null;
    for (const choice of choices) {
      const other = choice.run(env);
      if (other.v instanceof Unknown) hidden = other;
      else if (choice.type.kind === 'list') {
        if ((other.v as unknown[]).includes(value.v)) return { v: true, found };
      } else if (item.type.kind === 'address' ? sameAddress(value.v, other.v) : value.v === other.v)
        return { v: true, found };
    }
    return hidden === null ? { v: false, found } : unknown(reasonOf(hidden), found);
  });
}

function choiceOf(compiler: Compiling, item: Node, syntax: Syntax, scope: Scope): Node {
  const node = operand(compiler, item, syntax, scope);
  const { kind } = node.type.kind === 'list' ? node.type.of : node.type;
  const fits = kind === item.type.kind || (item.type.kind === 'address' && kind === 'network');
  if (!fits) throw compiler.error(syntax, `${item.text} is ${typeName(item.type)}, this is ${typeName(node.type)}`);
  return node;
}
