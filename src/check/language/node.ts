import type { Budget } from './budget.ts';
import type { ExpressionError } from './error.ts';
import type { Syntax } from './syntax.ts';
import { type Field, NULL, type Type } from './type.ts';
import { unknown, type Val } from './value.ts';

/** What names stand for while an expression is evaluated, innermost first. */
export interface Env {
  readonly value: unknown;
  readonly parent: Env | null;
  readonly budget: Budget;
  /** Why no time means anything; null where a clock gave them. */
  readonly noClock: string | null;
}

/** The same before evaluation. `name` is that of a variable (`packets.exists(p, ...)`); without, the fields are names themselves. */
export interface Scope {
  readonly name: string | null;
  readonly type: Type;
  readonly parent: Scope | null;
}

/** A part of an expression, ready to be evaluated. */
export interface Node {
  readonly type: Type;
  readonly text: string;
  readonly at: number;
  readonly end: number;
  /** It is written out: nothing that was found. */
  readonly isConstant: boolean;
  /** Of a quantity that is written out: its unit, in which what it is compared with is told. */
  readonly unit?: string;
  readonly run: (env: Env) => Val;
}

export interface Expression {
  readonly source: string;
  /** It speaks of one connection, not only of the capture. */
  readonly isOfFlow: boolean;
  /** It speaks of the capture as a whole, which is known when all was read. */
  readonly isOfCapture: boolean;
  /** Every packet of a connection must be kept to evaluate it. */
  readonly needsPackets: boolean;
  readonly run: (env: Env) => Val;
}

export interface Vocabulary {
  readonly findingIds: readonly string[];
}

/** A call in the syntax. */
export type Call = Syntax & { op: 'call' };

/** What the rules of functions and methods may ask of the compiler. */
export interface Compiling {
  readonly vocabulary: Vocabulary;
  /** The expression speaks of one connection; of the capture as a whole; every packet of a connection must be kept. */
  isOfFlow: boolean;
  isOfCapture: boolean;
  needsPackets: boolean;
  /** Nodes made so far: the difference before and after a part of the expression is what evaluating that part costs. */
  readonly nodes: number;
  node(syntax: Syntax, scope: Scope): Node;
  /** A condition, or an error that says what it is instead. */
  condition(syntax: Syntax, scope: Scope): Node;
  make(syntax: Syntax, type: Type, run: (env: Env) => Val, isConstant?: boolean): Node;
  /** A node of the same value always. */
  constant(syntax: Syntax, type: Type, value: unknown): Node;
  /** A part of the expression as it is written. */
  textOf(syntax: Syntax): string;
  error(syntax: Syntax, message: string): ExpressionError;
  /** What to write instead of something of that type. */
  advice(type: Type): string;
  /** All names that can stand in the scope. */
  namesIn(scope: Scope): string[];
  /** The node of a name, or null when nothing has it. */
  resolve(syntax: Syntax, name: string, scope: Scope): Node | null;
}

/** No names are known. */
export const NO_SCOPE: Scope = { name: null, type: NULL, parent: null };

/** The value of a field, paid for. */
export function read(field: Field<unknown>, of: unknown, { budget, noClock }: Env): Val {
  if (field.cost !== undefined) budget.spend(field.cost(of));
  return noClock !== null && isOfTime(field.type) ? unknown(noClock) : field.get(of);
}

/** It measures time, or something by time. */
function isOfTime(type: Type): boolean {
  return (type.kind === 'number' || type.kind === 'series') && type.dimension.time !== 0;
}

/** Where the names of `value` are known too. */
export function inside(env: Env, value: unknown): Env {
  return { value, parent: env, budget: env.budget, noClock: env.noClock };
}

/** What the name stands for that is known `up` scopes above. */
export function ancestor(env: Env, up: number): unknown {
  let e = env;
  for (let i = 0; i < up; i++) e = e.parent!;
  return e.value;
}
