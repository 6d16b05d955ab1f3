import type { Hole } from '../model/ack-effect.ts';
import type { Question } from '../model/row.ts';
import { ChecksumStatus, type SegmentView } from '../model/segment.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Fate, Kind, type Verdict } from '../model/verdict.ts';

/** Segments of one sender that are kept aside; the oldest go first. */
const MOST = 32;

/** A segment that was put aside, with a copy of its headers. */
export interface Aside {
  readonly seq: number;
  readonly end: number;
  readonly ack: number;
  readonly window: number;
  readonly windowShift: number;
  readonly view: SegmentView;
  readonly verdict: Verdict;
  readonly row: Question | null;
}

/**
 * Segments that were damaged, or that their sender cannot have sent, as it seemed. Where the receiver acknowledges their bytes before
 * any other packet brought them, it took them: what is wrong is in the capture.
 */
export class SetAside {
  private segments: Aside[] = [];

  /** Their rows wait until it is known. */
  add(
    { seq, end, ack, window, windowShift }: TrackedSegment,
    view: SegmentView,
    verdict: Verdict,
    row: Question | null,
  ): void {
    row?.hold();
    this.segments.push({ seq, end, ack, window, windowShift, view, verdict, row });
    if (this.segments.length > MOST) this.segments.shift()!.row?.release();
  }

  /** The packet `view` passes whole: the damaged record of it, no more than `longest` (ns) before, is a copy that the capture made. */
  sees({ seq, end }: TrackedSegment, view: SegmentView, longest: number): void {
    const damaged = this.segments.find(
      (one) => one.seq === seq && one.end === end && one.view.ipId === view.ipId && view.time - one.view.time < longest,
    );
    if (damaged === undefined || damaged.view.tcpChecksumStatus !== ChecksumStatus.BAD) return;
    Object.assign(damaged.verdict, { kind: Kind.DUPLICATE, byCapture: true, original: view.frame, fate: Fate.UNKNOWN });
  }

  /**
   * `ack` came; `holeIn` gives the hole of the capture in a range, and all else up to `sndNxt` had been seen. Returns the segments that
   * `ack` shows to have been taken, by their place. Those below it whose bytes came in another packet are forgotten.
   */
  takenBy(ack: number, sndNxt: number, holeIn: (start: number, end: number) => Hole | null): Aside[] {
    const reached = this.segments.filter(({ end }) => end <= ack);
    if (reached.length === 0) return reached;
    this.segments = this.segments.filter(({ end }) => end > ack);
    const isLacking = ({ seq, end }: Aside) => {
      if (seq >= sndNxt) return true;
      const hole = holeIn(seq, end);
      return hole !== null && hole.start <= seq && hole.end >= end;
    };
    const taken = reached.filter(isLacking);
    for (const one of reached) one.row?.release();
    return taken.sort((one, other) => one.seq - other.seq);
  }
}
