import { seqAdd } from '../model/seq.ts';
import { changesOf } from '../views/changes.ts';
import { type Presence, placeLosses } from '../views/loss.ts';
import type { PacketTable } from '../views/packet-table.ts';
import { flowOf } from '../views/parts.ts';
import { type Joined, joinVantages } from '../views/several.ts';
import type { Stream, StreamFlow } from '../views/streams.ts';
import { VantageClocks } from '../views/vantage-clocks.ts';
import type { Point } from './point.ts';

/**
 * Captures of the same traffic from several points, as one: which packets are the same, in which order they passed the points,
 * how the clocks stand, and where what is missing was lost. Points keep the numbers in which the captures were given; `path`
 * is their order from client to server.
 */
export class Comparison {
  readonly points: readonly Point[];
  readonly joined: Joined;
  readonly clocks: VantageClocks;
  readonly presence: readonly Presence[];
  /** Rows in the order of time, as the first capture's clock shows it. */
  readonly order: Int32Array;
  /** Time of each row's first sight on the first capture's clock, in nanoseconds since its first record. */
  readonly times: Float64Array;
  /** Nanoseconds from the first record of the first capture to that of each, as their clocks show it; NaN without dates. */
  readonly starts: readonly number[];

  constructor(points: readonly Point[]) {
    this.points = points;
    this.joined = joinVantages(points);
    const { packets, pairs, path } = this.joined;
    this.clocks = new VantageClocks(points.length, pairs, path);
    this.presence = placeLosses(this.joined, points, points, this.clocks);
    const first = points[0].facts.firstTimestamp;
    this.starts = points.map(({ facts }) =>
      first === null || facts.firstTimestamp === null ? Number.NaN : Number(facts.firstTimestamp - first),
    );
    this.times = new Float64Array(packets.length);
    const rows: number[] = [];
    for (let row = 0; row < packets.length; row++) {
      if (packets.stream[row] < 0) continue;
      this.times[row] = this.firstTime(row);
      rows.push(row);
    }
    this.order = Int32Array.from(rows).sort((x, y) => this.times[x] - this.times[y] || x - y);
  }

  get packets(): PacketTable {
    return this.joined.packets;
  }

  get path(): readonly number[] {
    return this.joined.path;
  }

  get streams(): readonly Stream[] {
    return this.joined.streams;
  }

  /** Points in the order in which the row's packet passes them. */
  travel(row: number): readonly number[] {
    return this.packets.direction[row] === 0 ? this.path : [...this.path].reverse();
  }

  /** Time of a row at a point on the first capture's clock (ns since its first record); NaN where it was not seen. */
  timeAt(row: number, point: number): number {
    const i = this.packets.at[point][row];
    return i < 0 ? Number.NaN : this.clocks.toFirst(point, this.points[point].sightings.time[i]);
  }

  /** Nanoseconds that the row's packet took between two points of its way; NaN where one of them did not see it. */
  delay(row: number, from: number, to: number): number {
    return this.timeAt(row, to) - this.timeAt(row, from);
  }

  /** Bits of `CHANGE_CODES`: what was changed between two points, in the order of the path; 0 where one did not see it. */
  changes(row: number, from: number, to: number): number {
    const { at, partLength } = this.packets;
    const i = at[from][row];
    const j = at[to][row];
    if (i < 0 || j < 0) return 0;
    return changesOf(
      this.points[from].sightings,
      i,
      this.socketsAt(row, from),
      this.points[to].sightings,
      j,
      this.socketsAt(row, to),
      partLength[row] >= 0,
    );
  }

  /** The packet's sender and receiver as a point shows them. */
  socketsAt(row: number, point: number): { from: string; to: string } {
    const { side, flow } = this.points[point].sightings;
    const i = this.packets.at[point][row];
    const { sockets } = this.points[point].flows[flow[i]];
    return { from: sockets[side[i]], to: sockets[1 - side[i]] };
  }

  /** The first point that saw the row. */
  pointOf(row: number): number {
    return this.travel(row).find((point) => this.packets.at[point][row] >= 0)!;
  }

  /** Its sequence number in the numbers of its stream: raw, and of a part that of its first byte. */
  seqOf(row: number): number {
    const { packets } = this;
    if (packets.partLength[row] >= 0) return packets.partSeq[row];
    const point = this.pointOf(row);
    const { seq, flow } = this.points[point].sightings;
    const i = packets.at[point][row];
    return seqAdd(seq[i], this.flowAt(row, point, flow[i]).shift[packets.direction[row]]);
  }

  private flowAt(row: number, point: number, flow: number): StreamFlow {
    return flowOf(this.streams[this.packets.stream[row]], point, flow);
  }

  private firstTime(row: number): number {
    let time = Number.POSITIVE_INFINITY;
    for (let point = 0; point < this.points.length; point++) {
      const at = this.timeAt(row, point);
      if (at < time) time = at;
    }
    return time;
  }
}
