/** A sender that waits for its window answers an ACK within this time (ns). */
export const PROMPT = 300e3;
/** So long without a packet is a silence (ns): a packet within `PROMPT` after it is no chance. */
const SILENCE = 10 * PROMPT;
/** So many have to be answered, and no more than this share of that number may be broken by the sender. */
const LEAST_ANSWERED = 5;
const BROKEN = 0.25;

/**
 * Who breaks the silences between a sender and its receiver. Beside the sender it is an ACK, and data at once after it; beside the
 * receiver it is data.
 */
export class Silences {
  private answered = 0;
  private broken = 0;
  /** The latest packet, and the latest ACK that broke a silence (ns), NaN without. */
  private last = Number.NaN;
  private woken = Number.NaN;

  hears(now: number): void {
    if (now - this.last >= SILENCE) this.woken = now;
    this.last = now;
  }

  sends(now: number): void {
    if (now - this.woken <= PROMPT) this.answered++;
    else if (now - this.last >= SILENCE) this.broken++;
    this.woken = Number.NaN;
    this.last = now;
  }

  /** The capture was made beside the sender. */
  get areAnswered(): boolean {
    return this.answered >= LEAST_ANSWERED && this.broken <= BROKEN * this.answered;
  }
}
