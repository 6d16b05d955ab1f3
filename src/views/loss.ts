import { ACK, FIN, RST, SYN } from '../model/flags.ts';
import { widen } from '../model/seq.ts';
import { Absent } from './absent.ts';
import { Fate, Origin, type PacketTable } from './packet-table.ts';
import { flowOf } from './parts.ts';
import { Ranges } from './ranges.ts';
import { type Joined, type Pair, pairFor } from './several.ts';
import type { Vantage } from './sightings.ts';
import { Twins } from './twins.ts';
import type { VantageClocks } from './vantage-clocks.ts';

/** When a capture ran, in nanoseconds of its own clock. */
export interface Running {
  readonly first: number;
  readonly last: number;
  /** The file ends within a packet, or damaged: the capture went on. */
  readonly isCut: boolean;
}

/** An absent packet that leaves no trace counts as lost where at least so much of what is absent must have been. */
const LIKELY = 0.8;

/** How a vantage stands to packets that it does not hold. */
export interface Presence {
  /** Packets that passed it while it ran, and that it does not hold. */
  missed: number;
  /** It was not running when packets passed before its first record, or after its last. */
  startedLate: boolean;
  endedEarly: boolean;
}

/** One direction of a stream, on its way. */
interface Way {
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

/**
 * Says of each packet where it was lost: between the last vantage that saw it and the next on its way. Absent from a capture
 * is not lost: a capture may not have run then, or may have missed it. What it missed shows by later vantages that have it,
 * and by bytes that the receiver acknowledged although nothing with them passed. Where a capture missed more than a few, an
 * absent packet that leaves no trace (a bare ACK, say) stays unknown.
 */
export function placeLosses(
  joined: Joined,
  vantages: readonly Vantage[],
  running: readonly Running[],
  clocks: VantageClocks,
): Presence[] {
  const placing = new Placing(joined, vantages, running, clocks);
  return placing.run();
}

class Placing {
  private readonly joined: Joined;
  private readonly table: PacketTable;
  private readonly vantages: readonly Vantage[];
  private readonly running: readonly Running[];
  private readonly clocks: VantageClocks;
  private readonly presence: Presence[];
  /** Rows that leave no trace, with the last vantage that they passed and the next. */
  private readonly open: { row: number; from: number; to: number }[] = [];
  /** Rows that a vantage holds, and those of them that would leave no trace if it did not, by vantage and direction. */
  private readonly held: Float64Array;
  private readonly traceless: Float64Array;

  constructor(joined: Joined, vantages: readonly Vantage[], running: readonly Running[], clocks: VantageClocks) {
    this.joined = joined;
    this.table = joined.packets;
    this.vantages = vantages;
    this.running = running;
    this.clocks = clocks;
    this.presence = vantages.map(() => ({ missed: 0, startedLate: false, endedEarly: false }));
    this.held = new Float64Array(vantages.length);
    this.traceless = new Float64Array(2 * vantages.length);
  }

  run(): Presence[] {
    this.notePassages();
    const servers = this.serversSeen();
    for (const ways of this.ways()) {
      for (const way of ways) this.settle(way, ways, servers);
    }
    this.settleOpen();
    return this.presence;
  }

  /** What a later vantage has, an earlier one missed; unless the network made it. And whether a capture ran all the time. */
  private notePassages(): void {
    const { table, joined } = this;
    const forward = joined.path;
    const backward = [...forward].reverse();
    for (let row = 0; row < table.length; row++) {
      if (table.stream[row] < 0) continue;
      const travel = table.direction[row] === 0 ? forward : backward;
      const seen = travel.map((v) => table.at[v][row] >= 0);
      const last = seen.lastIndexOf(true);
      const time = this.timeOf(row);
      for (let v = 0; v < table.vantages; v++) {
        const i = table.at[v][row];
        if (i < 0) continue;
        this.held[v]++;
        if (this.vantages[v].sightings.payload[i] === 0) this.traceless[2 * v + table.direction[row]]++;
      }
      for (let place = 0; place < last; place++) {
        if (seen[place]) continue;
        const v = travel[place];
        const expected = this.clocks.fromFirst(v, time);
        if (!this.isOnWay(table.stream[row], v)) continue;
        if (expected > this.running[v].last) this.presence[v].endedEarly = true;
        else if (expected < this.running[v].first) this.presence[v].startedLate = true;
      }
    }
  }

  /** Some packet of the stream was seen at the vantage. */
  private isOnWay(stream: number, vantage: number): boolean {
    return this.joined.streams[stream].flows.some((flow) => flow.vantage === vantage);
  }

  /** Servers that each vantage saw packets to (direction 0) or from: such packets of another connection would be there, too. */
  private serversSeen(): Set<string>[] {
    return this.vantages.map(({ flows, sightings: s }) => {
      const seen = new Set<number>();
      for (let i = 0; i < s.length; i++) seen.add(2 * s.flow[i] + s.side[i]);
      const servers = new Set<string>();
      flows.forEach(({ sockets, client }, flow) => {
        for (const direction of [0, 1])
          if (seen.has(2 * flow + (direction === 0 ? client : 1 - client)))
            servers.add(`${sockets[1 - client]} ${direction}`);
      });
      return servers;
    });
  }

  /** Time of the first sight of a row on the first vantage's clock. */
  private timeOf(row: number): number {
    const { table, clocks } = this;
    let time = Number.POSITIVE_INFINITY;
    for (let v = 0; v < table.vantages; v++) {
      const i = table.at[v][row];
      if (i >= 0) time = Math.min(time, clocks.toFirst(v, this.vantages[v].sightings.time[i]));
    }
    return time;
  }

  /** Both directions of each stream, with their rows in the order of time. */
  private *ways(): Generator<[Way, Way]> {
    const { table, joined } = this;
    const byStream: number[][] = joined.streams.map(() => []);
    for (let row = 0; row < table.length; row++) if (table.stream[row] >= 0) byStream[table.stream[row]].push(row);
    for (let stream = 0; stream < byStream.length; stream++) yield this.waysOf(byStream[stream]);
  }

  private waysOf(rows: number[]): [Way, Way] {
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

  private settle(way: Way, ways: readonly [Way, Way], servers: readonly Set<string>[]): void {
    const { table } = this;
    const { travel, rows } = way;
    const twins = new Twins(this.vantages, table, travel);
    for (const row of rows) this.noteOrigin(row, travel, twins);
    const passed = travel.map((_, place) => (place === 0 ? null : this.passedUnseen(way, place)));
    rows.forEach((row, k) => {
      let last = travel.length - 1;
      while (table.at[travel[last]][row] < 0) last--;
      let passedPlace = last;
      for (let place = last + 1; place < travel.length; place++) {
        const v = travel[place];
        const evidence = passed[place]!;
        if (evidence.missed.has(k) && this.isOnWay(table.stream[row], v)) {
          table.missed[row] |= 1 << v;
          table.fate[row] = Fate.PASSED;
          passedPlace = place;
          if (this.ranAt(v, this.arrival(way, k, last, place))) this.presence[v].missed++;
          continue;
        }
        if (!this.couldSee(table.stream[row], v, way, ways, servers)) continue;
        if (!this.mayHaveRun(v, this.arrival(way, k, last, place), this.slack(way, last, place))) continue;
        if (evidence.repeated.has(k)) this.lose(row, travel[passedPlace], v);
        else this.open.push({ row, from: travel[passedPlace], to: v });
        return;
      }
    });
  }

  private lose(row: number, from: number, to: number): void {
    const { table } = this;
    table.fate[row] = Fate.LOST;
    table.lostFrom[row] = from;
    table.lostTo[row] = to;
  }

  /** When a row is to be expected at a vantage, on that vantage's clock. */
  private arrival(way: Way, k: number, last: number, place: number): number {
    const { table, joined } = this;
    const v = way.travel[last];
    const w = way.travel[place];
    const time = this.vantages[v].sightings.time[table.at[v][way.rows[k]]];
    return time + lagOf(pairFor(joined.pairs, v, w), v, way.direction, time, this.clocks);
  }

  /** How much later than usual (ns) a packet may well be. */
  private slack(way: Way, last: number, place: number): number {
    return pairFor(this.joined.pairs, way.travel[last], way.travel[place]).usual[way.direction].limit / 4;
  }

  private ranAt(v: number, time: number): boolean {
    return time >= this.running[v].first && time <= this.running[v].last;
  }

  /** False where the capture had not begun, or had ended. A capture without a sign of that ran while the others did. */
  private mayHaveRun(v: number, time: number, slack: number): boolean {
    const { first, last, isCut } = this.running[v];
    if (time + slack > last) return !isCut && !this.presence[v].endedEarly;
    return time - slack >= first || !this.presence[v].startedLate;
  }

  /** A stream of which a vantage has nothing may not pass there at all, unless it was never answered and others do. */
  private couldSee(
    stream: number,
    v: number,
    { direction }: Way,
    ways: readonly [Way, Way],
    servers: readonly Set<string>[],
  ): boolean {
    if (this.isOnWay(stream, v)) return true;
    if (ways[0].rows.length > 0 && ways[1].rows.length > 0) return false;
    const { flows } = this.joined.streams[stream];
    return flows.some(({ vantage, flow, client }) =>
      servers[v].has(`${this.vantages[vantage].flows[flow].sockets[1 - client]} ${direction}`),
    );
  }

  /**
   * Of the rows that a vantage and all later ones lack (by their place in `rows`): those whose bytes were acknowledged before
   * anything with them passed, and those whose bytes passed later, in another packet.
   */
  private passedUnseen(way: Way, place: number): { missed: Set<number>; repeated: Set<number> } {
    const { table } = this;
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
      else if (way.to[k] > way.from[k]) events.push({ time: this.timeAt(at, row), k, isAck: false });
    });
    if (absent.length === 0) return { missed, repeated };
    way.answers.forEach((row, k) => {
      if (way.acks[k] < 0) return;
      const at = table.at[v][row] >= 0 ? v : table.at.findIndex((column) => column[row] >= 0);
      events.push({ time: this.timeAt(at, row), k, isAck: true });
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

  private timeAt(v: number, row: number): number {
    return this.clocks.toFirst(v, this.vantages[v].sightings.time[this.table.at[v][row]]);
  }

  /** A row that earlier vantages of its way lack: they missed it, or the network made it between two of them. */
  private noteOrigin(row: number, travel: readonly number[], twins: Twins): void {
    const { table } = this;
    const seen = travel.map((v) => table.at[v][row] >= 0);
    const first = seen.indexOf(true);
    const last = seen.lastIndexOf(true);
    if (first > 0) {
      const v = travel[first];
      const before = travel[first - 1];
      if (twins.hasTwin(row, v)) {
        table.origin[row] = Origin.DUPLICATED;
        table.madeFrom[row] = before;
        table.madeTo[row] = v;
      } else {
        for (let place = 0; place < first; place++) this.miss(row, travel[place]);
      }
    }
    for (let place = first + 1; place < last; place++) if (!seen[place]) this.miss(row, travel[place]);
    twins.note(row);
  }

  /** A capture does not hold what passed it. */
  private miss(row: number, v: number): void {
    const { table } = this;
    if (!this.isOnWay(table.stream[row], v)) return;
    table.missed[row] |= 1 << v;
    if (this.ranAt(v, this.clocks.fromFirst(v, this.timeOf(row)))) this.presence[v].missed++;
  }

  /**
   * What leaves no trace. A capture that missed some of what surely passed missed as many of these, too: where more than that
   * are absent they were lost, and where that is not likely enough they stay unknown.
   */
  private settleOpen(): void {
    const { open, table, presence } = this;
    const absent = new Float64Array(this.traceless.length);
    for (const { row, to } of open) absent[2 * to + table.direction[row]]++;
    for (const { row, from, to } of open) {
      const place = 2 * to + table.direction[row];
      const { missed } = presence[to];
      const missRate = missed / (missed + this.held[to]);
      const absence = absent[place] / (absent[place] + this.traceless[place]);
      if (missed > 0 && missRate > (1 - LIKELY) * absence) continue;
      this.lose(row, from, to);
    }
  }
}

/** The usual difference between the clocks' times of a packet at `v` and at the other vantage of the pair. */
function lagOf(pair: Pair, v: number, direction: number, time: number, clocks: VantageClocks): number {
  const usual = pair.usual[direction];
  const other = pair.a === v ? pair.b : pair.a;
  if (pair.common === 0) return clocks.fromFirst(other, clocks.toFirst(v, time)) - time;
  if (pair.a === v) return usual.at(time);
  // The points are on the clock of `a`: the offset is near enough to find those of the time.
  return -usual.at(time - pair.clock.offset);
}
