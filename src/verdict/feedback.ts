import { type DoubleFields, defineDoubles } from '../model/doubles.ts';
import { DOUBLE_ZERO, NEVER } from '../model/packed.ts';
import { Option, type SegmentView, tsValOf } from '../model/segment.ts';

/** What an endpoint was told by the segments of its peer, and when. */
export class Feedback implements DoubleFields {
  readonly row = DOUBLES.take();
  readonly slab = DOUBLES.current;
  /** Latest ACK of the peer, of any kind (ns). */
  declare lastHeard: number;
  /** Latest ACK that had an effect: progress, SACK or a duplicate ACK. */
  declare lastEffect: number;
  /** Latest ACK that told of something missing. */
  declare lastReport: number;
  /** TSecr of its latest ACK, -1 without, and since when it has been that. */
  declare lastEcho: number;
  declare echoTime: number;
  /** Duplicate ACKs in a row. */
  dupAcks = 0;
  /** The receiver reports repeats: a D-SACK was seen. */
  sawDsack = false;
  /** The peer's window was zero in its latest ACK. */
  zeroWindow = false;
  /** TSval and frame of the ACK that first told of the present holes, -1 unknown and 0 none; when it came. */
  declare reportTsVal: number;
  reportFrame = 0;
  declare reportTime: number;
  /**
   * The latest ACK that told the sender to send its oldest missing bytes again: TSval of the first report, or of the ACK that acknowledged
   * up to them, -1 unknown; when it came, and when the first one with a later TSval did, `NEVER` while none has.
   */
  declare edgeTsVal: number;
  declare edgeTime: number;
  declare afterEdge: number;
  /** The latest TSval of the peer before that report, -1 none. */
  declare beforeReport: number;
  /**
   * The latest hole that was told: TSval of the ACK that first did, -1 unknown; what was acknowledged then, and how far the
   * sender had sent when it heard of it, infinity while it has not shown that.
   */
  declare toldTsVal: number;
  toldFrom = 0;
  toldTo = DOUBLE_ZERO;
  /** How far had been sent when an ACK came that told nothing new (offset, 0 none): it may answer any copy sent by then. */
  emptyReportTo = 0;
  /** Where the latest duplicate ACKs stood, -1 nowhere, and how many there were. */
  duplicateUna = -1;
  duplicatesThere = 0;

  /** It was told of no hole, no repeat, and nothing twice. */
  get hasMetNothing(): boolean {
    return (
      this.reportFrame === 0 &&
      this.reportTsVal < 0 &&
      this.reportTime === NEVER &&
      this.edgeTsVal < 0 &&
      this.edgeTime === NEVER &&
      this.afterEdge === NEVER &&
      this.beforeReport < 0 &&
      this.toldTsVal < 0 &&
      this.toldFrom === 0 &&
      this.toldTo === 0 &&
      this.dupAcks === 0 &&
      this.duplicateUna < 0 &&
      this.duplicatesThere === 0 &&
      this.emptyReportTo === 0 &&
      !this.sawDsack
    );
  }

  /** This ACK is the first to tell the sender of a hole above `una`; its own sender's latest TSval was `before`, -1 none. */
  reports(view: SegmentView, una: number, before: number): void {
    this.beforeReport = before;
    this.reportTime = view.time;
    this.reportTsVal = tsValOf(view);
    this.reportFrame = view.frame;
    this.toldTsVal = this.reportTsVal;
    this.toldFrom = una;
    this.toldTo = Number.POSITIVE_INFINITY;
    this.reachesEdge(view);
  }

  /** This ACK stops where bytes are missing. */
  reachesEdge(view: SegmentView): void {
    this.edgeTsVal = tsValOf(view);
    this.edgeTime = view.time;
    this.afterEdge = NEVER;
  }

  /** Nothing is missing any more. */
  hasAll(): void {
    this.reportTsVal = -1;
    this.edgeTsVal = -1;
  }

  /** An ACK of any kind. */
  hearsFrom(view: SegmentView): void {
    this.lastHeard = view.time;
    if (this.edgeTsVal >= 0 && this.afterEdge === NEVER) this.leavesEdge(view);
    const echo = view.options & Option.TIMESTAMPS ? view.tsEcr : -1;
    if (echo === this.lastEcho) return;
    this.lastEcho = echo;
    this.echoTime = view.time;
  }

  private leavesEdge(view: SegmentView): void {
    if (view.options & Option.TIMESTAMPS && ((view.tsVal - this.edgeTsVal) | 0) > 0) this.afterEdge = view.time;
  }

  /** New data from `start` on shows what its sender had heard by then. */
  hears(view: SegmentView, start: number): void {
    if (view.options & Option.TIMESTAMPS && ((view.tsEcr - this.toldTsVal) | 0) >= 0) this.toldTo = start;
  }

  /** A duplicate ACK at `una`. */
  duplicates(una: number, view: SegmentView, before: number): void {
    this.dupAcks++;
    if (this.duplicateUna !== una) {
      this.duplicateUna = una;
      this.duplicatesThere = 0;
      if (this.reportTsVal < 0) this.reports(view, una, before);
    }
    this.duplicatesThere++;
  }
}

const DOUBLES = defineDoubles(
  Feedback.prototype,
  {
    lastHeard: NEVER,
    lastEffect: NEVER,
    lastReport: NEVER,
    reportTsVal: -1,
    lastEcho: -1,
    echoTime: NEVER,
    toldTsVal: -1,
    reportTime: NEVER,
    edgeTsVal: -1,
    edgeTime: NEVER,
    afterEdge: NEVER,
    beforeReport: -1,
  },
  (place) => ({
    get(): number {
      return this.slab[this.row + place];
    },
    set(value: number): void {
      this.slab[this.row + place] = value;
    },
  }),
);
