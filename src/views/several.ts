import { type ClockFit, fitClock, oneClock, TimePoints } from './clock.ts';
import { joinFlows } from './join.ts';
import { type Course, matchAll, matchSingles } from './match.ts';
import { PacketTable } from './packet-table.ts';
import { matchParts } from './parts.ts';
import { type PairOrder, pathOrder } from './path.ts';
import type { Vantage } from './sightings.ts';
import { type Stream, type StreamFlow, streamsOf } from './streams.ts';
import { Traits } from './traits.ts';
import { UsualDelay } from './usual-delay.ts';

/** Two vantages: how surely they show the same, and how their clocks stand. */
export interface Pair {
  readonly a: number;
  readonly b: number;
  readonly traits: Traits;
  /** The clock of `b` by that of `a`. */
  readonly clock: ClockFit;
  /** Usual lags (time at `b` minus time at `a`) of the client's packets and of the server's. */
  readonly usual: readonly [UsualDelay, UsualDelay];
  readonly order: PairOrder;
  /** Packets that surely are in both. */
  readonly common: number;
}

/** What several captures of the same traffic show together. */
export interface Joined {
  readonly streams: readonly Stream[];
  readonly packets: PacketTable;
  /** Every two vantages; `a` is less than `b`. */
  readonly pairs: readonly Pair[];
  /** Vantages from the client to the server, and after them those that share no packet with another. */
  readonly path: readonly number[];
  /** Those that do. */
  readonly related: readonly number[];
}

/**
 * Joins the connections of all vantages, orders the vantages along the path and finds each packet at all of them.
 * `clocks`: vantages with the same number show the time of one clock; without, each has its own.
 */
export function joinVantages(vantages: readonly Vantage[], clocks?: readonly number[]): Joined {
  const joins = [];
  for (let a = 0; a < vantages.length; a++)
    for (let b = a + 1; b < vantages.length; b++) joins.push({ a, b, joins: joinFlows(vantages[a], vantages[b]) });
  const streams = streamsOf(
    vantages.map(({ flows }) => flows),
    joins,
  );
  const lists = vantages.map((vantage) => byFlow(vantage));
  const pairs = joins.map(({ a, b }) =>
    pairOf(vantages, lists, streams, { a, b, isOneClock: clocks !== undefined && clocks[a] === clocks[b] }),
  );
  const order = pathOrder(
    vantages.length,
    pairs.map((pair) => pair.order),
  );
  // What shares no packet with any other is not on the way.
  const isRelated = (v: number) => pairs.some(({ a, b, common }) => (a === v || b === v) && common > 0);
  const related = order.filter(isRelated);
  const path = [...related, ...order.filter((v) => !isRelated(v))];
  const packets = new Matching(vantages, lists, streams, pairs, path).run();
  return { streams, packets, pairs, path, related };
}

/** The pair of two vantages in either order, and whether the first of it is `a`. */
export function pairFor(pairs: readonly Pair[], a: number, b: number): Pair {
  return pairs.find((pair) => (pair.a === a && pair.b === b) || (pair.a === b && pair.b === a))!;
}

/** Packets of each side of each flow of a vantage, in the order of time: `lists[2 * flow + side]`. */
type Lists = readonly Int32Array[];

function byFlow({ sightings: s, flows }: Vantage): Lists {
  const counts = new Int32Array(2 * flows.length);
  for (let i = 0; i < s.length; i++) counts[2 * s.flow[i] + s.side[i]]++;
  const lists = Array.from(counts, (count) => new Int32Array(count));
  const used = new Int32Array(counts.length);
  for (let i = 0; i < s.length; i++) {
    const key = 2 * s.flow[i] + s.side[i];
    lists[key][used[key]++] = i;
  }
  for (const list of lists)
    if (list.some((i, place) => place > 0 && s.time[i] < s.time[list[place - 1]]))
      list.sort((x, y) => s.time[x] - s.time[y] || x - y);
  return lists;
}

/** The packets of one direction of a flow. */
function listOf(lists: Lists, { flow, client }: StreamFlow, direction: 0 | 1): Int32Array {
  return lists[2 * flow + (direction === 0 ? client : 1 - client)];
}

/** Calls for every flow of one vantage with every flow of the other that is the same stream. */
function eachPartner(
  streams: readonly Stream[],
  a: number,
  b: number,
  action: (stream: Stream, x: StreamFlow, y: StreamFlow) => void,
): void {
  for (const stream of streams)
    for (const x of stream.flows) {
      if (x.vantage !== a) continue;
      for (const y of stream.flows) if (y.vantage === b) action(stream, x, y);
    }
}

const DIRECTIONS = [0, 1] as const;

/** Packets that are alone in what they are at both of two vantages: their places there, and how their ACK numbers are shifted. */
interface Singles {
  readonly inA: number[];
  readonly inB: number[];
  readonly ackShifts: number[];
}

function pairOf(
  vantages: readonly Vantage[],
  lists: readonly Lists[],
  streams: readonly Stream[],
  { a, b, isOneClock }: { a: number; b: number; isOneClock: boolean },
): Pair {
  const traits = new Traits();
  const sa = vantages[a].sightings;
  const sb = vantages[b].sightings;
  const singles = singlesOf(lists, streams, { a, b, sa, sb }, traits);
  traits.conclude();
  let at = Number.POSITIVE_INFINITY;
  const falls = [0, 0];
  const points = DIRECTIONS.map((direction) => {
    const found = new TimePoints();
    const { inA, inB, ackShifts } = singles[direction];
    inA.forEach((i, n) => {
      const j = inB[n];
      if (!traits.agree(sa, i, sb, j, ackShifts[n])) return;
      found.add(sa.time[i], sb.time[j] - sa.time[i]);
      falls[direction] += sa.ttl[i] - sb.ttl[j];
      at = Math.min(at, sa.time[i]);
    });
    return found;
  });
  const clock = isOneClock ? oneClock(points[0], points[1], at) : fitClock(points[0], points[1], at);
  const order: PairOrder = {
    a,
    b,
    fallForward: falls[0] / points[0].length,
    fallBackward: -falls[1] / points[1].length,
    byDelay: clock.order,
  };
  return {
    a,
    b,
    traits,
    clock,
    usual: [new UsualDelay(points[0]), new UsualDelay(points[1])],
    order,
    common: points[0].length + points[1].length,
  };
}

/** By direction. `traits` learns from each of them what stays the same between the two vantages. */
function singlesOf(
  lists: readonly Lists[],
  streams: readonly Stream[],
  { a, b, sa, sb }: { a: number; b: number; sa: Vantage['sightings']; sb: Vantage['sightings'] },
  traits: Traits,
): Singles[] {
  const singles: Singles[] = DIRECTIONS.map(() => ({ inA: [], inB: [], ackShifts: [] }));
  eachPartner(streams, a, b, (_, x, y) => {
    for (const direction of DIRECTIONS) {
      const { inA, inB, ackShifts } = singles[direction];
      const ackShift = x.shift[1 - direction] - y.shift[1 - direction];
      const course: Course = {
        a: sa,
        b: sb,
        inA: listOf(lists[a], x, direction),
        inB: listOf(lists[b], y, direction),
        seqShift: x.shift[direction] - y.shift[direction],
        ackShift,
      };
      matchSingles(course, (i, j) => {
        traits.learn(sa, i, sb, j, ackShift);
        inA.push(i);
        inB.push(j);
        ackShifts.push(ackShift);
      });
    }
  });
  return singles;
}

/** Finds each packet at all vantages: first at neighbours on the path, then what a vantage in between does not hold. */
class Matching {
  private readonly vantages: readonly Vantage[];
  private readonly lists: readonly Lists[];
  private readonly streams: readonly Stream[];
  private readonly pairs: readonly Pair[];
  private readonly path: readonly number[];
  private readonly table: PacketTable;
  /** The row of each packet at each vantage, -1 without. */
  private readonly rowOf: readonly Int32Array[];

  constructor(
    vantages: readonly Vantage[],
    lists: readonly Lists[],
    streams: readonly Stream[],
    pairs: readonly Pair[],
    path: readonly number[],
  ) {
    this.vantages = vantages;
    this.lists = lists;
    this.streams = streams;
    this.pairs = pairs;
    this.path = path;
    this.table = new PacketTable(vantages.length);
    this.rowOf = vantages.map(({ sightings }) => new Int32Array(sightings.length).fill(-1));
  }

  run(): PacketTable {
    const { path } = this;
    for (let gap = 1; gap < path.length; gap++)
      for (let from = 0; from + gap < path.length; from++) this.match(from, from + gap);
    this.addRest();
    for (let from = 0; from + 1 < path.length; from++)
      matchParts(
        this.table,
        this.vantages,
        this.streams,
        path[from],
        path[from + 1],
        pairFor(this.pairs, path[from], path[from + 1]),
      );
    return this.table;
  }

  /** Between the vantages at two places of the path. */
  private match(from: number, to: number): void {
    const first = this.path[from];
    const second = this.path[to];
    const pair = pairFor(this.pairs, first, second);
    const { a, b } = pair;
    const between = this.path.slice(from + 1, to);
    eachPartner(this.streams, a, b, (stream, x, y) => {
      for (const direction of DIRECTIONS) {
        const course: Course = {
          a: this.vantages[a].sightings,
          b: this.vantages[b].sightings,
          inA: this.open(a, listOf(this.lists[a], x, direction), b, between),
          inB: this.open(b, listOf(this.lists[b], y, direction), a, between),
          seqShift: x.shift[direction] - y.shift[direction],
          ackShift: x.shift[1 - direction] - y.shift[1 - direction],
        };
        if (course.inA.length === 0 || course.inB.length === 0) continue;
        matchAll(course, pair.traits, pair.usual[direction], (i, j) => this.link(stream.id, direction, a, i, b, j));
      }
    });
  }

  /** Of the packets at a vantage, those that have no partner at another one, nor at those in between. */
  private open(vantage: number, list: Int32Array, other: number, between: readonly number[]): Int32Array {
    const { rowOf, table } = this;
    return list.filter((i) => {
      const row = rowOf[vantage][i];
      return row < 0 || (table.at[other][row] < 0 && between.every((v) => table.at[v][row] < 0));
    });
  }

  private link(stream: number, direction: number, a: number, i: number, b: number, j: number): void {
    const { table, rowOf } = this;
    const rowA = rowOf[a][i];
    const rowB = rowOf[b][j];
    if (rowA >= 0 && rowB >= 0) {
      this.merge(rowA, rowB);
      return;
    }
    const row = rowA >= 0 ? rowA : rowB >= 0 ? rowB : table.add(stream, direction);
    table.at[a][row] = i;
    table.at[b][row] = j;
    rowOf[a][i] = row;
    rowOf[b][j] = row;
  }

  /** The second row becomes a part of the first, unless one vantage saw both. */
  private merge(into: number, row: number): void {
    const { at } = this.table;
    if (at.some((column) => column[into] >= 0 && column[row] >= 0)) return;
    at.forEach((column, v) => {
      if (column[row] < 0) return;
      column[into] = column[row];
      this.rowOf[v][column[row]] = into;
      column[row] = -1;
    });
    this.table.stream[row] = -1;
  }

  /** What only one vantage saw. */
  private addRest(): void {
    for (const { id, flows } of this.streams)
      for (const flow of flows) for (const direction of DIRECTIONS) this.addRestOf(id, flow, direction);
  }

  private addRestOf(stream: number, flow: StreamFlow, direction: 0 | 1): void {
    const { vantage } = flow;
    const rowOf = this.rowOf[vantage];
    for (const i of listOf(this.lists[vantage], flow, direction)) {
      if (rowOf[i] >= 0) continue;
      const row = this.table.add(stream, direction);
      this.table.at[vantage][row] = i;
      rowOf[i] = row;
    }
  }
}
