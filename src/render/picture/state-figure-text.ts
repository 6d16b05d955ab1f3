import { formatSeconds } from '../../model/units.ts';
import type { FigureBox, FigureEdge, PathOfEnd, Point, StateFigure, Visit } from '../../picture/state-figure.ts';
import type { Style } from '../style.ts';
import { wrap } from '../text.ts';

/** Directions in which a line leaves a cell. */
const UP = 1;
const RIGHT = 2;
const DOWN = 4;
const LEFT = 8;
const LIGHT = ' ╵╶└╷│┌├╴┘─┴┐┤┬┼';
const HEAVY = ' ╹╺┗╻┃┏┣╸┛━┻┓┫┳╋';

interface Cell {
  lines: number;
  isHeavy: boolean;
  character: string;
  paint: ((text: string) => string) | null;
}

/** The figure as text, 79 columns wide, and below it the path of each end. States and arrows that were taken are bold. */
export function stateFigureText(figure: StateFigure, width: number | null, style: Style): string[] {
  const sheet = new Sheet(figure.width, figure.height);
  // What was taken is drawn last, over what was not.
  const rank = ({ taken }: FigureEdge) => Number(taken.client || taken.server);
  for (const edge of [...figure.edges].sort((a, b) => rank(a) - rank(b))) drawEdge(sheet, edge, style);
  for (const box of figure.boxes) drawBox(sheet, box, figure.paths, style);
  const lines = sheet.lines();
  if (figure.paths.length === 0) return lines;
  return [...lines, '', ...figure.paths.flatMap((path) => pathLines(path, width ?? figure.width, style))];
}

function drawEdge(sheet: Sheet, { points, labels, taken }: FigureEdge, style: Style): void {
  const isTaken = taken.client || taken.server;
  const paint = !isTaken
    ? style.quiet
    : taken.client && taken.server
      ? style.strong
      : taken.client
        ? style.client
        : style.server;
  for (let i = 1; i < points.length; i++) sheet.line(points[i - 1], points[i], isTaken, paint, i === 1);
  const [before, tip] = points.slice(-2);
  sheet.put(tip, tip.x > before.x ? '▶' : tip.x < before.x ? '◀' : tip.y > before.y ? '▼' : '▲', paint);
  for (const { x, y, text, align } of labels)
    sheet.text({ x: align === 'end' ? x - text.length + 1 : x, y }, text, isTaken ? style.strong : style.quiet);
}

function drawBox(sheet: Sheet, box: FigureBox, paths: readonly PathOfEnd[], style: Style): void {
  const { x, y, width, height, state, visits } = box;
  const isFirst = y === 0 || state !== 'CLOSED';
  const isVisited = visits.length > 0 || (isFirst && paths.some(({ initial }) => initial === state));
  const [right, bottom] = [x + width - 1, y + height - 1];
  const paint = isVisited ? style.strong : style.quiet;
  const corners = [
    { x, y },
    { x: right, y },
    { x: right, y: bottom },
    { x, y: bottom },
  ];
  for (let i = 0; i < 4; i++) sheet.line(corners[i], corners[(i + 1) % 4], isVisited, paint);
  const inner = width - 2;
  sheet.text({ x: x + 1 + ((inner - state.length) >> 1), y: y + 1 }, state, paint);
  visits.forEach((visit, i) => {
    sheet.text(
      { x: x + 1, y: y + 2 + i },
      visitText(visit, inner),
      visit.role === 'client' ? style.client : style.server,
    );
  });
}

/** `C 0.040287 #2`, shortened to what fits. */
function visitText({ role, time, frame }: Visit, room: number): string {
  const who = role === 'client' ? 'C' : 'S';
  const forms = [
    `${who} ${formatSeconds(time)} #${frame}`,
    `${who} ${(time / 1e9).toFixed(3)} #${frame}`,
    `${who} ${(time / 1e9).toFixed(1)} #${frame}`,
    `${who} ${(time / 1e9).toFixed(1)}`,
  ];
  return forms.find((form) => form.length <= room) ?? who;
}

function pathLines({ role, name, initial, visits }: PathOfEnd, width: number, style: Style): string[] {
  const steps = visits.map(({ state, time, frame, basis, isDrawn }) => {
    const remarks = [basis === 'inferred' ? 'inferred' : '', isDrawn ? '' : 'not in the figure'].filter(
      (remark) => remark !== '',
    );
    return `→ ${state} ${formatSeconds(time)} #${frame}${remarks.length > 0 ? ` (${remarks.join(', ')})` : ''}`;
  });
  const paint = role === 'client' ? style.client : style.server;
  return wrap(`${role} ${name}: ${[initial, ...steps].join(' ')}`, width).map((line, i) =>
    i === 0 ? line.replace(`${role} ${name}`, (text) => paint(text)) : `  ${line}`,
  );
}

/** Characters on a grid; lines that meet are joined. */
class Sheet {
  private readonly rows: Cell[][];

  constructor(width: number, height: number) {
    this.rows = Array.from({ length: height }, () =>
      Array.from({ length: width }, () => ({ lines: 0, isHeavy: false, character: '', paint: null })),
    );
  }

  /** `isWhole`: the first cell is filled from edge to edge, to touch what is beside it. */
  line(a: Point, b: Point, isHeavy: boolean, paint: (text: string) => string, isWhole = false): void {
    const [dx, dy] = [Math.sign(b.x - a.x), Math.sign(b.y - a.y)];
    const [ahead, back] = dx !== 0 ? (dx > 0 ? [RIGHT, LEFT] : [LEFT, RIGHT]) : dy > 0 ? [DOWN, UP] : [UP, DOWN];
    const length = Math.max(Math.abs(b.x - a.x), Math.abs(b.y - a.y));
    for (let i = 0; i <= length; i++) {
      const cell = this.rows[a.y + i * dy][a.x + i * dx];
      cell.lines |= (i < length ? ahead : 0) | (i > 0 || isWhole ? back : 0);
      cell.isHeavy ||= isHeavy;
      if (isHeavy || cell.paint === null) cell.paint = paint;
    }
  }

  put({ x, y }: Point, character: string, paint: (text: string) => string): void {
    const cell = this.rows[y][x];
    cell.character = character;
    cell.paint = paint;
  }

  text({ x, y }: Point, text: string, paint: (text: string) => string): void {
    for (const [i, character] of [...text].entries()) this.put({ x: x + i, y }, character, paint);
  }

  lines(): string[] {
    return this.rows.map((row) => {
      let line = '';
      for (let from = 0; from < row.length; ) {
        const { paint } = row[from];
        let to = from;
        while (to < row.length && row[to].paint === paint) to++;
        const run = row.slice(from, to).map(glyph).join('');
        line += paint === null ? run : paint(run);
        from = to;
      }
      return line.trimEnd();
    });
  }
}

function glyph({ character, lines, isHeavy }: Cell): string {
  return character !== '' ? character : (isHeavy ? HEAVY : LIGHT)[lines];
}

/** Also for the SVG: what a screen reader says of a path. */
export function pathText({ role, initial, visits }: PathOfEnd): string {
  return `${role}: ${[initial, ...visits.map(({ state }) => state)].join(', ')}`;
}
