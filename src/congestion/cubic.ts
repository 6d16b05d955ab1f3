import { Algorithm } from '../model/congestion.ts';
import type { Told } from './controller.ts';
import { HyStart } from './hystart.ts';
import { HyStartPlusPlus } from './hystart-plus-plus.ts';
import { WindowController } from './window.ts';

/** CUBIC_C, segments a second cubed (RFC 8312 section 5). */
export const CUBIC_C = 0.4;
/** The factor of a reduction (RFC 8312 section 4.5), as Linux stores it. */
const BETA = 717 / 1024;
/** Fewest segments acknowledged for each by which the window grows, and most of them while no maximum is known (Linux). */
const FASTEST = 2;
const FASTEST_BLIND = 20;
/** The target is looked up at most this often while the window stays the same (Linux: HZ / 32). */
const LOOKUP = 1e9 / 32;
/** Samples of the RTT are not trusted for this long after a reduction (Linux). */
const RTT_DISTRUST = 1e9;
/** A window that is found below this share of ours was reduced. */
const UNSEEN = 0.8;

/**
 * CUBIC, RFC 8312 (which RFC 9438 obsoletes; the sections cited here are those of RFC 8312), with the choices of Linux where the text
 * leaves them open: HyStart as Linux runs it, or, when asked for, HyStart++ of RFC 9406 as Windows and FreeBSD run it.
 */
export class CubicController extends WindowController {
  readonly algorithm = Algorithm.CUBIC;
  private readonly hystart = new HyStart();
  private readonly plusPlus: HyStartPlusPlus | null;
  /** A sender that counts ACKs is none that has HyStart. */
  countsAcks = false;
  /** W_max, NaN unknown, and the inflection point; segments. */
  private maximum = Number.NaN;
  private origin = Number.NaN;
  /** K, seconds. */
  private k = Number.NaN;
  /** Nanoseconds, NaN while there is no epoch, or no lookup. */
  private epochStart = Number.NaN;
  private lastLookup = Number.NaN;
  private lastCwnd = Number.NaN;
  /** Segments acknowledged for each that the window grows. */
  private perSegment = Number.NaN;
  /** W_est: the window that Reno would have (RFC 8312 section 4.2). */
  private friendly = Number.NaN;
  private friendlyCredit = 0;
  /** Shortest RTT (ns), NaN unknown. */
  private delayMin = Number.NaN;

  constructor(initialWindow?: number, ssthresh?: number, followsRfc9406 = false) {
    super(initialWindow, ssthresh);
    this.plusPlus = followsRfc9406 ? new HyStartPlusPlus() : null;
  }

  override acknowledged(told: Told): void {
    this.sample(told);
    super.acknowledged(told);
  }

  /** HyStart has ended slow start, which no other model would have done. */
  get hasLeftSlowStart(): boolean {
    return this.plusPlus === null ? this.hystart.hasFound : this.plusPlus.isConservative;
  }

  private sample(told: Told): void {
    const { rtt, now } = told;
    if (!(rtt > 0) || now - this.epochStart < RTT_DISTRUST) return;
    if (!(rtt >= this.delayMin)) this.delayMin = rtt;
    if (this.inSlowStart && !this.countsAcks && this.leaves(told)) this.ssthresh = this.cwnd;
  }

  private leaves(told: Told): boolean {
    if (this.plusPlus === null) return this.hystart.leaves(told, this.delayMin, this.cwnd);
    return this.isFirstSlowStart && this.plusPlus.leaves(told);
  }

  /** RFC 9406 section 4.2: only the first slow start is a modified one. */
  private get isFirstSlowStart(): boolean {
    return this.ssthresh === Number.POSITIVE_INFINITY;
  }

  protected override slowStart(acked: number): number {
    return this.plusPlus !== null && this.isFirstSlowStart ? this.plusPlus.growth(acked) : acked;
  }

  protected reduced(): number {
    this.epochStart = Number.NaN;
    // Fast convergence, RFC 8312 section 4.6.
    this.maximum = this.cwnd < this.maximum ? (this.cwnd * (1 + BETA)) / 2 : this.cwnd;
    return Math.max(Math.floor(this.cwnd * BETA), 2);
  }

  override timedOut(told: Told, again: boolean): void {
    super.timedOut(told, again);
    this.maximum = Number.NaN;
    this.epochStart = Number.NaN;
    this.delayMin = Number.NaN;
    this.hystart.begin(told);
  }

  /** RFC 8312 section 5.8: idle time does not count as time in the epoch. */
  override resumed(idle: number, rto: number): void {
    super.resumed(idle, rto);
    this.epochStart += idle;
  }

  override corrected(cwnd: number, level: boolean): void {
    const raised = cwnd > this.cwnd && Number.isNaN(this.maximum);
    // The window is smaller by as much as after a loss: a reduction whose cause the capture does not show.
    if (level && cwnd < UNSEEN * this.cwnd && !this.inSlowStart) this.reduced();
    super.corrected(cwnd, level);
    if (raised && this.hystart.contradicted()) this.ssthresh = Number.POSITIVE_INFINITY;
  }

  /** RFC 8312 section 4.1: W_cubic(t) = CUBIC_C (t - K)^3 + W_max, looked ahead by one RTT. */
  protected avoid(acked: number, told: Told): void {
    const { now } = told;
    const { cwnd } = this;
    this.friendlyCredit += acked;
    const unchanged = this.lastCwnd === cwnd && now - this.lastLookup <= LOOKUP;
    if (!unchanged) {
      this.lookUp(cwnd, acked, now);
      this.befriend(cwnd);
    }
    this.growBy(acked, this.perSegment);
  }

  private lookUp(cwnd: number, acked: number, now: number): void {
    this.lastCwnd = cwnd;
    this.lastLookup = now;
    if (Number.isNaN(this.epochStart)) {
      this.epochStart = now;
      this.friendlyCredit = acked;
      this.friendly = cwnd;
      const below = this.maximum > cwnd;
      this.k = below ? Math.cbrt((this.maximum - cwnd) / CUBIC_C) : 0;
      this.origin = below ? this.maximum : cwnd;
    }
    const ahead = this.delayMin > 0 ? this.delayMin : 0;
    const t = (now - this.epochStart + ahead) / 1e9;
    const target = this.origin + CUBIC_C * (t - this.k) ** 3;
    this.perSegment = target > cwnd ? cwnd / (target - cwnd) : 100 * cwnd;
    if (Number.isNaN(this.maximum) && this.perSegment > FASTEST_BLIND) this.perSegment = FASTEST_BLIND;
  }

  /** RFC 8312 section 4.2: never slower than Reno would be. */
  private befriend(cwnd: number): void {
    // 3 (1 - beta) / (1 + beta) segments per window acknowledged, in eighths as Linux counts.
    const perSegment = Math.floor((cwnd * 15) / 8);
    if (perSegment > 0) {
      const grown = Math.floor(this.friendlyCredit / perSegment);
      this.friendlyCredit -= grown * perSegment;
      this.friendly += grown;
    }
    if (this.friendly > cwnd) this.perSegment = Math.min(this.perSegment, cwnd / (this.friendly - cwnd));
    this.perSegment = Math.max(Math.floor(this.perSegment), FASTEST);
  }
}
