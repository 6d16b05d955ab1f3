import { Algorithm } from '../model/congestion.ts';
import type { Told } from './controller.ts';
import { NewRenoController } from './newreno.ts';

/**
 * RFC 5681 alone: fast recovery ends with the first ACK of new data (section 3.2 step 6), so that several losses in one
 * window halve it several times.
 */
export class RenoController extends NewRenoController {
  override readonly algorithm: number = Algorithm.RENO;
  private left = false;

  override lossDetected(told: Told): void {
    this.left = false;
    super.lossDetected(told);
  }

  override acknowledgedInRecovery(told: Told, partial: boolean): void {
    if (partial && !this.left) {
      super.recovered(told);
      this.left = true;
    } else if (this.left) this.acknowledged(told);
    else super.acknowledgedInRecovery(told, partial);
  }

  override lossRepeated(told: Told): void {
    if (this.left) this.lossDetected(told);
  }

  override recovered(told: Told): void {
    if (!this.left) super.recovered(told);
  }
}
