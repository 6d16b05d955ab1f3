import { DOUBLE_ZERO } from '../model/packed.ts';

/** An end is near the point of capture when it is so many times nearer than the other. */
const NEAR = 4;

/** How far away the two ends are from the point of capture: the shortest round trips from there (ns). */
export class Distances {
  /** By the index of the end; 0 while unknown. */
  private readonly rounds: [number, number] = [Number.NaN, Number.NaN];
  /** By how much (ns) answers of the end are later than its quickest, on the average; those that waited for a timer do not count. */
  private readonly deviations: [number, number] = [DOUBLE_ZERO, DOUBLE_ZERO];
  /** Measured with what a timer sent: any other measure counts more. */
  private isDoubtful: [boolean, boolean] = [false, false];

  /** From the point of capture to the end and back, 0 while unknown. */
  roundTo(index: number): number {
    const round = this.rounds[index];
    return Number.isNaN(round) ? 0 : round;
  }

  /** The capture was made at that end, or close to it. */
  isNear(index: number): boolean {
    return NEAR * this.roundTo(index) <= this.roundTo(1 - index);
  }

  /** One way: half of it. */
  wayTo(index: number): number {
    return this.roundTo(index) / 2;
  }

  /** Between the two ends and back. */
  get round(): number {
    return this.roundTo(0) + this.roundTo(1);
  }

  /** How much later (ns) than after the quickest round trip what an end does may be seen, by the `jitter` (ns) of what it sends. */
  blurOf(index: number, jitter: number): number {
    if (this.isNear(index)) return 0;
    return Math.min(Math.max(2 * this.deviations[index], 4 * jitter), this.round / 4);
  }

  /** Something that the end did after it had been told took so long: no round trip is longer, and it may have waited. */
  bounded(index: number, time: number): void {
    const known = this.rounds[index];
    if (Number.isNaN(known) || this.isDoubtful[index] || time < known) {
      this.rounds[index] = time;
      this.isDoubtful[index] = false;
    }
  }

  /** An answer of the end took so long. */
  measured(index: number, time: number, isDoubtful = false): void {
    const known = this.rounds[index];
    if (time < 0 || (isDoubtful && !Number.isNaN(known))) return;
    const late = time - known;
    if (late < known / 4) this.deviations[index] += (late - this.deviations[index]) / 8;
    this.bounded(index, time);
    if (isDoubtful) this.isDoubtful[index] = true;
  }
}
