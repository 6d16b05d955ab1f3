import { type Message, say } from '../messages/message.ts';
import type { Connection } from '../model/connection.ts';
import type { ConnectionList } from '../model/connection-list.ts';
import { SYN } from '../model/flags.ts';
import type { CaptureRecord } from '../model/record.ts';
import type { SegmentView } from '../model/segment.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import type { Where } from './account.ts';
import type { Collector } from './collector.ts';
import type { CaptureEnd, Gatherer } from './detector.ts';
import { type EditFacts, EditSigns } from './edit-signs.ts';
import { type FilterFacts, type FilterSign, FilterSigns } from './filter-signs.ts';
import { type HandshakeFacts, HandshakeOrder } from './handshake-order.ts';
import type { Basis } from './kind.ts';
import { RecordTimes } from './record-times.ts';
import { addStampRates, type StampRates } from './stamp-rates.ts';

/** No host answers within this time (ns), least of all again and again: so many answers are needed, and this share of them. */
const INSTANT = 1e3;
const MANY = 20;
const MOST = 0.7;
/** A message names at most so many frames. */
const NAMED = 16;
/** Nobody captured TCP in pcap files before 1990: nanoseconds since 1970. */
const EARLIEST = 631_152_000n * 1_000_000_000n;

/** How the times of a capture show that no clock gave them. */
export type InventedTimes = 'equal' | 'even' | 'whole-seconds' | 'early' | 'instant' | 'stamps';

/** What the segments of one shard show, as plain data. */
export interface SegmentNature {
  readonly segments: number;
  readonly answers: number;
  readonly instantAnswers: number;
  readonly edits: EditFacts;
  readonly filter: FilterFacts;
  readonly again: readonly number[];
  readonly stampRates: Readonly<StampRates>;
  readonly handshakes: HandshakeFacts;
}

/**
 * What was done to a capture beside recording it: joined, edited or written by a program, filtered, given its times later. What such a
 * capture cannot show is taken from the findings that depend on it (`lacks`).
 */
export class CaptureNature implements Gatherer<SegmentNature> {
  readonly ids = ['capture-joined', 'capture-edited', 'capture-filtered', 'invented-times'] as const;
  private readonly findings: Collector;
  readonly times = new RecordTimes();
  readonly edits = new EditSigns();
  readonly handshakes = new HandshakeOrder();
  private readonly filter = new FilterSigns();

  private segments = 0;
  /** Frame of the latest segment, -1 where another shard looked at that. */
  private lastFrame = -1;
  private lastTime = 0;
  /** Segments that follow one of the other end, and those that do so at once. */
  private answers = 0;
  private instantAnswers = 0;
  /** Frames of SYNs that open a connection of this capture once more. */
  private readonly repeated: number[] = [];
  private readonly stampRates: StampRates = { measured: 0, tooFast: 0 };

  private joined = false;
  private isEdited = false;
  private isFiltered = false;
  private hasInventedTimes = false;
  /** By its own count it dropped packets. */
  private hasDrops = false;

  constructor(findings: Collector) {
    this.findings = findings;
  }

  /** Every record of the capture, in its order. */
  record(record: Pick<CaptureRecord, 'number' | 'time'>): void {
    this.times.see(record);
  }

  /** A SYN stands in the capture a second time, after its connection. */
  again(frame: number): void {
    if (this.repeated.length < NAMED) this.repeated.push(frame);
  }

  segment(t: TrackedSegment, view: SegmentView): void {
    if (t.receiver.lastFrame === this.lastFrame) {
      this.answers++;
      if (view.time - this.lastTime <= INSTANT) this.instantAnswers++;
    }
    this.edits.see(t, view);
    this.filter.see(view, t.seq);
    if (view.flags & SYN) this.handshakes.see(t, view);
    this.count(view);
  }

  /** The first SYN of a connection. */
  opens(view: SegmentView): void {
    this.edits.opens(view);
    this.handshakes.opens();
    this.filter.opens();
    this.count(view);
  }

  private count(view: SegmentView): void {
    this.segments++;
    this.lastFrame = view.frame;
    this.lastTime = view.time;
  }

  /** A segment came between that another shard looks at. */
  pass(): void {
    this.lastFrame = -1;
  }

  /** Of the segments of a shard. */
  gathered(): SegmentNature {
    const { segments, answers, instantAnswers, repeated, stampRates } = this;
    return {
      segments,
      answers,
      instantAnswers,
      edits: this.edits.gathered(),
      filter: this.filter.gathered(),
      again: [...repeated],
      stampRates: { ...stampRates },
      handshakes: this.handshakes.gathered(),
    };
  }

  join(shards: readonly SegmentNature[]): void {
    const shown = shards.filter(({ segments }) => segments > 0);
    for (const { segments, answers, instantAnswers, again, stampRates } of shown) {
      this.segments += segments;
      this.answers += answers;
      this.instantAnswers += instantAnswers;
      this.repeated.push(...again);
      this.stampRates.measured += stampRates.measured;
      this.stampRates.tooFast += stampRates.tooFast;
    }
    this.edits.join(shown.map(({ edits }) => edits));
    this.filter.join(shown.map(({ filter }) => filter));
    this.handshakes.join(shown.map(({ handshakes }) => handshakes));
    this.repeated.sort((one, other) => one - other).splice(NAMED);
  }

  /** The input has ended for this connection. */
  measure(connection: Connection): void {
    addStampRates(this.stampRates, connection);
    this.filter.measure(connection);
  }

  conclude(end: CaptureEnd): void {
    const where: Where = { connection: null, row: null, frame: 1, time: 0 };
    this.hasDrops = (end.capture?.interfaces ?? []).some(({ dropped }) => dropped !== null && dropped > 0);
    this.concludeJoined(where, end.connections);
    this.concludeEdited(where, end.connections.length);
    this.concludeFiltered(where);
    this.concludeTimes(where, end.capture?.firstTimestamp ?? null);
  }

  private concludeJoined(where: Where, connections: ConnectionList): void {
    const { repeated } = this;
    const { seams } = this.times;
    if (seams.length > 0 && (seams.length > 1 || !isSpanned(connections, seams[0]))) {
      this.joined = true;
      this.findings.raise(
        { ...where, frame: seams[0] },
        { id: 'capture-joined', evidence: seams, confidence: 0.8, message: say('capture-joined', { frames: seams }) },
      );
    } else if (repeated.length > 0) {
      this.joined = true;
      const message = say('capture-joined.again', { frames: repeated });
      this.findings.raise(
        { ...where, frame: repeated[0] },
        { id: 'capture-joined', evidence: repeated, confidence: 0.95, message },
      );
    } else if (this.handshakes.isImpossible) {
      this.joined = true;
      const { first, late, longest, frames } = this.handshakes.gathered();
      const message = say('capture-joined.directions', { first, late, longest });
      this.findings.raise(
        { ...where, frame: frames[0] },
        { id: 'capture-joined', evidence: frames, confidence: 0.9, message },
      );
    }
  }

  private concludeEdited(where: Where, connections: number): void {
    const sign = this.edits.sign(this.segments, connections);
    if (sign === null) return;
    this.isEdited = true;
    this.findings.raise(where, {
      id: 'capture-edited',
      evidence: [],
      confidence: 0.85,
      message: say('capture-edited', { sign }),
    });
  }

  private concludeFiltered(where: Where): void {
    const { segments } = this;
    const sign = this.filter.sign(segments);
    if (sign === null) return;
    this.isFiltered = true;
    this.findings.raise(where, {
      id: 'capture-filtered',
      evidence: [],
      confidence: 0.9,
      message: filterMessage(sign, segments),
    });
  }

  private concludeTimes(where: Where, first: bigint | null): void {
    const sign = this.inventedTimes(first);
    if (sign === null) return;
    this.hasInventedTimes = true;
    const { count: records, interval } = this.times;
    this.findings.raise(where, {
      id: 'invented-times',
      evidence: [],
      confidence: sign === 'early' ? 0.7 : 0.9,
      message: say('invented-times', { sign, records, interval }),
    });
  }

  private inventedTimes(first: bigint | null): InventedTimes | null {
    if (this.times.count < 2) return null;
    const { regularity } = this.times;
    if (regularity !== null) return regularity;
    if (this.answers >= MANY && this.instantAnswers > MOST * this.answers) return 'instant';
    const { measured, tooFast } = this.stampRates;
    if (this.times.seams.length === 0 && tooFast > MOST * measured) return 'stamps';
    return first !== null && first > 0n && first < EARLIEST ? 'early' : null;
  }

  /** Any TCP segment. */
  get hasSegments(): boolean {
    return this.segments > 0;
  }

  /** It was put together from several captures. */
  get isJoined(): boolean {
    return this.joined;
  }

  /** No segment is an ACK without data: what such ones would answer looks unanswered. */
  get lacksAcks(): boolean {
    return this.filter.lacksAcks(this.segments);
  }

  /** Does the capture lack what a claim depends on? */
  lacks(basis: Basis): boolean {
    switch (basis) {
      case 'times':
        return this.hasInventedTimes || this.joined || this.isEdited;
      case 'order':
        return this.joined || this.isEdited;
      case 'entirety':
        return this.joined || this.isFiltered || this.edits.areDamaged(this.segments);
      case 'absence':
        return this.joined || this.isEdited || this.isFiltered || this.hasDrops;
    }
  }
}

/** A connection goes on across the seam: only the clock stepped there. */
function isSpanned(connections: ConnectionList, frame: number): boolean {
  let isAny = false;
  connections.visit(({ firstFrame, lastFrame }) => {
    if (firstFrame < frame && lastFrame >= frame) isAny = true;
  });
  return isAny;
}

function filterMessage(sign: FilterSign, segments: number): Message {
  switch (sign.left) {
    case 'data':
      return say('capture-filtered', { segments });
    case 'acks':
      return say('capture-filtered.acks', { segments, askedBy: sign.askedBy });
    case 'empty':
      return say('capture-filtered.empty', { segments, closed: sign.closed });
  }
}
