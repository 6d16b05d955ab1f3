import { AckEffect } from './ack-effect.ts';
import type { Connection } from './connection.ts';
import type { Endpoint } from './endpoint.ts';
import { DOUBLE_ZERO } from './packed.ts';
import { Transition } from './transition.ts';
import type { Verdict } from './verdict.ts';

/**
 * What is known of one segment: its place in its connection, and what each later stage adds. One object, reused for every
 * segment; `begin` takes back what the stages said of the one before.
 */
export class TrackedSegment {
  connection!: Connection;
  sender!: Endpoint;
  receiver!: Endpoint;
  /** Offset of the first byte (or SYN) in the sender's sequence space: 0 is its SYN. */
  seq = 0;
  /** Offset right after the segment: `seq` plus SEG.LEN, which counts SYN and FIN. */
  end = 0;
  /** Offset in the receiver's sequence space that is acknowledged; -1 without ACK. */
  ack = -1;
  /** SEG.WND in bytes, scaled; -1 while the scale is unknown. */
  window = -1;
  /** Shift count that applies to the window, -1 unknown, -2 on a SYN (never scaled). */
  windowShift = -1;
  /** SND.NXT of the sender before this segment, as far as seen. */
  previousSndNxt = 0;
  /** Nanoseconds since the first and since the previous packet of the connection (0 for the first). */
  sinceStart: number = DOUBLE_ZERO;
  sincePrevious: number = DOUBLE_ZERO;
  /** The first packet that shows that it had been sent, where that is not itself: frame (0 itself) and time. */
  firstEvidenceFrame = 0;
  firstEvidenceTime: number = DOUBLE_ZERO;
  /** The segment opened the connection. */
  opened = false;
  /** SYN that does not open a connection and is no copy of the one that did. */
  unacceptableSyn = false;
  /** It has no place in the sender's stream: forged, damaged on the way, or far beyond the window. */
  unacceptable = false;
  /** What it is; null for plain data and plain ACKs where no rows are kept. */
  verdict: Verdict | null = null;
  /** What its acknowledgment told; nothing for a duplicate and for one that is unacceptable. */
  readonly effect = new AckEffect();
  /** What it did to the states of the two ends; nothing likewise. */
  readonly transition = new Transition();

  begin(): void {
    this.firstEvidenceFrame = 0;
    this.unacceptableSyn = false;
    this.unacceptable = false;
    this.verdict = null;
    this.effect.reset();
    this.transition.reset();
  }
}
