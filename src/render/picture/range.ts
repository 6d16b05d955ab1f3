import type { Series } from '../../picture/graph.ts';

/** The least and the greatest value of all series; a graph of plain amounts begins at 0. */
export function rangeOf(series: readonly Series[]): { least: number; greatest: number } {
  let [least, greatest] = [0, Number.NEGATIVE_INFINITY];
  for (const { points } of series) {
    for (let i = 0; i < points.length; i++) {
      least = Math.min(least, points.value(i), points.to(i));
      greatest = Math.max(greatest, points.value(i), points.to(i));
    }
  }
  return { least, greatest: Math.max(greatest, least) };
}
