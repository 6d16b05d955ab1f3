import { Absent } from './absent.ts';
import type { PacketTable } from './packet-table.ts';
import { Ranges } from './ranges.ts';
import type { Way, Ways } from './ways.ts';

/** Rows that a vantage and all later ones lack, by their place in `Way.rows`. */
export interface Unseen {
  /** Their bytes were acknowledged before anything with them passed. */
  readonly missed: ReadonlySet<number>;
  /** Their bytes passed later, in another packet. */
  readonly repeated: ReadonlySet<number>;
}

/** What became of those packets of `way` that neither the vantage at `place` nor a later one holds. */
export function passedUnseen(way: Way, place: number, table: PacketTable, ways: Ways): Unseen {
  const { travel, rows } = way;
  const later = travel.slice(place);
  const v = travel[place];
  const missed = new Set<number>();
  const repeated = new Set<number>();
  const absent: number[] = [];
  const events: { time: number; k: number; isAck: boolean }[] = [];
  rows.forEach((row, k) => {
    const at = later.find((w) => table.at[w][row] >= 0);
    if (at === undefined) absent.push(k);
    else if (way.to[k] > way.from[k]) events.push({ time: ways.timeAt(at, row), k, isAck: false });
  });
  if (absent.length === 0) return { missed, repeated };
  way.answers.forEach((row, k) => {
    if (way.acks[k] < 0) return;
    const at = table.at[v][row] >= 0 ? v : table.at.findIndex((column) => column[row] >= 0);
    events.push({ time: ways.timeAt(at, row), k, isAck: true });
  });
  events.sort((x, y) => x.time - y.time || Number(x.isAck) - Number(y.isAck));
  const waiting = new Absent(absent, way.from, way.to, way.time);
  const repeat = (k: number) => {
    repeated.add(k);
    waiting.remove(k);
  };
  const covered = new Ranges();
  const least = way.from.reduce((least, from) => Math.min(least, from), Number.POSITIVE_INFINITY);
  let acked = Number.NaN;
  for (const { time, k, isAck } of events) {
    if (!isAck) {
      covered.add(way.from[k], way.to[k]);
      for (const other of waiting.overlapping(way.from[k], way.to[k], time))
        if (way.time[other] < time && !missed.has(other)) repeat(other);
      continue;
    }
    const ack = way.acks[k];
    if (Number.isNaN(acked)) acked = Math.min(least, ack);
    if (ack <= acked) continue;
    for (const [from, to] of covered.missing(acked, ack)) {
      // Of several that were not seen, the latest that can have come in time.
      const candidates = waiting.overlapping(from, to, time);
      const arrived = candidates.sort((x, y) => way.time[y] - way.time[x] || y - x);
      const found = new Ranges();
      for (const other of arrived)
        for (const [start, stop] of found.missing(Math.max(from, way.from[other]), Math.min(to, way.to[other]))) {
          missed.add(other);
          found.add(start, stop);
        }
      // The others were lost: something with the same bytes came after them.
      for (const other of arrived) if (!missed.has(other)) repeat(other);
      covered.add(from, to);
    }
    acked = ack;
  }
  return { missed, repeated };
}
