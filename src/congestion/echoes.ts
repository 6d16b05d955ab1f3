/** So many echoes have to be near: one alone may be a slip of the capture. */
const SEVERAL = 5;

/**
 * How soon a sender echoes the timestamps that it hears (RFC 7323 section 3), as seen from the capture. It cannot echo one before
 * that has come to it: the time from the first sight of one to that of its echo is never shorter than the way to the sender and back.
 */
export class Echoes {
  /** The latest timestamp that went to the sender, and when it was first seen (ns). */
  private tsVal = 0;
  private time = Number.NaN;
  private near = 0;

  hears(tsVal: number, now: number): void {
    if (!Number.isNaN(this.time) && ((tsVal - this.tsVal) | 0) <= 0) return;
    this.tsVal = tsVal;
    this.time = now;
  }

  /** The sender echoes `tsEcr`; it is near when that comes within `bound` (ns). */
  sends(tsEcr: number, now: number, bound: number): void {
    if (tsEcr !== this.tsVal || !(now - this.time <= bound)) return;
    this.near++;
    // Only the first segment that echoes it counts.
    this.time = Number.NEGATIVE_INFINITY;
  }

  /** The capture was made beside the sender. */
  get areNear(): boolean {
    return this.near >= SEVERAL;
  }
}
