import { DOUBLE_ZERO, NEVER } from '../model/packed.ts';
import { DEFAULT_MSS, INITIAL_WINDOW } from '../model/tcp-constants.ts';
import type { Heard } from './heard.ts';
import type { Tape } from './tape.ts';

/** Why a segment left when it did and not right after the one before it. */
export const Reason = {
  BURST: 0,
  SENDING: 1,
  RECEIVE_WINDOW: 2,
  DELAYED_ACK: 3,
  CONGESTION_WINDOW: 4,
  /** It had not heard that it may go on: those ACKs were lost. */
  UNHEARD: 5,
  /** As `SENDING`, where what had gone before was whole: this may be a message of its own. */
  ANEW: 6,
  /** Does not show: a packet was lost before the capture, and this may be its repeat; or more was there to be sent, and no ACK may have come. */
  UNKNOWN: 7,
} as const;

/** Its program had not written it yet, as far as the times tell. */
export function isProgram(reason: number): boolean {
  return reason === Reason.SENDING || reason === Reason.ANEW;
}

/** Segments that leave within this time of one another need no reason (ns). */
const BURST = 1e6;

/** Senders wait for more room when less than this share of the receive window is left (Linux: tcp_tso_win_divisor). */
const LITTLE = 1 / 3;

/** Bytes that leave evenly differ in their time by no more than this share. */
const EVEN = 0.1;
/** So many pauses in a row must be as long as those before them, by the bytes that went before each. */
const LEAST_EVEN = 3;

/** A window that is full grows by more segments than these within a few round trips (RFC 5681 section 3.1). */
const GROWTH = 2;

/** What one sender did so far, as far as it tells why it waits. */
export class Pace {
  /** Bytes of data in a full segment. */
  declare mss: number;
  /** The MSS that the receiver offered, and bytes of data in a full segment with as many options as the latest has. */
  declare private offered: number;
  declare private full: number;
  declare private lastLength: number;
  /** When its latest new segment left (ns), and where that ended. */
  declare lastTime: number;
  declare lastEnd: number;
  /** Where the latest segment of less than the MSS ended. */
  declare smallEnd: number;
  /** Where the latest segment ended whose PSH tells that its program had written no more. */
  declare private pushedEnd: number;
  /** The most bytes in flight since its window was last reduced: the window holds them. */
  declare proven: number;
  /** Congestion window as slow start opens it (RFC 5681 section 3.1), NaN once it was reduced; and up to where it counts. */
  declare private window: number;
  declare private counted: number;
  /** When the latest segments that left together began to (ns), and their bytes. */
  declare private bunchTime: number;
  declare private bunchBytes: number;
  /** Nanoseconds a byte up to the pause before the latest, and how many pauses in a row were even. */
  declare private pacing: number;
  declare private even: number;
  /** The most bytes in flight but for a little growth, NaN after a loss; how long it waited for ACKs until it last had as many, and since (ns). */
  declare private steadyFlight: number;
  declare steadyTime: number;
  declare private waited: number;

  constructor() {
    this.begin(0);
  }

  /** It has sent nothing; a full segment has `mss` bytes of data. */
  begin(mss: number): void {
    this.mss = mss;
    this.offered = mss;
    this.full = mss;
    this.lastLength = 0;
    this.lastTime = Number.NEGATIVE_INFINITY;
    this.lastEnd = DOUBLE_ZERO;
    this.smallEnd = -1;
    this.pushedEnd = -1;
    this.proven = DOUBLE_ZERO;
    this.window = DOUBLE_ZERO;
    this.counted = DOUBLE_ZERO;
    this.bunchTime = Number.NEGATIVE_INFINITY;
    this.bunchBytes = DOUBLE_ZERO;
    this.pacing = DOUBLE_ZERO;
    this.even = 0;
    this.steadyFlight = DOUBLE_ZERO;
    this.steadyTime = DOUBLE_ZERO;
    this.waited = DOUBLE_ZERO;
  }

  write(tape: Tape): void {
    tape.put(this.mss);
    tape.put(this.offered);
    tape.put(this.lastLength);
    tape.put(this.lastTime);
    tape.put(this.lastEnd);
    tape.put(this.smallEnd);
    tape.put(this.pushedEnd);
    tape.put(this.proven);
    tape.put(this.window);
    tape.put(this.counted);
    tape.put(this.bunchTime);
    tape.put(this.bunchBytes);
    tape.put(this.pacing);
    tape.put(this.even);
    tape.put(this.steadyFlight);
    tape.put(this.steadyTime);
    tape.put(this.waited);
  }

  read(tape: Tape): void {
    this.mss = tape.next();
    this.offered = tape.next();
    this.full = this.mss;
    this.lastLength = tape.next();
    this.lastTime = tape.next();
    this.lastEnd = tape.next();
    this.smallEnd = tape.next();
    this.pushedEnd = tape.next();
    this.proven = tape.next();
    this.window = tape.next();
    this.counted = tape.next();
    this.bunchTime = tape.next();
    this.bunchBytes = tape.next();
    this.pacing = tape.next();
    this.even = tape.next();
    this.steadyFlight = tape.next();
    this.steadyTime = tape.next();
    this.waited = tape.next();
  }

  /**
   * A segment with `length` bytes of data leaves at `time` (ns); its `options` besides timestamps take as many bytes from the MSS (RFC 9293
   * section 3.7.1). Of segments that leave together those of equal size are full: the path may be narrower than the MSS option says, until
   * a larger one shows that it is not.
   */
  measure(time: number, length: number, options: number): void {
    const room = length + options;
    const isEqual = length === this.lastLength && time - this.lastTime < BURST;
    if (isEqual && room >= DEFAULT_MSS && room < this.mss) this.mss = room;
    else if (room > this.mss && room <= this.offered) this.mss = room;
    this.full = Math.max(this.mss - options, 1);
    this.lastLength = length;
  }

  /**
   * The segment that ends at `end` has PSH. After two full segments that left together it tells nothing: a sender that paces sends at least
   * two at a time, and Linux sets PSH on each packet that the network card divides.
   */
  pushed(end: number): void {
    if (this.bunchBytes !== 2 * this.mss) this.pushedEnd = end;
  }

  /** A loss or a timeout has reduced the window. */
  reduced(): void {
    this.proven = 0;
    this.window = Number.NaN;
    this.steadyFlight = Number.NaN;
    this.steadyTime = 0;
  }

  /** The window grows by what is acknowledged while at least half of it is used. */
  private grow(mss: number, { unaBefore }: Heard): void {
    this.window = Math.max(this.window, INITIAL_WINDOW * mss, this.proven);
    const acked = unaBefore - this.counted;
    if (acked <= 0) return;
    if (2 * this.proven > this.window) this.window += acked;
    this.counted = unaBefore;
  }

  /** A pause ends at `time`. Of a sender that paces each byte takes the same time. */
  private paced(time: number): void {
    const pacing = (time - this.bunchTime) / this.bunchBytes;
    this.even = Math.abs(pacing - this.pacing) <= EVEN * this.pacing ? this.even + 1 : 0;
    this.pacing = pacing;
    this.bunchTime = time;
    this.bunchBytes = 0;
  }

  /**
   * What was measured last is `start` to `end`, and it sends that for the first time, at `time` (ns); `heard` has been brought up to then. A
   * sender that was held back goes on within `patience` (ns); one that paces, within a `round` trip. PSH on a full segment tells nothing of
   * a pause up to `doubt` (ns).
   */
  reason(
    time: number,
    start: number,
    end: number,
    heard: Heard,
    patience: number,
    round: number,
    doubt: number,
  ): number {
    const { mss, full } = this;
    this.grow(mss, heard);
    const isBurst = time - this.lastTime < BURST;
    if (!isBurst) this.paced(time);
    let reason: number = isBurst ? Reason.BURST : this.judge(time, start, end, mss, heard, patience);
    // Where the program may have had no more to write, the pause is its own.
    const hasPushed = this.pushedEnd === this.lastEnd;
    const hasMore = this.smallEnd !== this.lastEnd && !hasPushed;
    const isWhole = hasMore && end - start >= full;
    const isPaced = this.even >= LEAST_EVEN && time - this.lastTime < round;
    if (reason === Reason.SENDING && isWhole && (isPaced || heard.isHeldUp)) reason = Reason.CONGESTION_WINDOW;
    const mayHaveMore = hasPushed && this.smallEnd !== this.lastEnd && time - this.lastTime <= doubt;
    if (reason === Reason.SENDING && !hasMore && !mayHaveMore) reason = Reason.ANEW;
    const flight = end - Math.max(heard.una, 0);
    if (reason === Reason.BURST || reason === Reason.CONGESTION_WINDOW) this.waited += time - this.lastTime;
    this.hold(flight);
    this.bunchBytes += end - start;
    this.lastTime = time;
    this.lastEnd = end;
    const length = end - start;
    if (length !== full && length % full !== 0) this.smallEnd = end;
    this.proven = Math.max(this.proven, flight);
    return reason;
  }

  /** It has `flight` bytes in flight. */
  private hold(flight: number): void {
    const growth = GROWTH * this.mss;
    if (!(flight >= this.steadyFlight - growth)) return;
    if (flight > this.steadyFlight + growth) {
      this.steadyFlight = flight;
      this.steadyTime = 0;
    } else this.steadyTime += this.waited;
    this.waited = 0;
  }

  private judge(time: number, start: number, end: number, mss: number, heard: Heard, patience: number): number {
    const { lastEnd } = this;
    const { una, unaBefore, edgeBefore, prompted } = heard;
    const flight = Math.max(lastEnd - unaBefore, 0);
    // Less than a full segment that takes all the room there is waited for more of it (RFC 9293 section 3.8.6.2.1).
    if (end === heard.edge && end - start < this.full) return Reason.RECEIVE_WINDOW;
    const { openedAt } = heard;
    if (openedAt !== NEVER && !(time - openedAt > patience)) return Reason.RECEIVE_WINDOW;
    if (edgeBefore >= 0) {
      const room = edgeBefore - lastEnd;
      // A little room is left for later while there is congestion window for more.
      const isLittle = room < (edgeBefore - unaBefore) * LITTLE && room < end - start + mss;
      if (prompted && isLittle && flight + mss <= Math.max(this.window || 0, this.proven)) return Reason.RECEIVE_WINDOW;
    }
    const isSmall = end - start < this.full;
    if (isSmall && prompted && this.smallEnd > unaBefore && this.smallEnd <= una) return Reason.DELAYED_ACK;
    const isFull = flight > 0 && flight + mss > this.proven;
    if (prompted) {
      const lastWasFull = this.smallEnd !== lastEnd;
      return isFull || (lastWasFull && flight > 0) ? Reason.CONGESTION_WINDOW : Reason.SENDING;
    }
    // Common stacks send the initial window before the first ACK: a smaller flight is no full congestion window.
    return isFull && flight >= INITIAL_WINDOW * mss ? Reason.CONGESTION_WINDOW : Reason.SENDING;
  }
}
