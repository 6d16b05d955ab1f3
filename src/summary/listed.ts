import type { CostlyKind } from '../messages/answer.ts';
import type { Connection } from '../model/connection.ts';
import type { Affected } from './kind-summary.ts';
import { isAffected, KINDS } from './kinds.ts';
import { Ranking } from './ranking.ts';
import { busyOf, lostOf, totalsOf } from './tally.ts';

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
  readonly count: number;
  /** Nanoseconds of all. */
  sum = 0;
  private added = 0;
  private readonly connections: Uint32Array;
  private readonly times: Float64Array;

  constructor(count: number) {
    this.count = count;
    this.connections = new Uint32Array(count);
    this.times = new Float64Array(count);
  }

  /** One of the `count`. */
  add(connection: number, time: number): void {
    this.connections[this.added] = connection;
    this.times[this.added++] = time;
    this.sum += time;
  }

  /** Those that lost most first. */
  ranked(all: readonly Connection[]): Ranking<Affected> {
    const { connections, times } = this;
    const order = Uint32Array.from(times, (_, i) => i);
    order.sort((a, b) => times[b] - times[a] || all[connections[a]].id - all[connections[b]].id);
    return new Ranking(order, (i) => ({ connection: all[connections[i]], lost: times[i] }));
  }
}

/** What connections are ordered by, and what each lost: in arrays, since there may be very many. */
export class Listed {
  private readonly connections: readonly Connection[];
  private readonly figures: Float64Array;
  /** Nanoseconds that each lost, in all and by the kind that cost it most. */
  private readonly losses: Float64Array;
  private readonly dearestTimes: Float64Array;
  /** Kinds by their places in `KINDS`: one that cost most, and a bit for each that affects it (16 at most). */
  private readonly dearest: Int8Array;
  private readonly affecting: Uint16Array;
  private readonly listed: Uint32Array;
  private count = 0;

  constructor(connections: readonly Connection[]) {
    const { length } = connections;
    this.connections = connections;
    this.figures = new Float64Array(length);
    this.losses = new Float64Array(length);
    this.dearestTimes = new Float64Array(length);
    this.dearest = new Int8Array(length).fill(-1);
    this.affecting = new Uint16Array(length);
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
      if (time > 0 && isAffected(time, busy)) this.affecting[index] |= 1 << kind;
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
    order.sort((a, b) => figures[b] - figures[a] || connections[a].id - connections[b].id);
    return new Ranking(order, (i) => ({
      connection: connections[i],
      lost: losses[i],
      kind: dearest[i] < 0 ? null : KINDS[dearest[i]].kind,
      most: dearestTimes[i],
    }));
  }

  /** By the places of the kinds. What each kind cost is asked once more, which takes less memory than to keep it. */
  affected(): readonly Losses[] {
    const { connections, affecting } = this;
    const counts = KINDS.map(() => 0);
    for (let i = 0; i < affecting.length; i++) forBits(affecting[i], (kind) => counts[kind]++);
    const all = counts.map((count) => new Losses(count));
    for (let i = 0; i < affecting.length; i++) {
      if (affecting[i] === 0) continue;
      const totals = totalsOf(connections[i]);
      forBits(affecting[i], (kind) => all[kind].add(i, totals[KINDS[kind].use]));
    }
    return all;
  }
}

function forBits(bits: number, call: (place: number) => void): void {
  for (let place = 0; bits >> place !== 0; place++) if ((bits >> place) & 1) call(place);
}
