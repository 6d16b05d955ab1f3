import { DUP_THRESH } from '../model/tcp-constants.ts';
import { growthDistance, nearest, reductionDistance, VAGUE } from './distance.ts';
import { UNREDUCED, USED } from './flight-shares.ts';
import type { Round } from './round.ts';
import { Counting, Growth, isCommon, Reduction, type Signature } from './signatures.ts';
import { Tally } from './tally.ts';

/** Rounds after a repair in which the new window has to show. */
const ROUNDS_TO_SHOW = 2;
/** A window of fewer segments tells no reduction to 0.5 (Reno) from one to 0.7 (CUBIC). */
const LEAST_REDUCED = 6;
/** In units of the uncertainty: a signature that is at most `NEAR` fits, one that is at least `FAR` does not. */
const NEAR = 1;
const FAR = 1.5;
/** g of RFC 8257. */
const DCTCP_GAIN = 1 / 16;

const NONE: readonly Tally[] = [];

const Part = { NONE: 0, REPAIRING: 1, SHOWING: 2, GROWING: 3, RESTARTED: 4 } as const;

/**
 * Measures what a sender does, whatever its algorithm: by how much it reduces its window at each loss or mark, and how the window
 * grows in the round trips between. Every signature is held against each measurement. One that is merely the nearest does not fit.
 */
export class Evidence {
  readonly tallies: readonly Tally[];
  /** Segments outstanding at the largest of the losses. */
  largest = 0;
  private sack: boolean;
  private part: number = Part.NONE;
  private rounds = 0;
  /** Largest flight since the repair that did not show the window. */
  private seen = 0;
  /** Segments that may have opened the window when the repair ended. */
  private atOnce = 0;
  /** The loss was spurious: later rounds show whether the sender undid its reduction. */
  private isExcused = false;
  /** The window was seen while the loss was repaired. */
  private isHeld = false;
  private readonly reduction = new Reduction();
  private readonly growth = new Growth();
  /** End of the latest repair (ns). */
  private since = Number.NaN;
  /** Peak of the latest round that showed the window, 0 without; and whether it was as large in the one before. */
  private shown = 0;
  private isLevel = false;
  /** Share of marked data. It begins with one, as Linux has it. */
  private alpha = 1;

  /** `sack`: the sender knows which segments have arrived, and so does who looks on. The first signatures are the common ones. */
  constructor(signatures: readonly Signature[], sack: boolean) {
    this.sack = sack;
    this.tallies = signatures.map((signature) => new Tally(signature));
    this.reduction.sack = sack;
    this.forgetRoundTrips();
    this.reduction.baseRtt = Number.POSITIVE_INFINITY;
    this.reduction.worstRtt = 0;
  }

  /** The sender has turned out to have SACK. */
  learnsSack(): void {
    this.sack = this.reduction.sack = true;
  }

  /** Some reduction could be held against the signatures. */
  get isMeasured(): boolean {
    return this.tallies.some(({ reductions }) => reductions > 0);
  }

  /** How well `algorithm` predicted what was measured, null where it predicts nothing. */
  of(algorithm: number): Tally | null {
    return this.tallies.find(({ signature }) => signature.algorithm === algorithm) ?? null;
  }

  /** What the sender counts, one of `Counting`. */
  set counting(counting: number) {
    this.growth.counting = counting;
  }

  private forgetRoundTrips(): void {
    this.reduction.shortestRtt = Number.POSITIVE_INFINITY;
    this.reduction.longestRtt = 0;
  }

  /**
   * A loss or a mark was told with `inFlight` segments under way, of `outstanding` that are not acknowledged; `pipe` of them are
   * taken for neither lost nor arrived. The models hold the window to be at least `cwnd`.
   */
  loses(inFlight: number, outstanding: number, pipe: number, cwnd: number): void {
    const { reduction } = this;
    if (this.part === Part.SHOWING) this.judgeUnshown(Math.max(inFlight, this.seen));
    this.settle();
    const isUsed = outstanding >= USED * cwnd || (this.isLevel && outstanding >= this.shown);
    this.part = isUsed ? Part.REPAIRING : Part.NONE;
    this.isExcused = this.isHeld = false;
    if (outstanding > this.largest) this.largest = outstanding;
    reduction.beforeLow = Math.min(inFlight, pipe, outstanding);
    reduction.beforeHigh = Math.max(outstanding, inFlight);
    reduction.isLevel = this.isLevel;
    // In congestion avoidance the window is that of the round before, plus a segment at most.
    if (this.isLevel && this.shown <= outstanding) {
      reduction.beforeLow = Math.min(Math.max(inFlight, this.shown), outstanding - inFlight + pipe);
      reduction.beforeHigh = Math.min(outstanding, Math.max(inFlight, this.shown) + 2);
    }
    reduction.alpha = this.alpha;
    this.shown = 0;
    this.isLevel = false;
  }

  /** While the losses are repaired the window lies between `least` and `most`. What is seen after that may tell it better. */
  holds(least: number, most: number): void {
    const { reduction } = this;
    if (this.part !== Part.REPAIRING || !this.sack) return;
    // The window may be inflated by so many segments (RFC 5681 section 3.2), and as many may not be taken for lost yet (RFC 6675).
    reduction.afterLow = least - DUP_THRESH;
    reduction.afterHigh = most + DUP_THRESH;
    if (reduction.afterHigh - reduction.afterLow > VAGUE * reduction.beforeHigh) return;
    this.isHeld = true;
    for (const tally of this.told) tally.observe(reductionDistance(reduction, tally.signature), true);
  }

  /**
   * The losses are repaired: the rounds that follow show the window that is left. The ACK that ends the repair acknowledges `acked`
   * segments: two windows, by which senders that count segments may open it at once (RFC 3465 section 2.1).
   */
  recovers(now: number, acked: number): void {
    if (this.part !== Part.REPAIRING) return;
    this.part = Part.SHOWING;
    this.atOnce = this.growth.counting === Counting.ACKS ? 0 : acked;
    this.rounds = this.seen = 0;
    this.since = now;
  }

  /** The loss was spurious. */
  excuses(now: number): void {
    this.recovers(now, 0);
    this.isExcused = true;
    if (this.isHeld) for (const tally of this.tallies) tally.running = Number.NaN;
    this.isHeld = false;
  }

  /** Everything began again: once the window no longer grows as in slow start, its growth tells what it follows. */
  restarts(): void {
    this.settle();
    this.part = Part.RESTARTED;
    this.forgetRoundTrips();
  }

  /** A round trip is over; `shows`: what was in flight was all that the window allowed; `isLevel`: not as in slow start. */
  round(r: Round, shows: boolean, isLevel: boolean, now: number): void {
    this.measure(r);
    this.shown = shows ? r.peak : 0;
    this.isLevel = shows && isLevel;
    if (this.part === Part.SHOWING) this.show(r, shows);
    else if (this.part === Part.GROWING) {
      if (shows) this.grow(r, now);
      else this.endGrowth();
    } else if (this.part === Part.RESTARTED && this.isLevel && r.free) {
      this.since = now;
      this.beginGrowth(r, Number.NaN);
    }
  }

  private show(r: Round, shows: boolean): void {
    const { rounds } = this;
    if (!r.free) return;
    if (this.isExcused && r.peak >= UNREDUCED * this.reduction.beforeLow) this.part = Part.NONE;
    // A smaller peak than was seen before shows another reduction in between.
    else if (shows && r.peak >= this.seen - rounds) this.judgeReduction(r);
    else if (shows || ++this.rounds === ROUNDS_TO_SHOW) this.judgeUnshown(Math.max(r.peak, this.seen));
    else this.seen = Math.max(this.seen, r.peak);
  }

  private measure(r: Round): void {
    const { reduction } = this;
    if (r.delivered > 0) {
      if (r.duration > 0) reduction.rate = r.delivered / r.duration;
      this.alpha += DCTCP_GAIN * (r.marked / r.delivered - this.alpha);
    }
    if (r.samples === 0) return;
    reduction.latestRtt = r.rttSum / r.samples;
    if (r.shortestRtt < reduction.shortestRtt) reduction.shortestRtt = r.shortestRtt;
    if (r.longestRtt > reduction.longestRtt) reduction.longestRtt = r.longestRtt;
    if (r.shortestRtt < reduction.baseRtt) reduction.baseRtt = r.shortestRtt;
    if (r.longestRtt > reduction.worstRtt) reduction.worstRtt = r.longestRtt;
  }

  private judgeReduction(r: Round): void {
    const { reduction } = this;
    const seen = Math.min(r.first, r.peak);
    const low = seen - this.rounds - this.atOnce / Math.max(seen, 1);
    if (!this.isHeld || r.peak - low <= reduction.afterHigh - reduction.afterLow) {
      reduction.afterLow = low;
      reduction.afterHigh = r.peak;
    }
    this.compareReduction();
    this.beginGrowth(r, (reduction.beforeLow + reduction.beforeHigh) / 2);
  }

  /** The window is what the round shows; it was `before` when it was last reduced, NaN unknown. */
  private beginGrowth(r: Round, before: number): void {
    const { growth } = this;
    this.part = Part.GROWING;
    growth.before = before;
    growth.from = growth.to = r.peak;
    growth.byAcks = growth.bySegments = growth.rounds = 0;
    growth.rtt = r.duration;
  }

  /** The window did not show, but `least` segments of it were in flight. */
  private judgeUnshown(least: number): void {
    this.part = Part.NONE;
    if (!this.sack || this.isExcused) return;
    if (!this.isHeld) {
      this.reduction.afterLow = least - this.rounds;
      this.reduction.afterHigh = Number.POSITIVE_INFINITY;
    }
    this.compareReduction();
  }

  /** Of a few segments all reductions are alike. */
  private get told(): readonly Tally[] {
    return this.reduction.beforeHigh < LEAST_REDUCED ? NONE : this.tallies;
  }

  private compareReduction(): void {
    const { reduction } = this;
    let common = Number.POSITIVE_INFINITY;
    for (const tally of this.told) {
      const { signature } = tally;
      const distance = reductionDistance(reduction, signature);
      tally.observe(distance, true);
      tally.takeIn();
      if (isCommon(signature)) common = Math.min(common, nearest(reduction, signature));
      if (distance <= NEAR ** 2 && common >= FAR) tally.telling++;
    }
    this.isHeld = false;
    this.forgetRoundTrips();
  }

  private grow(r: Round, now: number): void {
    const { growth } = this;
    growth.rounds++;
    growth.byAcks += r.acks / r.peak;
    growth.bySegments += r.delivered / r.peak;
    growth.to = r.peak;
    growth.duration = now - this.since;
    for (const tally of this.tallies) tally.observe(growthDistance(growth, tally.signature), false);
  }

  /** The growth is over, because of a loss, a pause or the end: what follows is not known until the next reduction. */
  endGrowth(): void {
    if (this.part !== Part.GROWING) return;
    this.settle();
    this.part = Part.NONE;
  }

  /** Takes in what was still open: a growth, or a reduction that only the repair has shown. */
  private settle(): void {
    if (this.isHeld) this.compareReduction();
    else for (const tally of this.tallies) tally.takeIn();
  }
}
