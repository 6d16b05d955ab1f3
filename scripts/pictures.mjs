/** The pictures of the README, made by the tool itself from the fixtures: `node scripts/pictures.mjs`. Needs dist/. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const PICTURES = new URL('../docs/pictures/', import.meta.url);
const SLOW = 'fixtures/linux-slow-reader.pcap';
const LOSS = 'fixtures/linux-single-loss-sack.pcap';

/** @returns {Map<string, string>} the text of each SVG by the name of its file */
export function pictures() {
  return new Map([
    ['answer.svg', screen(`tcpscope ${SLOW}`, run(['--color', 'always', SLOW]))],
    ['flow.svg', run(['flow', '--format', 'svg', 'fixtures/linux-syn-lost-backoff.pcap'])],
    ['sequence.svg', run(['graph', '--type', 'sequence', '--format', 'svg', LOSS])],
  ]);
}

function run(args) {
  const { PATH } = process.env;
  const { stdout } = spawnSync(process.execPath, ['bin/tcpscope.js', ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { PATH, TZ: 'UTC', COLUMNS: '100' },
  });
  return stdout;
}

const [SIZE, LINE, WIDTH, MARGIN] = [13, 18, 7.83, 16];
/** Of the sixteen colours of a terminal those that the screen uses, on a dark ground. */
const COLOURS = { 31: '#ff7b72', 32: '#7ee787', 33: '#e3b341', 34: '#79c0ff', 35: '#d2a8ff', 36: '#76e3ea' };

/** A terminal with what was printed on it. */
function screen(command, printed) {
  const lines = [`$ ${command}`, ...printed.trimEnd().split('\n')];
  const height = lines.length * LINE + 2 * MARGIN;
  const width = Math.ceil(100 * WIDTH + 2 * MARGIN);
  const rows = lines.map((line, i) => `<text x="${MARGIN}" y="${MARGIN + (i + 0.8) * LINE}">${spans(line)}</text>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>What ${escaped(command)} prints</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>`,
    `<g fill="#e6edf3" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="${SIZE}" xml:space="preserve">`,
    ...rows,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** Text between codes of colour (SGR) as pieces with their attributes. */
function spans(line) {
  const style = { bold: false, dim: false, colour: null };
  return line
    .split(/(\x1b\[\d+m)/)
    .map((part) => {
      const code = /^\x1b\[(\d+)m$/.exec(part)?.[1];
      if (code === undefined) return part === '' ? '' : `<tspan${attributes(style)}>${escaped(part)}</tspan>`;
      if (code === '1') style.bold = true;
      else if (code === '2') style.dim = true;
      else if (code === '22') Object.assign(style, { bold: false, dim: false });
      else style.colour = COLOURS[code] ?? null;
      return '';
    })
    .join('');
}

function attributes({ bold, dim, colour }) {
  const fill = colour ?? (dim ? '#8b949e' : null);
  return `${bold ? ' font-weight="bold"' : ''}${fill === null ? '' : ` fill="${fill}"`}`;
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(PICTURES, { recursive: true });
  for (const [name, picture] of pictures()) writeFileSync(new URL(name, PICTURES), picture);
}
