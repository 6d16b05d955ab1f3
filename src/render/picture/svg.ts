import { escapeAttribute, escapeXml } from '../xml.ts';

interface Palette {
  readonly paper: string;
  readonly ink: string;
  readonly quiet: string;
  readonly line: string;
  readonly client: string;
  readonly server: string;
  readonly error: string;
  readonly warning: string;
  readonly info: string;
  readonly good: string;
}

const LIGHT: Palette = {
  paper: '#ffffff',
  ink: '#1a1a1a',
  quiet: '#646464',
  line: '#c4c4c4',
  client: '#1f5fbf',
  server: '#8a2f9e',
  error: '#c22f2f',
  warning: '#955800',
  info: '#00707d',
  good: '#1d7d33',
};
const DARK: Palette = {
  paper: '#16181c',
  ink: '#e8e8e8',
  quiet: '#a0a0a0',
  line: '#565a63',
  client: '#7db2ff',
  server: '#d79bea',
  error: '#ff8a80',
  warning: '#f0b35a',
  info: '#5fd0dd',
  good: '#7fd992',
};

/** The names of the classes say what is drawn. No CSS variables: many programs that show SVG do not know them. */
function rules({ paper, ink, quiet, line, ...colors }: Palette): string {
  const painted = Object.entries({ ...colors, line, quiet }).map(
    ([name, color]) =>
      `.${name} { stroke: ${color}; } text.${name} { stroke: none; fill: ${color}; } polygon.${name}, .fill.${name} { fill: ${color}; }`,
  );
  return [
    `.paper { fill: ${paper}; } text { fill: ${ink}; } .box { fill: ${paper}; } .ink { stroke: ${ink}; stroke-width: 1.5; } text.halo { stroke: ${paper}; }`,
    ...painted,
  ].join('\n');
}

const STYLE = `
text { font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
text.title { font-weight: bold; font-size: 14px; }
text.strong { font-weight: bold; }
text.halo { paint-order: stroke; stroke-width: 3px; }
${rules(LIGHT)}
.stroke { fill: none; stroke-width: 1.5; }
.wide { stroke-width: 3; }
.dashed { stroke-dasharray: 5 4; }
@media (prefers-color-scheme: dark) {
${rules(DARK)}
}
`;

/** Width of a character of the drawings' font: pixels. */
export const CHARACTER = 7.3;

type Value = string | number;

/** An element; numbers are written with at most one decimal. */
export function element(name: string, attributes: Readonly<Record<string, Value>>, content = ''): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeAttribute(textOf(value))}"`);
  return content === '' ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>${content}</${name}>`;
}

/** `turn`: radians, clockwise, around the anchor. */
export function text(
  x: number,
  y: number,
  content: string,
  kind: string,
  anchor: 'start' | 'middle' | 'end',
  turn = 0,
): string {
  const turned =
    turn === 0 ? {} : { transform: `rotate(${((turn * 180) / Math.PI).toFixed(2)} ${textOf(x)} ${textOf(y)})` };
  return element('text', { x, y, class: kind, 'text-anchor': anchor, ...turned }, escapeXml(content) || ' ');
}

/** The head of an arrow whose tip is at `x`, `y`; `angle` in radians is where it points to. */
export function arrowHead(x: number, y: number, angle: number, kind: string): string {
  const corner = (turn: number) =>
    `${(x - 11 * Math.cos(angle + turn)).toFixed(1)},${(y - 11 * Math.sin(angle + turn)).toFixed(1)}`;
  return element('polygon', { points: `${x.toFixed(1)},${y.toFixed(1)} ${corner(0.4)} ${corner(-0.4)}`, class: kind });
}

/** `document`: a file of its own. `part`: of an HTML page, whose style sheet knows the classes. */
export type DrawingForm = 'document' | 'part';

/** A whole drawing. `title` and `about` are what a screen reader says of it. */
export function drawing(
  size: { width: number; height: number },
  title: string,
  about: string,
  content: readonly string[],
  form: DrawingForm = 'document',
): string {
  const { width, height } = { width: Math.ceil(size.width), height: Math.ceil(size.height) };
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: 'img',
  };
  const paper = element('rect', { width, height, class: 'paper' });
  const lines = (parts: readonly string[]) => `\n${parts.join('\n')}\n`;
  // In a page its identifiers could be there twice.
  if (form === 'part')
    return element('svg', { ...attributes, 'aria-label': `${title}. ${about}` }, lines([paper, ...content]));
  const head = [
    element('title', { id: 'title' }, escapeXml(title)),
    element('desc', { id: 'about' }, escapeXml(about)),
    element('style', {}, STYLE),
    paper,
  ];
  const svg = element('svg', { ...attributes, 'aria-labelledby': 'title about' }, lines([...head, ...content]));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${svg}\n`;
}

function textOf(value: Value): string {
  return typeof value === 'number' ? String(Math.round(value * 10) / 10) : value;
}
