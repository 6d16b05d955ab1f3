/** What one segment of the peer told a sender: kept apart from the segment, because it may take effect later. */
export class Heard {
  /** When it passed the capture and when it arrived at the sender (ns), and its frame. */
  time = Number.NaN;
  arrival = Number.NaN;
  frame = 0;
  /** Left edge that it acknowledges (offset). */
  ack = 0;
  /** Bytes that it acknowledges for the first time, cumulatively or selectively, and those of them by SACK. */
  delivered = 0;
  newlySacked = 0;
  /** It moves the left edge. */
  advances = false;
  /** A duplicate ACK (RFC 5681 section 2). */
  duplicate = false;
  dsack = false;
  dsackEnd = 0;
  ece = false;
  /** -1 without. */
  tsVal = -1;
  tsEcr = -1;
  /** From the sight of the latest sent segment that it acknowledges (ns), NaN without one. */
  rtt = Number.NaN;
  /** Right edge of the peer's window before it, -1 unknown. */
  edge = -1;
}

const FIRST_SIZE = 4;

/**
 * ACKs on their way from the point of capture to the sender, in a ring that grows. At the sender itself the way takes no time
 * and the ring holds nothing.
 */
export class HeardQueue {
  private ring: Heard[] = [];
  private head = 0;
  private count = 0;

  get oldest(): Heard | null {
    return this.count === 0 ? null : this.ring[this.head];
  }

  drop(): void {
    this.head = (this.head + 1) % this.ring.length;
    this.count--;
  }

  /** A record to fill, at the end of the queue. */
  add(): Heard {
    if (this.count === this.ring.length) this.grow();
    const heard = this.ring[(this.head + this.count) % this.ring.length];
    this.count++;
    return heard;
  }

  private grow(): void {
    const { ring, head } = this;
    const bigger = [...ring.slice(head), ...ring.slice(0, head)];
    const size = Math.max(ring.length * 2, FIRST_SIZE);
    while (bigger.length < size) bigger.push(new Heard());
    this.ring = bigger;
    this.head = 0;
  }
}
