import { BUNCH } from '../congestion/bottleneck.ts';
import { DOUBLE_ZERO } from '../model/packed.ts';
import { SAME_RATE } from './bottleneck.ts';
import type { Tape } from './tape.ts';

/** So many rates agree in a row before they mean anything. */
const LEAST = 3;

/**
 * Tells by their even spacing that segments came one after the other through a bottleneck, where their sender has no clock that
 * would show how late they are.
 */
export class Spacing {
  /** Logarithm of nanoseconds a byte, NaN unknown. */
  declare private rate: number;
  declare private agreeing: number;
  /** When the latest bunch came (ns), and bytes since. */
  declare private lastTime: number;
  declare private bytes: number;

  constructor() {
    this.begin();
  }

  /** Nothing is known. */
  begin(): void {
    this.rate = Number.NaN;
    this.agreeing = 0;
    this.lastTime = Number.NEGATIVE_INFINITY;
    this.bytes = DOUBLE_ZERO;
  }

  write(tape: Tape): void {
    tape.put(this.rate);
    tape.put(this.agreeing);
    tape.put(this.lastTime);
    tape.put(this.bytes);
  }

  read(tape: Tape): void {
    this.rate = tape.next();
    this.agreeing = tape.next();
    this.lastTime = tape.next();
    this.bytes = tape.next();
  }

  /** A segment of so many bytes comes at `time`: how long (ns) it waited for the one before it, 0 unknown. `round`: a round trip. */
  waited(time: number, length: number, round: number): number {
    const gap = time - this.lastTime;
    this.bytes += length;
    if (gap < BUNCH) return 0;
    const rate = Math.log(gap / this.bytes);
    this.lastTime = time;
    this.bytes = DOUBLE_ZERO;
    if (gap > round) return 0;
    const isSteady = Math.abs(rate - this.rate) < SAME_RATE;
    if (isSteady) {
      this.agreeing++;
      this.rate += (rate - this.rate) / 4;
    } else if (this.agreeing > 0) {
      // One pause of the sender does not change the bottleneck.
      if (this.agreeing < LEAST) this.rate = rate;
      this.agreeing = Math.min(this.agreeing, 2 * LEAST) - 1;
    } else this.rate = rate;
    return isSteady && this.agreeing >= LEAST ? gap : 0;
  }
}
