import { formatCount, formatDuration } from '../model/units.ts';
import type { EndpointReport, RoundTripsReport } from '../report/connection.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';
import { textWidth, wrap } from './text.ts';

const MEASURES: Record<RoundTripsReport['measures'], string> = {
  'whole path': 'to the other end and back',
  'part of the path': 'from the point of capture on',
  'host of the peer': 'response time of the nearby host, not of the path',
  unknown: 'from the point of capture on',
};

/** The round trips of one connection, a line for each direction that has any. `width`: columns; null without a limit. */
export async function roundTripLines(
  client: EndpointReport,
  server: EndpointReport,
  width: number | null,
  style: Style,
): Promise<string[]> {
  const rows = [row('client → server', client), row('server → client', server)].filter((cells) => cells !== null);
  if (rows.length === 0) return [];
  const right = (header: string) => ({ header: style.heading(header), align: 'right' as const });
  const figures = [
    { header: style.heading('round trips') },
    ...['samples', 'min', 'median', 'p95', 'p99', 'max'].map(right),
  ];
  const wide = await renderTable([...figures, { header: style.heading('what they measure') }], rows);
  const room = width ?? Number.POSITIVE_INFINITY;
  // Only the heads have colours.
  if (wide.slice(1).every((line) => textWidth(line) <= room)) return wide;
  const narrow = rows.map((cells) => cells.slice(0, -1));
  return [
    ...(await renderTable(figures, narrow)),
    ...rows.flatMap((cells) => wrap(`${cells[0]}: ${cells.at(-1)}`, room)),
  ];
}

function row(direction: string, { roundTrips }: EndpointReport): string[] | null {
  if (roundTrips === null) return null;
  const { samples, minMs, medianMs, p95Ms, p99Ms, maxMs, measures } = roundTrips;
  const times = [minMs, medianMs, p95Ms, p99Ms, maxMs].map((ms) => formatDuration(ms * 1e6));
  return [direction, formatCount(samples), ...times, MEASURES[measures]];
}
