import { STILL_SENDING, UNREDUCED, USED } from './flight-shares.ts';
import type { Round } from './round.ts';
import { PROMPT } from './silences.ts';

/** The sender lowered its flight on purpose when the peak of a round is below this share of the peak before. */
const LOWERED = 0.93;
/**
 * The sender answered a loss when its flight afterwards is at most this share of the flight before. No algorithm goes below
 * `COLLAPSED`: where less is in flight the sender had stopped for another reason.
 */
const ANSWERED = 0.85;
const COLLAPSED = 0.4;
/** A sender that lowers its flight this often without a loss is recognised although it has met no loss. */
const ENOUGH = 3;
/** A sender follows a clock of its own when no ACK comes just before this share of its bursts. Fewer than `LEAST_BURSTS` tell nothing. */
const UNPROMPTED = 0.5;
const LEAST_BURSTS = 20;
/**
 * A sender answers ACKs when no ACK comes just before at most this share of its bursts. That tells nothing where more than the share
 * `CHANCE` of all time lies just after an ACK.
 */
const ANSWERING = 0.1;
const CHANCE = 0.5;
/** A paced sender with data to send is not silent for longer than this share of a round, or than `LONGEST_GAP` times its mean gap. */
const LONGEST_PAUSE = 1 / 8;
const LONGEST_GAP = 1.5;
const LEAST_SENT = 4;
/** With fewer segments in flight, rounding to whole segments alone lowers the peak by as much. */
const LEAST_PEAK = 16;
/** The bandwidth is the highest delivery rate of this many rounds. */
const RATE_ROUNDS = 10;
/** Twice the bandwidth-delay product: cwnd_gain of BBR version 1 while it probes for bandwidth. */
const WINDOW_GAIN = 2;

/**
 * Recognises a rate-based sender (BBR) by what no loss-based one does: it spaces its segments by a clock of its own and not
 * by the ACKs, lowers its flight without a loss again and again (drain, and the phases of its probing cycle), and does not
 * send less after a loss.
 */
export class RateBased {
  /** Times that the flight was lowered without a loss, losses that did not lower it, and losses that did as a window would. */
  lowerings = 0;
  unmoved = 0;
  private yielded = 0;
  /** Losses that were met with a full window. */
  private met = 0;
  private bursts = 0;
  private unprompted = 0;
  /** Time within which an ACK counts as the cause of what is sent, and all time (ns). */
  private afterAcks = 0;
  private time = 0;
  private lastPeak = 0;
  /** In the latest round it always had data to send. */
  private busy = false;
  /** In flight when the latest loss was detected, 0 when that tells nothing; the answer shows in the round after the recovery. */
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
    this.busy = r.free && r.sent >= LEAST_SENT && r.pause <= Math.max(LONGEST_PAUSE, LONGEST_GAP / r.sent) * r.duration;
    if (this.busy) {
      this.bursts += r.bursts;
      this.unprompted += r.unprompted;
      this.afterAcks += r.batches * PROMPT;
      this.time += r.duration;
    }
    if (!this.busy || r.peak < LEAST_PEAK) {
      this.lastPeak = 0;
      return;
    }
    if (this.lastPeak > 0 && r.peak < LOWERED * this.lastPeak) this.lowerings++;
    this.lastPeak = r.peak;
  }

  /** A loss was detected with `inFlight` segments under way, of a window that a loss-based sender would hold to be `cwnd`. */
  loses(inFlight: number, cwnd: number): void {
    if (this.awaits && inFlight >= UNREDUCED * this.before) this.unmoved++;
    const isUsed = inFlight >= USED * cwnd;
    if (isUsed) this.met++;
    this.before = isUsed ? inFlight : 0;
    this.awaits = false;
    this.lastPeak = 0;
  }

  /** The losses are repaired: a round begins that shows what the sender now takes for its window. */
  recovers(): void {
    this.awaits = this.before > 0;
  }

  private answersLoss(peak: number): void {
    if (peak >= UNREDUCED * this.before) this.unmoved++;
    else if (peak <= ANSWERED * this.before && peak >= COLLAPSED * this.before) this.yielded++;
    this.excuses();
  }

  /** The loss was spurious, or the sender had nothing to show after it. */
  excuses(): void {
    this.before = 0;
    this.awaits = false;
  }

  private get signs(): number {
    return this.lowerings + this.unmoved;
  }

  /** A window that was full when a loss was met was filled by a clock: an application that sends by one does not fill it. */
  get isRecognised(): boolean {
    return this.paced && (this.met > 0 || this.lowerings >= ENOUGH) && this.signs >= this.yielded;
  }

  /** It follows a clock of its own. */
  get paced(): boolean {
    return this.bursts >= LEAST_BURSTS && this.unprompted >= UNPROMPTED * this.bursts;
  }

  /** What it sends follows upon ACKs too closely, and too often, for chance: the capture was made at its end of the path. */
  get answersAtOnce(): boolean {
    const { bursts, unprompted, afterAcks, time } = this;
    return bursts >= LEAST_BURSTS && unprompted <= ANSWERING * bursts && afterAcks <= CHANCE * time;
  }

  /** It paces a stream that does not run dry. */
  get paces(): boolean {
    return this.busy && this.paced;
  }

  /** 0..1 */
  get confidence(): number {
    return (this.signs + 1) / (this.signs + this.yielded + 2);
  }

  /** Twice the bandwidth-delay product, in segments; `minRtt` in nanoseconds, NaN unknown. */
  window(minRtt: number): number {
    let most = 0;
    for (const rate of this.rates) if (rate > most) most = rate;
    return Math.max(Math.round(WINDOW_GAIN * most * (minRtt > 0 ? minRtt : 0)), 4);
  }
}
