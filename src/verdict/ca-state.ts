import { type DoubleFields, defineDoubles } from '../model/doubles.ts';
import { Ca } from '../model/outbound.ts';
import { DOUBLE_NONE, NEVER } from '../model/packed.ts';
import type { Verdict } from '../model/verdict.ts';

/**
 * Where a sender is in its recovery, as far as its retransmissions and the ACKs that it was sent show it: RFC 5681 section
 * 3.2, RFC 6298 section 5, RFC 6675 section 5; the states are Linux's.
 */
export class CaState implements DoubleFields {
  readonly row = DOUBLES.take();
  readonly slab = DOUBLES.current;
  /** One of `Ca`: OPEN, RECOVERY or LOSS. */
  state: number = Ca.OPEN;
  /** Offset whose acknowledgment ends the episode: SND.NXT when it began (RFC 6582, "recover"; RFC 6675, RecoveryPoint). */
  recoveryPoint = 0;
  /** End of the latest retransmission (RFC 6675, HighRxt), and its ordinal among the sender's segments, -1 none. */
  highRxt = 0;
  highRxtOrder = -1;
  declare episodeStart: number;
  /** When the latest episode ended, and what it was. */
  declare episodeEnd: number;
  endedState: number = Ca.OPEN;
  /** Timeouts in a row without progress. */
  timeouts = 0;
  /** Retransmissions of the episode that no D-SACK has reported (undo). */
  undoRetrans = 0;
  /** Left edge of what the latest timeout sent again, -1 none. */
  timeoutStart = -1;
  /** What ends by this offset may be repaired after a timeout that the capture lacks. */
  unseenTimeoutTo = Number.NEGATIVE_INFINITY;
  /** A tail loss probe is out: its end, -1 none; its verdict where it may have been a timeout. */
  tlpEnd = -1;
  tlpVerdict: Verdict | null = null;
  /** The wait (ns) that followed it, where that did not tell whether it was one; -1 none. */
  tlpNext = DOUBLE_NONE;
  /** The longest that the sender took in this recovery to send again by what it was told, as its echoes tell (ns); 0 unknown. */
  declare slowestRepair: number;
  /** Frame of the latest packet that is known to have reached the peer, 0 none yet. */
  latestArrived = 0;

  get isRecovering(): boolean {
    return this.state >= Ca.RECOVERY;
  }

  /** The sender begins to repair what was sent up to `sndNxt`. */
  enter(state: number, sndNxt: number, now: number): void {
    if (!this.isRecovering) this.undoRetrans = 0;
    this.state = state;
    this.recoveryPoint = sndNxt;
    this.episodeStart = now;
  }

  /** The sender has repaired what it had to, or learnt that it need not. */
  end(now: number): void {
    this.endedState = this.state;
    this.episodeEnd = now;
    this.state = Ca.OPEN;
    this.slowestRepair = 0;
  }

  /** In a recovery the sender sends again what it was told of, `age` (ns) after the latest that it echoes had passed here; -1 unknown. */
  repaired(age: number): void {
    if (age > this.slowestRepair) this.slowestRepair = age;
  }

  /** The peer acknowledges `ack`. */
  acknowledged(ack: number, now: number): void {
    this.timeouts = 0;
    if (this.tlpEnd >= 0 && ack >= this.tlpEnd) this.tlpEnd = -1;
    if (this.isRecovering && ack >= this.recoveryPoint) this.end(now);
  }

  arrived(frame: number): void {
    if (frame > this.latestArrived) this.latestArrived = frame;
  }

  /** A D-SACK reports a repeat: if the receiver had all that the timeout sent again, that is undone (RFC 3708, RFC 4015). */
  repeatReported(start: number, end: number, now: number): void {
    this.undoRetrans--;
    const isOfTimeout = start <= this.timeoutStart && end > this.timeoutStart;
    if (this.state === Ca.LOSS && this.undoRetrans <= 0 && isOfTimeout) this.end(now);
  }

  /** Eifel (RFC 3522): the original arrived, the timeout was needless and is undone (RFC 4015). */
  originalArrived(now: number): void {
    if (this.state === Ca.LOSS) this.end(now);
  }
}

const DOUBLES = defineDoubles(
  CaState.prototype,
  { episodeStart: NEVER, episodeEnd: NEVER, slowestRepair: 0 },
  (place) => ({
    get(): number {
      return this.slab[this.row + place];
    },
    set(value: number): void {
      this.slab[this.row + place] = value;
    },
  }),
);
