import type { Told } from './controller.ts';

/** RFC 9406 section 4.3; times in nanoseconds. */
const MIN_RTT_THRESH = 4e6;
const MAX_RTT_THRESH = 16e6;
const MIN_RTT_DIVISOR = 8;
const N_RTT_SAMPLE = 8;
const CSS_GROWTH_DIVISOR = 4;
const CSS_ROUNDS = 5;

/**
 * HyStart++, RFC 9406 section 4.2: a round whose shortest RTT has risen by an eighth begins Conservative Slow Start, in which
 * the window grows a quarter as fast. Five such rounds end slow start; a round that is faster again takes it up as it was. The
 * limit L of growth per ACK is left out, as section 4.3 has it for senders that pace.
 */
export class HyStartPlusPlus {
  private lastRoundMinRtt = Number.POSITIVE_INFINITY;
  private currentRoundMinRtt = Number.POSITIVE_INFINITY;
  private samples = 0;
  /** SND.NXT when the round began. */
  private windowEnd = -1;
  /** NaN outside of Conservative Slow Start. */
  private cssBaselineMinRtt = Number.NaN;
  /** Rounds that ended in it; the one in which it began counts. */
  private cssRounds = 0;
  /** Segments acknowledged in it that have not opened the window yet. */
  private credit = 0;

  get isConservative(): boolean {
    return !Number.isNaN(this.cssBaselineMinRtt);
  }

  /** Takes one ACK in slow start; true when slow start is to end. */
  leaves(told: Told): boolean {
    if (told.una > this.windowEnd && this.beginRound(told)) return true;
    this.currentRoundMinRtt = Math.min(this.currentRoundMinRtt, told.rtt);
    if (++this.samples < N_RTT_SAMPLE) return false;
    if (this.isConservative) {
      if (this.currentRoundMinRtt < this.cssBaselineMinRtt) this.cssBaselineMinRtt = Number.NaN;
    } else if (this.currentRoundMinRtt >= this.lastRoundMinRtt + this.threshold) {
      this.cssBaselineMinRtt = this.currentRoundMinRtt;
      this.cssRounds = 0;
      this.credit = 0;
    }
    return false;
  }

  /** By how many segments the window grows for `acked`. */
  growth(acked: number): number {
    if (!this.isConservative) return acked;
    this.credit += acked;
    const grown = Math.floor(this.credit / CSS_GROWTH_DIVISOR);
    this.credit -= grown * CSS_GROWTH_DIVISOR;
    return grown;
  }

  private get threshold(): number {
    return Math.max(MIN_RTT_THRESH, Math.min(this.lastRoundMinRtt / MIN_RTT_DIVISOR, MAX_RTT_THRESH));
  }

  /** True when the last of the conservative rounds is over. */
  private beginRound(told: Told): boolean {
    this.lastRoundMinRtt = this.currentRoundMinRtt;
    this.currentRoundMinRtt = Number.POSITIVE_INFINITY;
    this.samples = 0;
    this.windowEnd = told.sndNxt;
    return this.isConservative && ++this.cssRounds === CSS_ROUNDS;
  }
}
