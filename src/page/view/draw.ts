import type { Column, SeriesData } from '../model.ts';
import { firstFrom, type Range } from './time-axis.ts';

/** Places on the canvas. */
export interface Plane {
  readonly context: CanvasRenderingContext2D;
  readonly x: (time: number) => number;
  readonly y: (value: number) => number;
  readonly range: Range;
  /** Pixels of the canvas for one of the screen. */
  readonly scale: number;
}

/** Marks of one series that are drawn as letters; of more, the rest are ticks. */
const MOST_LETTERS = 400;

/** Draws what of a series is in sight. Points that share a column of pixels are drawn as one: the work is bounded by the width. */
export function drawSeries(series: SeriesData, plane: Plane, color: string): void {
  const { context, scale } = plane;
  const { time, shape } = series;
  const first = Math.max(0, firstFrom(time, plane.range.from) - 1);
  const last = Math.min(time.length, firstFrom(time, plane.range.to) + 1);
  context.strokeStyle = color;
  context.fillStyle = color;
  context.lineWidth = (shape === 'strokes' ? 2 : 1.5) * scale;
  context.setLineDash(series.tone === 'quiet' ? [4 * scale, 3 * scale] : []);
  if (shape === 'strokes') drawStrokes(series, plane, first, last);
  else if (shape === 'dots') drawDots(series, plane, first, last);
  else if (shape === 'marks') drawMarks(series, plane, first, last);
  else drawLine(series, plane, first, last, shape === 'step');
  context.setLineDash([]);
}

function drawLine({ time, value }: SeriesData, plane: Plane, first: number, last: number, isStep: boolean): void {
  const { context, x, y, range } = plane;
  context.beginPath();
  let column = Number.NaN;
  let [low, high, close] = [0, 0, 0];
  const finish = () => {
    if (Number.isNaN(column)) return;
    context.lineTo(column, low);
    context.lineTo(column, high);
    context.lineTo(column, close);
  };
  for (let i = first; i < last; i++) {
    const px = Math.round(x(time[i]));
    const py = y(value[i]);
    if (px === column) {
      low = Math.min(low, py);
      high = Math.max(high, py);
      close = py;
      continue;
    }
    finish();
    if (Number.isNaN(column)) context.moveTo(px, py);
    else if (isStep) context.lineTo(px, close);
    [column, low, high, close] = [px, py, py, py];
  }
  finish();
  if (isStep && last > first && last === time.length) context.lineTo(x(Math.min(range.to, time[last - 1])), close);
  context.stroke();
}

function drawStrokes({ time, value, to }: SeriesData, { context, x, y, scale }: Plane, first: number, last: number) {
  context.beginPath();
  let column = Number.NaN;
  let [top, bottom] = [0, 0];
  const finish = () => {
    if (Number.isNaN(column)) return;
    context.moveTo(column, top);
    // A stroke of no height would not be seen.
    context.lineTo(column, Math.max(bottom, top + 1.5 * scale));
  };
  for (let i = first; i < last; i++) {
    const px = Math.round(x(time[i]));
    const [upper, lower] = [y(to[i]), y(value[i])];
    if (px === column && upper <= bottom + 1 && lower >= top - 1) {
      top = Math.min(top, upper);
      bottom = Math.max(bottom, lower);
      continue;
    }
    finish();
    [column, top, bottom] = [px, upper, lower];
  }
  finish();
  context.stroke();
}

function drawDots({ time, value }: SeriesData, { context, x, y, scale }: Plane, first: number, last: number): void {
  const size = (last - first > 2000 ? 1.5 : 3) * scale;
  let [column, row] = [Number.NaN, Number.NaN];
  for (let i = first; i < last; i++) {
    const px = Math.round(x(time[i]));
    const py = Math.round(y(value[i]));
    if (px === column && py === row) continue;
    [column, row] = [px, py];
    context.fillRect(px - size / 2, py - size / 2, size, size);
  }
}

function drawMarks(
  { time, value, letter }: SeriesData,
  { context, x, y, scale }: Plane,
  first: number,
  last: number,
): void {
  const hasLetters = last - first <= MOST_LETTERS;
  context.font = `bold ${11 * scale}px ui-monospace, monospace`;
  context.textAlign = 'center';
  context.textBaseline = 'bottom';
  let [column, row] = [Number.NaN, Number.NaN];
  for (let i = first; i < last; i++) {
    const px = Math.round(x(time[i]));
    const py = Math.round(y(value[i]));
    if (Math.abs(px - column) < 3 * scale && Math.abs(py - row) < 3 * scale) continue;
    [column, row] = [px, py];
    context.fillRect(px - 1.5 * scale, py - 1.5 * scale, 3 * scale, 3 * scale);
    if (hasLetters) context.fillText(letter, px, py - 3 * scale);
  }
}

/** The least and the greatest value in sight; null where there is none. */
export function extentOf(
  all: readonly SeriesData[],
  range: Range,
): { readonly least: number; readonly greatest: number } | null {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  const take = (column: Column, from: number, to: number) => {
    for (let i = from; i < to; i++) {
      if (column[i] < least) least = column[i];
      if (column[i] > greatest) greatest = column[i];
    }
  };
  for (const { time, value, to, shape } of all) {
    const first = firstFrom(time, range.from);
    const last = firstFrom(time, range.to + 1);
    // What held before holds still.
    take(value, shape === 'step' || shape === 'line' ? Math.max(0, first - 1) : first, last);
    if (to.length > 0) take(to, first, last);
  }
  return greatest < least ? null : { least, greatest };
}
