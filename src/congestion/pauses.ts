import { append, type CongestionState, StallCause } from '../model/congestion.ts';
import { Cause } from '../model/verdict.ts';

/** The shortest pause that counts as a stall (ns). */
const SHORTEST_STALL = 20e6;
/** Stalls that are kept of one sender; further ones are counted. */
export const MAX_STALLS = 256;

/** What a pause is judged by: the sender as it stood throughout. */
export interface Pausing extends CongestionState {
  /** The event that is taken (ns). */
  readonly now: number;
  /** Round trip as the sender sees it, 0 unknown, and its retransmission timeout (ns). */
  readonly srtt: number;
  readonly timeout: number;
  /** It has data under way. */
  readonly isWaiting: boolean;
  /** The receiver offers no more room. */
  readonly isHeldByReceiver: boolean;
  /** The application has given it less than it may send. */
  readonly isHeldByApplication: boolean;
}

/** The pauses of one sender that were stalls. */
export class Pauses {
  private readonly sender: Pausing;
  /** The event before: time (ns) and frame. */
  private last: number;
  private frame: number;

  constructor(sender: Pausing, frame: number) {
    this.sender = sender;
    this.last = sender.now;
    this.frame = frame;
  }

  /** When the event before was (ns). */
  get lastTime(): number {
    return this.last;
  }

  /** Time passes until the sender's event, which is at `frame` and has `cause`. */
  pass(frame: number, cause: number): void {
    const { now } = this.sender;
    const pause = now - this.last;
    if (pause > 0) {
      if (pause > SHORTEST_STALL) this.note(pause, frame, cause);
      this.last = now;
    }
    this.frame = frame;
  }

  private note(pause: number, endFrame: number, cause: number): void {
    const { sender, last: start, frame: startFrame } = this;
    if (sender.srtt === 0 || pause <= Math.min(2 * sender.srtt, sender.timeout)) return;
    const isFull = !isRepair(cause) && sender.isHeldByReceiver;
    if (!sender.isWaiting && !isFull) return;
    if (sender.stalls.length >= MAX_STALLS) {
      sender.unlistedStalls++;
      return;
    }
    const stall = { startFrame, start, endFrame, end: sender.now, cause: stallCause(cause, isFull, sender) };
    sender.stalls = append(sender.stalls, stall);
  }
}

/** What ended the pause was sent by a timer, because something seemed to be lost. */
function isRepair(cause: number): boolean {
  return cause === Cause.RTO || cause === Cause.TLP;
}

function stallCause(cause: number, isFull: boolean, sender: Pausing): number {
  switch (cause) {
    case Cause.RTO:
    case Cause.RTO_RECOVERY:
      return StallCause.TIMEOUT;
    case Cause.TLP:
      return StallCause.TAIL_LOSS_PROBE;
    case Cause.FAST:
      return StallCause.LATE_LOSS_DETECTION;
  }
  if (isFull) return StallCause.RECEIVER_WINDOW;
  return sender.isHeldByApplication ? StallCause.APPLICATION : StallCause.LATE_ACK;
}
