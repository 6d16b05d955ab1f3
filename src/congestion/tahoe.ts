import { Algorithm } from '../model/congestion.ts';
import type { Told } from './controller.ts';
import { NewRenoController } from './newreno.ts';

/** Tahoe: any loss, told by three duplicate ACKs or by the timer, sends the window back to one segment and into slow start. */
export class TahoeController extends NewRenoController {
  override readonly algorithm = Algorithm.TAHOE;

  override lossDetected(told: Told): void {
    super.lossDetected(told);
    this.cwnd = 1;
  }

  /** There is no fast recovery: the ACKs of a repair open the window as in slow start. */
  override acknowledgedInRecovery(told: Told, _partial: boolean): void {
    this.acknowledged(told);
  }

  override recovered(): void {}
}
