import { flagLetters } from '../model/flags.ts';
import { timestampText } from '../model/timestamp.ts';
import { type ChangeCode, changeNames } from '../views/changes.ts';
import { Fate, Origin } from '../views/packet-table.ts';
import type { Comparison } from './comparison.ts';

/** One packet of the wire, or the smallest part of it that some point saw, at all points. */
export interface ComparedPacket {
  /** Connection, numbered over all captures in the order in which they were first seen. */
  stream: number;
  direction: 'c2s' | 's2c';
  /** Unix time in seconds, with nine decimals, of its first sight, on the first capture's clock; null without dates. */
  time: string | null;
  /** Frame in each capture, in the order in which they were given; null where it does not hold it. */
  packets: ({ file: string; number: number } | null)[];
  /** As tcpdump writes them. */
  flags: string;
  /** Sequence number of its first byte as on the wire where it was first seen, and its payload. */
  seq: number;
  length: number;
  /** The frame holds more than this: offload merged or split segments between the points. */
  isPart: boolean;
  /** `passed`: it passed the last point, although that capture does not hold it. */
  fate: 'lost' | 'passed' | 'unknown';
  /** The points between which it was lost, in the packet's direction. */
  lostBetween: [string, string] | null;
  /** Captures that it passed and that do not hold it. */
  missedBy: string[];
  /** A duplicate that the network made between two points: which ones. */
  duplicatedBetween: [string, string] | null;
  /** Milliseconds between neighbouring points in the order of the path, positive in the packet's direction; null where not at both. */
  delays: (number | null)[];
  /** What was changed between points that saw it. */
  changes: ChangeCode[];
}

const FATES = { [Fate.UNKNOWN]: 'unknown', [Fate.LOST]: 'lost', [Fate.PASSED]: 'passed' } as const;

/** One packet as all points saw it, as plain data. */
export function comparedPacket(comparison: Comparison, row: number): ComparedPacket {
  const { points, packets, related: path } = comparison;
  const name = (point: number) => points[point].name;
  const point = comparison.pointOf(row);
  const { sightings } = points[point];
  const index = packets.at[point][row];
  const isPart = packets.partLength[row] >= 0;
  const way = packets.direction[row] === 0 ? 1 : -1;
  let changes = 0;
  const delays: (number | null)[] = [];
  for (let place = 0; place + 1 < path.length; place++) {
    const delay = way * comparison.delay(row, path[place], path[place + 1]);
    delays.push(Number.isNaN(delay) ? null : milliseconds(delay));
  }
  const seen = path.filter((one) => packets.at[one][row] >= 0);
  for (let i = 0; i + 1 < seen.length; i++) changes |= comparison.changes(row, seen[i], seen[i + 1]);
  const { firstTimestamp } = points[0].facts;
  return {
    stream: packets.stream[row],
    direction: way > 0 ? 'c2s' : 's2c',
    time: firstTimestamp === null ? null : timestampText(firstTimestamp, Math.round(comparison.times[row])),
    packets: points.map((one, p) => {
      const i = packets.at[p][row];
      return i < 0 ? null : { file: one.name, number: one.sightings.frame[i] };
    }),
    flags: flagLetters(sightings.flags[index]),
    seq: isPart ? packets.partSeq[row] : sightings.seq[index],
    length: isPart ? packets.partLength[row] : sightings.payload[index],
    isPart,
    fate: FATES[packets.fate[row] as keyof typeof FATES],
    lostBetween: packets.lostFrom[row] < 0 ? null : [name(packets.lostFrom[row]), name(packets.lostTo[row])],
    missedBy: comparison
      .travel(row)
      .filter((one) => packets.missed[row] & (1 << one))
      .map(name),
    duplicatedBetween:
      packets.origin[row] === Origin.DUPLICATED ? [name(packets.madeFrom[row]), name(packets.madeTo[row])] : null,
    delays,
    changes: changeNames(changes),
  };
}

/** Nanoseconds in milliseconds, to the nanosecond. */
export function milliseconds(ns: number): number {
  return Math.round(ns) / 1e6;
}
