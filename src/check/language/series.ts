import { nearest } from '../../model/suggest.ts';
import { positional } from './arguments.ts';
import type { Call, Compiling, Node, Scope } from './node.ts';
import type { Syntax } from './syntax.ts';
import { NUMBER, type Type, typeName } from './type.ts';
import {
  between,
  counted,
  estimated,
  MAX_FRAMES,
  NO_FRAMES,
  type Series,
  Unknown,
  unknown,
  type Val,
} from './value.ts';

/** Compiles the argument of a function that takes a series. An ExpressionError says what it is instead. */
export function seriesArgument(compiler: Compiling, call: Call, of: Syntax, scope: Scope): Node {
  const node = compiler.node(of, scope);
  if (node.type.kind !== 'series') {
    throw compiler.error(
      of,
      `${call.name}(...) needs a series such as rtt or packets.map(p, p.gap): ${node.text} is ${typeName(node.type)}`,
    );
  }
  return node;
}

type Figure = (series: Series, why: string | null) => Val;

/** Compiles a call with one series as its argument: `figure` makes a number of its values. */
export function aggregate(compiler: Compiling, call: Call, scope: Scope, figure: Figure): Node {
  const [of] = positional(compiler, call, 1);
  return ofSeries(compiler, call, seriesArgument(compiler, call, of, scope), figure);
}

/** The number that `figure` makes of the values of `series`, in their dimension. */
export function ofSeries(compiler: Compiling, place: Syntax, series: Node, figure: Figure): Node {
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
export function seriesField(compiler: Compiling, syntax: Syntax & { op: 'member' }, of: Node, name: string): Node {
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

/** The smallest value; `why` says what may be missing, null nothing. */
export function least(series: Series, why: string | null): Val {
  const i = indexOf(series, (value, best) => value < best);
  if (series.more !== undefined) return figure(series, series.values[i], why, framesAt(series, i));
  return bounded(series.values[i], why, framesAt(series, i), Number.NEGATIVE_INFINITY, series.values[i]);
}

/** The largest value; `why` says what may be missing, null nothing. */
export function greatest(series: Series, why: string | null): Val {
  const i = indexOf(series, (value, best) => value > best);
  if (series.more !== undefined) return figure(series, series.values[i], why, framesAt(series, i));
  return bounded(series.values[i], why, framesAt(series, i), series.values[i], Number.POSITIVE_INFINITY);
}

function bounded(v: number, why: string | null, frames: readonly number[], low: number, high: number): Val {
  return why === null ? { v, frames } : { v, low, high, why, frames };
}

/** The arithmetic mean. */
export function average(series: Series, why: string | null): Val {
  return figure(series, sumOf(series) / series.values.length, why);
}

/** The sum: a lower bound where something is missing. */
export function total(series: Series, why: string | null): Val {
  return counted(sumOf(series), why);
}

function sumOf({ values }: Series): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum;
}

/** By nearest rank: the smallest value that at least `rank` in 100 do not exceed. */
export function percentile(series: Series, rank: number, why: string | null): Val {
  const value = nearestRank(series.values, rank);
  const frames: number[] = [];
  for (let i = 0; i < series.frames.length && frames.length < MAX_FRAMES; i++) {
    if (series.values[i] >= value) frames.push(series.frames[i]);
  }
  return figure(series, value, why, frames);
}

/** A figure between those of the series. */
function figure(series: Series, value: number, why: string | null, frames: readonly number[] = NO_FRAMES): Val {
  const { more, less } = series;
  if (more === undefined) return estimated(value, why, frames);
  if (less === undefined || why === null) return between(value, value + more, why, frames);
  return { v: value, low: value - less, high: value + more, why, frames };
}

/** The percentile `rank` (0 to 100) by the nearest-rank method. */
export function nearestRank(values: ArrayLike<number>, rank: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(Math.ceil((rank / 100) * sorted.length), 1) - 1];
}
