/** One round trip of a sender, as the wire showed it: from an ACK to the ACK of what was sent last before it. Reused. */
export class Round {
  start = Number.NaN;
  /** Nanoseconds. */
  duration = Number.NaN;
  /** Segments: most in flight, delivered, sent. */
  peak = 0;
  delivered = 0;
  sent = 0;
  /** Longest pause between two segments (ns). */
  pause = Number.NaN;
  /** ACKs that come together count as one batch: how many, and how many of them were answered at once. */
  batches = 0;
  answered = 0;
  /** Of those that were answered: by a full segment. Whoever waits for the window has more to send than fits. */
  full = 0;
  /** Batches that found the flight below the round's peak. */
  sagged = 0;
  /** Nothing was repaired, and the peer's window did not stop the sender. */
  free = true;

  constructor() {
    this.begin(0);
  }

  begin(now: number): void {
    this.start = now;
    this.duration = 0;
    this.peak = 0;
    this.delivered = 0;
    this.sent = 0;
    this.pause = 0;
    this.batches = 0;
    this.answered = 0;
    this.full = 0;
    this.sagged = 0;
    this.free = true;
  }
}
