import { didYouMean, nearest } from '../../model/suggest.ts';
import { type Compiler, canonical, type Env, foundOf, type Node, read, type Scope, shown, wordOf } from './compile.ts';
import { combine, TIME } from './dimension.ts';
import { ExpressionError } from './error.ts';
import { Pattern } from './regex.ts';
import type { Syntax } from './syntax.ts';
import { eventually, followedBy, inOrder, never } from './temporal.ts';
import { BOOL, NUMBER, type Type, typeName } from './type.ts';
import {
  between,
  counted,
  estimated,
  exact,
  type Found,
  MAX_FRAMES,
  NO_FRAMES,
  NOTHING_FOUND,
  reasonOf,
  type Series,
  seen,
  Unknown,
  unknown,
  type Val,
} from './value.ts';

type Call = Syntax & { op: 'call' };

/** Compiles a call of a function. */
type FunctionRule = (compiler: Compiler, call: Call, scope: Scope) => Node;
/** Compiles a call on something: `list.none(...)`. */
type MethodRule = (compiler: Compiler, call: Call, of: Node, scope: Scope) => Node;

export const FUNCTIONS: Readonly<Record<string, FunctionRule>> = {
  /** p(95, rtt): the value that 95 in 100 do not exceed (nearest rank). */
  p: (compiler, call, scope) => {
    const [rank, of] = positional(compiler, call, 2);
    if (rank.op !== 'number' || rank.value < 0 || rank.value > 100) {
      throw compiler.error(rank, 'the percentile is a number from 0 to 100, as in p(95, rtt)');
    }
    return ofSeries(compiler, call, seriesArgument(compiler, call, of, scope), (series, why) =>
      percentile(series, rank.value, why),
    );
  },
  min: (compiler, call, scope) => aggregate(compiler, call, scope, least),
  max: (compiler, call, scope) => aggregate(compiler, call, scope, greatest),
  avg: (compiler, call, scope) => aggregate(compiler, call, scope, average),
  sum: (compiler, call, scope) => aggregate(compiler, call, scope, total),
  count: (compiler, call, scope) => {
    const [of, condition] = positional(compiler, call, 1, 2);
    const node = compiler.node(of, scope);
    if (node.type.kind === 'series') {
      return compiler.make(call, NUMBER, (env) => {
        const value = node.run(env);
        return value.v instanceof Unknown ? value : counted((value.v as Series).values.length, value.why ?? null);
      });
    }
    const list = listOf(compiler, of, node);
    return countIn(compiler, { ...call, args: condition === undefined ? [] : [condition] }, list, scope);
  },
  rate: (compiler, call, scope) => {
    const [of] = positional(compiler, call, 1);
    let amount = compiler.node(of, scope);
    if (amount.type.kind !== 'number')
      amount = countIn(compiler, { ...call, args: [] }, listOf(compiler, of, amount), scope);
    const capture: Syntax = { ...call, op: 'name', name: 'capture' };
    const duration =
      compiler.resolve(call, 'duration', scope) ??
      compiler.node({ ...call, op: 'member', of: capture, name: 'duration' }, scope);
    const dimension = combine((amount.type as Type & { kind: 'number' }).dimension, TIME, -1);
    return compiler.make(call, { kind: 'number', dimension }, (env) => {
      const a = amount.run(env);
      const d = duration.run(env);
      if (a.v instanceof Unknown || d.v instanceof Unknown) return unknown(reasonOf(a, d));
      if (d.v === 0) return unknown('all of it happened at one time: there is no rate');
      return estimated((a.v as number) / (d.v as number), a.why ?? d.why ?? null, a.frames);
    });
  },
  has: (compiler, call, scope) => {
    const [of] = positional(compiler, call, 1);
    const node = compiler.node(of, scope);
    return compiler.make(call, BOOL, (env) => {
      const value = node.run(env);
      return value.v instanceof Unknown ? value : { v: value.v !== null, found: foundOf([node, value]) };
    });
  },
  size: (compiler, call, scope) => FUNCTIONS.count(compiler, call, scope),
  reached: (compiler, call, scope) => {
    const ends = ['client', 'server'].map((name): Call => {
      const of: Syntax = { ...call, op: 'name', name };
      return { ...call, of };
    });
    const [client, server] = ends.map((end) => METHODS.reached(compiler, end, compiler.node(end.of!, scope), scope));
    return compiler.make(call, BOOL, (env) => {
      const a = client.run(env);
      const b = server.run(env);
      if (a.v === true || b.v === true) return a.v === true ? a : b;
      return {
        ...(a.v instanceof Unknown ? a : b),
        found: [...(a.found ?? NOTHING_FOUND), ...(b.found ?? NOTHING_FOUND)],
      };
    });
  },
  /** Of a packet: a finding of that id is attached to it. */
  anomaly: (compiler, call, scope) => {
    const [of] = positional(compiler, call, 1);
    const id = findingId(compiler, of);
    const ids = compiler.resolve(call, 'anomaly_ids', scope);
    if (ids === null)
      throw compiler.error(
        call,
        'anomaly(...) speaks of a packet: use it in never(...), eventually(...) or a list of packets',
      );
    return compiler.make(call, BOOL, (env) => {
      const value = ids.run(env);
      return value.v instanceof Unknown ? value : exact((value.v as string[]).includes(id));
    });
  },
  eventually,
  never,
  before: inOrder,
  followed_by: followedBy,
};

export const METHODS: Readonly<Record<string, MethodRule>> = {
  none: (compiler, call, of, scope) => quantified(compiler, call, of, scope, 'none'),
  any: (compiler, call, of, scope) => quantified(compiler, call, of, scope, 'any'),
  exists: (compiler, call, of, scope) => quantified(compiler, call, of, scope, 'any'),
  all: (compiler, call, of, scope) => quantified(compiler, call, of, scope, 'all'),
  count: (compiler, call, of, scope) => countIn(compiler, call, listOf(compiler, call, of), scope),
  size: (compiler, call, of, scope) => countIn(compiler, call, listOf(compiler, call, of), scope),
  filter: (compiler, call, of, scope) => {
    const list = listOf(compiler, call, of);
    const test = elementTest(compiler, call, list, scope);
    return compiler.make(call, list.type, (env) => {
      const value = list.run(env);
      if (value.v instanceof Unknown) return value;
      let why = value.why ?? null;
      const kept = (value.v as unknown[]).filter((item) => {
        const { v } = test(item, env);
        if (v instanceof Unknown) why ??= v.reason;
        return v === true;
      });
      return why === null ? exact(kept) : { v: kept, why };
    });
  },
  map: (compiler, call, of, scope) => {
    const list = listOf(compiler, call, of);
    const [variable, body] = lambda(compiler, call);
    const inner: Scope = { name: variable, type: list.type.of, parent: scope };
    const before = compiler.nodes;
    const node = compiler.node(body, inner);
    const cost = 1 + compiler.nodes - before;
    if (node.type.kind !== 'number')
      throw compiler.error(body, `map makes a series of numbers, this is ${typeName(node.type)}`);
    return compiler.make(call, { kind: 'series', dimension: node.type.dimension }, (env) => {
      const value = list.run(env);
      if (value.v instanceof Unknown) return value;
      const values: number[] = [];
      const frames: number[] = [];
      for (const item of value.v as unknown[]) {
        env.budget.spend(cost);
        const { v } = node.run({ value: item, parent: env, budget: env.budget });
        if (v instanceof Unknown) return unknown(v.reason);
        if (v === null) continue;
        values.push(v as number);
        frames.push(frameOf(item));
      }
      return { ...value, v: { values, frames: frames.includes(0) ? [] : frames } satisfies Series };
    });
  },
  /** client.reached("CLOSING"): was it ever in that state? */
  reached: (compiler, call, of) => {
    const [argument] = positional(compiler, call, 1);
    if (of.type.kind !== 'record' || !Object.hasOwn(of.type.schema.fields, 'states')) {
      throw compiler.error(
        call,
        `${of.text} has no states: use client.reached(...), server.reached(...) or reached(...)`,
      );
    }
    const states = of.type.schema.fields.state.type as Type & { kind: 'string' };
    const text = wordOf(argument) ?? '';
    const state = canonical(text, states.values!);
    if (state === null) {
      throw compiler.error(
        argument,
        `no state is called ${text}${didYouMean(text, states.values!)}; states are ${states.values!.join(', ')}`,
      );
    }
    const field = of.type.schema.fields.states;
    return compiler.make(call, BOOL, (env) => {
      const end = of.run(env);
      if (end.v instanceof Unknown) return end;
      const value = read(field, end.v, env);
      const steps = value.v as { state: string; frame: number }[];
      const step = steps.find((candidate) => candidate.state === state);
      const route = steps.map((candidate) => candidate.state).join(', ');
      const name = call.of?.op === 'name' ? call.of.name : of.text;
      const found: Found[] = [
        { text: `${name}.states`, value: route, frames: step === undefined ? NO_FRAMES : [step.frame] },
      ];
      return { ...seen(step !== undefined, value.why ?? null), found };
    });
  },
  matches: (compiler, call, of) => {
    const text = textArgument(compiler, call, of);
    const pattern = patternAt(text, call.args[0].at + 1);
    return onText(compiler, call, of, (value) => pattern.test(value), pattern.size);
  },
  contains: (compiler, call, of) => {
    const text = textArgument(compiler, call, of);
    return onText(compiler, call, of, (value) => value.includes(text));
  },
  startsWith: (compiler, call, of) => {
    const text = textArgument(compiler, call, of);
    return onText(compiler, call, of, (value) => value.startsWith(text));
  },
  endsWith: (compiler, call, of) => {
    const text = textArgument(compiler, call, of);
    return onText(compiler, call, of, (value) => value.endsWith(text));
  },
};

// Arguments

/** The positional arguments, `least` to `most` of them; no named ones but `allowed`. */
export function positional(
  compiler: Compiler,
  call: Call,
  least: number,
  most: number = least,
  allowed: readonly string[] = [],
): readonly Syntax[] {
  for (const [name, value] of call.named) {
    if (!allowed.includes(name))
      throw compiler.error(value, `${call.name}(...) takes no ${name}:${didYouMean(name, allowed)}`);
  }
  const { length } = call.args;
  if (length < least || length > most) {
    const wanted = least === most ? `${least}` : `${least} to ${most}`;
    throw compiler.error(call, `${call.name}(...) takes ${wanted} argument${wanted === '1' ? '' : 's'}, not ${length}`);
  }
  return call.args;
}

/** `x` and the body of `list.exists(x, body)`. */
function lambda(compiler: Compiler, call: Call): [string, Syntax] {
  const [variable, body] = positional(compiler, call, 2);
  if (variable.op !== 'name')
    throw compiler.error(variable, `${call.name}(x, ...) begins with the name of the element`);
  return [variable.name, body];
}

type ListNode = Node & { type: { kind: 'list'; of: Type } };

/** The list that a node stands for: itself, or the packets of a group of figures. */
function listOf(compiler: Compiler, place: Syntax, node: Node): ListNode {
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

function seriesArgument(compiler: Compiler, call: Call, of: Syntax, scope: Scope): Node {
  const node = compiler.node(of, scope);
  if (node.type.kind !== 'series') {
    throw compiler.error(
      of,
      `${call.name}(...) needs a series such as rtt or packets.map(p, p.gap): ${node.text} is ${typeName(node.type)}`,
    );
  }
  return node;
}

function textArgument(compiler: Compiler, call: Call, of: Node): string {
  const [argument] = positional(compiler, call, 1);
  if (of.type.kind !== 'string') throw compiler.error(call, `${of.text} is ${typeName(of.type)}, not a text`);
  if (argument.op !== 'string') throw compiler.error(argument, `${call.name}(...) takes a text in quotes`);
  return argument.value;
}

/** `at`: where the pattern stands in the expression. */
function patternAt(text: string, at: number): Pattern {
  try {
    return new Pattern(text);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new ExpressionError(error.message, at + error.at);
  }
}

/** `size`: steps that the test takes for each character. */
function onText(compiler: Compiler, call: Call, of: Node, test: (text: string) => boolean, size = 0): Node {
  return compiler.make(call, BOOL, (env) => {
    const value = of.run(env);
    const found = foundOf([of, value]);
    if (value.v instanceof Unknown) return unknown(value.v.reason, found);
    if (value.v !== null) env.budget.spend(size * (value.v as string).length);
    return { v: value.v !== null && test(value.v as string), found };
  });
}

function findingId(compiler: Compiler, syntax: Syntax): string {
  const { findingIds } = compiler.vocabulary;
  const text = wordOf(syntax);
  if (text === null) throw compiler.error(syntax, 'the id of a finding is expected, such as zero-window');
  const id = canonical(text, findingIds);
  if (id === null)
    throw compiler.error(syntax, `no finding is called ${text}${didYouMean(text, findingIds)}; see tcpscope findings`);
  return id;
}

// Lists

type ElementTest = (item: unknown, env: Env) => Val;

/**
 * The condition of `list.none(condition)`, where the names of an element are names, or of `list.none(x, condition)`. Without
 * a condition every element counts. `except:` takes ids of findings that do not.
 */
function elementTest(compiler: Compiler, call: Call, list: ListNode, scope: Scope): ElementTest {
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
    return shown(node, node.run({ value: item, parent: env, budget: env.budget }));
  };
}

function exceptions(compiler: Compiler, call: Call, list: ListNode): (item: unknown) => boolean {
  const except = call.named.get('except');
  if (except === undefined) return () => false;
  const { of } = list.type;
  if (of.kind !== 'record' || of.schema.name !== 'anomaly') throw compiler.error(except, 'except: is for anomalies');
  const items = except.op === 'list' ? except.items : [except];
  const ids = new Set(items.map((item) => findingId(compiler, item)));
  return (item) => ids.has((item as { id: string }).id);
}

function frameOf(item: unknown): number {
  return (item as { frame?: number }).frame ?? 0;
}

function framesIn(items: readonly unknown[]): number[] {
  return items
    .slice(0, MAX_FRAMES)
    .map(frameOf)
    .filter((frame) => frame > 0);
}

function countIn(compiler: Compiler, call: Call, list: ListNode, scope: Scope): Node {
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

function quantified(compiler: Compiler, call: Call, of: Node, scope: Scope, mode: 'none' | 'any' | 'all'): Node {
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
    const example = mode === 'all' ? foundNo : foundYes;
    if (deciders.length > 0) return { v: mode === 'any', found: [tally(of.text, deciders, items.length), ...example] };
    const why = value.why ?? hidden?.reason;
    const found: Found[] = [{ text: of.text, value: `${items.length}, none of them such`, frames: NO_FRAMES }];
    if (why !== undefined) return unknown(why, found);
    return { v: mode !== 'any', found };
  });
}

const EXAMPLES = 3;

/** `2 of 5: zero-window (...), ...` */
function tally(text: string, items: readonly unknown[], among: number): Found {
  const texts = items.slice(0, EXAMPLES).map((item) => (item as { brief?: string }).brief ?? '');
  const named = texts.filter((brief) => brief !== '').join('; ');
  const more = items.length > EXAMPLES && named !== '' ? '; ...' : '';
  return {
    text,
    value: `${items.length} of ${among}${named === '' ? '' : `: ${named}${more}`}`,
    frames: items
      .flatMap((item) => (item as { evidence?: number[] }).evidence ?? framesIn([item]))
      .slice(0, MAX_FRAMES),
  };
}

// Series

type Figure = (series: Series, why: string | null) => Val;

function aggregate(compiler: Compiler, call: Call, scope: Scope, figure: Figure): Node {
  const [of] = positional(compiler, call, 1);
  return ofSeries(compiler, call, seriesArgument(compiler, call, of, scope), figure);
}

function ofSeries(compiler: Compiler, place: Syntax, series: Node, figure: Figure): Node {
  const { dimension } = series.type as Type & { kind: 'series' };
  return compiler.make(place, { kind: 'number', dimension }, (env) => {
    const value = series.run(env);
    if (value.v instanceof Unknown) return value;
    const samples = value.v as Series;
    env.budget.spend(samples.values.length);
    if (samples.values.length === 0) return unknown(`${series.text} has no values`);
    return figure(samples, value.why ?? null);
  });
}

const FIGURES: Readonly<Record<string, Figure>> = { min: least, max: greatest, avg: average, sum: total };
const PERCENTILE = /^p(\d{1,2})(?:_(\d+))?$/;

/** `rtt.p95`, `rtt.max` ... */
export function seriesField(compiler: Compiler, syntax: Syntax & { op: 'member' }, of: Node, name: string): Node {
  const rank = PERCENTILE.exec(name);
  if (rank !== null) {
    const value = Number(`${rank[1]}.${rank[2] ?? '0'}`);
    return ofSeries(compiler, syntax, of, (series, why) => percentile(series, value, why));
  }
  if (Object.hasOwn(FIGURES, name)) return ofSeries(compiler, syntax, of, FIGURES[name]);
  if (name === 'count') {
    return compiler.make(syntax, NUMBER, (env) => {
      const value = of.run(env);
      return value.v instanceof Unknown ? value : counted((value.v as Series).values.length, value.why ?? null);
    });
  }
  const known = [...Object.keys(FIGURES), 'count', 'p50', 'p90', 'p95', 'p99'];
  const best = nearest(name, known);
  throw compiler.error(
    syntax,
    `${of.text} has no ${name}${best === null ? `; it has ${known.join(', ')}` : ` (did you mean ${best}?)`}`,
  );
}

function indexOf(series: Series, isBetter: (value: number, best: number) => boolean): number {
  let best = 0;
  for (let i = 1; i < series.values.length; i++) if (isBetter(series.values[i], series.values[best])) best = i;
  return best;
}

function framesAt(series: Series, index: number): readonly number[] {
  return series.frames.length > index ? [series.frames[index]] : NO_FRAMES;
}

function least(series: Series, why: string | null): Val {
  const i = indexOf(series, (value, best) => value < best);
  if (series.more !== undefined) return figure(series, series.values[i], why, framesAt(series, i));
  return bounded(series.values[i], why, framesAt(series, i), Number.NEGATIVE_INFINITY, series.values[i]);
}

function greatest(series: Series, why: string | null): Val {
  const i = indexOf(series, (value, best) => value > best);
  if (series.more !== undefined) return figure(series, series.values[i], why, framesAt(series, i));
  return bounded(series.values[i], why, framesAt(series, i), series.values[i], Number.POSITIVE_INFINITY);
}

function bounded(v: number, why: string | null, frames: readonly number[], low: number, high: number): Val {
  return why === null ? { v, frames } : { v, low, high, why, frames };
}

function average(series: Series, why: string | null): Val {
  return figure(series, sumOf(series) / series.values.length, why);
}

function total(series: Series, why: string | null): Val {
  return counted(sumOf(series), why);
}

function sumOf({ values }: Series): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum;
}

/** By nearest rank: the smallest value that at least `rank` in 100 do not exceed. */
function percentile(series: Series, rank: number, why: string | null): Val {
  const value = nearestRank(series.values, rank);
  const frames: number[] = [];
  for (let i = 0; i < series.frames.length && frames.length < MAX_FRAMES; i++) {
    if (series.values[i] >= value) frames.push(series.frames[i]);
  }
  return figure(series, value, why, frames);
}

/** A figure between those of the series. */
function figure(series: Series, value: number, why: string | null, frames: readonly number[] = NO_FRAMES): Val {
  return series.more === undefined ? estimated(value, why, frames) : between(value, value + series.more, why, frames);
}

export function nearestRank(values: ArrayLike<number>, rank: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(Math.ceil((rank / 100) * sorted.length), 1) - 1];
}

/** A named argument that is a time, in nanoseconds; null when it is not given. */
export function timeArgument(compiler: Compiler, call: Call, name: string): number | null {
  const syntax = call.named.get(name);
  if (syntax === undefined) return null;
  const isTime = syntax.op === 'literal' && syntax.literal.kind === 'quantity' && syntax.literal.dimension === TIME;
  if (!isTime) throw compiler.error(syntax, `${name}: is a time, such as 2s or 50ms`);
  return (syntax.literal as { value: number }).value;
}
