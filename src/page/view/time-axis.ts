import { type Signal, signal } from '@preact/signals';
import type { Column } from '../model.ts';

/** What all pictures of a connection share: the stretch of time that they show, and the moment that is pointed to. */
export interface TimeAxis {
  /** Nanoseconds since the first packet of the connection; a little more at both ends, for marks. */
  readonly whole: Range;
  /** From the first packet to the last. */
  readonly duration: number;
  readonly range: Signal<Range>;
  /** Null: nothing is pointed to. */
  readonly pointed: Signal<number | null>;
  /** The moment of the chosen packet. */
  readonly chosen: Signal<number | null>;
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Part of the whole that is added at each end. */
const MARGIN = 0.01;

export function timeAxis(duration: number): TimeAxis {
  const length = Math.max(duration, 1000);
  const whole = { from: -MARGIN * length, to: (1 + MARGIN) * length };
  return { whole, duration, range: signal(whole), pointed: signal(null), chosen: signal(null) };
}

/** The least stretch that can be shown: nanoseconds. */
const LEAST = 100;

export function zoom({ whole, range }: TimeAxis, factor: number): void {
  const { from, to } = range.value;
  const middle = (from + to) / 2;
  const half = Math.max(((to - from) * factor) / 2, LEAST / 2);
  range.value = within(whole, middle - half, middle + half);
}

/** Moves by a part of what is shown. */
export function pan({ whole, range }: TimeAxis, share: number): void {
  const { from, to } = range.value;
  const step = (to - from) * share;
  range.value = within(whole, from + step, to + step);
}

/** Shows a moment, in the middle where it is not in sight. */
export function reveal({ whole, range }: TimeAxis, time: number): void {
  const { from, to } = range.value;
  if (time >= from && time <= to) return;
  range.value = within(whole, time - (to - from) / 2, time + (to - from) / 2);
}

/** Keeps the length where it can. */
function within(whole: Range, from: number, to: number): Range {
  const length = Math.min(to - from, whole.to - whole.from);
  const start = Math.min(Math.max(from, whole.from), whole.to - length);
  return { from: start, to: start + length };
}

/** The first row whose value is not below `value`; the number of rows where there is none. The column ascends. */
export function firstFrom(column: Column, value: number): number {
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (column[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The row nearest to `value`, -1 in an empty column. */
export function nearest(column: Column, value: number): number {
  const after = firstFrom(column, value);
  if (after === 0) return column.length === 0 ? -1 : 0;
  if (after === column.length) return after - 1;
  return value - column[after - 1] <= column[after] - value ? after - 1 : after;
}
