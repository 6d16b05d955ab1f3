/** So long (ns) a capture may hold nothing before it is asked whether it went on. */
const LONG = 60e9;
/** So many times the mean distance of its packets: a capture that had so much to record has not become silent, it was stopped. */
const UNUSUAL = 100;
/** Of fewer packets nobody can say what is usual. */
const FEWEST = 1000;
/** What was left open for less than this (ns) when the capture ended may still have come: an answer, a piece of a gap. */
export const MAY_STILL_COME = 1e9;
/** Pauses that are remembered. */
const MOST = 1024;

/** Times in which a busy capture holds no packet of anybody: it or its host was paused, or two captures were joined. */
export class Pauses {
  private readonly starts: number[] = [];

  /** Between `from` and `time` (ns since the first record) there is no packet; `frame` is the first one after it. */
  see(frame: number, from: number, time: number): void {
    const records = frame - 1;
    const gap = time - from;
    if (gap < LONG || records < FEWEST || gap * records <= UNUSUAL * from) return;
    if (this.starts.length < MOST) this.starts.push(from);
  }

  /** Until when (ns) of `since` to `end` the capture went on: what was silent during a pause may have said anything. */
  heardUntil(since: number, end: number): number {
    let until = end;
    // Not in order where the clock went back.
    for (const from of this.starts) if (from >= since && from < until) until = from;
    return until;
  }
}
