import { type DoubleFields, defineDoubles } from '../model/doubles.ts';
import { SYN } from '../model/flags.ts';
import type { ClocksView } from '../model/outbound.ts';
import { NEVER } from '../model/packed.ts';
import { Option, type SegmentView } from '../model/segment.ts';
import { ID_STEP, sentEarlier } from '../model/sending-order.ts';

/** Common timestamp clocks tick once a millisecond (RFC 7323 section 5.4 allows 1 ms to 1 s). */
const MILLISECOND = 1e6;
const MICROSECOND = 1e3;
/** The rate of a timestamp clock can be told after it was seen for this long (ns). */
export const RATE_TIME = 20e6;

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
  /** Segments with the IP ID of the segment before. Where a sender gives all segments the same IP ID, it does not tell them apart. */
  idRepeats = 0;

  /** The capture's clock was set: the rate of this one is told anew, from the next timestamp on. */
  restart(): void {
    this.firstTsVal = -1;
  }

  /** Takes note of what the sender's latest segment shows. */
  note(view: SegmentView): void {
    const isStamped = (view.options & Option.TIMESTAMPS) !== 0;
    const isLate = isStamped && this.maxTsVal >= 0 && ((view.tsVal - this.maxTsVal) | 0) < 0;
    if (view.ipVersion === 4 && !(view.flags & SYN) && !isLate) this.noteId(view.ipId);
    if (!isStamped) return;
    if (this.firstTsVal < 0) {
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

const DOUBLES = defineDoubles(
  SenderClocks.prototype,
  { maxTsVal: -1, firstTsVal: -1, firstTsTime: NEVER },
  (place) => ({
    get(): number {
      return this.slab[this.row + place];
    },
    set(value: number): void {
      this.slab[this.row + place] = value;
    },
  }),
);

/** A clock that goes back by this much (ns) was set: it does not tell the time since a packet before that. */
export const LEAST_STEP = 10e6;
/** Where the capture's clock shows so much more (ns) than the sender's, it was set forward, or the network held the segment. */
const STEP = 1e9;

/** The capture's clock was set back between these times (ns). */
export function wentBack(before: number, now: number): boolean {
  return before - now >= LEAST_STEP;
}

/**
 * Nanoseconds since `since`, when something passed. Where the capture's clock was set meanwhile, the sender's own tells how much at most;
 * where that has none, no time goes back.
 */
export function elapsed(since: number, view: SegmentView, times: SenderTimes): number {
  const seen = view.time - since;
  const passed = view.time - times.lastSentTime;
  const own = ownElapsed(view, times);
  if (own < 0 || (passed > -LEAST_STEP && passed - own < STEP)) return Math.max(seen, 0);
  if (since <= times.lastSentTime) return own + times.lastSentTime - since;
  return seen >= 0 && seen < own ? seen : own;
}

/** Nanoseconds since the sender's latest segment by its own clock, to a tick; -1 unknown. */
function ownElapsed(view: SegmentView, { clocks, lastSentTime }: SenderTimes): number {
  if (!(view.options & Option.TIMESTAMPS) || clocks.firstTsVal < 0) return -1;
  const seen = lastSentTime - clocks.firstTsTime;
  const ticked = (clocks.maxTsVal - clocks.firstTsVal) | 0;
  const ticks = (view.tsVal - clocks.maxTsVal) | 0;
  return seen <= RATE_TIME || ticked < LEAST_TICKS || ticks < 0 ? -1 : ((ticks + 1) * seen) / ticked;
}

/** As `sentEarlier`, for a segment that fills a hole. Where the timestamps beside the hole do not decide, the latest one of the sender does. */
export function sentBefore(view: SegmentView, hole: { tsVal: number; ipId: number }, clocks: SenderClocks): number {
  const said = sentEarlier(view, hole, clocks);
  if (said !== 0 || !(view.options & Option.TIMESTAMPS) || clocks.maxTsVal < 0) return said;
  return ((clocks.maxTsVal - view.tsVal) | 0) >= 2 ? 1 : 0;
}

export interface SenderTimes {
  readonly clocks: SenderClocks;
  /** Its latest segment, and the latest that took sequence space (ns). */
  readonly lastSentTime: number;
  readonly lastDataTime: number;
}

/** Nanoseconds since the sender's last data, by its own clock where it has one: a delay on the way is no silence. */
export function senderSilence(view: SegmentView, { clocks, lastDataTime }: SenderTimes): number {
  if (lastDataTime === NEVER) return 0;
  const seen = view.time - lastDataTime;
  if (!(view.options & Option.TIMESTAMPS) || clocks.maxTsVal < 0) return seen;
  return Math.min(seen, ((view.tsVal - clocks.maxTsVal) | 0) * MILLISECOND);
}

/** A clock that has ticked so often has shown how fast it ticks. */
const LEAST_TICKS = 8;

/** Nanoseconds since the segment was sent that this one echoes (RFC 7323), by the clock of who sent that; -1 unknown. */
export function echoAge(view: SegmentView, { clocks, lastSentTime }: SenderTimes): number {
  if (!(view.options & Option.TIMESTAMPS) || clocks.firstTsVal < 0) return -1;
  const seen = lastSentTime - clocks.firstTsTime;
  const ticked = (clocks.maxTsVal - clocks.firstTsVal) | 0;
  const ticks = (clocks.maxTsVal - view.tsEcr) | 0;
  if (seen <= RATE_TIME || ticked < LEAST_TICKS || ticks < 0) return -1;
  return view.time - lastSentTime + (ticks * seen) / ticked;
}

/** Does the IP ID name one packet? Not where there is none, nor where the sender gives many packets the same. */
export function namesPacket(view: SegmentView, clocks: SenderClocks, order: number): boolean {
  return view.ipVersion === 4 && view.ipId !== 0 && 4 * clocks.idRepeats < order;
}

/**
 * Does the timestamp name one packet, which passed `elapsed` ns ago with the same? What is sent again two ticks later bears another one
 * (RFC 7323 section 5.4). Not before the rate of the sender's clock can be told.
 */
export function stampNamesPacket(view: SegmentView, { clocks, lastSentTime }: SenderTimes, elapsed: number): boolean {
  if (!(view.options & Option.TIMESTAMPS) || clocks.firstTsVal < 0) return false;
  const ticks = (clocks.maxTsVal - clocks.firstTsVal) | 0;
  const seen = lastSentTime - clocks.firstTsTime;
  return seen > RATE_TIME && elapsed * ticks >= 2 * seen;
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
    clocks.firstTsVal >= 0 && seen > RATE_TIME
      ? ((clocks.maxTsVal - clocks.firstTsVal) | 0) * MILLISECOND > 2 * seen
      : ticks * MICROSECOND < 2 * (view.time - lastSentTime);
  return isFast ? -1 : ticks * MILLISECOND;
}
