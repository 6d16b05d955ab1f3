import { findingId, lambda, positional } from './arguments.ts';
import { shown } from './evidence.ts';
import { type Call, type Compiling, type Env, inside, type Node, read, type Scope } from './node.ts';
import type { Syntax } from './syntax.ts';
import { BOOL, NUMBER, type Type, typeName } from './type.ts';
import {
  counted,
  exact,
  type Found,
  MAX_EXAMPLES,
  MAX_FRAMES,
  NO_FRAMES,
  NOTHING_FOUND,
  negated,
  Unknown,
  unknown,
  type Val,
  type Wanted,
} from './value.ts';

export type ListNode = Node & { type: { kind: 'list'; of: Type } };

/** The list that a node stands for: itself, or the packets of a group of figures. */
export function listOf(compiler: Compiling, place: Syntax, node: Node): ListNode {
  if (node.type.kind === 'list') return node as ListNode;
  if (node.type.kind === 'record' && Object.hasOwn(node.type.schema.fields, 'packets')) {
    const field = node.type.schema.fields.packets;
    if (field.type.kind === 'list') {
      return {
        ...node,
        type: field.type,
        run: (env) => {
          const value = node.run(env);
          return value.v instanceof Unknown ? value : read(field, value.v, env);
        },
      };
    }
  }
  throw compiler.error(place, `${node.text} is ${typeName(node.type)}, not a list`);
}

type ElementTest = (item: unknown, env: Env) => Val;

/**
 * The condition of `list.none(condition)`, where the names of an element are names, or of `list.none(x, condition)`. Without
 * a condition every element counts. `except:` takes ids of findings that do not.
 */
export function elementTest(compiler: Compiling, call: Call, list: ListNode, scope: Scope): ElementTest {
  const args = positional(compiler, call, 0, 2, ['except']);
  const excepted = exceptions(compiler, call, list);
  if (args.length === 0) return (item) => exact(!excepted(item));
  const [variable, body] = args.length === 2 ? lambda(compiler, { ...call, named: new Map() }) : [null, args[0]];
  const before = compiler.nodes;
  const node = compiler.condition(body, { name: variable, type: list.type.of, parent: scope });
  const cost = 1 + compiler.nodes - before;
  return (item, env) => {
    env.budget.spend(cost);
    if (excepted(item)) return exact(false);
    return shown(node, node.run(inside(env, item)));
  };
}

function exceptions(compiler: Compiling, call: Call, list: ListNode): (item: unknown) => boolean {
  const except = call.named.get('except');
  if (except === undefined) return () => false;
  const { of } = list.type;
  if (of.kind !== 'record' || of.schema.name !== 'anomaly') throw compiler.error(except, 'except: is for anomalies');
  const items = except.op === 'list' ? except.items : [except];
  const ids = new Set(items.map((item) => findingId(compiler, item)));
  return (item) => ids.has((item as { id: string }).id);
}

/** The packet that an element of a list stands for, 0 where it stands for none. */
export function frameOf(item: unknown): number {
  return (item as { frame?: number }).frame ?? 0;
}

function framesIn(items: readonly unknown[]): number[] {
  return items
    .slice(0, MAX_FRAMES)
    .map(frameOf)
    .filter((frame) => frame > 0);
}

/** Compiles `count` over a list: how many of its elements meet the condition. */
export function countIn(compiler: Compiling, call: Call, list: ListNode, scope: Scope): Node {
  const test = elementTest(compiler, call, list, scope);
  return compiler.make(call, NUMBER, (env) => {
    const value = list.run(env);
    if (value.v instanceof Unknown) return value;
    const { yes, hidden } = sort(value.v as unknown[], test, env);
    const why = value.why ?? hidden?.reason ?? null;
    const result = counted(yes.length, why, framesIn(yes));
    // Without missing packets only the elements that could not be judged are in doubt.
    return value.why === undefined && hidden !== null ? { ...result, high: yes.length + hidden.count } : result;
  });
}

interface Sorted {
  yes: unknown[];
  no: unknown[];
  hidden: { count: number; reason: string } | null;
  /** What decided the first element of each sort. */
  foundYes: readonly Found[];
  foundNo: readonly Found[];
}

function sort(items: readonly unknown[], test: ElementTest, env: Env): Sorted {
  const sorted: Sorted = { yes: [], no: [], hidden: null, foundYes: NOTHING_FOUND, foundNo: NOTHING_FOUND };
  for (const item of items) {
    const { v, found = NOTHING_FOUND } = test(item, env);
    if (v instanceof Unknown) {
      if (sorted.hidden === null) sorted.hidden = { count: 0, reason: v.reason };
      sorted.hidden.count++;
    } else if (v === true) {
      if (sorted.yes.length === 0) sorted.foundYes = found;
      sorted.yes.push(item);
    } else {
      if (sorted.no.length === 0) sorted.foundNo = found;
      sorted.no.push(item);
    }
  }
  return sorted;
}

const WANTED: Readonly<Record<'none' | 'any' | 'all', Wanted>> = {
  none: { text: 'none', negated: 'at least one' },
  any: { text: 'at least one such', negated: 'none such' },
  all: { text: 'all such', negated: 'not all such' },
};

/** Compiles `none`, `any` and `all` over a list: how many of its elements meet the condition. */
export function quantified(
  compiler: Compiling,
  call: Call,
  of: Node,
  scope: Scope,
  mode: 'none' | 'any' | 'all',
): Node {
  const list = listOf(compiler, call, of);
  const test = elementTest(compiler, call, list, scope);
  return compiler.make(call, BOOL, (env) => {
    const value = list.run(env);
    if (value.v instanceof Unknown) return value;
    const items = value.v as unknown[];
    // What is said of all of nothing is true, and worthless.
    if (mode === 'all' && items.length === 0) return unknown(value.why ?? `${of.text} is empty: this says nothing`);
    const { yes, no, hidden, foundYes, foundNo } = sort(items, test, env);
    const deciders = mode === 'all' ? no : yes;
    // What decided is what each of them was to be, or was not to be.
    const example = mode === 'none' ? negated(foundYes) : mode === 'any' ? foundYes : foundNo;
    const wanted = WANTED[mode];
    if (deciders.length > 0) {
      const what = mode === 'all' ? 'not such' : '';
      return { v: mode === 'any', found: [{ ...tally(of.text, deciders, items.length, what), wanted }, ...example] };
    }
    const why = value.why ?? hidden?.reason;
    const such = mode === 'all' ? 'all of them such' : 'none of them such';
    const found: Found[] = [{ text: of.text, value: `${items.length}, ${such}`, frames: NO_FRAMES, wanted }];
    if (why !== undefined) return unknown(why, found);
    return { v: mode !== 'any', found };
  });
}

/** `2 of 5`, `2 of 5 not such`, with examples. */
function tally(text: string, items: readonly unknown[], among: number, what: string): Omit<Found, 'wanted'> {
  const briefs = items.slice(0, MAX_EXAMPLES).map((item) => (item as { brief?: string }).brief ?? '');
  const examples = briefs.filter((brief) => brief !== '');
  if (items.length > MAX_EXAMPLES && examples.length > 0) examples.push('...');
  return {
    text,
    value: `${items.length} of ${among}${what === '' ? '' : ` ${what}`}`,
    examples,
    frames: items
      .flatMap((item) => (item as { evidence?: number[] }).evidence ?? framesIn([item]))
      .slice(0, MAX_FRAMES),
  };
}
