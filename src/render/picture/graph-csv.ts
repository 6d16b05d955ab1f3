import { formatSeconds } from '../../model/units.ts';
import type { Graph } from '../../picture/graph.ts';

/** A line for each point: the series, seconds since the first packet, the value and where a stroke ends, then the bands. */
export function* graphCsv({ series, bands, unit }: Graph): Generator<string> {
  yield `series,seconds,${NAMES[unit]},to`;
  for (const { name, points } of series) {
    for (let i = 0; i < points.length; i++) {
      const [value, to] = [points.value(i), points.to(i)].map((one) => String(Math.round(one * 1000) / 1000));
      yield `${name},${formatSeconds(points.time(i))},${value},${to === value ? '' : to}`;
    }
  }
  for (const { name, from, to } of bands) yield `band ${name},${formatSeconds(from)},,${formatSeconds(to)}`;
}

const NAMES = { bytes: 'bytes', duration: 'nanoseconds', rate: 'bytesPerSecond', count: 'count' } as const;
