import { Algorithm } from '../model/congestion.ts';
import type { Told } from './controller.ts';
import { NewRenoController } from './newreno.ts';

/** Tahoe: any loss, told by three duplicate ACKs or by the timer, sends the window back to one segment and into slow start. */
export class TahoeController extends NewRenoController {
  override readonly algorithm = Algorithm.TAHOE;

  /** One segment for every ACK, however much it acknowledges: byte counting (RFC 3465) came later. */
  override acknowledged(told: Told): void {
    const { countsAcks } = told;
    told.countsAcks = true;
    super.acknowledged(told);
    told.countsAcks = countsAcks;
  }

  override lossDetected(told: Told): void {
    super.lossDetected(told);
    this.cwnd = 1;
  }

  /** There is no fast recovery: the ACKs of new data open the window as in slow start. */
  override acknowledgedInRecovery(told: Told, advances: boolean): void {
    if (advances) this.acknowledged(told);
  }

  override recovered(told: Told): void {
    this.acknowledged(told);
  }
}
