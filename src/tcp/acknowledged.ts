import { LARGEST_WINDOW } from '../model/tcp-constants.ts';

/**
 * What is known of one direction apart from its bytes: how far its sender has come, and how far the other end acknowledges it.
 * Numbers are the tracker's offsets.
 */
export class Acknowledged {
  /** End of what the sender is known to have sent, by its own numbers, and the frame that shows it. */
  sent = Number.NEGATIVE_INFINITY;
  sentFrame = 0;
  /** Highest number acknowledged of what is known to have been sent, and the frame of the latest ACK (0 none). */
  to = Number.NEGATIVE_INFINITY;
  frame = 0;
  /** The latest ACK, where it is beyond that: the data was not captured, or the ACK is forged. The sender's next segments tell which. */
  claimed = Number.NEGATIVE_INFINITY;

  /** The offsets count from another SYN from now on: nothing is known of them yet. */
  reset(): void {
    this.sent = Number.NEGATIVE_INFINITY;
    this.to = Number.NEGATIVE_INFINITY;
    this.claimed = Number.NEGATIVE_INFINITY;
  }

  /** The sender has sent up to `end`, as `frame` shows. */
  noteSent(end: number, frame: number): void {
    if (end <= this.sent) return;
    this.sent = end;
    this.sentFrame = frame;
    if (this.claimed > end) return;
    if (this.claimed > this.to) this.to = this.claimed;
    this.claimed = Number.NEGATIVE_INFINITY;
  }

  /** The other end acknowledges everything below `ack`; `next` is next in the stream. True when that is new and believed. */
  note(ack: number, next: number, frame: number): boolean {
    this.frame = frame;
    // No ACK runs ahead of what was sent by more than the largest window.
    const isPlausible = ack - Math.max(this.sent, this.to, this.claimed, next) <= LARGEST_WINDOW;
    this.claimed = ack > this.sent && isPlausible ? ack : Number.NEGATIVE_INFINITY;
    if (ack > this.sent || ack <= this.to) return false;
    this.to = ack;
    return true;
  }

  /** The highest number that any ACK claims to have. */
  get furthest(): number {
    return Math.max(this.to, this.claimed);
  }

  /** End of the stream as far as anything tells of it; `next` is next in it. */
  lastNumber(next: number): number {
    // One number beyond the last byte that was seen, and no segment after it: its FIN, which was not captured.
    const seen = Math.max(this.sent, next);
    return this.claimed === seen + 1 ? seen : Math.max(seen, this.claimed);
  }
}
