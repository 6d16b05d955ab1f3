import { type DoubleFields, defineDoubles } from '../model/doubles.ts';
import { SYN } from '../model/flags.ts';
import type { ClocksView } from '../model/outbound.ts';
import { Option, type SegmentView } from '../model/segment.ts';

/** How far apart IP IDs may lie to be compared. */
const ID_RANGE = 4096;
/** By how much an IP ID rises from one packet of a connection to the next at most, where the sender counts. */
const ID_STEP = 128;

/** Common timestamp clocks tick once a millisecond (RFC 7323 section 5.4 allows 1 ms to 1 s). */
const MILLISECOND = 1e6;
const MICROSECOND = 1e3;
/** Over such a time (ns) the rate of a clock can be told. */
const LONG_ENOUGH = 20e6;

/*
 * A sender's IP IDs and timestamps order its packets by the time of sending, whatever order they are seen in.
 */

/** The clocks that one sender shows in its packets. */
export class SenderClocks implements ClocksView, DoubleFields {
  readonly row = DOUBLES.take();
  readonly slab = DOUBLES.current;
  declare maxTsVal: number;
  declare firstTsVal: number;
  declare firstTsTime: number;
  maxIpId = -1;
  idRises = 0;
  idBreaks = 0;
  /** Segments with the IP ID of the one before: a sender that gives all the same says nothing by it. */
  idRepeats = 0;

  /** Takes note of what the sender's latest segment shows. */
  note(view: SegmentView): void {
    const isStamped = (view.options & Option.TIMESTAMPS) !== 0;
    const isLate = isStamped && this.maxTsVal >= 0 && ((view.tsVal - this.maxTsVal) | 0) < 0;
    if (view.ipVersion === 4 && !(view.flags & SYN) && !isLate) this.noteId(view.ipId);
    if (!isStamped) return;
    if (this.maxTsVal < 0) {
      this.firstTsVal = view.tsVal;
      this.firstTsTime = view.time;
    }
    if (this.maxTsVal < 0 || ((view.tsVal - this.maxTsVal) | 0) > 0) this.maxTsVal = view.tsVal;
  }

  private noteId(ipId: number): void {
    if (this.maxIpId < 0) {
      this.maxIpId = ipId;
      return;
    }
    const d = ((ipId - this.maxIpId) << 16) >> 16;
    if (d > 0) {
      this.maxIpId = ipId;
      if (d <= ID_STEP) this.idRises++;
      else this.idBreaks++;
    } else if (d === 0 || d < -ID_STEP) {
      this.idBreaks++;
      if (d === 0) this.idRepeats++;
      this.maxIpId = ipId;
    }
  }
}

const DOUBLES = defineDoubles(SenderClocks.prototype, { maxTsVal: -1, firstTsVal: -1, firstTsTime: -1 }, (place) => ({
  get(): number {
    return this.slab[this.row + place];
  },
  set(value: number): void {
    this.slab[this.row + place] = value;
  },
}));

/** Was it sent before `other` (before the latest segment, without one)? 1 yes, -1 no, 0 unknown. */
export function sentEarlier(
  view: SegmentView,
  other: { tsVal: number; ipId: number } | null,
  clocks: ClocksView,
): number {
  const ts = other === null ? clocks.maxTsVal : other.tsVal;
  // Timestamps never go back (RFC 7323 section 5.3); IP IDs are shared with other connections, and wrap.
  if (view.options & Option.TIMESTAMPS && ts >= 0) {
    const d = (view.tsVal - ts) | 0;
    if (d !== 0) return d < 0 ? 1 : -1;
  }
  const id = other === null ? clocks.maxIpId : other.ipId;
  if (view.ipVersion === 4 && id >= 0 && clocks.idRises > 8 * clocks.idBreaks) {
    const d = ((view.ipId - id) << 16) >> 16;
    // One that lies so close below is no chance, even of a sender of which little was seen.
    const isClose = d < 0 && d >= -ID_STEP;
    if (d !== 0 && Math.abs(d) < ID_RANGE && (isClose || clocks.idRises >= 3)) return d < 0 ? 1 : -1;
  }
  return other === null ? -1 : 0;
}

/** As `sentEarlier` for what fills a hole; where the clocks of its edge are too coarse, older than the latest segment tells. */
export function sentBefore(view: SegmentView, hole: { tsVal: number; ipId: number }, clocks: SenderClocks): number {
  const said = sentEarlier(view, hole, clocks);
  if (said !== 0 || !(view.options & Option.TIMESTAMPS) || clocks.maxTsVal < 0) return said;
  return ((clocks.maxTsVal - view.tsVal) | 0) >= 2 ? 1 : 0;
}

export interface SenderTimes {
  readonly clocks: SenderClocks;
  /** Its latest segment, and the latest that took sequence space (ns, -1 never). */
  readonly lastSentTime: number;
  readonly lastDataTime: number;
}

/** Nanoseconds since the sender's last data, by its own clock where it has one: a delay on the way is no silence. */
export function senderSilence(view: SegmentView, { clocks, lastDataTime }: SenderTimes): number {
  if (lastDataTime < 0) return 0;
  const seen = view.time - lastDataTime;
  if (!(view.options & Option.TIMESTAMPS) || clocks.maxTsVal < 0) return seen;
  return Math.min(seen, ((view.tsVal - clocks.maxTsVal) | 0) * MILLISECOND);
}

/** A clock that has ticked so often has shown how fast it ticks. */
const LEAST_TICKS = 8;

/** Nanoseconds since the segment was sent that this one echoes (RFC 7323), by the clock of who sent that; -1 unknown. */
export function echoAge(view: SegmentView, { clocks, lastSentTime }: SenderTimes): number {
  if (!(view.options & Option.TIMESTAMPS) || clocks.maxTsVal < 0) return -1;
  const seen = lastSentTime - clocks.firstTsTime;
  const ticked = (clocks.maxTsVal - clocks.firstTsVal) | 0;
  const ticks = (clocks.maxTsVal - view.tsEcr) | 0;
  if (seen <= LONG_ENOUGH || ticked < LEAST_TICKS || ticks < 0) return -1;
  return view.time - lastSentTime + (ticks * seen) / ticked;
}

/** Does the IP ID name one packet? Not where there is none, nor where the sender gives many packets the same. */
export function namesPacket(view: SegmentView, clocks: SenderClocks, order: number): boolean {
  return view.ipVersion === 4 && view.ipId !== 0 && 4 * clocks.idRepeats < order;
}

/**
 * Nanoseconds between the sending of the sender's latest segment and of this one by its own clock, -1 where it has none or
 * one that ticks faster than once a millisecond.
 */
export function stampedSilence(view: SegmentView, { clocks, lastSentTime }: SenderTimes): number {
  if (!(view.options & Option.TIMESTAMPS) || clocks.maxTsVal < 0) return -1;
  const ticks = (view.tsVal - clocks.maxTsVal) | 0;
  const seen = lastSentTime - clocks.firstTsTime;
  // Some count microseconds; while too little was seen to tell, no clock is taken to be faster than that.
  const isFast =
    seen > LONG_ENOUGH
      ? ((clocks.maxTsVal - clocks.firstTsVal) | 0) * MILLISECOND > 2 * seen
      : ticks * MICROSECOND < 2 * (view.time - lastSentTime);
  return isFast ? -1 : ticks * MILLISECOND;
}
