import type { PacketRow } from '../model/row.ts';
import { SegmentView } from '../model/segment.ts';
import type { Sight, Vantage } from '../model/sight.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Kind, Verdict } from '../model/verdict.ts';
import { noteHistory } from '../tcp/history.ts';
import { StateReplay } from '../tcp/states.ts';
import { advance, noteLatest, Tracker } from '../tcp/tracker.ts';
import { Classifier } from '../verdict/classify.ts';

/**
 * Follows the views that were not chosen, each by itself, to say what a packet is that only they saw. What they find has no
 * effect on the connections.
 */
export class OtherViews {
  private readonly trackers = new Map<Vantage, Tracker>();
  private classifier: Classifier | null = null;
  private readonly states = new StateReplay();
  private readonly place = new SegmentView();

  /** The segment with the sockets and numbers that it has in the chosen view; valid until the next call. */
  placeOf(view: SegmentView, sight: Sight): SegmentView {
    const { place } = this;
    place.frame = view.frame;
    place.time = view.time;
    place.ipVersion = view.ipVersion;
    place.flags = view.flags;
    place.payloadLength = view.payloadLength;
    place.src0 = view.src0;
    place.src1 = view.src1;
    place.src2 = view.src2;
    place.src3 = view.src3;
    place.dst0 = view.dst0;
    place.dst1 = view.dst1;
    place.dst2 = view.dst2;
    place.dst3 = view.dst3;
    place.srcPort = view.srcPort;
    place.dstPort = view.dstPort;
    place.seq = view.seq;
    place.ack = view.ack;
    sight.translate(place);
    return place;
  }

  /** Its place in the stream as its own vantage saw it; reused by the next call. */
  track(view: SegmentView, { vantage }: Sight): TrackedSegment {
    let tracker = this.trackers.get(vantage);
    if (tracker === undefined) {
      tracker = new Tracker();
      this.trackers.set(vantage, tracker);
    }
    return tracker.track(view);
  }

  classify(t: TrackedSegment, view: SegmentView, { original }: Sight, row: PacketRow): void {
    this.classifier ??= new Classifier();
    this.classifier.classify(t, view, row);
    noteHistory(t, view);
    if (t.verdict?.kind !== Kind.DUPLICATE && !t.unacceptable) {
      this.states.replay(t, view, null);
      noteLatest(t, view);
      advance(t, view);
    } else noteLatest(t, view);
    if (original > 0) row.verdict = copyOf(original);
  }
}

function copyOf(frame: number): Verdict {
  const verdict = new Verdict();
  verdict.kind = Kind.DUPLICATE;
  verdict.byCapture = true;
  verdict.original = frame;
  return verdict;
}
