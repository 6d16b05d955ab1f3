import { describe, expect, it } from 'vitest';
import { captureText, MOST_NAMED } from '../../src/render/capture-text.ts';
import { PLAIN } from '../../src/render/style.ts';
import type { CaptureReport } from '../../src/report/capture.ts';

/** A capture of so many interfaces in a row, or beside each other, with a loss between each and the next. */
function linesOf(count: number, isOrdered: boolean): string[] {
  const vantages = Array.from({ length: count }, (_, i) => ({
    name: `eth${i}`,
    place: isOrdered ? i : null,
    packets: 2,
    connections: 1,
    analysed: i === 0 ? 1 : 0,
  }));
  const lostBetween = vantages.slice(1).map(({ name }, i) => ({ from: `eth${i}`, to: name, packets: 1 }));
  const capture = {
    files: [],
    interfaces: [],
    packets: { total: 2, tcp: 2, filteredOut: 0, snapped: 0 },
    bytes: { wire: 80, captured: 80 },
    times: 'unknown',
    dropped: null,
    initialSequenceNumbers: [],
    comments: [],
    vantages,
    lostBetween,
  };
  return captureText(capture as unknown as CaptureReport, null, PLAIN).slice(1);
}

describe('the points of view on the first screen', () => {
  it('are all named as long as they are few', () => {
    const [way, ...lines] = linesOf(MOST_NAMED, true);
    expect(way).toBe(
      `12 points of view: ${lines
        .slice(0, 12)
        .map((line) => line.trim().split(' ')[0])
        .join(' → ')} from client to server`,
    );
    expect(lines).toHaveLength(12 + 11);
    expect(lines.join()).not.toContain('more');
  });

  it.each([
    [true, ' → eth11 → 1 more from client to server'],
    [false, ', eth11, 1 more'],
  ])('are counted beyond twelve (in order: %s)', (isOrdered, end) => {
    const [way, ...lines] = linesOf(MOST_NAMED + 1, isOrdered);
    expect(way.startsWith('13 points of view: eth0')).toBe(true);
    expect(way.endsWith(end)).toBe(true);
    expect(lines).toHaveLength(12 + 1 + 12);
    expect(lines[12]).toBe('  and 1 more: --json has all');
  });

  it('are few lines however many there are', () => {
    const lines = linesOf(4096, false);
    expect(lines).toHaveLength(1 + 13 + 13);
    expect(lines.join('').length).toBeLessThan(4000);
  });
});
