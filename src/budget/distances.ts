/** How far away the two ends are from the point of capture: the shortest round trips from there (ns). */
export class Distances {
  /** By the index of the end; 0 while unknown. */
  private readonly rounds: [number, number] = [Number.NaN, Number.NaN];
  /** Measured with what a timer sent: any other measure counts more. */
  private isDoubtful: [boolean, boolean] = [false, false];

  /** From the point of capture to the end and back, 0 while unknown. */
  roundTo(index: number): number {
    const round = this.rounds[index];
    return Number.isNaN(round) ? 0 : round;
  }

  /** One way: half of it. */
  wayTo(index: number): number {
    return this.roundTo(index) / 2;
  }

  /** Between the two ends and back. */
  get round(): number {
    return this.roundTo(0) + this.roundTo(1);
  }

  /** An answer of the end took so long. */
  measured(index: number, time: number, isDoubtful = false): void {
    const known = this.rounds[index];
    if (time < 0 || (isDoubtful && !Number.isNaN(known))) return;
    if (Number.isNaN(known) || this.isDoubtful[index] || time < known) {
      this.rounds[index] = time;
      this.isDoubtful[index] = isDoubtful;
    }
  }
}
