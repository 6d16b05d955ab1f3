/** One round trip of a sender, as the wire showed it: from an ACK to the ACK of what was sent last before it. Reused. */
export class Round {
  start = Number.NaN;
  /** Nanoseconds. */
  duration = Number.NaN;
  /** Segments: most in flight, delivered, sent. */
  peak = 0;
  delivered = 0;
  sent = 0;
  /** ACKs that moved the left edge, and segments in flight when the first of all ACKs came. */
  acks = 0;
  first = 0;
  /** Bursts of segments, and how many of them no ACK let go. */
  bursts = 0;
  unprompted = 0;
  /** Segments that ACKs with ECN-Echo acknowledged. */
  marked = 0;
  /** Round trips (ns): how many, their sum, the shortest and the longest. */
  samples = 0;
  rttSum = 0;
  shortestRtt = Number.POSITIVE_INFINITY;
  longestRtt = 0;
  /** Longest pause between two segments (ns). */
  pause = Number.NaN;
  /** ACKs that come together count as one batch: how many. */
  batches = 0;
  /** Of those that were answered at once: by a full segment. Whoever waits for the window has more to send than fits. */
  full = 0;
  /** Of those that were answered at once: the last segment of the answer was a full one. */
  endedFull = 0;
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
    this.acks = 0;
    this.first = 0;
    this.bursts = 0;
    this.unprompted = 0;
    this.marked = 0;
    this.samples = 0;
    this.rttSum = 0;
    this.shortestRtt = Number.POSITIVE_INFINITY;
    this.longestRtt = 0;
    this.pause = 0;
    this.batches = 0;
    this.full = 0;
    this.endedFull = 0;
    this.sagged = 0;
    this.free = true;
  }
  /** An ACK acknowledged `delivered` segments, with a round trip of `rtt` (ns, NaN without one). */
  hears(delivered: number, advances: boolean, isMarked: boolean, rtt: number): void {
    this.delivered += delivered;
    if (advances) this.acks++;
    if (isMarked) this.marked += delivered;
    if (!(rtt > 0)) return;
    this.samples++;
    this.rttSum += rtt;
    if (rtt < this.shortestRtt) this.shortestRtt = rtt;
    if (rtt > this.longestRtt) this.longestRtt = rtt;
  }
}
