import { timestampText } from '../model/timestamp.ts';
import { finiteOrNull } from '../model/units.ts';
import { CHANGE_CODES, type ChangeCode } from '../views/changes.ts';
import type { Comparison, UncertaintyBasis } from './comparison.ts';
import { type WayReport, wayBetween } from './delays.ts';
import { type CompareNote, notesOf } from './notes.ts';
import { milliseconds } from './row.ts';

/** Raised when a field is taken away or changes its meaning. */
const COMPARE_SCHEMA_VERSION = 1;

/** Captures of the same traffic at several points. Points are called by the names of their files. */
export interface CompareReport {
  schemaVersion: typeof COMPARE_SCHEMA_VERSION;
  files: ComparedFile[];
  /** Files from the client to the server. */
  vantageOrder: string[];
  clocks: ClockReport[];
  /** Between each two neighbours on the path. */
  links: LinkReport[];
  connections: ComparedConnection[];
  notes: CompareNote[];
}

export interface ComparedFile {
  /** What the place is called: its file, its vantage, or both. */
  file: string;
  /** The file that holds it, and which of that file's points of view it is; null where the file has one. */
  capture: string;
  vantage: string | null;
  packets: number;
  tcpPackets: number;
  connections: number;
  /** Unix time in seconds, with nine decimals, by its own clock; null without dates. */
  first: string | null;
  last: string | null;
  /** Packets that passed while it ran, and that it does not hold. */
  missed: number;
}

/** A clock as that of the first file sees it. Null: no packet tells. */
export interface ClockReport {
  file: string;
  /** This clock minus the first file's, when the first packet passed that both hold. */
  offsetMs: number | null;
  /** How much faster it runs. */
  driftPpm: number | null;
  /** The offset may be wrong by so much, as far as `uncertaintyBasis` goes. */
  uncertaintyMs: number | null;
  uncertaintyBasis: UncertaintyBasis | null;
  /** Half of the least round trip: with nothing but causality nobody can tell how it divides among the directions. */
  roundTripUncertaintyMs: number | null;
  /** What remains where both directions take the same least time. */
  symmetricUncertaintyMs: number | null;
  driftUncertaintyPpm: number | null;
}

export interface LinkReport {
  /** The file nearer to the client, and the next. */
  from: string;
  to: string;
  c2s: WayReport;
  s2c: WayReport;
  changes: { code: ChangeCode; direction: 'c2s' | 's2c'; packets: number }[];
}

export interface ComparedConnection {
  stream: number;
  packets: number;
  lost: number;
  /** As each file shows it; null where it has nothing of it. `stream` is its number in `tcpscope packets` of that file. */
  at: ({ file: string; stream: number; client: string; server: string } | null)[];
}

/** The comparison as plain data, as `schema/compare.schema.json` describes it. */
export function compareReport(comparison: Comparison): CompareReport {
  const { points, related: path } = comparison;
  const name = (point: number) => points[point].name;
  return {
    schemaVersion: COMPARE_SCHEMA_VERSION,
    files: points.map((point, p) => fileReport(comparison, p, point)),
    vantageOrder: path.map(name),
    clocks: points.map((_, p) => clockReport(comparison, p)),
    links: path.slice(1).map((second, place) => linkReport(comparison, path[place], second)),
    connections: connectionReports(comparison),
    notes: notesOf(comparison),
  };
}

function fileReport({ presence }: Comparison, p: number, point: Comparison['points'][number]): ComparedFile {
  const { firstTimestamp: start } = point.facts;
  return {
    file: point.name,
    capture: point.file,
    vantage: point.vantage,
    packets: point.counts.total,
    tcpPackets: point.counts.tcp,
    connections: point.connections.length,
    first: start === null ? null : timestampText(start, point.first),
    last: start === null ? null : timestampText(start, point.last),
    missed: presence[p].missed,
  };
}

function clockReport(comparison: Comparison, p: number): ClockReport {
  const { points, starts, packets, order } = comparison;
  const file = points[p].name;
  const clock = comparison.clocks.clocks[p];
  if (!clock.isKnown || Number.isNaN(starts[p]))
    return {
      file,
      offsetMs: null,
      driftPpm: null,
      uncertaintyMs: null,
      uncertaintyBasis: null,
      roundTripUncertaintyMs: null,
      symmetricUncertaintyMs: null,
      driftUncertaintyPpm: null,
    };
  const { uncertainty, basis } = comparison.certainty(0, p);
  let at = clock.at;
  const first = order.find((row) => packets.at[0][row] >= 0 && packets.at[p][row] >= 0);
  if (first !== undefined) at = points[0].sightings.time[packets.at[0][first]];
  return {
    file,
    offsetMs: milliseconds(starts[p] + comparison.clocks.offsetAt(p, at)),
    driftPpm: Math.round(clock.drift * 1e9) / 1e3,
    uncertaintyMs: finiteOrNull(milliseconds(uncertainty)),
    uncertaintyBasis: Number.isFinite(uncertainty) ? basis : null,
    roundTripUncertaintyMs: finiteOrNull(milliseconds(clock.uncertainty)),
    symmetricUncertaintyMs: finiteOrNull(milliseconds(clock.symmetricUncertainty)),
    driftUncertaintyPpm: finiteOrNull(Math.round(clock.driftUncertainty * 1e9) / 1e3),
  };
}

function linkReport(comparison: Comparison, first: number, second: number): LinkReport {
  const { points, packets, order } = comparison;
  const counts = [new Map<number, number>(), new Map<number, number>()];
  for (const row of order) {
    const bits = comparison.changes(row, first, second);
    for (let bit = 0; bits >> bit > 0; bit++)
      if (bits & (1 << bit)) {
        const ofWay = counts[packets.direction[row]];
        ofWay.set(bit, (ofWay.get(bit) ?? 0) + 1);
      }
  }
  return {
    from: points[first].name,
    to: points[second].name,
    c2s: wayBetween(comparison, first, second, 0),
    s2c: wayBetween(comparison, first, second, 1),
    changes: counts.flatMap((ofWay, direction) =>
      [...ofWay]
        .sort(([x], [y]) => x - y)
        .map(([bit, number]) => ({
          code: CHANGE_CODES[bit],
          direction: direction === 0 ? ('c2s' as const) : ('s2c' as const),
          packets: number,
        })),
    ),
  };
}

function connectionReports({ streams, points, packets, order }: Comparison): ComparedConnection[] {
  const sums = streams.map(() => ({ packets: 0, lost: 0 }));
  for (const row of order) {
    const sum = sums[packets.stream[row]];
    sum.packets++;
    if (packets.lostFrom[row] >= 0) sum.lost++;
  }
  return streams.map(({ id, flows }) => ({
    stream: id,
    ...sums[id],
    at: points.map(({ name, flows: own }, p) => {
      const flow = flows.find(({ vantage }) => vantage === p);
      if (flow === undefined) return null;
      const { sockets } = own[flow.flow];
      return { file: name, stream: flow.flow, client: sockets[flow.client], server: sockets[1 - flow.client] };
    }),
  }));
}
