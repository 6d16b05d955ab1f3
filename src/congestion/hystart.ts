import type { Told } from './controller.ts';

/** RTT samples of a round before its minimum counts. */
const SAMPLES = 8;
/** Below this window (segments) slow start goes on. */
const LOW_WINDOW = 16;
/** An increase of the RTT by an eighth, within these bounds, ends slow start (ns). */
const LEAST_INCREASE = 4e6;
const MOST_INCREASE = 16e6;
/** ACKs that are closer than this belong to one train (ns). */
const TRAIN_GAP = 2e6;
/** So many segments above the window show that the sender is still in slow start. */
const PATIENCE = 3;
/** Linux allows for the receiver's and the path's bunching of ACKs (ns). */
const ACK_DELAY = 1e6;

/**
 * HyStart as Linux runs it in CUBIC (the scheme that RFC 9406 refined): slow start ends when the round's shortest RTT has
 * risen by an eighth, or when a train of ACKs is as long as half the shortest RTT.
 */
export class HyStart {
  private roundStart = Number.NaN;
  private lastAck = Number.NaN;
  /** SND.NXT when the round began. */
  private end = -1;
  private shortest = Number.POSITIVE_INFINITY;
  private samples = 0;
  private found = false;
  private raised = 0;

  get hasFound(): boolean {
    return this.found;
  }

  begin(told: Told): void {
    this.found = false;
    this.raised = 0;
    this.newRound(told);
  }

  private newRound(told: Told): void {
    this.roundStart = told.now;
    this.lastAck = told.now;
    this.end = told.sndNxt;
    this.shortest = Number.POSITIVE_INFINITY;
    this.samples = 0;
  }

  /** The window went on growing as in slow start, after the end that was found: true when that end is to be given up. */
  contradicted(): boolean {
    return this.found && ++this.raised === PATIENCE;
  }

  /** Takes one ACK in slow start; true when slow start is to end. `delayMin`: shortest RTT so far. */
  leaves(told: Told, delayMin: number, cwnd: number): boolean {
    if (this.found) return false;
    if (told.una > this.end) this.newRound(told);
    if (cwnd < LOW_WINDOW) return false;
    if (told.now - this.lastAck <= TRAIN_GAP) {
      this.lastAck = told.now;
      if (told.now - this.roundStart > (delayMin + ACK_DELAY) / 2) this.found = true;
    }
    if (told.rtt < this.shortest) this.shortest = told.rtt;
    if (this.samples < SAMPLES) this.samples++;
    else if (this.shortest > delayMin + Math.min(Math.max(delayMin / 8, LEAST_INCREASE), MOST_INCREASE))
      this.found = true;
    return this.found;
  }
}
