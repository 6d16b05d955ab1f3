import { formatDuration, formatShare } from '../../model/units.ts';
import { type Axis, axisOf } from '../../picture/axis.ts';
import type { Band, Graph, Series, Tone } from '../../picture/graph.ts';
import type { Style } from '../style.ts';
import { pad, wrap } from '../text.ts';
import { BrailleCanvas } from './braille.ts';
import { rangeOf } from './range.ts';

const DEFAULT_WIDTH = 100;
const MIN_WIDTH = 40;
const MIN_BAND = 12;
const ROWS = 20;
/** A mark of the time axis takes so many columns with the blanks around it. */
const TICK_WIDTH = 14;
/** Letters of a band that are written into it. */
const BAND_GLYPHS: Readonly<Record<Tone, string>> = {
  good: '▒',
  info: '░',
  warning: '▓',
  error: '█',
  quiet: '·',
  client: '▞',
  server: '▚',
};

export interface GraphTextOptions {
  readonly width: number | null;
  readonly style: Style;
  /** Rows of the drawing; twenty unless told. */
  readonly rows?: number;
}

/** The graph in braille characters, with axes and a legend. Without colours the series are told apart by their letters. */
export function graphText(graph: Graph, { width, style, rows = ROWS }: GraphTextOptions): string[] {
  const { series, bands, title } = graph;
  if (series.length === 0) return bandRows(graph, Math.max(width ?? DEFAULT_WIDTH, MIN_WIDTH), style);
  const total = Math.max(width ?? DEFAULT_WIDTH, MIN_WIDTH);
  const { least, greatest } = rangeOf(series);
  const upright = axisOf(graph.unit, least, greatest, 6);
  const labelWidth = Math.max(...upright.ticks.map(({ text }) => text.length), 4);
  const columns = total - labelWidth - 2;
  const time = axisOf('duration', graph.start, Math.max(graph.end, graph.start + 1), Math.floor(columns / TICK_WIDTH));
  const canvas = new BrailleCanvas(columns, rows);
  for (const one of series) draw(canvas, one, time, upright);
  const labels = labelsOf(upright, canvas);
  const paint = painter(style);
  return [
    style.title(title),
    ...Array.from({ length: rows }, (_, i) => {
      const label = labels.get(i);
      const edge = label === undefined ? '│' : '┤';
      return `${style.quiet(`${pad(label ?? '', labelWidth, 'right')} ${edge}`)}${canvas.row(i, paint)}`.trimEnd();
    }),
    ...timeAxis(time, columns, labelWidth, style),
    ...(bands.length === 0 ? [] : [bandLine(bands, time, columns, labelWidth, paint)]),
    ...legend(series, bands, total, style),
  ];
}

function painter(style: Style): (text: string, tone: Tone) => string {
  return (text, tone) => style[tone](text);
}

function draw(canvas: BrailleCanvas, { points, shape, tone, letter = '*' }: Series, time: Axis, upright: Axis): void {
  const x = (value: number) => ((value - time.least) / (time.greatest - time.least)) * (canvas.width - 1);
  const y = (value: number) => ((value - upright.least) / (upright.greatest - upright.least)) * (canvas.height - 1);
  for (let i = 0; i < points.length; i++) {
    const [at, value] = [x(points.time(i)), y(points.value(i))];
    switch (shape) {
      case 'dots':
        canvas.dot(at, value, tone);
        break;
      case 'marks':
        canvas.letter(at, value, letter, tone);
        break;
      case 'strokes':
        canvas.line(at, value, at, y(points.to(i)), tone);
        break;
      case 'line':
        if (i > 0) canvas.line(x(points.time(i - 1)), y(points.value(i - 1)), at, value, tone);
        else canvas.dot(at, value, tone);
        break;
      default: {
        if (i > 0) canvas.line(x(points.time(i - 1)), y(points.value(i - 1)), at, y(points.value(i - 1)), tone);
        if (i > 0) canvas.line(at, y(points.value(i - 1)), at, value, tone);
        else canvas.dot(at, value, tone);
      }
    }
  }
}

/** The texts of the upright axis by row. */
function labelsOf({ ticks, least, greatest }: Axis, { rows }: BrailleCanvas): Map<number, string> {
  return new Map(
    ticks.map(({ value, text }) => [Math.round((1 - (value - least) / (greatest - least)) * (rows - 1)), text]),
  );
}

function timeAxis({ ticks, least, greatest }: Axis, columns: number, labelWidth: number, style: Style): string[] {
  const line = new Array<string>(columns).fill('─');
  let texts = '';
  for (const { value, text } of ticks) {
    const at = Math.round(((value - least) / (greatest - least)) * (columns - 1));
    line[at] = '┬';
    const from = Math.min(Math.max(at - (text.length >> 1), 0), columns - text.length);
    if (from > texts.length || texts === '') texts = texts.padEnd(from) + text;
  }
  const indent = ' '.repeat(labelWidth + 1);
  return [style.quiet(`${indent}└${line.join('')}`), style.quiet(`${indent} ${texts}`)];
}

function bandLine(
  bands: readonly Band[],
  { least, greatest }: Axis,
  columns: number,
  labelWidth: number,
  paint: (text: string, tone: Tone) => string,
): string {
  const cells = new Array<Tone | null>(columns).fill(null);
  const column = (value: number) => Math.round(((value - least) / (greatest - least)) * (columns - 1));
  for (const { from, to, tone } of bands) for (let i = column(from); i <= column(to); i++) cells[i] = tone;
  const line = cells.map((tone) => (tone === null ? ' ' : paint(BAND_GLYPHS[tone], tone))).join('');
  return `${' '.repeat(labelWidth + 2)}${line}`.trimEnd();
}

/** A graph of nothing but bands: a row for each name, with its time and share of the whole. */
function bandRows({ bands, start, end, title }: Graph, width: number, style: Style): string[] {
  const paint = painter(style);
  const names = [...new Map(bands.map(({ name }) => [name, 0])).keys()];
  const rows = names.map((name) => {
    const own = bands.filter((band) => band.name === name);
    const time = own.reduce((sum, { from, to }) => sum + to - from, 0);
    return { name, own, time, text: `${formatDuration(time)} ${formatShare(time, end - start)}` };
  });
  rows.sort((a, b) => b.time - a.time);
  const labelWidth = Math.max(...names.map((name) => name.length));
  const textWidth = Math.max(...rows.map(({ text }) => text.length));
  const columns = Math.max(width - labelWidth - textWidth - 4, MIN_BAND);
  const axis = axisOf('duration', start, Math.max(end, start + 1), Math.floor(columns / TICK_WIDTH));
  return [
    style.title(title),
    ...rows.map(({ name, own, text }) => {
      const line = bandLine(own, axis, columns, 0, paint).slice(2);
      return `${pad(text, textWidth, 'right')}  ${pad(name, labelWidth, 'right')}${style.quiet('│')}${line}`.trimEnd();
    }),
    ...timeAxis(axis, columns, labelWidth + textWidth + 1, style),
  ];
}

function legend(series: readonly Series[], bands: readonly Band[], width: number, style: Style): string[] {
  const entries = series.map(
    ({ name, shape, tone, letter }) => `${style[tone](SYMBOLS[shape] ?? letter ?? '*')} ${name}`,
  );
  const named = new Map(bands.map(({ name, tone }) => [name, tone]));
  const phases = [...named].map(([name, tone]) => `${style[tone](BAND_GLYPHS[tone])} ${name}`);
  return [entries, phases]
    .filter((texts) => texts.length > 0)
    .flatMap((texts) => wrap(texts.map((text) => text.replaceAll(' ', '\u00a0')).join('  '), width))
    .map((line) => line.replaceAll('\u00a0', ' ').trim());
}

const SYMBOLS: Readonly<Record<string, string>> = { line: '⠤', step: '⠒', dots: '⠂', strokes: '⡇' };
