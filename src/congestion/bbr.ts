import type { Fit } from './fit.ts';
import type { Round } from './round.ts';

/** A peak that falls below this share of the one before was lowered on purpose. */
const LOWERED = 0.93;
/** A loss that leaves more than this share of the flight was not answered. */
const UNMOVED = 0.9;
/** In the round behind a recovery, of what was in flight: less than that shows nothing. */
const STILL_SENDING = 0.7;
/** A window of which this share was in flight was used. */
const USED = 0.8;
/** Signs that it takes; one loss that was not answered is enough when no loss-based model fits. */
const ENOUGH = 3;
const MISFIT = 0.3;
/** Where too few rounds were undisturbed to see a clock: so many losses without an answer, and so great a misfit. */
const SEVERAL = 2;
const STRANGE = 1;
/** A sender that answers fewer of its ACKs at once than this follows a clock of its own. */
const PACED = 0.5;
const LEAST_BATCHES = 10;
const CLEARLY_PACED = 0.3;
const MANY_BATCHES = 30;
/** A sender that is never silent for longer than this share of a round has data to send. */
const LONGEST_PAUSE = 1 / 8;
const LEAST_SENT = 16;
/** Rounds of which the fastest tells the bandwidth. */
const RATE_ROUNDS = 10;
/** Twice the bandwidth-delay product: cwnd_gain of BBR version 1 while it probes for bandwidth. */
const WINDOW_GAIN = 2;

/**
 * Recognises a rate-based sender (BBR) by what no loss-based one does: it spaces its segments by a clock of its own and not
 * by the ACKs, lowers its flight without a loss again and again (drain, and the phases of its probing cycle), and does not
 * send less after a loss.
 */
export class RateBased {
  /** Times that the flight was lowered without a loss, losses that did not lower it, and losses that did. */
  private lowerings = 0;
  private unmoved = 0;
  private yielded = 0;
  private batches = 0;
  private answered = 0;
  private lastPeak = 0;
  /** In the latest round it always had data to send. */
  private busy = false;
  /** In flight when the latest loss was detected, 0 when that tells nothing; the answer shows in the round behind the recovery. */
  private before = 0;
  private awaits = false;
  /** Delivery rates of the latest rounds, segments in a nanosecond. */
  private readonly rates: number[] = [];
  private next = 0;

  round(r: Round): void {
    if (r.duration > 0) {
      this.rates[this.next] = r.delivered / r.duration;
      this.next = (this.next + 1) % RATE_ROUNDS;
    }
    if (this.awaits) {
      if (r.sent >= STILL_SENDING * this.before) this.answersLoss(r.peak);
      else this.excuses();
    }
    const busy = r.sent >= LEAST_SENT && r.pause <= LONGEST_PAUSE * r.duration;
    if (!busy || !r.free) {
      this.lastPeak = 0;
      this.busy = false;
      return;
    }
    this.batches += r.batches;
    this.answered += r.answered;
    if (this.lastPeak > 0 && r.peak < LOWERED * this.lastPeak) this.lowerings++;
    this.lastPeak = r.peak;
    this.busy = busy;
  }

  /** A loss was detected with `inFlight` segments under way, of a window that a loss-based sender would hold to be `cwnd`. */
  loses(inFlight: number, cwnd: number): void {
    if (this.awaits) this.answersLoss(inFlight);
    this.before = inFlight >= USED * cwnd ? inFlight : 0;
    this.lastPeak = 0;
  }

  /** The losses are repaired: a round begins that shows what the sender now takes for its window. */
  recovers(): void {
    this.awaits = this.before > 0;
  }

  private answersLoss(peak: number): void {
    if (peak >= UNMOVED * this.before) this.unmoved++;
    else this.yielded++;
    this.awaits = false;
    this.before = 0;
  }

  /** The loss was none, or the sender had nothing to show behind it. */
  excuses(): void {
    this.before = 0;
    this.awaits = false;
  }

  private get signs(): number {
    return this.lowerings + this.unmoved;
  }

  /** `fit`: how well the loss-based models explain the sender. */
  isRecognised(fit: Fit): boolean {
    if (this.batches < LEAST_BATCHES) return this.unmoved >= SEVERAL && this.yielded === 0 && fit.misfit >= STRANGE;
    if (!this.paced) return false;
    if (this.signs >= ENOUGH && this.signs > 2 * this.yielded) return true;
    const isClear = this.batches >= MANY_BATCHES && this.answered < CLEARLY_PACED * this.batches;
    if (this.unmoved > this.yielded && (isClear || fit.misfit >= MISFIT)) return true;
    // A window that was full when a loss was met was filled by a clock: an application that sends by one does not fill it.
    const filled = this.unmoved + this.yielded > 0;
    return filled && isClear && (!fit.isCertain || fit.misfit >= MISFIT);
  }

  /** It follows a clock of its own. */
  get paced(): boolean {
    return this.batches >= LEAST_BATCHES && this.answered < PACED * this.batches;
  }

  /** It paces a stream that does not run dry. */
  get paces(): boolean {
    return this.busy && this.paced;
  }

  /** 0..1 */
  get confidence(): number {
    return (this.signs + 1) / (this.signs + this.yielded + 3);
  }

  /** Twice the bandwidth-delay product, in segments; `minRtt` in nanoseconds, NaN unknown. */
  window(minRtt: number): number {
    let most = 0;
    for (const rate of this.rates) if (rate > most) most = rate;
    return Math.max(Math.round(WINDOW_GAIN * most * (minRtt > 0 ? minRtt : 0)), 4);
  }
}
