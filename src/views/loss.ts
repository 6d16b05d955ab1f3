import { EqualPackets } from './equal-packets.ts';
import { Fate, Origin, type PacketTable } from './packet-table.ts';
import { type Joined, type Pair, pairFor } from './several.ts';
import type { Vantage } from './sightings.ts';
import { passedUnseen } from './unseen.ts';
import type { VantageClocks } from './vantage-clocks.ts';
import { type Way, Ways } from './ways.ts';

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
  private readonly streams: Ways;
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
    this.streams = new Ways(joined, vantages, clocks);
    this.presence = vantages.map(() => ({ missed: 0, startedLate: false, endedEarly: false }));
    this.held = new Float64Array(vantages.length);
    this.traceless = new Float64Array(2 * vantages.length);
  }

  run(): Presence[] {
    this.notePassages();
    const servers = this.serversSeen();
    for (const ways of this.streams.all()) {
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
      const time = this.streams.timeOf(row);
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

  private settle(way: Way, ways: readonly [Way, Way], servers: readonly Set<string>[]): void {
    const { table } = this;
    const { travel, rows } = way;
    const equals = new EqualPackets(this.vantages, table, travel);
    for (const row of rows) this.noteOrigin(row, travel, equals);
    const passed = travel.map((_, place) => (place === 0 ? null : passedUnseen(way, place, this.table, this.streams)));
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

  /** A row that earlier vantages of its way lack: they missed it, or the network made it between two of them. */
  private noteOrigin(row: number, travel: readonly number[], equals: EqualPackets): void {
    const { table } = this;
    const seen = travel.map((v) => table.at[v][row] >= 0);
    const first = seen.indexOf(true);
    const last = seen.lastIndexOf(true);
    if (first > 0) {
      const v = travel[first];
      const before = travel[first - 1];
      if (equals.hasEqual(row, v)) {
        table.origin[row] = Origin.DUPLICATED;
        table.madeFrom[row] = before;
        table.madeTo[row] = v;
      } else {
        for (let place = 0; place < first; place++) this.miss(row, travel[place]);
      }
    }
    for (let place = first + 1; place < last; place++) if (!seen[place]) this.miss(row, travel[place]);
    equals.note(row);
  }

  /** A capture does not hold what passed it. */
  private miss(row: number, v: number): void {
    const { table } = this;
    if (!this.isOnWay(table.stream[row], v)) return;
    table.missed[row] |= 1 << v;
    if (this.ranAt(v, this.clocks.fromFirst(v, this.streams.timeOf(row)))) this.presence[v].missed++;
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
