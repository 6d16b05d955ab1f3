import { SYN } from '../model/flags.ts';
import type { Flight } from '../model/flight.ts';
import { Option, type SegmentView } from '../model/segment.ts';

/** How far apart IP IDs may lie to be compared. */
const ID_RANGE = 4096;

/** Common timestamp clocks tick once a millisecond (RFC 7323 section 5.4 allows 1 ms to 1 s). */
const MILLISECOND = 1e6;
const MICROSECOND = 1e3;
/** Over such a time (ns) the rate of a clock can be told. */
const LONG_ENOUGH = 20e6;

/*
 * A sender's IP IDs and timestamps order its packets by the time of sending, whatever order they are seen in.
 */

/** Was it sent before `other` (before the latest segment, without one)? 1 yes, -1 no, 0 unknown. */
export function sentEarlier(view: SegmentView, other: { tsVal: number; ipId: number } | null, flight: Flight): number {
  const id = other === null ? flight.maxIpId : other.ipId;
  if (view.ipVersion === 4 && id >= 0 && flight.idRises >= 3 && flight.idRises > 8 * flight.idBreaks) {
    const d = ((view.ipId - id) << 16) >> 16;
    if (d !== 0 && Math.abs(d) < ID_RANGE) return d < 0 ? 1 : -1;
  }
  const ts = other === null ? flight.maxTsVal : other.tsVal;
  if (view.options & Option.TIMESTAMPS && ts >= 0) {
    const d = (view.tsVal - ts) | 0;
    if (d !== 0) return d < 0 ? 1 : -1;
  }
  return other === null ? -1 : 0;
}

/** As `sentEarlier` for what fills a hole; where the clocks of its edge are too coarse, older than the latest segment tells. */
export function sentBefore(view: SegmentView, hole: { tsVal: number; ipId: number }, flight: Flight): number {
  const said = sentEarlier(view, hole, flight);
  if (said !== 0 || !(view.options & Option.TIMESTAMPS) || flight.maxTsVal < 0) return said;
  return ((flight.maxTsVal - view.tsVal) | 0) >= 2 ? 1 : 0;
}

/** Nanoseconds since the sender's last data, by its own clock where it has one: a delay on the way is no silence. */
export function senderSilence(view: SegmentView, flight: Flight): number {
  if (flight.lastDataTime < 0) return 0;
  const seen = view.time - flight.lastDataTime;
  if (!(view.options & Option.TIMESTAMPS) || flight.maxTsVal < 0) return seen;
  return Math.min(seen, ((view.tsVal - flight.maxTsVal) | 0) * MILLISECOND);
}

/** Does the IP ID name one packet? Not where there is none, nor where the sender gives many packets the same. */
export function namesPacket(view: SegmentView, flight: Flight): boolean {
  return view.ipVersion === 4 && view.ipId !== 0 && 4 * flight.idRepeats < flight.order;
}

/**
 * Nanoseconds between the sending of the sender's latest segment and of this one by its own clock, -1 where it has none or
 * one that ticks faster than once a millisecond.
 */
export function stampedSilence(view: SegmentView, flight: Flight): number {
  if (!(view.options & Option.TIMESTAMPS) || flight.maxTsVal < 0) return -1;
  const ticks = (view.tsVal - flight.maxTsVal) | 0;
  const seen = flight.lastSentTime - flight.firstTsTime;
  // Some count microseconds; while too little was seen to tell, no clock is taken to be faster than that.
  const isFast =
    seen > LONG_ENOUGH
      ? ((flight.maxTsVal - flight.firstTsVal) | 0) * MILLISECOND > 2 * seen
      : ticks * MICROSECOND < 2 * (view.time - flight.lastSentTime);
  return isFast ? -1 : ticks * MILLISECOND;
}

/** Follows the sender's IP IDs and timestamps, which order its packets by the time of sending. */
export function noteClocks(flight: Flight, view: SegmentView): void {
  if (view.ipVersion === 4 && !(view.flags & SYN)) {
    if (flight.maxIpId < 0) flight.maxIpId = view.ipId;
    else {
      const d = ((view.ipId - flight.maxIpId) << 16) >> 16;
      if (d > 0) {
        flight.maxIpId = view.ipId;
        if (d <= 128) flight.idRises++;
        else flight.idBreaks++;
      } else if (d === 0 || d < -128) {
        flight.idBreaks++;
        if (d === 0) flight.idRepeats++;
        flight.maxIpId = view.ipId;
      }
    }
  }
  if (!(view.options & Option.TIMESTAMPS)) return;
  if (flight.maxTsVal < 0) {
    flight.firstTsVal = view.tsVal;
    flight.firstTsTime = view.time;
  }
  if (flight.maxTsVal < 0 || ((view.tsVal - flight.maxTsVal) | 0) > 0) flight.maxTsVal = view.tsVal;
}
