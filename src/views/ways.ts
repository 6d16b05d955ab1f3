import { ACK, FIN, RST, SYN } from '../model/flags.ts';
import { widen } from '../model/seq.ts';
import type { PacketTable } from './packet-table.ts';
import { flowOf } from './parts.ts';
import type { Joined } from './several.ts';
import type { Vantage } from './sightings.ts';
import type { VantageClocks } from './vantage-clocks.ts';

/** One direction of a stream, on its way. */
export interface Way {
  readonly direction: 0 | 1;
  /** Vantages in the order in which its packets pass them. */
  readonly travel: readonly number[];
  readonly rows: number[];
  /** Of each row in `rows`: its place in the sender's sequence space, and its time on the first vantage's clock. */
  readonly from: number[];
  readonly to: number[];
  readonly time: number[];
  /** Acknowledgment numbers of the other direction in this one's sequence space, -1 without ACK; and its rows. */
  readonly answers: number[];
  readonly acks: number[];
}

/** Every direction of every stream of captures that were joined. */
export class Ways {
  private readonly joined: Joined;
  private readonly table: PacketTable;
  private readonly vantages: readonly Vantage[];
  private readonly clocks: VantageClocks;

  constructor(joined: Joined, vantages: readonly Vantage[], clocks: VantageClocks) {
    this.joined = joined;
    this.table = joined.packets;
    this.vantages = vantages;
    this.clocks = clocks;
  }

  /** Time of the first sight of a row on the first vantage's clock. */
  timeOf(row: number): number {
    const { table, clocks } = this;
    let time = Number.POSITIVE_INFINITY;
    for (let v = 0; v < table.vantages; v++) {
      const i = table.at[v][row];
      if (i >= 0) time = Math.min(time, clocks.toFirst(v, this.vantages[v].sightings.time[i]));
    }
    return time;
  }

  /** The same at one vantage, which holds it. */
  timeAt(v: number, row: number): number {
    return this.clocks.toFirst(v, this.vantages[v].sightings.time[this.table.at[v][row]]);
  }

  /** Both directions of each stream, with their rows in the order of time. */
  *all(): Generator<[Way, Way]> {
    const { table, joined } = this;
    const byStream: number[][] = joined.streams.map(() => []);
    for (let row = 0; row < table.length; row++) if (table.stream[row] >= 0) byStream[table.stream[row]].push(row);
    for (let stream = 0; stream < byStream.length; stream++) yield this.of(byStream[stream]);
  }

  private of(rows: number[]): [Way, Way] {
    const { table, joined } = this;
    const way = (direction: 0 | 1): Way => ({
      direction,
      travel: direction === 0 ? joined.path : [...joined.path].reverse(),
      rows: [],
      from: [],
      to: [],
      time: [],
      answers: [],
      acks: [],
    });
    const ways: [Way, Way] = [way(0), way(1)];
    const times = new Map(rows.map((row) => [row, this.timeOf(row)]));
    rows.sort((x, y) => times.get(x)! - times.get(y)! || x - y);
    const base = [Number.NaN, Number.NaN];
    const near = [0, 0];
    const place = (direction: number, raw: number) => {
      if (Number.isNaN(base[direction])) base[direction] = raw;
      return widen(raw, base[direction], near[direction]);
    };
    for (const row of rows) {
      const direction = table.direction[row] as 0 | 1;
      const v = table.at.findIndex((column) => column[row] >= 0);
      const i = table.at[v][row];
      const { sightings: s } = this.vantages[v];
      const flags = s.flags[i];
      const { shift } = flowOf(joined.streams[table.stream[row]], v, s.flow[i]);
      const own = ways[direction];
      const isPart = table.partLength[row] >= 0;
      const raw = isPart ? table.partSeq[row] : (s.seq[i] + shift[direction]) >>> 0;
      const from = place(direction, raw);
      const length = isPart ? table.partLength[row] : s.payload[i];
      const to = from + length + (flags & SYN && !isPart ? 1 : 0) + (flags & FIN && !isPart ? 1 : 0);
      // A reset may carry any number.
      if (!(flags & RST) && to > near[direction]) near[direction] = to;
      own.rows.push(row);
      own.from.push(from);
      own.to.push(flags & RST ? from : to);
      own.time.push(times.get(row)!);
      const other = ways[1 - direction];
      other.answers.push(row);
      other.acks.push(
        flags & ACK && !(flags & RST) ? place(1 - direction, (s.ack[i] + shift[1 - direction]) >>> 0) : -1,
      );
    }
    return ways;
  }
}
