import { formatDuration } from '../../model/units.ts';
import { type Axis, axisOf } from '../../picture/axis.ts';
import type { Band, Graph, Series } from '../../picture/graph.ts';
import { rangeOf } from './range.ts';
import { drawing, element, text } from './svg.ts';

const PLOT = { left: 90, top: 44, width: 840, height: 400 };
const BAND_TOP = PLOT.top + PLOT.height + 34;
const WIDTH = PLOT.left + PLOT.width + 30;

/** The graph as an SVG document. Of points that share a pixel one is drawn: its size does not grow with the capture. */
export function graphSvg(graph: Graph): string {
  const { series, bands, title, start, end, unit, what } = graph;
  if (series.length === 0) return bandsSvg(graph);
  const { least, greatest } = rangeOf(series);
  const upright = axisOf(unit, least, greatest, 8);
  const time = axisOf('duration', start, Math.max(end, start + 1), 10);
  const x = (value: number) => PLOT.left + ((value - time.least) / (time.greatest - time.least)) * PLOT.width;
  const y = (value: number) =>
    PLOT.top + PLOT.height - ((value - upright.least) / (upright.greatest - upright.least)) * PLOT.height;
  const legendTop = BAND_TOP + (bands.length > 0 ? 34 : 0);
  const entries = legendOf(series, bands);
  const about = `${title}, ${what} over time: ${entries.map(({ name }) => name).join(', ')}`;
  return drawing({ width: WIDTH, height: legendTop + Math.ceil(entries.length / 4) * 20 + 16 }, title, about, [
    text(20, 26, title, 'title', 'start'),
    ...grid(time, upright, x, y),
    ...series.flatMap((one) => drawn(one, x, y)),
    ...bands.map((band) => bandOf(band, x, BAND_TOP)),
    ...entries.flatMap(({ name, tone, sign }, i) => {
      const [left, top] = [PLOT.left + (i % 4) * 215, legendTop + 10 + Math.floor(i / 4) * 20];
      return [text(left, top, sign, `${tone} strong`, 'start'), text(left + 16, top, name, 'quiet', 'start')];
    }),
  ]);
}

const ROW = 26;

/** A graph of nothing but bands: a row for each name, with its time and share of the whole. */
function bandsSvg({ bands, title, start, end }: Graph): string {
  const left = 330;
  const time = axisOf('duration', start, Math.max(end, start + 1), 8);
  const x = (value: number) => left + ((value - time.least) / (time.greatest - time.least)) * (WIDTH - left - 30);
  const rows = [...new Set(bands.map(({ name }) => name))]
    .map((name) => {
      const own = bands.filter((band) => band.name === name);
      return { name, own, time: own.reduce((sum, { from, to }) => sum + to - from, 0) };
    })
    .sort((a, b) => b.time - a.time);
  const bottom = PLOT.top + rows.length * ROW;
  const about = rows.map((row) => `${row.name} ${formatDuration(row.time)}`).join(', ');
  return drawing({ width: WIDTH, height: bottom + 40 }, title, about, [
    text(20, 26, title, 'title', 'start'),
    ...timeLines(time, x, bottom),
    ...rows.flatMap((row, i) => [
      text(left - 110, PLOT.top + i * ROW + 17, row.name, '', 'end'),
      text(left - 12, PLOT.top + i * ROW + 17, formatDuration(row.time), 'quiet', 'end'),
      ...row.own.map((band) => bandOf(band, x, PLOT.top + i * ROW + 5)),
    ]),
  ]);
}

function legendOf(series: readonly Series[], bands: readonly Band[]) {
  const names = new Map<string, { name: string; tone: string; sign: string }>();
  for (const { name, tone, letter } of series) names.set(name, { name, tone, sign: letter ?? '■' });
  for (const { name, tone } of bands) names.set(`band ${name}`, { name, tone, sign: '▬' });
  return [...names.values()];
}

type Place = (value: number) => number;

function grid(time: Axis, upright: Axis, x: Place, y: Place): string[] {
  const bottom = PLOT.top + PLOT.height;
  const right = PLOT.left + PLOT.width;
  return [
    ...upright.ticks.flatMap(({ value, text: label }) => [
      element('line', { x1: PLOT.left, y1: y(value), x2: right, y2: y(value), class: 'line' }),
      text(PLOT.left - 8, y(value) + 4, label, 'quiet', 'end'),
    ]),
    ...timeLines(time, x, bottom),
  ];
}

/** The lines of the axis of time down to `bottom`, with their texts. */
function timeLines(time: Axis, x: Place, bottom: number): string[] {
  return time.ticks.flatMap(({ value, text: label }) => [
    element('line', { x1: x(value), y1: PLOT.top, x2: x(value), y2: bottom, class: 'line' }),
    text(x(value), bottom + 18, label, 'quiet', 'middle'),
  ]);
}

function bandOf({ from, to, tone, name }: Band, x: Place, top: number): string {
  const width = Math.max(x(to) - x(from), 0.5);
  return element('rect', { x: x(from), y: top, width, height: 14, class: `fill ${tone}` }, element('title', {}, name));
}

function drawn({ points, shape, tone, letter = '*' }: Series, x: Place, y: Place): string[] {
  const seen = new Set<string>();
  const isNew = (key: string) => !seen.has(key) && seen.add(key) !== null;
  const at = (i: number) => ({ x: x(points.time(i)), y: y(points.value(i)), to: y(points.to(i)) });
  const key = (px: number, py: number) => `${Math.round(px)},${Math.round(py)}`;
  if (shape === 'marks') {
    const marks: string[] = [];
    for (let i = 0; i < points.length; i++) {
      const point = at(i);
      if (isNew(key(point.x / 3, point.y / 3)))
        marks.push(text(point.x, point.y + 4, letter, `${tone} strong halo`, 'middle'));
    }
    return marks;
  }
  let path = '';
  let last = '';
  for (let i = 0; i < points.length; i++) {
    const { x: px, y: py, to } = at(i);
    const place = `${px.toFixed(1)} ${py.toFixed(1)}`;
    if (shape === 'dots') {
      if (isNew(key(px, py))) path += `M${place}h1.5`;
    } else if (shape === 'strokes') {
      if (isNew(`${key(px, py)},${Math.round(to)}`)) path += `M${place}V${to.toFixed(1)}`;
    } else if (i === 0) path += `M${place}`;
    else if (place !== last) path += shape === 'step' ? `H${px.toFixed(1)}V${py.toFixed(1)}` : `L${place}`;
    last = place;
  }
  return [element('path', { d: path, class: `stroke ${tone}` })];
}
