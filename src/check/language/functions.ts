import { didYouMean } from '../../model/suggest.ts';
import { findingId, lambda, positional, textArgument } from './arguments.ts';
import { combine, TIME } from './dimension.ts';
import { ExpressionError } from './error.ts';
import { foundOf } from './evidence.ts';
import { countIn, elementTest, frameOf, listOf, quantified } from './lists.ts';
import { type Call, type Compiling, inside, type Node, read, type Scope } from './node.ts';
import { lostBetween } from './places.ts';
import { oneWayDelay } from './points.ts';
import { Pattern } from './regex.ts';
import { aggregate, average, greatest, least, ofSeries, percentile, seriesArgument, total } from './series.ts';
import type { Syntax } from './syntax.ts';
import { eventually, followedBy, inOrder, never } from './temporal.ts';
import { BOOL, NUMBER, type Type, typeName } from './type.ts';
import {
  counted,
  estimated,
  exact,
  type Found,
  NO_FRAMES,
  NOTHING_FOUND,
  reasonOf,
  type Series,
  seen,
  Unknown,
  unknown,
  type Wanted,
} from './value.ts';
import { canonical, wordOf } from './words.ts';

/** Compiles a call of a function. */
type FunctionRule = (compiler: Compiling, call: Call, scope: Scope) => Node;
/** Compiles a call on something: `list.none(...)`. */
type MethodRule = (compiler: Compiling, call: Call, of: Node, scope: Scope) => Node;

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
      return value.v instanceof Unknown
        ? value
        : { v: value.v !== null, found: foundOf(node, value, { text: 'a value', negated: 'none' }) };
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
  one_way_delay: oneWayDelay,
  lost_between: lostBetween,
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
        const { v } = node.run(inside(env, item));
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
        {
          text: `${name}.states`,
          value: route,
          frames: step === undefined ? NO_FRAMES : [step.frame],
          wanted: { text: `${state} among them`, negated: `no ${state}` },
        },
      ];
      return { ...seen(step !== undefined, value.why ?? null), found };
    });
  },
  matches: (compiler, call, of) => {
    const text = textArgument(compiler, call, of);
    const pattern = patternAt(text, call.args[0].at + 1);
    return onText(compiler, call, of, (value) => pattern.test(value), 'matching', pattern.size);
  },
  contains: (compiler, call, of) => {
    const text = textArgument(compiler, call, of);
    return onText(compiler, call, of, (value) => value.includes(text), 'containing');
  },
  startsWith: (compiler, call, of) => {
    const text = textArgument(compiler, call, of);
    return onText(compiler, call, of, (value) => value.startsWith(text), 'starting with');
  },
  endsWith: (compiler, call, of) => {
    const text = textArgument(compiler, call, of);
    return onText(compiler, call, of, (value) => value.endsWith(text), 'ending with');
  },
};

/** `at`: where the pattern stands in the expression. */
function patternAt(text: string, at: number): Pattern {
  try {
    return new Pattern(text);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new ExpressionError(error.message, at + error.at);
  }
}

/** `what`: the test in words, before what it looks for; `size`: steps that it takes for each character. */
function onText(
  compiler: Compiling,
  call: Call,
  of: Node,
  test: (text: string) => boolean,
  what: string,
  size = 0,
): Node {
  const sought = `${what} ${compiler.textOf(call.args[0])}`;
  const wanted: Wanted = { text: sought, negated: `not ${sought}` };
  return compiler.make(call, BOOL, (env) => {
    const value = of.run(env);
    const found = foundOf(of, value, wanted);
    if (value.v instanceof Unknown) return unknown(value.v.reason, found);
    if (value.v !== null) env.budget.spend(size * (value.v as string).length);
    return { v: value.v !== null && test(value.v as string), found };
  });
}
