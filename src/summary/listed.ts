import type { CostlyKind } from '../messages/answer.ts';
import type { Connection } from '../model/connection.ts';
import type { ConnectionList } from '../model/connection-list.ts';
import type { Affected } from './kind-summary.ts';
import { isAffected, KINDS } from './kinds.ts';
import { Ranking } from './ranking.ts';
import { busyOf, lostOf } from './tally.ts';

export interface WorstConnection {
  readonly connection: Connection;
  readonly lost: number;
  /** What cost it most, and how much of `lost` that is; null where it lost nothing. */
  readonly kind: CostlyKind | null;
  readonly most: number;
}

/** The connections that one kind of trouble affects, and what each lost by it. */
export class Losses {
  /** How many there are. */
  count = 0;
  /** Nanoseconds of all. */
  sum = 0;
  private connections = new Uint32Array(16);
  private times = new Float64Array(16);

  /** One more, by its place among all connections. */
  add(connection: number, time: number): void {
    if (this.count === this.times.length) this.grow();
    this.connections[this.count] = connection;
    this.times[this.count++] = time;
    this.sum += time;
  }

  private grow(): void {
    const { connections, times } = this;
    this.connections = new Uint32Array(2 * this.count);
    this.connections.set(connections);
    this.times = new Float64Array(2 * this.count);
    this.times.set(times);
  }

  /** Those that lost most first. `serviceOf`: the service of a connection, by its place. */
  ranked(serviceOf: (connection: number) => string): Ranking<Affected> {
    const { connections, times } = this;
    const order = new Uint32Array(this.count).map((_, i) => i);
    order.sort((a, b) => times[b] - times[a] || connections[a] - connections[b]);
    return new Ranking(order, (i) => ({
      connection: connections[i],
      service: serviceOf(connections[i]),
      lost: times[i],
    }));
  }
}

/** What connections are ordered by, and what each lost: in arrays, since there may be very many. */
export class Listed {
  private readonly connections: ConnectionList;
  private readonly figures: Float64Array;
  /** Nanoseconds that each lost, in all and by the kind that cost it most. */
  private readonly losses: Float64Array;
  private readonly dearestTimes: Float64Array;
  /** The kind that cost most, by its place in `KINDS`; -1 none. */
  private readonly dearest: Int8Array;
  /** By the places of the kinds. */
  readonly affected: readonly Losses[] = KINDS.map(() => new Losses());
  private readonly listed: Uint32Array;
  private count = 0;

  constructor(connections: ConnectionList) {
    const { length } = connections;
    this.connections = connections;
    this.figures = new Float64Array(length);
    this.losses = new Float64Array(length);
    this.dearestTimes = new Float64Array(length);
    this.dearest = new Int8Array(length).fill(-1);
    this.listed = new Uint32Array(length);
  }

  /** Lists the connection with this index by `figure`. */
  add(index: number, totals: ArrayLike<number>, figure: number): void {
    const busy = busyOf(totals);
    let most = 0;
    for (let kind = 0; kind < KINDS.length; kind++) {
      const time = totals[KINDS[kind].use];
      if (time > most) {
        most = time;
        this.dearest[index] = kind;
      }
      if (time > 0 && isAffected(time, busy)) this.affected[kind].add(index, time);
    }
    this.figures[index] = figure;
    this.losses[index] = lostOf(totals);
    this.dearestTimes[index] = most;
    this.listed[this.count++] = index;
  }

  /** Those with the largest figures first. */
  worst(): Ranking<WorstConnection> {
    const { connections, figures, losses, dearestTimes, dearest } = this;
    const order = this.listed.slice(0, this.count);
    order.sort((a, b) => figures[b] - figures[a] || a - b);
    return new Ranking(order, (i) => ({
      connection: connections.at(i),
      lost: losses[i],
      kind: dearest[i] < 0 ? null : KINDS[dearest[i]].kind,
      most: dearestTimes[i],
    }));
  }
}
