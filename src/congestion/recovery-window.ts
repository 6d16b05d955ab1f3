/** ACKs that are closer than this (ns), with nothing sent between them, are answered together: the capture shows them all before the answer. */
export const BATCH_GAP = 200e3;
/**
 * ACKs that deliver this many segments have to be answered in full, one after the other. A sender whose window goes down in proportion
 * (RFC 6937) sends less than is delivered: it leaves out at least one segment of so many.
 */
const ANSWERED = 16;
/**
 * The bounds of the window may be this far apart, as a share of the upper one. Where they are further apart the flight passed the window
 * in one step.
 */
const APART = 0.1;

/**
 * The window that a sender has while it repairs losses, by what it does not send. It has something to send, a hole or new data: if
 * it answers an ACK by less than that took out of the flight, the flight is larger than its window (RFC 6675 section 5, RFC 6937
 * section 3). If from then on it answers all ACKs in full, it has come down to it. Windows and flights in segments.
 */
export class RecoveryWindow {
  /** It lies between these, NaN unknown. */
  least = Number.NaN;
  most = Number.NaN;
  /** In flight after the latest ACKs that were not answered in full, NaN without any. */
  private withheld = Number.NaN;
  /** In flight before the first answer in full after those, NaN without one, and segments delivered since. */
  private resumed = Number.NaN;
  private answered = 0;
  /** Of the latest ACKs together: time (ns), segments delivered, and what they left in flight. */
  private lastAck = Number.NaN;
  private delivered = 0;
  private left = Number.NaN;
  /** In flight now, and segments sent since the latest ACK. */
  private inFlight = Number.NaN;
  private sent = 0;

  get isKnown(): boolean {
    return !Number.isNaN(this.least);
  }

  /** Another recovery begins. */
  begin(): void {
    this.least = this.most = this.left = Number.NaN;
    this.forget();
  }

  /** The ACKs before told nothing of the window. */
  private forget(): void {
    this.withheld = this.resumed = Number.NaN;
    this.answered = 0;
  }

  /** A segment leaves, with which `inFlight` are under way. */
  sends(inFlight: number): void {
    this.sent++;
    this.inFlight = inFlight;
  }

  /** An ACK comes at `now` (ns). `isFree`: nothing but its own window keeps the sender from sending. */
  hears(now: number, isFree: boolean): void {
    const isTogether = this.sent === 0 && now - this.lastAck < BATCH_GAP;
    this.lastAck = now;
    if (!isTogether) {
      if (!isFree) this.forget();
      else if (!Number.isNaN(this.left) && !this.isKnown) this.judge();
      this.delivered = 0;
    }
    this.sent = 0;
  }

  /** The ACK has taken effect. */
  settles(delivered: number, inFlight: number): void {
    this.delivered += delivered;
    this.left = this.inFlight = inFlight;
  }

  private judge(): void {
    const { inFlight, withheld } = this;
    if (this.sent < this.delivered) {
      this.forget();
      this.withheld = inFlight;
    } else if (inFlight > withheld + 1) this.forget();
    else if (withheld > 0) this.answer();
  }

  private answer(): void {
    if (this.answered === 0) this.resumed = this.left;
    this.answered += this.delivered;
    if (this.answered < ANSWERED) return;
    if (this.withheld - this.resumed > APART * this.withheld) {
      this.forget();
      return;
    }
    this.least = Math.min(this.resumed + 1, this.withheld);
    this.most = this.withheld;
  }
}
