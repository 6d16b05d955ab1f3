import { DOUBLE_ZERO } from '../model/packed.ts';
import { RATE_TIME } from '../verdict/clocks.ts';
import type { Tape } from './tape.ts';

/** Ticks of the timestamp clocks in use (ns): 1 ms, 4 ms, 10 ms, 1 us (RFC 7323 section 5.4 allows 1 ms to 1 s). */
const TICKS = [1e6, 4e6, 10e6, 1e3];
/** A rate is taken for the nearest of those above within this factor. */
const NEAR = 2;
/** Segments within this time (ns) were delayed together. */
const TOGETHER = 1e6;
/** Clocks of two hosts run apart by no more than this share. */
const DRIFT = 1e-4;

/**
 * Tells by the timestamps of one sender how much longer a segment was under way up to the point of capture than the quickest of
 * its direction.
 */
export class StampClock {
  declare private firstStamp: number;
  /** NaN before the first. */
  declare private firstTime: number;
  declare private lastTime: number;
  /** Of capture time less sender's time: the smallest, as it would be now. */
  declare private quickest: number;
  /** Nanoseconds a tick, 0 unknown. */
  declare tick: number;

  /** How much the lateness changes from one segment to the next (ns), smoothed as in RFC 3550 section 6.4.1. */
  declare jitter: number;
  declare private lastLate: number;

  constructor() {
    this.begin();
  }

  /** No stamp was seen. */
  begin(): void {
    this.firstStamp = DOUBLE_ZERO;
    this.firstTime = Number.NaN;
    this.lastTime = DOUBLE_ZERO;
    this.quickest = DOUBLE_ZERO;
    this.tick = DOUBLE_ZERO;
    this.jitter = DOUBLE_ZERO;
    this.lastLate = DOUBLE_ZERO;
  }

  write(tape: Tape): void {
    tape.put(this.firstStamp);
    tape.put(this.firstTime);
    tape.put(this.lastTime);
    tape.put(this.quickest);
    tape.put(this.tick);
    tape.put(this.jitter);
    tape.put(this.lastLate);
  }

  read(tape: Tape): void {
    this.firstStamp = tape.next();
    this.firstTime = tape.next();
    this.lastTime = tape.next();
    this.quickest = tape.next();
    this.tick = tape.next();
    this.jitter = tape.next();
    this.lastLate = tape.next();
  }

  /** Nanoseconds that the segment was late, 0 where its sender's clock does not tell. */
  lateness(stamp: number, time: number): number {
    if (Number.isNaN(this.firstTime)) {
      this.firstStamp = stamp;
      this.firstTime = this.lastTime = time;
      return 0;
    }
    const ticks = (stamp - this.firstStamp) | 0;
    const elapsed = time - this.firstTime;
    if (this.tick === 0) {
      if (elapsed < RATE_TIME || ticks <= 0) return 0;
      this.tick = nearestTick(elapsed / ticks);
      if (this.tick === 0) return 0;
      this.quickest = 0;
    }
    const offset = elapsed - ticks * this.tick;
    this.quickest = Math.min(this.quickest + (time - this.lastTime) * DRIFT, offset);
    const raw = offset - this.quickest;
    if (time - this.lastTime > TOGETHER) this.jitter += (Math.abs(raw - this.lastLate) - this.jitter) / 16;
    this.lastLate = raw;
    this.lastTime = time;
    // A stamp is on the average half a tick older than the segment; less than a tick is none.
    const late = raw - this.tick / 2;
    return late < this.tick ? 0 : late;
  }
}

function nearestTick(interval: number): number {
  for (const tick of TICKS) if (interval < tick * NEAR && interval * NEAR > tick) return tick;
  return 0;
}
