import { Algorithm } from '../model/congestion.ts';
import type { Told } from './controller.ts';
import { WindowController } from './window.ts';

/**
 * Additive increase by one segment per window (RFC 5681 equation 3) and halving on loss (equation 4), once for all losses of
 * one window: RFC 6582 section 3.2, and with SACK RFC 6675 section 5.
 */
export class NewRenoController extends WindowController {
  readonly algorithm: number = Algorithm.NEWRENO;

  protected reduced(): number {
    return Math.max(Math.floor(this.cwnd / 2), 2);
  }

  protected avoid(acked: number, _told: Told): void {
    this.growBy(acked, this.cwnd);
  }
}
