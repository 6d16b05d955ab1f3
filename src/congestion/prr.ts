/**
 * Proportional Rate Reduction, RFC 6937 section 3, with the slow start reduction bound (PRR-SSRB): what a sender may send
 * on each ACK of a recovery, so that its window comes down to ssthresh over the episode. In segments.
 */
export class ProportionalRate {
  private delivered = 0;
  private out = 0;
  private recoverFs = 1;

  /** `recoverFs`: what was outstanding at the start of recovery. */
  begin(recoverFs: number): void {
    this.delivered = 0;
    this.out = 0;
    this.recoverFs = Math.max(recoverFs, 1);
  }

  sent(segments: number): void {
    this.out += segments;
  }

  /** Segments that may be sent on an ACK that delivered `delivered` and left `pipe` in flight: the RFC's `sndcnt`. */
  acknowledged(delivered: number, pipe: number, ssthresh: number): number {
    this.delivered += delivered;
    let count: number;
    if (pipe > ssthresh) count = Math.ceil((this.delivered * ssthresh) / this.recoverFs) - this.out;
    else {
      const limit = Math.max(this.delivered - this.out, delivered) + 1;
      count = Math.min(ssthresh - pipe, limit);
    }
    return Math.max(count, 0);
  }
}
