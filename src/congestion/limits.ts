import { append, type CongestionState, LIMIT_NAMES, type LimitSpan } from '../model/congestion.ts';

/** Spans that are kept of one sender; the sums go on. */
const MAX_SPANS = 1024;
/** A change that lasts less than this share of an RTT, or this time (ns), is part of what was going on. */
const BRIEF_SHARE = 1 / 8;
const BRIEF = 1e6;

/** From `start` to `end` (ns) it was `limit`. One object, reused: numbers that are passed one by one would be allocated. */
export class Interval {
  limit = 0;
  start = Number.NaN;
  end = Number.NaN;
  /** 0 unknown. */
  srtt = Number.NaN;
}

/** Writes down what kept a sender from sending more, as one span after the other without gaps. */
export class LimitLog {
  private readonly state: CongestionState;
  private current: LimitSpan | null = null;
  private times: number[] | null = null;
  /** A change that has not lasted long enough yet, and since when; -1 none. */
  private pending = -1;
  private pendingSince = Number.NaN;

  constructor(state: CongestionState) {
    this.state = state;
  }

  /** Calls follow one another in time. */
  note(interval: Interval): void {
    const { current } = this;
    const { limit, end } = interval;
    if (end <= interval.start) return;
    if (current === null) {
      this.open(limit, interval.start, end);
      return;
    }
    current.end = end;
    if (limit === current.limit) {
      this.pending = -1;
      return;
    }
    if (limit !== this.pending) {
      this.pending = limit;
      this.pendingSince = interval.start;
    }
    if (end - this.pendingSince < Math.max(BRIEF, interval.srtt * BRIEF_SHARE)) return;
    current.end = this.pendingSince;
    this.open(limit, this.pendingSince, end);
  }

  private open(limit: number, start: number, end: number): void {
    const { state } = this;
    this.close();
    this.pending = -1;
    this.current = { limit, start, end };
    if (state.spans.length < MAX_SPANS) state.spans = append(state.spans, this.current);
  }

  /** Adds the latest span to the sums. */
  close(): void {
    const { current } = this;
    if (current === null) return;
    this.times ??= LIMIT_NAMES.map(() => 0);
    this.times[current.limit] += current.end - current.start;
    this.state.limitTimes = this.times;
    this.current = null;
  }
}
