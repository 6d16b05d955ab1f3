import { DOUBLE_ZERO } from './packed.ts';

/** Bytes below SND.NXT that no captured segment has held yet. */
export interface Hole {
  start: number;
  end: number;
  /** The segment that left it open: time (ns), frame, TSval (-1), IP ID (-1) and ordinal. */
  readonly time: number;
  readonly frame: number;
  readonly tsVal: number;
  readonly ipId: number;
  /** How many segments of new data the sender had sent before the one that showed it. */
  readonly entered: number;
  /** The receiver acknowledged it although the capture never saw it. */
  isAcked: boolean;
  /** Latest segment before it: its bytes were not sent sooner. */
  readonly since: number;
}

/** What the acknowledgment of one segment told about what the other end had sent. */
export class AckEffect {
  /** Bytes that are newly acknowledged, cumulatively and selectively. */
  advanced = 0;
  newlySacked = 0;
  /** Bytes that the receiver threw away after it had reported them by SACK (RFC 2018 section 8). */
  discarded = 0;
  /** RFC 5681 section 2, "duplicate acknowledgment"; with SACK any ACK that reports something new above (RFC 6675). */
  duplicate = false;
  /** It reports a repeat (RFC 2883), which ends at this offset. */
  dsack = false;
  dsackEnd = 0;
  /** It acknowledges bytes that the capture never saw. */
  unseen = false;
  /** Holes of the capture that it shows to have arrived. */
  readonly shownHoles: Hole[] = [];
  /** The copy whose arrival completed what was acknowledged: frame (0 none) and time. */
  frame = 0;
  time: number = DOUBLE_ZERO;
  /** When the copy passed that brought the first of it; of no meaning where `frame` is 0. */
  since: number = DOUBLE_ZERO;

  reset(): void {
    this.advanced = this.newlySacked = this.discarded = 0;
    this.duplicate = this.dsack = this.unseen = false;
    if (this.shownHoles.length > 0) this.shownHoles.length = 0;
    this.frame = 0;
  }
}
