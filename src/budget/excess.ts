import { DOUBLE_ZERO } from '../model/packed.ts';
import { DELAYED_ACK } from '../model/tcp-constants.ts';
import type { Telling } from './arrival.ts';
import { Delivered, FIRST, LATEST } from './copies.ts';
import type { Distances } from './distances.ts';
import type { Tape } from './tape.ts';
import type { UnderWay } from './under-way.ts';

/** No common stack delays an ACK for less than this by its timer (ns), less a clock tick: Linux has the shortest, 40 ms. */
const SHORTEST_DELAY = 38e6;

/** What may have held an ACK back. */
export const Holds = {
  NOT: 0,
  /** The timer of a delayed ACK. */
  TIMER: 1,
  /** The same, and it went along with data of the program. */
  ANSWER: 2,
  /** The program does not read, and the window closes. */
  READER: 3,
} as const;

const delivered = new Delivered();

/** How much longer than the quickest the data of one end was under way, as the ACKs tell. Times in nanoseconds. */
export class Excess {
  private readonly distances: Distances;
  /** Index of the end that acknowledges. */
  private readonly receiver: number;
  /** The latest that was told of: when it left (capture time), and by how much it took longer. */
  declare private lastLeft: number;
  declare private lastLate: number;

  constructor(distances: Distances, receiver: number) {
    this.distances = distances;
    this.receiver = receiver;
  }

  begin(): void {
    this.lastLeft = this.lastLate = DOUBLE_ZERO;
  }

  write(tape: Tape): void {
    tape.put(this.lastLeft);
    tape.put(this.lastLate);
  }

  read(tape: Tape): void {
    this.lastLeft = tape.next();
    this.lastLate = tape.next();
  }

  /**
   * Writes to `telling` by how much row `i` took longer, the latest that its ACK tells of: that left when the row arrived, or later by what
   * its receiver may have held it back (`holds`, one of `Holds`).
   */
  measure(telling: Telling, underWay: UnderWay, i: number, holds: number): void {
    telling.excess = 0;
    if (i < 0 || this.distances.isNear(this.receiver)) return;
    const at = underWay.at(i);
    const { memory } = underWay;
    const passed = Number.isNaN(memory[at + LATEST]) ? memory[at + FIRST] : memory[at + LATEST];
    const excess = this.since(passed, telling);
    const before = Math.max(this.lastLate - (passed - this.lastLeft), 0);
    const isPrompt = holds === Holds.NOT || (holds === Holds.TIMER && excess <= before + SHORTEST_DELAY);
    const shown = isPrompt ? excess : Math.min(before, excess);
    telling.excess = Math.max(shown, this.onTheWay(telling, underWay, at, before, holds));
    this.lastLate = telling.excess;
    this.lastLeft = passed;
  }

  /** By how much longer than the quickest it takes from what passed at `passed` to the ACK. */
  private since(passed: number, { now, late }: Telling): number {
    return Math.max(now - late - passed - this.distances.roundTo(this.receiver), 0);
  }

  /**
   * By how much the row at `at` took longer on its way at the least, where its sender sent it again: it had no ACK by then. What takes longer
   * than a delayed ACK was held up on the way, also where the answer of the program is the ACK. 0 where a delayed ACK may be all of it, the
   * receiver does not read, or an earlier ACK did not pass.
   */
  private onTheWay(telling: Telling, underWay: UnderWay, at: number, before: number, holds: number): number {
    const { memory } = underWay;
    const isTimed = holds === Holds.TIMER || holds === Holds.ANSWER;
    if (Number.isNaN(memory[at + LATEST]) || !isTimed || telling.missed > 0) return 0;
    delivered.choose(memory, at, underWay.labelAt(at), telling.now, this.distances.roundTo(this.receiver));
    const excess = this.since(delivered.passed, telling);
    if (excess <= before + DELAYED_ACK) return 0;
    return holds === Holds.TIMER ? excess : excess - DELAYED_ACK;
  }
}
