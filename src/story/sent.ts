import { FIN, SYN } from '../model/flags.ts';
import type { PacketRow } from '../model/row.ts';

/** Segments that are remembered until they are acknowledged; of more the oldest are forgotten. */
export const MOST_SENT = 4096;

/** What one packet sent. */
export interface Sent {
  readonly frame: number;
  readonly seq: number;
  readonly end: number;
  readonly isSyn: boolean;
  readonly isFin: boolean;
}

/** What one end has sent and said so far, as its next packet is told against it. Numbers are offsets from its SYN. */
export class Side {
  /** Where its next new byte comes; -1 before its first packet. */
  next = -1;
  packets = 0;
  /** Bytes of data that it has sent, repeats not counted. */
  dataBytes = 0;
  hasSyn = false;
  hasFin = false;
  /** Its latest acknowledgment, -1 before the first, the packet with it, and the highest. */
  ack = -1;
  ackFrame = 0;
  highestAck = -1;
  window = -1;
  /** Bytes of data in its latest packet, and whether that had a FIN. */
  latestBytes = 0;
  latestFin = false;
  readonly waiting: Sent[] = [];

  /** What an acknowledgment up to `ack` covers and none before did; taken away. */
  acknowledged(ack: number): Sent[] {
    const covered = this.waiting.filter(({ end }) => end <= ack);
    if (covered.length > 0) {
      const left = this.waiting.filter(({ end }) => end > ack);
      this.waiting.length = 0;
      this.waiting.push(...left);
    }
    return covered;
  }

  take(row: PacketRow): void {
    const { view, seq, end, ack } = row;
    const { flags, frame, payloadLength } = view;
    this.packets++;
    if (end > Math.max(this.next, seq)) {
      if (this.waiting.length >= MOST_SENT) this.waiting.shift();
      this.waiting.push({ frame, seq, end, isSyn: (flags & SYN) !== 0, isFin: (flags & FIN) !== 0 });
      this.dataBytes += Math.min(end - Math.max(this.next, seq), payloadLength);
    }
    this.next = Math.max(this.next, end);
    if (flags & SYN) this.hasSyn = true;
    if (flags & FIN) this.hasFin = true;
    this.latestBytes = payloadLength;
    this.latestFin = (flags & FIN) !== 0;
    if (ack >= 0) {
      this.ack = ack;
      this.ackFrame = frame;
      this.highestAck = Math.max(this.highestAck, ack);
      this.window = flags & SYN ? -1 : row.window;
    }
  }
}
