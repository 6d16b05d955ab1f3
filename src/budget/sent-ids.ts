import type { SegmentView } from '../model/segment.ts';
import type { Tape } from './tape.ts';

/** IP IDs that fall by no more than this (modulo 2^16) are of late packets; others that fall do not count packets. */
const FAR = 64;
/** So many consecutive IDs for each that was not: the packets of one connection are counted, and hardly any other. */
const STEPS_PER_BREAK = 8;

/**
 * The IP IDs of one sender. Where they count its packets of this connection (as Linux does; RFC 6864 leaves it open), they show how many
 * were lost before the capture. A frame of several segments takes an ID for each.
 */
export class SentIds {
  /** The ID of its latest packet, -1 before the first, and the bytes that it carried. */
  private last = -1;
  private length = 0;
  private steps = 0;
  private breaks = 0;

  begin(): void {
    this.last = -1;
    this.length = this.steps = this.breaks = 0;
  }

  write(tape: Tape): void {
    tape.put(this.last);
    tape.put(this.length);
    tape.put(this.steps);
    tape.put(this.breaks);
  }

  read(tape: Tape): void {
    this.last = tape.next();
    this.length = tape.next();
    this.steps = tape.next();
    this.breaks = tape.next();
  }

  /** How many packets the sender has sent just before this one that did not pass; 0 where its IDs do not tell. `mss`: bytes of a full segment. */
  missedBefore({ ipVersion, ipId, payloadLength }: SegmentView, mss: number): number {
    // Without a connection Linux writes 0.
    if (ipVersion !== 4 || ipId <= 0) return 0;
    const rise = ((ipId - this.last) << 16) >> 16;
    if (rise === 1 || this.last < 0) {
      if (this.last >= 0) this.steps++;
      this.last = ipId;
      this.length = payloadLength;
      return 0;
    }
    if (rise <= 0 && rise >= -FAR) return 0;
    const missed = rise - Math.max(1, Math.ceil(this.length / mss));
    this.last = ipId;
    this.length = payloadLength;
    if (missed === 0) {
      this.steps++;
      return 0;
    }
    const counts = this.steps > 0 && STEPS_PER_BREAK * this.breaks <= this.steps;
    this.breaks++;
    return counts && missed > 0 ? missed : 0;
  }
}
