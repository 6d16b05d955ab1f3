import { Environment, ParseError } from '@marcbachmann/cel-js';
import { ExpressionError } from './error.ts';
import { type Literal, rewrite } from './rewrite.ts';

/** Longer expressions are refused; it also bounds what reading one costs. */
export const MAX_EXPRESSION = 4096;
const LIMITS = { maxAstNodes: 2000, maxDepth: 64, maxListElements: 500, maxMapEntries: 32, maxCallArguments: 16 };

/** A node of the syntax tree that cel-js makes. */
interface CelNode {
  op: string;
  // biome-ignore lint/suspicious/noExplicitAny: its shape depends on `op`
  args: any;
  pos: number;
  start: number;
  end: number;
}

/** The syntax of an expression. `at` and `end` are offsets in the text as it was written. */
export type Syntax = { readonly at: number; readonly end: number } & (
  | { readonly op: 'number'; readonly value: number }
  | { readonly op: 'string'; readonly value: string }
  | { readonly op: 'bool'; readonly value: boolean }
  | { readonly op: 'null' }
  | { readonly op: 'literal'; readonly literal: Literal }
  | { readonly op: 'name'; readonly name: string }
  | { readonly op: 'member'; readonly of: Syntax; readonly name: string }
  | { readonly op: 'index'; readonly of: Syntax; readonly index: Syntax }
  | {
      readonly op: 'call';
      readonly of: Syntax | null;
      readonly name: string;
      readonly args: readonly Syntax[];
      readonly named: ReadonlyMap<string, Syntax>;
    }
  | { readonly op: 'list'; readonly items: readonly Syntax[] }
  | { readonly op: 'unary'; readonly operator: '!' | '-'; readonly operand: Syntax }
  | { readonly op: 'binary'; readonly operator: string; readonly left: Syntax; readonly right: Syntax }
  | { readonly op: 'conditional'; readonly test: Syntax; readonly yes: Syntax; readonly no: Syntax }
);

let environment: Environment | null = null;

/** Throws ExpressionError. */
export function parseSyntax(source: string): Syntax {
  if (source.length > MAX_EXPRESSION) {
    throw new ExpressionError(`the expression is longer than ${MAX_EXPRESSION} characters`, MAX_EXPRESSION);
  }
  if (source.trim() === '') throw new ExpressionError('the expression is empty', 0);
  const { text, literals, origins } = rewrite(source);
  environment ??= new Environment({ unlistedVariablesAreDyn: true, limits: LIMITS });
  try {
    return new Converter(literals, origins).convert(environment.parse(text).ast as unknown as CelNode);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const { start = 0, end = start + 1 } = error.range ?? {};
    throw new ExpressionError(syntaxMessage(error.summary), origins[start] ?? source.length, origins[end]);
  }
}

function syntaxMessage(summary: string): string {
  return summary
    .replace(/^Unexpected token: EOF$/, 'the expression ends too early')
    .replace(/^Unexpected character: '?=.*$/, 'unexpected = (equality is written ==)')
    .replace(/^Expected (\w+), got EOF$/, (_, token: string) => `${tokenText(token)} is missing at the end`)
    .replace(
      /^Expected (\w+), got (\w+)$/,
      (_, a: string, b: string) => `expected ${tokenText(a)}, got ${tokenText(b)}`,
    )
    .replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}

const TOKENS: Record<string, string> = { RPAREN: ')', LPAREN: '(', RBRACKET: ']', RBRACE: '}', COLON: ':', COMMA: ',' };

function tokenText(token: string): string {
  return TOKENS[token] ?? token.toLowerCase();
}

class Converter {
  private readonly literals: ReadonlyMap<string, Literal>;
  private readonly origins: readonly number[];

  constructor(literals: ReadonlyMap<string, Literal>, origins: readonly number[]) {
    this.literals = literals;
    this.origins = origins;
  }

  convert(node: CelNode): Syntax {
    const place = { at: this.origins[node.start], end: this.endOf(node) };
    const { op, args } = node;
    switch (op) {
      case 'value':
        return this.constant(args, place);
      case 'id': {
        const literal = this.literals.get(args);
        return literal === undefined ? { op: 'name', name: args, ...place } : { op: 'literal', literal, ...place };
      }
      case '.':
        return { op: 'member', of: this.convert(args[0]), name: args[1], ...place };
      case '[]':
        return { op: 'index', of: this.convert(args[0]), index: this.convert(args[1]), ...place };
      case 'call':
        return { op: 'call', of: null, name: args[0], ...this.arguments(args[1]), ...place };
      case 'rcall':
        return { op: 'call', of: this.convert(args[1]), name: args[0], ...this.arguments(args[2]), ...place };
      case 'list':
        return { op: 'list', items: args.map((item: CelNode) => this.convert(item)), ...place };
      case '!_':
        return { op: 'unary', operator: '!', operand: this.convert(args), ...place };
      case '-_':
        return { op: 'unary', operator: '-', operand: this.convert(args), ...place };
      case '?:':
        return {
          op: 'conditional',
          test: this.convert(args[0]),
          yes: this.convert(args[1]),
          no: this.convert(args[2]),
          ...place,
        };
      case 'map':
        throw new ExpressionError('maps have no use here', place.at, place.end);
      default:
        return { op: 'binary', operator: op, left: this.convert(args[0]), right: this.convert(args[1]), ...place };
    }
  }

  private constant(value: unknown, place: { at: number; end: number }): Syntax {
    if (typeof value === 'bigint' || typeof value === 'number') return { op: 'number', value: Number(value), ...place };
    if (typeof value === 'string') return { op: 'string', value, ...place };
    if (typeof value === 'boolean') return { op: 'bool', value, ...place };
    if (value === null) return { op: 'null', ...place };
    throw new ExpressionError('such a constant has no use here', place.at, place.end);
  }

  /** A map as the last argument holds the named ones. */
  private arguments(nodes: readonly CelNode[]): { args: Syntax[]; named: Map<string, Syntax> } {
    const named = new Map<string, Syntax>();
    const last = nodes.at(-1);
    if (last?.op !== 'map') return { args: nodes.map((node) => this.convert(node)), named };
    for (const [key, value] of last.args as [CelNode, CelNode][]) {
      if (key.op !== 'value' || typeof key.args !== 'string') {
        throw new ExpressionError('named arguments are written name: value', this.origins[key.start]);
      }
      if (named.has(key.args)) throw new ExpressionError(`${key.args} is given twice`, this.origins[key.start]);
      named.set(key.args, this.convert(value));
    }
    return { args: nodes.slice(0, -1).map((node) => this.convert(node)), named };
  }

  /** Just after the node's last character, without the blanks that the parser may count in. */
  private endOf(node: CelNode): number {
    return this.origins[Math.min(node.end, this.origins.length - 1)];
  }
}
