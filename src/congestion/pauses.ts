import { append, type CongestionState, Limit, StallCause } from '../model/congestion.ts';
import { Cause } from '../model/verdict.ts';
import { Interval, LimitLog } from './limits.ts';

/** The shortest pause that has a reason outside of the sender's host, and that counts as a stall (ns). */
const SHORTEST_PAUSE = 200e3;
const SHORTEST_STALL = 20e6;
/** Stalls that are kept of one sender. */
const MAX_STALLS = 256;

const interval = new Interval();

/** What a pause is judged by: the sender as it stood throughout. */
export interface Pausing extends CongestionState {
  /** The event that is taken (ns). */
  readonly now: number;
  /** Round trip as the sender sees it, 0 unknown, and its retransmission timeout (ns). */
  readonly srtt: number;
  readonly timeout: number;
  /** It has data under way. */
  readonly isWaiting: boolean;
  /** One of `Limit`. */
  limitOf(pause: number): number;
}

/** The pauses of one sender: what kept it from sending, as a timeline, and which of them were stalls. */
export class Pauses {
  private readonly sender: Pausing;
  private readonly log: LimitLog;
  /** The event before: time (ns) and frame. */
  private last: number;
  private frame: number;
  /** What has limited the sender, and since when. */
  private limit: number = Limit.APPLICATION;
  private since: number;

  constructor(sender: Pausing, frame: number) {
    this.sender = sender;
    this.log = new LimitLog(sender);
    this.last = sender.now;
    this.since = sender.now;
    this.frame = frame;
    this.noteHandshake();
  }

  private noteHandshake(): void {
    const { endpoint, now } = this.sender;
    const { connection } = endpoint;
    const from = endpoint.isClient ? connection.synTime : connection.synAckTime;
    const done = Math.min(connection.handshakeTime, now);
    if (Number.isNaN(from) || Number.isNaN(done)) return;
    interval.srtt = 0;
    interval.limit = Limit.HANDSHAKE;
    interval.start = from;
    interval.end = done;
    this.log.note(interval);
    this.since = done;
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
      // A pause as short as this is the sender's own work.
      if (pause > SHORTEST_PAUSE) this.note(frame, cause);
      this.last = now;
    }
    this.frame = frame;
  }

  private note(frame: number, cause: number): void {
    const { sender, last } = this;
    const pause = sender.now - last;
    const limit = isRepair(cause) ? Limit.RECOVERY : sender.limitOf(pause);
    if (limit !== this.limit) {
      this.write();
      this.limit = limit;
      this.since = last;
    }
    if (pause > SHORTEST_STALL && sender.srtt > 0 && pause > Math.min(2 * sender.srtt, sender.timeout))
      this.noteStall(frame, cause);
  }

  private noteStall(endFrame: number, cause: number): void {
    const { sender, limit, last: start, frame: startFrame } = this;
    if ((!sender.isWaiting && limit !== Limit.RECEIVER_WINDOW) || sender.stalls.length >= MAX_STALLS) return;
    const stall = { startFrame, start, endFrame, end: sender.now, cause: stallCause(cause, limit) };
    sender.stalls = append(sender.stalls, stall);
  }

  /** Writes down what limited the sender up to the latest event. */
  private write(): void {
    interval.limit = this.limit;
    interval.start = this.since;
    interval.end = this.last;
    interval.srtt = this.sender.srtt;
    this.log.note(interval);
  }

  conclude(): void {
    this.write();
    this.log.close();
  }
}

/** What ended the pause was sent by a timer, because something seemed to be lost. */
function isRepair(cause: number): boolean {
  return cause === Cause.RTO || cause === Cause.TLP;
}

function stallCause(cause: number, limit: number): number {
  switch (cause) {
    case Cause.RTO:
    case Cause.RTO_RECOVERY:
      return StallCause.TIMEOUT;
    case Cause.TLP:
      return StallCause.TAIL_LOSS_PROBE;
    case Cause.FAST:
      return StallCause.LATE_LOSS_DETECTION;
  }
  if (limit === Limit.RECEIVER_WINDOW) return StallCause.RECEIVER_WINDOW;
  return limit === Limit.APPLICATION ? StallCause.APPLICATION : StallCause.LATE_ACK;
}
