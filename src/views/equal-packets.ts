import type { PacketTable } from './packet-table.ts';
import type { Vantage } from './sightings.ts';
import { mix } from './sightings.ts';

/** Different packets with the same hash that are kept: who makes them on purpose gets no more. */
const MAX_EQUAL = 64;

/** Packets of one direction that are alike in all: the network may have made the second. */
export class EqualPackets {
  private readonly vantages: readonly Vantage[];
  private readonly table: PacketTable;
  private readonly travel: readonly number[];
  /** Of each vantage, by a hash: packets that the vantage before it had too, one of each kind. */
  private readonly kinds: readonly Map<number, number[]>[];

  /** `travel`: the vantages in the order in which the packets pass them. */
  constructor(vantages: readonly Vantage[], table: PacketTable, travel: readonly number[]) {
    this.vantages = vantages;
    this.table = table;
    this.travel = travel;
    this.kinds = vantages.map(() => new Map());
  }

  note(row: number): void {
    const { at } = this.table;
    for (let place = 1; place < this.travel.length; place++) {
      const v = this.travel[place];
      const i = at[v][row];
      if (i < 0 || at[this.travel[place - 1]][row] < 0 || this.has(v, i)) continue;
      const hash = hashOf(this.vantages[v].sightings, i);
      const kinds = this.kinds[v].get(hash);
      if (kinds === undefined) this.kinds[v].set(hash, [i]);
      else if (kinds.length < MAX_EQUAL) kinds.push(i);
    }
  }

  /** The same packet was seen before at the vantage and at the one before it on its way. */
  hasEqual(row: number, v: number): boolean {
    return this.has(v, this.table.at[v][row]);
  }

  private has(v: number, i: number): boolean {
    const { sightings: s } = this.vantages[v];
    for (const j of this.kinds[v].get(hashOf(s, i)) ?? []) if (areEqual(s, i, j)) return true;
    return false;
  }
}

function hashOf(s: Vantage['sightings'], i: number): number {
  const place = mix(mix(mix(s.seq[i], s.ack[i]), s.payload[i]), s.flags[i]);
  return mix(mix(mix(mix(place, s.window[i]), s.ipId[i]), s.tsVal[i]), s.sack[i]);
}

function areEqual(s: Vantage['sightings'], i: number, j: number): boolean {
  return (
    s.seq[i] === s.seq[j] &&
    s.ack[i] === s.ack[j] &&
    s.payload[i] === s.payload[j] &&
    s.flags[i] === s.flags[j] &&
    s.window[i] === s.window[j] &&
    s.ipId[i] === s.ipId[j] &&
    s.tsVal[i] === s.tsVal[j] &&
    s.sack[i] === s.sack[j] &&
    s.known[i] === s.known[j]
  );
}
