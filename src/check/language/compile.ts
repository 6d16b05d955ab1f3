import { didYouMean } from '../../model/suggest.ts';
import { comparison, membership } from './comparisons.ts';
import { exampleOf } from './dimension.ts';
import { ExpressionError } from './error.ts';
import { shown } from './evidence.ts';
import { FUNCTIONS, METHODS } from './functions.ts';
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
import { arithmetic, conditional, logic, negative, not } from './operators.ts';
import { seriesField } from './series.ts';
import { parseSyntax, type Syntax } from './syntax.ts';
import { BOOL, type Field, isPlain, NETWORK, NULL, NUMBER, STRING, type Type, typeName } from './type.ts';
import { exact, reasonOf, Unknown, unknown, type Val } from './value.ts';
import { fieldName } from './words.ts';

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
  const run = (env: Env) => shown(node, node.run(env));
  const { isOfFlow, isOfCapture, needsPackets } = compiler;
  return { source, isOfFlow, isOfCapture, needsPackets, run };
}

class Compiler implements Compiling {
  readonly source: string;
  readonly vocabulary: Vocabulary;
  isOfFlow = false;
  isOfCapture = false;
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
        return syntax.operator === '!' ? not(this, syntax, scope) : negative(this, syntax, scope);
      case 'conditional':
        return conditional(this, syntax, scope);
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

  constant(syntax: Syntax, type: Type, value: unknown): Node {
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
      if (schema.name === 'root') this.isOfCapture = true;
      if (field.needsPackets) this.needsPackets = true;
      return this.make(syntax, field.type, (env) => read(field, ancestor(env, up), env));
    }
    return null;
  }

  /** All names that can stand here. */
  namesIn(scope: Scope): string[] {
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

  private binary(syntax: Syntax & { op: 'binary' }, scope: Scope): Node {
    switch (syntax.operator) {
      case '&&':
      case '||':
        return logic(this, syntax, scope, syntax.operator === '||');
      case '==':
      case '!=':
      case '<':
      case '<=':
      case '>':
      case '>=':
        return comparison(this, syntax, scope);
      case 'in':
        return membership(this, syntax, scope);
      default:
        return arithmetic(this, syntax, scope);
    }
  }
}
