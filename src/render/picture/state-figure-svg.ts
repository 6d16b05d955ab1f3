import { formatSeconds } from '../../model/units.ts';
import type { FigureBox, FigureEdge, PathOfEnd, Point, StateFigure } from '../../picture/state-figure.ts';
import { pathText } from './state-figure-text.ts';
import { arrowHead, type DrawingForm, drawing, element, text } from './svg.ts';

/** Pixels of a character cell. */
const CELL = { x: 10, y: 16 };
const MARGIN = 24;
const TOP = 50;

/** The figure as SVG. */
export function stateFigureSvg(figure: StateFigure, form: DrawingForm = 'document'): string {
  const { boxes, edges, paths } = figure;
  const title =
    paths.length === 0
      ? 'TCP states (RFC 9293, Figure 5)'
      : `TCP states of ${paths.map(({ name }) => name).join(' and ')}`;
  const about = paths.length === 0 ? 'The state diagram of RFC 9293 section 3.3.2.' : paths.map(pathText).join('; ');
  const bottom = TOP + (figure.height + 1) * CELL.y;
  const rank = ({ taken }: FigureEdge) => Number(taken.client || taken.server);
  return drawing(
    { width: figure.width * CELL.x + 2 * MARGIN, height: bottom + paths.length * 20 + 10 },
    title,
    about,
    [
      text(MARGIN, 28, title, 'title', 'start'),
      ...[...edges].sort((a, b) => rank(a) - rank(b)).flatMap(edgeOf),
      ...boxes.flatMap((box) => boxOf(box, paths)),
      ...paths.map((path, i) => text(MARGIN, bottom + i * 20, legend(path), path.role, 'start')),
    ],
    form,
  );
}

function legend({ role, name, visits }: PathOfEnd): string {
  return `${role === 'client' ? 'C' : 'S'} = ${role} ${name}, ${visits.length} changes of state`;
}

function place({ x, y }: Point): Point {
  return { x: MARGIN + (x + 0.5) * CELL.x, y: TOP + (y + 0.5) * CELL.y };
}

function edgeOf({ points, labels, taken }: FigureEdge): string[] {
  const kinds = [taken.client ? 'client' : '', taken.server ? 'server' : ''].filter((kind) => kind !== '');
  const corners = touching(points.map(place));
  const last = corners[corners.length - 1];
  const before = corners[corners.length - 2];
  const angle = Math.atan2(last.y - before.y, last.x - before.x);
  // Where both ends went the same way, the lines lie side by side.
  const lines = (kinds.length === 0 ? ['line'] : kinds).flatMap((kind, i, all) => {
    const shift = all.length === 2 ? (i - 0.5) * 5 : 0;
    const moved = corners.map(({ x, y }) => `${(x + shift).toFixed(1)},${(y + shift).toFixed(1)}`);
    return [
      element('polyline', { points: moved.join(' '), class: `stroke ${kind}${kind === 'line' ? '' : ' wide'}` }),
      arrowHead(last.x + shift, last.y + shift, angle, kind),
    ];
  });
  const isTaken = kinds.length > 0;
  return [
    ...lines,
    ...labels.map(({ x, y, text: label, align }) => {
      const at = place({ x, y });
      const shift = align === 'end' ? CELL.x / 2 : -CELL.x / 2;
      return text(at.x + shift, at.y + 4, label, isTaken ? 'halo strong' : 'halo quiet', align);
    }),
  ];
}

/** The ends of a line lie in the cells beside the boxes: half a cell further they touch. */
function touching(points: readonly Point[]): Point[] {
  const towards = (from: Point, to: Point): Point => ({
    x: to.x + (Math.sign(to.x - from.x) * CELL.x) / 2,
    y: to.y + (Math.sign(to.y - from.y) * CELL.y) / 2,
  });
  return [
    towards(points[1], points[0]),
    ...points.slice(1, -1),
    towards(points[points.length - 2], points[points.length - 1]),
  ];
}

function boxOf({ x, y, width, height, state, visits }: FigureBox, paths: readonly PathOfEnd[]): string[] {
  const isFirst = y === 0 || state !== 'CLOSED';
  const isVisited = visits.length > 0 || (isFirst && paths.some(({ initial }) => initial === state));
  const left = MARGIN + x * CELL.x;
  const top = TOP + y * CELL.y;
  const middle = left + (width * CELL.x) / 2;
  return [
    element('rect', {
      x: left,
      y: top,
      width: width * CELL.x,
      height: height * CELL.y,
      rx: 6,
      class: `box ${isVisited ? 'ink' : 'line'}`,
    }),
    text(middle, top + 24, state, isVisited ? 'strong' : 'quiet', 'middle'),
    ...visits.map(({ role, time, frame }, i) => {
      const when = `${role === 'client' ? 'C' : 'S'} ${formatSeconds(time)} #${frame}`;
      return element('g', { 'data-packet': frame }, text(middle, top + 44 + i * 18, when, role, 'middle'));
    }),
  ];
}
