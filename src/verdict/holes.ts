import type { Hole } from '../model/ack-effect.ts';
import { type SegmentView, tsValOf } from '../model/segment.ts';
import { type Range, SortedRanges } from './sorted-ranges.ts';

/** Holes per endpoint that are remembered. */
const MAX_HOLES = 4096;

/** What the capture has not seen of an endpoint's stream: the parts below SND.NXT that no segment has held yet. */
export class Holes {
  private readonly holes = new SortedRanges<Hole>();

  /** A segment beyond SND.NXT leaves one. Returns false if an older one had to be forgotten for it. */
  open(hole: Hole): boolean {
    this.holes.push(hole);
    if (this.holes.length <= MAX_HOLES) return true;
    this.holes.shift();
    return false;
  }

  /** The highest one that holds a byte of the range, null without. */
  in(start: number, end: number): Hole | null {
    const { holes } = this;
    let found: Hole | null = null;
    for (let h = holes.seek(start); h !== null && h.start < end; h = holes.next()) found = h;
    return found;
  }

  /** The range was seen, in its first sending (`isFirst`) or in a repeat: the parts of it that fill holes. */
  fill(start: number, end: number, isFirst: boolean): Range[] {
    const { holes } = this;
    const filled: Range[] = [];
    let h = holes.seek(start);
    while (h !== null && h.start < end) {
      holes.removeHere();
      filled.push({ start: Math.max(h.start, start), end: Math.min(h.end, end) });
      // A first sending that fills the upper part has overtaken what is missing below it.
      if (h.start < start) holes.insert({ ...h, end: start, entered: isFirst ? h.entered - 1 : h.entered });
      if (h.end > end) holes.insert({ ...h, start: end });
      h = holes.seek(Math.min(h.end, end));
    }
    return filled;
  }

  /**
   * The range is newly acknowledged, and with it all from `low` to `high`: holes in it have arrived, and are added to
   * `shown`.
   */
  acknowledge(start: number, end: number, low: number, high: number, shown: Hole[]): void {
    const { holes } = this;
    for (let h = holes.seek(start); h !== null && h.start < end; h = holes.next()) {
      if (h.isAcked || h.start < low || h.end > high) continue;
      h.isAcked = true;
      shown.push(h);
    }
  }
}

export function holeBefore(
  start: number,
  end: number,
  view: SegmentView,
  entered: number,
  since: number,
  isAcked: boolean,
): Hole {
  return {
    start,
    end,
    time: view.time,
    frame: view.frame,
    tsVal: tsValOf(view),
    ipId: view.ipVersion === 4 ? view.ipId : -1,
    entered,
    isAcked,
    since,
  };
}
