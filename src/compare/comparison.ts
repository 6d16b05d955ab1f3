import { changesOf } from '../views/changes.ts';
import { type Presence, placeLosses } from '../views/loss.ts';
import type { PacketTable } from '../views/packet-table.ts';
import { type Joined, joinVantages } from '../views/several.ts';
import type { Stream } from '../views/streams.ts';
import { VantageClocks } from '../views/vantage-clocks.ts';
import type { Point } from './point.ts';

/**
 * What the uncertainty of a clock rests on. `one-clock`: one file, one clock. `clocks-agree`: both clocks show the same time as
 * exactly as packets tell if both directions take the same least time, which chance would hardly do where they do not.
 * `symmetric`: the user says that both directions take the same least time. `round-trip`: nothing but causality.
 */
export type UncertaintyBasis = 'one-clock' | 'clocks-agree' | 'symmetric' | 'round-trip';

export interface Certainty {
  /** Nanoseconds; Infinity where nothing bounds it. */
  readonly uncertainty: number;
  readonly basis: UncertaintyBasis;
}

/** Clocks agree where the bound is so many times as wide as what they differ by: chance does that once in so many cases. */
const BY_CHANCE = 100;

export interface ComparisonOptions {
  /** Both directions take the same least time: the user says so. */
  readonly isSymmetric?: boolean;
}

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
  private readonly isSymmetric: boolean;

  constructor(points: readonly Point[], { isSymmetric = false }: ComparisonOptions = {}) {
    this.points = points;
    this.isSymmetric = isSymmetric;
    // The places of one file were captured by one clock.
    const files = points.map(({ file }) => points.findIndex((other) => other.file === file));
    this.joined = joinVantages(points, files);
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

  /** How far the difference of two points' clocks may be off, and what that rests on. */
  certainty(a: number, b: number): Certainty {
    if (this.points[a].file === this.points[b].file) return { uncertainty: 0, basis: 'one-clock' };
    const { bound, symmetric } = this.clocks.between(a, b);
    if (!Number.isFinite(bound)) return { uncertainty: bound, basis: 'round-trip' };
    const apart = Math.abs(this.shownApart(a, b));
    if (apart <= symmetric && symmetric * BY_CHANCE <= bound) return { uncertainty: symmetric, basis: 'clocks-agree' };
    if (this.isSymmetric) return { uncertainty: symmetric, basis: 'symmetric' };
    return { uncertainty: bound, basis: 'round-trip' };
  }

  /** Nanoseconds by which the clock of `b` is ahead of that of `a`; NaN without dates, and where they drift apart. */
  private shownApart(a: number, b: number): number {
    const { clocks } = this;
    if (clocks.clocks[a].drift !== clocks.clocks[b].drift) return Number.NaN;
    const { at } = clocks.clocks[b];
    return this.starts[b] + clocks.offsetAt(b, at) - this.starts[a] - clocks.offsetAt(a, at);
  }

  get packets(): PacketTable {
    return this.joined.packets;
  }

  get path(): readonly number[] {
    return this.joined.path;
  }

  /** The points from client to server that share packets; all of them where none do. */
  get related(): readonly number[] {
    return this.joined.related.length > 0 ? this.joined.related : this.joined.path;
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

  private firstTime(row: number): number {
    let time = Number.POSITIVE_INFINITY;
    for (let point = 0; point < this.points.length; point++) {
      const at = this.timeAt(row, point);
      if (at < time) time = at;
    }
    return time;
  }
}
