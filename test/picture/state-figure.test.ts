import { describe, expect, it } from 'vitest';
import { STATE_NAMES, State } from '../../src/model/state.ts';
import { figureTransitions, type Point, stateFigure } from '../../src/picture/state-figure.ts';
import { TRANSITIONS } from '../../src/tcp/transitions.ts';

const figure = stateFigure(null);
const cell = ({ x, y }: Point) => `${x},${y}`;

/** The cells of a line, corner to corner. */
function cellsOf(points: readonly Point[]): string[] {
  return points.slice(1).flatMap((to, i) => {
    const from = points[i];
    const length = Math.abs(to.x - from.x) + Math.abs(to.y - from.y);
    return Array.from({ length: length + 1 }, (_, k) =>
      cell({ x: from.x + k * Math.sign(to.x - from.x), y: from.y + k * Math.sign(to.y - from.y) }),
    );
  });
}

describe('the state figure', () => {
  it('has every state of the RFC, and CLOSED at both ends', () => {
    const names = figure.boxes.map(({ state }) => state).sort();
    expect(names).toEqual([...STATE_NAMES.slice(0, 11), 'CLOSED'].sort());
  });

  it('draws every transition of the table that Figure 5 has', () => {
    const own = TRANSITIONS.filter(({ from, to, section }) => section === '3.3.2' && from !== to);
    expect(own.length).toBeGreaterThanOrEqual(17);
    expect(figure.edges).toHaveLength(own.length + 3);
    for (const { label } of own) {
      const [first] = label.split(', ');
      expect(figure.edges.some(({ labels }) => labels[0].text === first)).toBe(true);
    }
    expect(figureTransitions().some(({ from, to }) => from === State.CLOSED && to === State.LISTEN)).toBe(true);
  });

  it('leads each line from its box to its box', () => {
    const boxAt = ({ x, y }: Point) =>
      figure.boxes.find((box) => x >= box.x - 1 && x <= box.x + box.width && y >= box.y - 1 && y <= box.y + box.height)
        ?.state;
    const drawn = figure.edges.map(({ points }) => [boxAt(points[0]), boxAt(points[points.length - 1])]);
    expect(drawn).toEqual(figureTransitions().map(({ from, to }) => [STATE_NAMES[from], STATE_NAMES[to]]));
  });

  it('lays nothing over anything else', () => {
    const used = new Map<string, string>();
    const claim = (at: string, what: string) => {
      expect(used.get(at), `${what} at ${at}`).toBeUndefined();
      used.set(at, what);
    };
    for (const { x, y, width, height, state } of figure.boxes)
      for (let i = 0; i < width; i++) for (let j = 0; j < height; j++) claim(cell({ x: x + i, y: y + j }), state);
    for (const { points } of figure.edges) for (const at of new Set(cellsOf(points))) claim(at, 'line');
    for (const { x, y, text, align } of figure.edges.flatMap(({ labels }) => labels)) {
      const from = align === 'end' ? x - text.length + 1 : x;
      for (let i = 0; i < text.length; i++) claim(cell({ x: from + i, y }), text);
    }
    for (const at of used.keys()) {
      const [x, y] = at.split(',').map(Number);
      expect(x >= 0 && x < figure.width && y >= 0 && y < figure.height, at).toBe(true);
    }
  });
});
