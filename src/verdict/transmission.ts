import { DOUBLE_NONE, DOUBLE_ZERO, NEVER } from '../model/packed.ts';
import type { Question } from '../model/row.ts';
import { type SegmentView, tsValOf } from '../model/segment.ts';
import type { Verdict } from '../model/verdict.ts';

/** One sending of a range of sequence space: the first, or a later copy. */
export class Transmission {
  /** Offsets in the sender's sequence space. */
  start = 0;
  end = 0;
  /** Nanoseconds since the first record. */
  time: number = DOUBLE_ZERO;
  frame = 0;
  /** TSval, or -1 without timestamps; IP ID, or -1. */
  tsVal = DOUBLE_NONE;
  ipId = -1;
  /** As in `SegmentView`, of the payload from `start` on; -1 unknown. */
  payloadSum = -1;
  /** Bytes of data of the whole packet. */
  payload = 0;
  /** Some of its bytes had been sent before. */
  isRetransmission = false;
  /** Data of a SYN whose SYN,ACK did not take it: frame of that SYN,ACK, 0 for all others. */
  refusedBy = 0;
  /** When it was first selectively acknowledged, -1 not yet. */
  sackedAt: number = NEVER;
  /** When the receiver showed that it does not hold any more what it had selectively acknowledged (ns), -1 never. */
  discardedAt: number = NEVER;
  verdict: Verdict | null = null;
  /** The row that waits to be told of it. */
  row: Question | null = null;
  /** Later sendings that hold some of its bytes, in order; null without. */
  copies: Transmission[] | null = null;
  /** Of a copy: one of the originals whose bytes it holds needed it. */
  needed = false;
  /** The next one in the pool, while this one lies there. */
  next: Transmission | null = null;

  /** Takes note of when and how `view` was sent. */
  describe(view: SegmentView): void {
    this.time = view.time;
    this.frame = view.frame;
    this.tsVal = tsValOf(view);
    this.ipId = view.ipId;
    this.payload = view.payloadLength;
  }
}

/** Transmissions are recycled: one leaves the scoreboard for every one that enters, so the hot path allocates none. */
export class TransmissionPool {
  private free: Transmission | null = null;

  take(): Transmission {
    const t = this.free;
    if (t === null) return new Transmission();
    this.free = t.next;
    t.next = null;
    return t;
  }

  give(t: Transmission): void {
    t.verdict = null;
    t.row = null;
    t.copies = null;
    t.isRetransmission = false;
    t.refusedBy = 0;
    t.payloadSum = -1;
    t.sackedAt = NEVER;
    t.discardedAt = NEVER;
    t.needed = false;
    t.next = this.free;
    this.free = t;
  }
}
