/**
 * The events that a congestion controller is told, and nothing else: it sees what its sender saw. A controller keeps `cwnd`
 * and `ssthresh`; it never asks back, so several run side by side on the same events.
 *
 * Every model is told all events from the first one on, with one exception: until the first loss, mark or end of slow start all
 * loss-based models do the same, so that one of them runs for all, and the others take over its state when they part
 * (`Models.part`). None is told of what came before a capture that begins in the middle: the first windows that show correct them.
 *
 * Windows are in segments of SMSS bytes, times in nanoseconds.
 */
export interface Controller {
  /** One of `Algorithm`. */
  readonly algorithm: number;
  cwnd: number;
  /** Infinity until the first reduction. */
  ssthresh: number;
  /** What the sender had in flight after its latest burst. Told before the next ACK. */
  used(usage: Usage): void;
  /** An ACK that brought news, outside recovery or in the slow start after a timeout. */
  acknowledged(told: Told): void;
  /** A loss was told by duplicate ACKs, SACK or a probe: the first retransmission is about to leave. */
  lossDetected(told: Told): void;
  /** ACKs and transmissions while losses are repaired; `partial` as in RFC 6582 section 3.2 step 3. */
  acknowledgedInRecovery(told: Told, partial: boolean): void;
  /** A further segment is sent again in the same recovery. */
  lossRepeated(told: Told): void;
  sentInRecovery(segments: number): void;
  /** All that was outstanding when the loss was detected has been acknowledged. */
  recovered(told: Told): void;
  /** The retransmission timer expired: the first time since there was progress, or again. */
  timedOut(told: Told, again: boolean): void;
  /** The reduction was needless (RFC 4015, RFC 5682): back to what was before. */
  undone(): void;
  /** ECN-Echo, at most once in a round trip (RFC 3168 section 6.1.2). */
  marked(told: Told): void;
  /** New data after `idle` nanoseconds in which nothing was outstanding (RFC 5681 section 4.1, RFC 2861). */
  resumed(idle: number, rto: number): void;
  /** The wire showed another window than `cwnd`; `level` when that one does not grow as in slow start. */
  corrected(cwnd: number, level: boolean): void;
}

/** What one ACK told the sender. One object, reused. */
export class Told {
  /** Nanoseconds since the first record. */
  now = Number.NaN;
  /** Segments, and bytes, newly acknowledged or selectively acknowledged. */
  delivered = 0;
  bytes = 0;
  /** The sender opens its window by ACKs, one segment for each, and not by the segments that they acknowledge. */
  countsAcks = false;
  /** Segments in flight after the ACK, without those that are lost (RFC 6675 "pipe"). */
  pipe = 0;
  /** RTT of the latest sent segment among the acknowledged, NaN without one. */
  rtt = Number.NaN;
  /** Of a loss: the latest ACK told of it, not a timer. */
  byAck = false;
  /** Left edge after the ACK, and SND.NXT (offsets). */
  una = 0;
  sndNxt = 0;
  /** Smoothed RTT (ns), 0 unknown. */
  srtt = Number.NaN;
}

/** How much of the window the sender had used. One object, reused. */
export class Usage {
  now = Number.NaN;
  /** Segments outstanding, and those of them that are in flight (neither selectively acknowledged nor lost). */
  outstanding = 0;
  inFlight = 0;
  una = 0;
  sndNxt = 0;
  /** Nanoseconds. */
  rto = Number.NaN;
  /** Nothing is repaired, and the peer's window does not stop the sender. */
  isFree = false;
}
