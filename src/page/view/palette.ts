import type { Owner, TimeCause } from '../../model/budget.ts';
import type { Tone } from '../../picture/graph.ts';

/** A colour of the style sheet, as it is at present. */
export function colorOf(name: Tone | 'ink' | 'paper' | 'line' | 'quiet' | Owner): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim() || '#888';
}

/** Hatches by what the time was spent on: within the lane of one owner no two look alike. */
const HATCHES: Readonly<Record<TimeCause, Hatch>> = {
  handshake: 'dots',
  timeout: 'rising',
  'round-trip': 'plain',
  'congestion-window': 'level',
  'path-rate': 'upright',
  recovery: 'falling',
  thinking: 'plain',
  sending: 'level',
  'receive-window': 'rising',
  'delayed-ack': 'upright',
  idle: 'plain',
  closing: 'level',
  unknown: 'dots',
};
type Hatch = 'plain' | 'rising' | 'falling' | 'level' | 'upright' | 'dots';

const patterns = new Map<string, CanvasPattern | string>();

/** The fill of a stretch of time. */
export function fillOf(owner: Owner, cause: TimeCause, context: CanvasRenderingContext2D): CanvasPattern | string {
  const color = colorOf(owner);
  const paper = colorOf('paper');
  const hatch = HATCHES[cause];
  const key = `${color} ${paper} ${hatch}`;
  let pattern = patterns.get(key);
  if (pattern === undefined) {
    pattern = hatch === 'plain' ? color : (context.createPattern(tile(color, paper, hatch), 'repeat') ?? color);
    patterns.set(key, pattern);
  }
  return pattern;
}

const TILE = 8;

function tile(color: string, paper: string, hatch: Exclude<Hatch, 'plain'>): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = TILE;
  canvas.height = TILE;
  const context = canvas.getContext('2d')!;
  context.fillStyle = color;
  context.fillRect(0, 0, TILE, TILE);
  context.strokeStyle = paper;
  context.fillStyle = paper;
  context.lineWidth = 2;
  context.beginPath();
  if (hatch === 'dots') {
    context.arc(2, 2, 1.2, 0, 7);
    context.arc(6, 6, 1.2, 0, 7);
    context.fill();
    return canvas;
  }
  if (hatch === 'level') {
    context.moveTo(0, TILE / 2);
    context.lineTo(TILE, TILE / 2);
  } else if (hatch === 'upright') {
    context.moveTo(TILE / 2, 0);
    context.lineTo(TILE / 2, TILE);
  } else {
    // Over the edges: tiles meet without a seam.
    for (const shift of [-TILE, 0, TILE]) {
      const [y1, y2] = hatch === 'rising' ? [2 * TILE, -TILE] : [-TILE, 2 * TILE];
      context.moveTo(shift - TILE, y1);
      context.lineTo(shift + 2 * TILE, y2);
    }
  }
  context.stroke();
  return canvas;
}
