import { Algorithm } from '../model/congestion.ts';
import type { Told, Usage } from './controller.ts';
import { CubicController } from './cubic.ts';
import { Fit } from './fit.ts';
import { NewRenoController } from './newreno.ts';
import { RenoController } from './reno.ts';
import type { Round } from './round.ts';
import { Counting } from './signatures.ts';
import { TahoeController } from './tahoe.ts';
import type { WindowController } from './window.ts';

/** In recovery a flight contradicts a model when it exceeds the model's window by this factor and this many segments. Its estimate is rough. */
const RECOVERY_FACTOR = 1.3;
const RECOVERY_SLACK = 3;

/** So many rounds of slow start have to show how a sender counts. Where a receiver acknowledges fewer segments with each ACK they do not show it. */
const ROUNDS_OF_COUNTING = 2;
const SEGMENTS_PER_ACK = 1.5;
/**
 * The window has grown by one segment for each ACK when it grew by `BY_SEGMENTS` to `BY_ACKS` times the ACKs, one segment more or less,
 * and by less than the share `BY_SEGMENTS` of the segments that they acknowledged.
 */
const BY_ACKS = 1.25;
const BY_SEGMENTS = 0.75;

/** The models that are replayed beside CUBIC once they differ from it. */
const OTHERS = [NewRenoController];
/** Those that are replayed too where the sender has no SACK. */
const WITHOUT_SACK = [RenoController, TahoeController];

/** What is assumed of all senders. */
export interface Given {
  /** One of `Algorithm`, UNKNOWN for none. */
  readonly algorithm: number;
  /** CUBIC begins with HyStart++ (RFC 9406) instead of Linux' HyStart. */
  readonly followsRfc9406: boolean;
}

export const NOTHING_GIVEN: Given = { algorithm: Algorithm.UNKNOWN, followsRfc9406: false };

/** The loss-based models of one sender, side by side. */
export class Models {
  /** CUBIC alone as long as all would do the same; see `diverge`. */
  readonly all: WindowController[];
  /** How well they explain the sender, null until they diverge. */
  fit: Fit | null = null;
  /** The smallest of their windows after the latest ACK. */
  least = Number.NaN;
  /** Rounds of slow start in which the window grew by ACKs, and by segments. */
  private byAcks = 0;
  private bySegments = 0;
  private readonly cubic: CubicController;
  private sack: boolean;
  /** The one of `Algorithm` that is assumed, or UNKNOWN. */
  private readonly given: number;

  constructor(initialWindow: number, sack: boolean, { algorithm, followsRfc9406 }: Given) {
    this.cubic = new CubicController(initialWindow, undefined, followsRfc9406);
    this.all = [this.cubic];
    this.sack = sack;
    this.given = algorithm;
  }

  /** The one that explains the sender best. */
  get best(): WindowController {
    return this.fit === null ? this.cubic : this.all[this.fit.best];
  }

  /** They part at a loss or a mark at the latest. */
  part(): void {
    if (this.fit === null) this.diverge(this.cubic.cwnd, this.cubic.ssthresh);
  }

  /**
   * They part at the first loss or mark, or when HyStart ends slow start: the others go on from where CUBIC stands.
   * `cwnd` and `ssthresh`: where it stood before it parted.
   */
  private diverge(cwnd: number, ssthresh: number): void {
    const classes = this.sack && !this.isOldGiven ? OTHERS : [...OTHERS, ...WITHOUT_SACK];
    for (const Model of classes) {
      const other: WindowController = new Model();
      other.adopt(this.cubic);
      other.cwnd = cwnd;
      other.ssthresh = ssthresh;
      this.all.push(other);
    }
    this.fit = new Fit(this.all, this.sack);
  }

  private get isOldGiven(): boolean {
    return this.given === Algorithm.RENO || this.given === Algorithm.TAHOE;
  }

  /** The sender has turned out to have SACK: nobody with it does without RFC 6582, or without fast recovery. */
  learnsSack(): void {
    this.sack = true;
    if (this.fit === null || this.isOldGiven) return;
    this.all.length = 1 + OTHERS.length;
    this.fit.learnsSack();
  }

  used(usage: Usage): void {
    const { all } = this;
    for (let i = 0; i < all.length; i++) all[i].used(usage);
  }

  /** A round of slow start is over, in which the window grew by `gain` segments (NaN unknown). */
  count(gain: number, { acks, delivered }: Round): void {
    if (!this.best.inSlowStart || delivered < SEGMENTS_PER_ACK * acks) return;
    if (gain >= BY_SEGMENTS * delivered) this.bySegments++;
    else if (gain <= BY_ACKS * acks + 1 && gain >= BY_SEGMENTS * acks - 1) this.byAcks++;
    else return;
    this.cubic.countsAcks = this.countsAcks;
  }

  /** One of `Counting`. */
  get counting(): number {
    if (this.countsAcks) return Counting.ACKS;
    return this.bySegments >= ROUNDS_OF_COUNTING && this.bySegments > this.byAcks
      ? Counting.SEGMENTS
      : Counting.UNKNOWN;
  }

  /**
   * The sender opens its window by one segment for each ACK, as RFC 5681 section 3.1 allows, and not by the segments that it
   * acknowledges (RFC 3465).
   */
  get countsAcks(): boolean {
    return this.byAcks >= ROUNDS_OF_COUNTING && this.byAcks > this.bySegments;
  }

  /** Congestion control outside of recovery: each model opens its window as it would. */
  grow(told: Told): void {
    const { all, cubic } = this;
    const { cwnd, ssthresh } = cubic;
    told.countsAcks = this.countsAcks;
    for (let i = 0; i < all.length; i++) all[i].acknowledged(told);
    if (this.fit !== null || !cubic.hasLeftSlowStart) return;
    this.diverge(cwnd, ssthresh);
    for (let i = 1; i < all.length; i++) all[i].acknowledged(told);
  }

  /** More is in flight than the smallest window: what they hold too small is raised. */
  raise(inFlight: number): void {
    const { all } = this;
    for (let i = 0; i < all.length; i++) if (inFlight > all[i].cwnd) this.correct(i, inFlight, false);
    this.noteLeast();
  }

  /**
   * New data was sent in recovery, and `pipe` segments are in flight. A sender may come down to its new window bit by bit (RFC 6937) or
   * have it from the start (RFC 6675 section 5 step 4.2); the algorithm does not decide that.
   */
  raiseInRecovery(pipe: number): void {
    const { all } = this;
    for (let i = 0; i < all.length; i++) {
      const { cwnd, ssthresh } = all[i];
      if (pipe > RECOVERY_FACTOR * Math.max(cwnd, ssthresh) + RECOVERY_SLACK) this.correct(i, pipe, false);
    }
  }

  /** The window that is left of the loss lies between these, as the repair shows. */
  reduceTo(least: number, most: number): void {
    const { all } = this;
    for (let i = 0; i < all.length; i++) {
      const { ssthresh } = all[i];
      if (ssthresh > most + RECOVERY_SLACK) this.fit!.reduceTo(i, most);
      else if (ssthresh < least - RECOVERY_SLACK) this.fit!.reduceTo(i, least);
    }
  }

  /** What was in flight was all that the window allowed; `isLevel` as in `Controller.corrected`. */
  lower(inFlight: number, isLevel: boolean): void {
    const { all } = this;
    for (let i = 0; i < all.length; i++) if (all[i].cwnd > inFlight + 1) this.correct(i, inFlight, isLevel);
  }

  noteLeast(): void {
    const { all } = this;
    let least = all[0].cwnd;
    for (let i = 1; i < all.length; i++) if (all[i].cwnd < least) least = all[i].cwnd;
    this.least = least;
  }

  /** The wire showed `cwnd` where model `i` has another. */
  private correct(i: number, cwnd: number, isLevel: boolean): void {
    if (this.fit === null) this.cubic.corrected(cwnd, isLevel);
    else this.fit.correct(i, cwnd, isLevel);
  }
}
