import { didYouMean } from '../../model/suggest.ts';
import { combine, dimensionName, exampleOf, isSame } from './dimension.ts';
import { ExpressionError } from './error.ts';
import { foundIn, foundOf, shown } from './evidence.ts';
import { FUNCTIONS, METHODS } from './functions.ts';
import { calculate, compareNumbers, interval } from './interval.ts';
import { parseNetwork, sameAddress } from './network.ts';
import {
  ancestor,
  type Compiling,
  type Env,
  type Expression,
  NO_SCOPE,
  type Node,
  read,
  type Scope,
  type Vocabulary,
} from './node.ts';
import { seriesField } from './series.ts';
import { parseSyntax, type Syntax } from './syntax.ts';
import {
  BOOL,
  type Field,
  isByteOrPlain,
  isPlain,
  NETWORK,
  NULL,
  NUMBER,
  STRING,
  type Type,
  typeName,
} from './type.ts';
import { exact, high, low, NOTHING_FOUND, reasonOf, Unknown, unknown, type Val } from './value.ts';
import { canonical, enumOf, fieldName, wordOf } from './words.ts';

/** Compiles a condition. Throws ExpressionError when it is not one. */
export function compile(source: string, scope: Scope, vocabulary: Vocabulary): Expression {
  const compiler = new Compiler(source, vocabulary);
  const node = compiler.node(parseSyntax(source), scope);
  if (node.type.kind !== 'bool') {
    throw new ExpressionError(
      `this is ${typeName(node.type)}, not a condition${compiler.advice(node.type)}`,
      0,
      source.length,
    );
  }
  return { source, isOfFlow: compiler.isOfFlow, needsPackets: compiler.needsPackets, run: node.run };
}

class Compiler implements Compiling {
  readonly source: string;
  readonly vocabulary: Vocabulary;
  isOfFlow = false;
  needsPackets = false;
  /** Nodes made so far: the difference before and after a part of the expression is what evaluating that part costs. */
  nodes = 0;

  constructor(source: string, vocabulary: Vocabulary) {
    this.source = source;
    this.vocabulary = vocabulary;
  }

  node(syntax: Syntax, scope: Scope): Node {
    switch (syntax.op) {
      case 'number':
        return this.constant(syntax, NUMBER, syntax.value);
      case 'string':
        return this.constant(syntax, STRING, syntax.value);
      case 'bool':
        return this.constant(syntax, BOOL, syntax.value);
      case 'null':
        return this.constant(syntax, NULL, null);
      case 'literal': {
        const { literal } = syntax;
        if (literal.kind === 'network') return this.constant(syntax, NETWORK, literal.network);
        const { dimension, value, unit } = literal;
        return { ...this.constant(syntax, { kind: 'number', dimension }, value), unit };
      }
      case 'name':
        return this.name(syntax, scope);
      case 'member':
        return this.member(syntax, scope);
      case 'index':
        return this.index(syntax, scope);
      case 'call':
        return this.call(syntax, scope);
      case 'list':
        return this.list(syntax, scope);
      case 'unary':
        return syntax.operator === '!' ? this.not(syntax, scope) : this.negative(syntax, scope);
      case 'conditional':
        return this.conditional(syntax, scope);
      case 'binary':
        return this.binary(syntax, scope);
    }
  }

  /** A condition, or an error that says what it is instead. */
  condition(syntax: Syntax, scope: Scope): Node {
    const node = this.node(syntax, scope);
    if (node.type.kind !== 'bool') {
      throw this.error(syntax, `a condition is expected here, this is ${typeName(node.type)}${this.advice(node.type)}`);
    }
    return node;
  }

  make(syntax: Syntax, type: Type, run: (env: Env) => Val, isConstant = false): Node {
    const { at, end } = syntax;
    this.nodes++;
    return { type, text: this.textOf(syntax), at, end, isConstant, run };
  }

  textOf(syntax: Syntax): string {
    return this.source.slice(syntax.at, syntax.end).trim();
  }

  error(syntax: Syntax, message: string): ExpressionError {
    return new ExpressionError(message, syntax.at, syntax.end);
  }

  /** What to write instead of something of that type. */
  advice(type: Type): string {
    if (type.kind === 'series') return ': take p(95, ...), max(...), avg(...) or another figure of it';
    if (type.kind === 'record' && type.schema.main !== undefined) return ` (did you mean its ${type.schema.main}?)`;
    if (type.kind === 'list') return ': compare its .count, or use .none(...), .any(...) or .all(...)';
    if (type.kind === 'number') return `: compare it, as in ... < ${exampleOf(type.dimension)}`;
    return '';
  }

  private constant(syntax: Syntax, type: Type, value: unknown): Node {
    const val = exact(value);
    return this.make(syntax, type, () => val, true);
  }

  // Names

  private name(syntax: Syntax & { op: 'name' }, scope: Scope): Node {
    const node = this.resolve(syntax, syntax.name, scope);
    if (node === null) {
      throw this.error(syntax, `unknown name ${syntax.name}${didYouMean(syntax.name, this.namesIn(scope))}`);
    }
    return node;
  }

  /** The node of a name, or null when nothing has it. */
  resolve(syntax: Syntax, name: string, scope: Scope): Node | null {
    let depth = 0;
    for (let s: Scope | null = scope; s !== null; s = s.parent, depth++) {
      const up = depth;
      if (s.name === name) return this.make(syntax, s.type, (env) => exact(ancestor(env, up)));
      if (s.name !== null || s.type.kind !== 'record') continue;
      const { schema } = s.type;
      if (!Object.hasOwn(schema.fields, name)) continue;
      const field: Field<unknown> = schema.fields[name];
      if (schema.name === 'connection') this.isOfFlow = true;
      if (field.needsPackets) this.needsPackets = true;
      return this.make(syntax, field.type, (env) => read(field, ancestor(env, up), env));
    }
    return null;
  }

  private namesIn(scope: Scope): string[] {
    const names: string[] = [];
    for (let s: Scope | null = scope; s !== null; s = s.parent) {
      if (s.name !== null) names.push(s.name);
      else if (s.type.kind === 'record') names.push(...Object.keys(s.type.schema.fields));
    }
    return names;
  }

  private member(syntax: Syntax & { op: 'member' }, scope: Scope): Node {
    const of = this.node(syntax.of, scope);
    const { type } = of;
    const name = type.kind === 'record' ? fieldName(type.schema, syntax.name) : syntax.name;
    if (type.kind === 'series') return seriesField(this, syntax, of, name);
    if (type.kind === 'list') return this.listField(syntax, of);
    if (type.kind !== 'record') throw this.error(syntax, `${of.text} is ${typeName(type)}: it has no ${name}`);
    const { schema } = type;
    if (!Object.hasOwn(schema.fields, name)) {
      const known = Object.keys(schema.fields);
      const hint = didYouMean(name, known) || `; it has ${known.join(', ')}`;
      throw this.error(syntax, `${of.text} has no ${name}${hint}`);
    }
    const field: Field<unknown> = schema.fields[name];
    if (field.needsPackets) this.needsPackets = true;
    return this.make(syntax, field.type, (env) => {
      const value = of.run(env);
      return value.v === null || value.v instanceof Unknown ? value : read(field, value.v, env);
    });
  }

  private listField(syntax: Syntax & { op: 'member' }, of: Node): Node {
    const { name } = syntax;
    if (name !== 'count' && name !== 'size') {
      throw this.error(
        syntax,
        `a list has no ${name}; it has count, and none(...), any(...), all(...), filter(...), map(...)`,
      );
    }
    return METHODS.count(this, { ...syntax, op: 'call', name: 'count', args: [], named: new Map() }, of, NO_SCOPE);
  }

  private index(syntax: Syntax & { op: 'index' }, scope: Scope): Node {
    const of = this.node(syntax.of, scope);
    const index = this.node(syntax.index, scope);
    if (of.type.kind !== 'list') throw this.error(syntax, `${of.text} is ${typeName(of.type)}, not a list`);
    if (!isPlain(index.type)) throw this.error(syntax.index, 'the place in a list is a number, from 0');
    return this.make(syntax, of.type.of, (env) => {
      const list = of.run(env);
      const place = index.run(env);
      if (list.v instanceof Unknown || place.v instanceof Unknown) return unknown(reasonOf(list, place));
      const item = (list.v as unknown[])[place.v as number];
      return item === undefined ? exact(null) : exact(item);
    });
  }

  private call(syntax: Syntax & { op: 'call' }, scope: Scope): Node {
    const { name } = syntax;
    if (syntax.of === null) {
      if (!Object.hasOwn(FUNCTIONS, name)) {
        throw this.error(syntax, `unknown function ${name}${didYouMean(name, Object.keys(FUNCTIONS))}`);
      }
      return FUNCTIONS[name](this, syntax, scope);
    }
    const of = this.node(syntax.of, scope);
    if (!Object.hasOwn(METHODS, name)) {
      throw this.error(syntax, `${of.text} has no ${name}(...)${didYouMean(name, Object.keys(METHODS))}`);
    }
    return METHODS[name](this, syntax, of, scope);
  }

  private list(syntax: Syntax & { op: 'list' }, scope: Scope): Node {
    const items = syntax.items.map((item) => this.node(item, scope));
    const of = items[0]?.type ?? NUMBER;
    for (const [i, item] of items.entries()) {
      if (item.type.kind !== of.kind)
        throw this.error(syntax.items[i], `a list holds things of one kind: this is ${typeName(item.type)}`);
    }
    const isConstant = items.every((item) => item.isConstant);
    return this.make(
      syntax,
      { kind: 'list', of },
      (env) => {
        const values = items.map((item) => item.run(env));
        const hidden = values.find(({ v }) => v instanceof Unknown);
        return hidden ?? exact(values.map(({ v }) => v));
      },
      isConstant,
    );
  }

  // Operators

  private not(syntax: Syntax & { op: 'unary' }, scope: Scope): Node {
    const operand = this.condition(syntax.operand, scope);
    return this.make(syntax, BOOL, (env) => {
      const value = shown(operand, operand.run(env));
      return value.v instanceof Unknown ? value : { ...value, v: !value.v };
    });
  }

  private negative(syntax: Syntax & { op: 'unary' }, scope: Scope): Node {
    const operand = this.node(syntax.operand, scope);
    if (operand.type.kind !== 'number') throw this.error(syntax, `- needs a number, this is ${typeName(operand.type)}`);
    return this.make(
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

  private conditional(syntax: Syntax & { op: 'conditional' }, scope: Scope): Node {
    const test = this.condition(syntax.test, scope);
    const a = this.node(syntax.yes, scope);
    const b = this.node(syntax.no, scope);
    if (a.type.kind !== b.type.kind) throw this.error(syntax, 'both branches of ? : must be of one kind');
    return this.make(syntax, a.type, (env) => {
      const { v } = test.run(env);
      return v instanceof Unknown ? unknown(v.reason) : v ? a.run(env) : b.run(env);
    });
  }

  private binary(syntax: Syntax & { op: 'binary' }, scope: Scope): Node {
    switch (syntax.operator) {
      case '&&':
      case '||':
        return this.logic(syntax, scope, syntax.operator === '||');
      case '==':
      case '!=':
      case '<':
      case '<=':
      case '>':
      case '>=':
        return this.comparison(syntax, scope);
      case 'in':
        return this.membership(syntax, scope);
      default:
        return this.arithmetic(syntax, scope);
    }
  }

  /** Three-valued: a side that decides does so even when the other is unknown. `winner` is the value that decides. */
  private logic(syntax: Syntax & { op: 'binary' }, scope: Scope, winner: boolean): Node {
    const left = this.condition(syntax.left, scope);
    const right = this.condition(syntax.right, scope);
    return this.make(syntax, BOOL, (env) => {
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

  private comparison(syntax: Syntax & { op: 'binary' }, scope: Scope): Node {
    const { operator } = syntax;
    const [left, right] = this.sides(syntax, scope);
    this.checkComparable(syntax, left, right);
    const values = enumOf(left.type) ?? enumOf(right.type);
    const compare = this.comparer(operator, left, right, values);
    const unit = left.unit || right.unit || '';
    return this.make(syntax, BOOL, (env) => {
      const a = left.run(env);
      const b = right.run(env);
      const found = foundIn(unit, [left, a], [right, b]);
      if (a.v instanceof Unknown || b.v instanceof Unknown) return unknown(reasonOf(a, b), found);
      if (a.v === null || b.v === null)
        return { v: (a.v === b.v) === (operator === '==') && /[!=]=/.test(operator), found };
      const result = compare(a, b);
      return result === null ? unknown(reasonOf(a, b), found) : { v: result, found };
    });
  }

  /** Both operands; a bare or quoted word next to a text that can only be one of a few is one of these. */
  private sides(syntax: Syntax & { op: 'binary' }, scope: Scope): [Node, Node] {
    if (this.isWord(syntax.left, scope)) {
      const right = this.node(syntax.right, scope);
      return [this.operand(right, syntax.left, scope), right];
    }
    const left = this.node(syntax.left, scope);
    return [left, this.operand(left, syntax.right, scope)];
  }

  private isWord(side: Syntax, scope: Scope): boolean {
    return wordOf(side) !== null && (side.op === 'string' || this.isUnresolved(side, scope));
  }

  /** `side`, to be compared with `other`. A word that `other` can be is that word, even where something has it for a name. */
  private operand(other: Node, side: Syntax, scope: Scope): Node {
    const values = enumOf(other.type);
    const word = wordOf(side);
    const isValue = values !== null && word !== null && canonical(word, values) !== null;
    return isValue || this.isWord(side, scope) ? this.wordFor(other, side, scope) : this.node(side, scope);
  }

  /** No part of it is a name that something has. */
  private isUnresolved(side: Syntax, scope: Scope): boolean {
    if (side.op === 'name') return !this.namesIn(scope).includes(side.name);
    return side.op === 'binary' && this.isUnresolved(side.left, scope) && this.isUnresolved(side.right, scope);
  }

  /** `side` read as something to compare `other` with: one of its values, or an address. */
  private wordFor(other: Node, side: Syntax, scope: Scope): Node {
    const text = wordOf(side)!;
    const { type } = other;
    if (type.kind === 'address') {
      const network = parseNetwork(text);
      if (network === null) throw this.error(side, `${text} is no address`);
      return this.constant(side, NETWORK, network);
    }
    if (type.kind !== 'string' || type.values === undefined) return this.node(side, scope);
    const value = canonical(text, type.values);
    if (value === null) {
      const hint = didYouMean(text, type.values) || `; it is one of ${type.values.join(', ')}`;
      throw this.error(side, `${other.text} is never ${text}${hint}`);
    }
    return this.constant(side, type, value);
  }

  private checkComparable(
    syntax: Syntax & { op: 'binary' },
    { type: a, text }: Node,
    { type: b, text: other }: Node,
  ): void {
    const { operator } = syntax;
    const isOrder = operator !== '==' && operator !== '!=';
    if (a.kind === 'null' || b.kind === 'null') {
      if (isOrder) throw this.error(syntax, `null can only be compared by == and !=`);
      return;
    }
    for (const [side, type, name] of [
      [syntax.left, a, text],
      [syntax.right, b, other],
    ] as const) {
      if (type.kind === 'series' || type.kind === 'record' || type.kind === 'list') {
        throw this.error(side, `${name} is ${typeName(type)} and cannot be compared${this.advice(type)}`);
      }
    }
    if (a.kind === 'number' && b.kind === 'number') {
      if (isSame(a.dimension, b.dimension)) return;
      // A plain number is a number of bytes too.
      if (a.dimension.time === 0 && b.dimension.time === 0 && isByteOrPlain(a) && isByteOrPlain(b)) return;
      throw this.error(
        syntax,
        `${text} is ${dimensionName(a.dimension)}, ${other} is ${dimensionName(b.dimension)}: compare it with one such as ${exampleOf(a.dimension)}`,
      );
    }
    if (a.kind === 'address' || a.kind === 'network') {
      if (b.kind !== 'network' && b.kind !== 'address')
        throw this.error(syntax, `an address cannot be compared with ${typeName(b)}`);
      if (isOrder) throw this.error(syntax, 'addresses are compared by ==, != and in');
      return;
    }
    if (a.kind !== b.kind)
      throw this.error(syntax, `${text} is ${typeName(a)}, ${other} is ${typeName(b)}: they cannot be compared`);
    if (isOrder && a.kind === 'bool') throw this.error(syntax, `true and false have no order`);
    if (isOrder && a.kind === 'string' && !(a.ordered || (b.kind === 'string' && b.ordered))) {
      throw this.error(syntax, `${text} is a text, which has no order here: use ==, != or in`);
    }
  }

  private comparer(
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

  private membership(syntax: Syntax & { op: 'binary' }, scope: Scope): Node {
    const item = this.node(syntax.left, scope);
    const { right } = syntax;
    const choices =
      right.op === 'list'
        ? right.items.map((choice) => this.choice(item, choice, scope))
        : [this.choice(item, right, scope)];
    if (right.op !== 'list' && item.type.kind !== 'address' && choices[0].type.kind !== 'list') {
      throw this.error(right, `in needs a list, as in ${item.text} in [a, b]`);
    }
    return this.make(syntax, BOOL, (env) => {
      const value = item.run(env);
      const found = foundOf([item, value]);
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

  private choice(item: Node, syntax: Syntax, scope: Scope): Node {
    const node = this.operand(item, syntax, scope);
    const { kind } = node.type.kind === 'list' ? node.type.of : node.type;
    const fits = kind === item.type.kind || (item.type.kind === 'address' && kind === 'network');
    if (!fits) throw this.error(syntax, `${item.text} is ${typeName(item.type)}, this is ${typeName(node.type)}`);
    return node;
  }

  private arithmetic(syntax: Syntax & { op: 'binary' }, scope: Scope): Node {
    const { operator } = syntax;
    const left = this.node(syntax.left, scope);
    const right = this.node(syntax.right, scope);
    if (left.type.kind !== 'number' || right.type.kind !== 'number') {
      const wrong = left.type.kind !== 'number' ? left : right;
      throw this.error(
        syntax,
        `${operator} needs numbers: ${wrong.text} is ${typeName(wrong.type)}${this.advice(wrong.type)}`,
      );
    }
    const [a, b] = [left.type.dimension, right.type.dimension];
    if (/[+\-%]/.test(operator) && !isSame(a, b)) {
      throw this.error(
        syntax,
        `${left.text} is ${dimensionName(a)}, ${right.text} is ${dimensionName(b)}: ${operator} needs two of a kind`,
      );
    }
    const dimension = operator === '*' ? combine(a, b, 1) : operator === '/' ? combine(a, b, -1) : a;
    const isConstant = left.isConstant && right.isConstant;
    const unit = isConstant ? left.unit || right.unit || '' : '';
    const node = this.make(
      syntax,
      { kind: 'number', dimension },
      (env) => calculate(operator, left.run(env), right.run(env)),
      isConstant,
    );
    return { ...node, unit };
  }
}
