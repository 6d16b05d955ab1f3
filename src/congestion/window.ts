import { INITIAL_WINDOW } from '../model/tcp-constants.ts';
import type { Controller, Told, Usage } from './controller.ts';
import { ProportionalRate } from './prr.ts';

/**
 * What the loss-based algorithms share: slow start (RFC 5681 section 3.1, by segments acknowledged as RFC 3465 section 2.2
 * counts them, without its limit), growth only while the window is used (RFC 7661 section 4.5.3; Linux since 3.16 lets slow
 * start go on up to twice what was used), recovery by RFC 6937, timeouts, undo and the restart after idle time (RFC 2861).
 */
export abstract class WindowController implements Controller {
  abstract readonly algorithm: number;
  cwnd = Number.NaN;
  ssthresh = Number.POSITIVE_INFINITY;
  protected readonly initialWindow: number;

  /** Before the latest reduction, for undo (RFC 4015 section 3.2). */
  protected priorCwnd = Number.NaN;
  protected priorSsthresh = Number.POSITIVE_INFINITY;

  private limited = false;
  private peak = 0;
  private usageEnd = 0;
  private mostUsed = 0;
  /** Nanoseconds, NaN before the first burst. */
  private usedSince = Number.NaN;
  /** Window before the latest ACK, NaN before the first. */
  private beforeAck = Number.NaN;
  /** Segments acknowledged since the window last grew in congestion avoidance. */
  protected credit = 0;
  /** Of the latest recovery, null before the first. */
  private rate: ProportionalRate | null = null;

  constructor(initialWindow = INITIAL_WINDOW, ssthresh = Number.POSITIVE_INFINITY) {
    this.initialWindow = initialWindow;
    this.cwnd = initialWindow;
    this.ssthresh = ssthresh;
  }

  /** Takes over where `other` stands: up to now both would have done the same. */
  adopt(other: WindowController): void {
    this.cwnd = other.cwnd;
    this.ssthresh = other.ssthresh;
    this.limited = other.limited;
    this.peak = other.peak;
    this.usageEnd = other.usageEnd;
    this.mostUsed = other.mostUsed;
    this.usedSince = other.usedSince;
    this.beforeAck = other.beforeAck;
  }

  /** The new ssthresh on a loss. */
  protected abstract reduced(): number;
  /** Slow start: by how many segments the window grows for `acked` (RFC 3465 section 2.2). */
  protected slowStart(acked: number): number {
    return acked;
  }

  /** Congestion avoidance: `acked` segments were acknowledged and the window was used. */
  protected abstract avoid(acked: number, told: Told): void;

  get inSlowStart(): boolean {
    return this.cwnd < this.ssthresh;
  }

  used(u: Usage): void {
    const limited = u.inFlight >= this.cwnd;
    if (u.una >= this.usageEnd || limited || (!this.limited && u.outstanding > this.peak)) {
      this.limited = limited;
      this.peak = u.outstanding;
      this.usageEnd = u.sndNxt;
    }
    if (this.isLimited) {
      this.mostUsed = 0;
      this.usedSince = u.now;
      return;
    }
    this.mostUsed = Math.max(this.mostUsed, u.outstanding);
    if (Number.isNaN(this.usedSince)) this.usedSince = u.now;
    if (u.now - this.usedSince >= u.rto) this.decay(u.now);
  }

  /** RFC 2861 section 3.1: a window that was not used for an RTO moves halfway towards what was used. */
  private decay(now: number): void {
    const used = Math.max(this.mostUsed, this.initialWindow);
    if (used < this.cwnd) {
      this.ssthresh = this.remembered();
      this.cwnd = Math.floor((this.cwnd + used) / 2);
    }
    this.mostUsed = 0;
    this.usedSince = now;
  }

  /** RFC 2861 section 3.1: three quarters of the window are remembered as ssthresh. */
  private remembered(): number {
    return Math.max(this.ssthresh, Math.floor(this.cwnd / 2) + Math.floor(this.cwnd / 4));
  }

  private get isLimited(): boolean {
    return this.limited || (this.inSlowStart && this.cwnd < 2 * this.peak);
  }

  acknowledged(told: Told): void {
    this.beforeAck = this.cwnd;
    if (!this.isLimited) return;
    let acked = told.countsAcks ? Math.min(told.delivered, 1) : told.delivered;
    if (this.inSlowStart) {
      const opened = this.cwnd + this.slowStart(acked);
      this.cwnd = Math.min(opened, this.ssthresh);
      acked = opened - this.cwnd;
      if (acked <= 0) return;
    }
    this.avoid(acked, told);
  }

  /** One segment for every `perSegment` acknowledged (RFC 5681 equation 3 with byte counting, RFC 3465 section 2.1). */
  protected growBy(acked: number, perSegment: number): void {
    if (this.credit >= perSegment) {
      this.credit = 0;
      this.cwnd++;
    }
    this.credit += acked;
    if (this.credit >= perSegment) {
      const grown = Math.floor(this.credit / perSegment);
      this.credit -= grown * perSegment;
      this.cwnd += grown;
    }
  }

  protected remember(): void {
    this.priorCwnd = this.cwnd;
    this.priorSsthresh = this.remembered();
  }

  lossDetected(told: Told): void {
    // The ACK that tells of a loss does not open the window first.
    if (told.byAck && this.beforeAck < this.cwnd) this.cwnd = this.beforeAck;
    this.remember();
    this.ssthresh = this.reduced();
    this.credit = 0;
    this.rate ??= new ProportionalRate();
    this.rate.begin(this.cwnd);
    this.acknowledgedInRecovery(told, false);
  }

  acknowledgedInRecovery(told: Told, _partial: boolean): void {
    const more = this.rate === null ? 0 : this.rate.acknowledged(told.delivered, told.pipe, this.ssthresh);
    this.cwnd = Math.max(told.pipe + more, 1);
  }

  /** RFC 6582 section 3.2, RFC 6675 section 5: all losses of one window are one loss. */
  lossRepeated(_told: Told): void {}

  sentInRecovery(segments: number): void {
    this.rate?.sent(segments);
  }

  /** RFC 6937 section 3: the window has come down to ssthresh. */
  recovered(_told: Told): void {
    this.cwnd = this.ssthresh;
  }

  timedOut(told: Told, again: boolean): void {
    if (!again) {
      this.remember();
      this.ssthresh = this.reduced();
    }
    this.cwnd = Math.max(told.pipe, 0) + 1;
    this.credit = 0;
  }

  undone(): void {
    this.cwnd = Math.max(this.cwnd, this.priorCwnd);
    if (this.priorSsthresh > this.ssthresh) this.ssthresh = this.priorSsthresh;
  }

  marked(told: Told): void {
    this.lossDetected(told);
  }

  resumed(idle: number, rto: number): void {
    if (idle <= rto) return;
    this.ssthresh = this.remembered();
    const least = Math.min(this.initialWindow, this.cwnd);
    for (let left = idle - rto; left > 0 && this.cwnd > least; left -= rto) this.cwnd = Math.floor(this.cwnd / 2);
    this.cwnd = Math.max(this.cwnd, least);
    this.mostUsed = 0;
  }

  corrected(cwnd: number, level: boolean): void {
    this.beforeAck = cwnd;
    if (level || !this.inSlowStart) this.ssthresh = Math.min(this.ssthresh, cwnd);
    this.cwnd = cwnd;
  }
}
