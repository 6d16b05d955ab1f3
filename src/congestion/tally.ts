import type { Signature } from './signatures.ts';

/** How well a signature predicted what the wire then showed. */
export class Tally {
  readonly signature: Signature;
  /** Squared distances, in units of the uncertainty, summed up. */
  deviation = 0;
  /** Reductions, and stretches of growth, of which it predicted something. */
  reductions = 0;
  growths = 0;
  /** Squared distance of what is not over yet, a reduction or a growth; NaN where there is none or where it tells nothing. */
  running = Number.NaN;
  isReducing = false;
  /** Reductions that it predicted and that the common signatures did not. */
  telling = 0;

  constructor(signature: Signature) {
    this.signature = signature;
  }

  private get isRunning(): boolean {
    return !Number.isNaN(this.running);
  }

  /** Reductions and growths, with the one that is not over, and the sum of their squared distances. */
  get observations(): number {
    return this.reductions + this.growths + (this.isRunning ? 1 : 0);
  }

  get distance(): number {
    return this.deviation + (this.isRunning ? this.running : 0);
  }

  /** It predicted a reduction. */
  get hasReduced(): boolean {
    return this.reductions > 0 || (this.isReducing && this.isRunning);
  }

  /** Of one observation, NaN without any: 1 is what chance alone would bring. */
  get mean(): number {
    return this.distance / this.observations;
  }

  /** `distance`: squared, NaN nothing. It holds until it is taken in, or until another one takes its place. */
  observe(distance: number, isReduction: boolean): void {
    this.running = distance;
    this.isReducing = isReduction;
  }

  /** The observation that runs is complete. */
  takeIn(): void {
    if (!this.isRunning) return;
    this.deviation += this.running;
    if (this.isReducing) this.reductions++;
    else this.growths++;
    this.running = Number.NaN;
  }
}
