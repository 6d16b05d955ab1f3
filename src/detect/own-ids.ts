import type { Endpoint } from '../model/endpoint.ts';
import type { Gatherer } from './detector.ts';
import { Memory } from './memory.ts';

/** So many packets that have the IP ID of the one before them, of both ends together, are no coincidence. */
const REPEATS = 5;

/** What the IP IDs of one shard show, as plain data. */
export interface OwnIdFacts {
  readonly isConstant: boolean;
  /** Packets of each end that have the IP ID of its first one. */
  readonly repeats: readonly [number, number];
}

/**
 * Does every end give all its packets one IP ID? Hosts count them, draw them, or leave them zero (RFC 6864); whoever writes or copies
 * packets by hand leaves what is there. The first other one refutes it.
 */
export class OwnIds implements Gatherer<OwnIdFacts> {
  /** The IP ID of each end; its owner forgets those who leave. */
  readonly firsts = new Memory<Endpoint, { id: number }>(() => ({ id: 0 }));
  private isConstant = true;
  private readonly repeats: [number, number] = [0, 0];

  see(sender: Endpoint, ipId: number): void {
    if (!this.isConstant) return;
    const first = this.firsts.of(sender);
    if (ipId > 0 && first.id === 0) first.id = ipId;
    else if (ipId > 0 && first.id === ipId) this.repeats[sender.index]++;
    else this.isConstant = false;
  }

  gathered(): OwnIdFacts {
    return { isConstant: this.isConstant, repeats: [this.repeats[0], this.repeats[1]] };
  }

  join(shards: readonly OwnIdFacts[]): void {
    for (const { isConstant, repeats } of shards) {
      if (!isConstant) this.isConstant = false;
      this.repeats.forEach((_, i) => {
        this.repeats[i] += repeats[i];
      });
    }
  }

  get areWritten(): boolean {
    const [a, b] = this.repeats;
    return this.isConstant && a > 0 && b > 0 && a + b >= REPEATS;
  }
}
