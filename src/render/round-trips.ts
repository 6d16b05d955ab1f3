import { formatCount, formatDuration } from '../model/units.ts';
import type { EndpointReport, RoundTripsReport } from '../report.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';

const MEASURES: Record<RoundTripsReport['measures'], string> = {
  'whole path': 'to the other end and back',
  'part of the path': 'from the point of capture on',
  'host of the peer': 'response time of the nearby host, not of the path',
  unknown: 'from the point of capture on',
};

/** The round trips of one connection, a line for each direction that has any. */
export async function roundTripLines(client: EndpointReport, server: EndpointReport, style: Style): Promise<string[]> {
  const rows = [row('client → server', client), row('server → client', server)].filter((cells) => cells !== null);
  if (rows.length === 0) return [];
  const right = (header: string) => ({ header: style.heading(header), align: 'right' as const });
  return renderTable(
    [
      { header: style.heading('round trips') },
      ...['samples', 'min', 'median', 'p95', 'p99', 'max'].map(right),
      { header: style.heading('what they measure') },
    ],
    rows,
  );
}

function row(direction: string, { roundTrips }: EndpointReport): string[] | null {
  if (roundTrips === null) return null;
  const { samples, minMs, medianMs, p95Ms, p99Ms, maxMs, measures } = roundTrips;
  const times = [minMs, medianMs, p95Ms, p99Ms, maxMs].map((ms) => formatDuration(ms * 1e6));
  return [direction, formatCount(samples), ...times, MEASURES[measures]];
}
