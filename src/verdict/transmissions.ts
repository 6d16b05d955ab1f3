import { Transmission } from '../model/flight.ts';

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
    t.sackedAt = -1;
    t.parts = 0;
    t.needed = false;
    t.next = this.free;
    this.free = t;
  }
}
