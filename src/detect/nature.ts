import { say } from '../messages/message.ts';
import type { Connection, Endpoint } from '../model/connection.ts';
import type { ConnectionList } from '../model/connection-list.ts';
import { FIN, RST, SYN } from '../model/flags.ts';
import { DOUBLE_ZERO } from '../model/packed.ts';
import type { CaptureRecord } from '../model/record.ts';
import { ChecksumStatus, type SegmentView } from '../model/segment.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import type { Collector, Where } from './collector.ts';
import type { CaptureEnd, Gatherer } from './detector.ts';
import { type HeaderSumFacts, HeaderSums } from './header-sums.ts';
import type { Basis } from './kind.ts';
import { type OwnIdFacts, OwnIds } from './own-ids.ts';
import { Padding, type PaddingFacts } from './padding.ts';
import { addStampRates, type StampRates } from './stamp-rates.ts';

/** Records that are needed before their times, IP IDs or flags say anything about how the capture was made. */
const FEW = 5;
/** A time in which no packet came (ns) that no single capture holds. */
const LONGEST_PAUSE = 30 * 86_400e9;
const SECOND = 1e9;
/** No host answers within this time (ns), least of all again and again. */
const INSTANT = 1e3;
const MANY = 20;
const MOST = 0.7;
/** So many segments with data, answered by at most a quarter as many with data, need ACKs without data. */
const BULK = 20;
const FEW_ANSWERS = 0.25;
/** So many connections, each from its handshake to its end or with so much data, do not go without a segment that only acknowledges. */
const OPENED = 2;
const SOME_DATA = 5;
/** A message names at most so many frames. */
const NAMED = 16;
/** Nobody captured TCP in pcap files before 1990: nanoseconds since 1970. */
const EARLIEST = 631_152_000n * 1_000_000_000n;

/** How the times of a capture show that no clock gave them. */
export type InventedTimes = 'equal' | 'even' | 'whole-seconds' | 'early' | 'instant' | 'stamps';

/** How the packets of a capture show that a program wrote or changed them. */
type EditSign = 'same-ip-id' | 'own-ip-ids' | 'checksums' | 'damaged' | 'padding';

/** Checksums of the two ends of a connection. */
interface Sums {
  good: number;
  bad: number;
}

/** What the records of a capture show, as plain data. */
export interface RecordNature {
  readonly records: number;
  readonly interval: number;
  readonly isEven: boolean;
  readonly isWhole: boolean;
  readonly sameTime: boolean;
  readonly seams: readonly number[];
}

/** What the segments of one shard show, as plain data. */
export interface SegmentNature {
  readonly segments: number;
  readonly answers: number;
  readonly instantAnswers: number;
  readonly senders: number;
  readonly ipId: number;
  readonly sameId: boolean;
  readonly ownIds: OwnIdFacts;
  readonly headerSums: HeaderSumFacts;
  readonly padding: PaddingFacts;
  readonly isControlOnly: boolean;
  readonly sentData: number;
  readonly isAckless: boolean;
  readonly bulk: number;
  readonly opened: number;
  readonly again: readonly number[];
  readonly sums: readonly [Sums, Sums];
  readonly stampRates: Readonly<StampRates>;
}

/**
 * What was done to a capture beside recording it: joined, edited or written by a program, filtered, given its times later.
 * Each is a supposition that the first packet against it refutes, so a plain capture costs next to nothing. What such a
 * capture cannot show is taken from the findings that rest on it (`lacks`).
 */
export class CaptureNature implements Gatherer<SegmentNature> {
  readonly ids = ['capture-joined', 'capture-edited', 'capture-filtered', 'invented-times'] as const;
  private readonly findings: Collector;
  private records = 0;
  private latest: number = DOUBLE_ZERO;
  private interval = -1;
  private isEven = true;
  private isWhole = true;
  private sameTime = true;
  /** Frames before which the time goes back by a second and more, or forward by very much. */
  private readonly seams: number[] = [];

  private segments = 0;
  /** Frame of the latest segment, -1 where another shard looked at that. */
  private lastFrame = -1;
  private lastTime = 0;
  /** Segments that follow one of the other end, and those that do so at once. */
  private answers = 0;
  private instantAnswers = 0;
  /** Frame of the first. */
  private firstFrame = 0;
  private senders = 0;
  private ipId = -1;
  private sameId = true;
  readonly ownIds = new OwnIds();
  readonly headerSums = new HeaderSums();
  private readonly padding = new Padding();
  private isControlOnly = true;
  /** A number in a FIN or RST that shows that data had been sent. */
  private sentData = 0;
  /** No segment that only acknowledges, though so many connections carried data in one direction. */
  private isAckless = true;
  private bulk = 0;
  /** Connections that ask for a segment that only acknowledges: see `asksForAcks`. */
  private opened = 0;
  /** Frames of SYNs that open a connection of this capture once more. */
  private readonly repeated: number[] = [];
  private readonly sums: [Sums, Sums] = [
    { good: 0, bad: 0 },
    { good: 0, bad: 0 },
  ];

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
  record({ number: frame, time }: Pick<CaptureRecord, 'number' | 'time'>): void {
    const interval = time - this.latest;
    if (this.records++ > 0) {
      if (interval !== 0) this.sameTime = false;
      if (this.isEven) {
        if (this.interval < 0) this.interval = interval;
        else if (Math.abs(interval - this.interval) > 1) this.isEven = false;
      }
      if (this.isWhole && interval % SECOND !== 0) this.isWhole = false;
      if (interval > LONGEST_PAUSE) this.seam(frame);
    }
    this.latest = time;
  }

  /** The time goes back by a second and more at this frame. */
  seam(frame: number): void {
    if (this.seams.length < 16) this.seams.push(frame);
  }

  /** One capture may end and another begin between these frames: the time goes back there, or far ahead. Known when the input has ended. */
  isSeam(before: number, after: number): boolean {
    return this.seams.some((frame) => before < frame && frame <= after);
  }

  /** A SYN stands in the capture a second time, after its connection. */
  again(frame: number): void {
    if (this.repeated.length < NAMED) this.repeated.push(frame);
  }

  segment(t: TrackedSegment, view: SegmentView): void {
    const { connection, sender, receiver, seq } = t;
    if (receiver.lastFrame === this.lastFrame) {
      this.answers++;
      if (view.time - this.lastTime <= INSTANT) this.instantAnswers++;
    }
    this.ownIds.see(sender, view.ipId);
    this.headerSums.see(sender, view);
    this.padding.see(t, view);
    this.take(view, sender.index, sender.index === 0 && connection.firstFrame === this.firstFrame);
    if (this.isControlOnly) {
      if (view.flags & (FIN | RST) && seq > 1) this.sentData++;
      if (!(view.flags & (SYN | FIN | RST))) this.isControlOnly = false;
    }
    if (this.isAckless && view.payloadLength === 0 && !(view.flags & (SYN | FIN | RST))) this.isAckless = false;
  }

  /** The first SYN of a connection. */
  opens(view: SegmentView): void {
    this.take(view, 0, false);
  }

  /** `isOfFirst`: whoever sent it had sent the first segment. */
  private take(view: SegmentView, index: number, isOfFirst: boolean): void {
    this.segments++;
    this.lastFrame = view.frame;
    this.lastTime = view.time;
    if (this.sameId) this.compareId(view, isOfFirst);
    if (view.tcpChecksumStatus === ChecksumStatus.GOOD) this.sums[index].good++;
    else if (view.tcpChecksumStatus === ChecksumStatus.BAD) this.sums[index].bad++;
  }

  /** A segment came between that another shard looks at. */
  pass(): void {
    this.lastFrame = -1;
  }

  get gatheredOfRecords(): RecordNature {
    const { records, interval, isEven, isWhole, sameTime, seams } = this;
    return { records, interval, isEven, isWhole, sameTime, seams: [...seams] };
  }

  /** Of the segments of a shard. */
  gathered(): SegmentNature {
    const {
      segments,
      answers,
      instantAnswers,
      senders,
      ipId,
      sameId,
      isControlOnly,
      sentData,
      isAckless,
      bulk,
      opened,
    } = this;
    const sums: [Sums, Sums] = [{ ...this.sums[0] }, { ...this.sums[1] }];
    const stampRates = { ...this.stampRates };
    const ownIds = this.ownIds.gathered();
    const headerSums = this.headerSums.gathered();
    const padding = this.padding.gathered();
    return {
      segments,
      answers,
      instantAnswers,
      senders,
      ipId,
      sameId,
      ownIds,
      headerSums,
      padding,
      isControlOnly,
      sentData,
      isAckless,
      bulk,
      opened,
      again: [...this.repeated],
      sums,
      stampRates,
    };
  }

  /** Takes up what was gathered elsewhere of all records. */
  joinRecords(of: RecordNature): void {
    this.records = of.records;
    this.interval = of.interval;
    this.isEven = of.isEven;
    this.isWhole = of.isWhole;
    this.sameTime = of.sameTime;
    this.seams.push(...of.seams);
  }

  join(shards: readonly SegmentNature[]): void {
    const shown = shards.filter(({ segments }) => segments > 0);
    for (const {
      segments,
      answers,
      instantAnswers,
      senders,
      sentData,
      bulk,
      opened,
      again,
      sums,
      stampRates,
    } of shown) {
      this.bulk += bulk;
      this.opened += opened;
      this.repeated.push(...again);
      this.stampRates.measured += stampRates.measured;
      this.stampRates.tooFast += stampRates.tooFast;
      this.segments += segments;
      this.answers += answers;
      this.instantAnswers += instantAnswers;
      this.senders += senders;
      this.sentData += sentData;
      this.sums.forEach((sum, i) => {
        sum.good += sums[i].good;
        sum.bad += sums[i].bad;
      });
    }
    this.ownIds.join(shown.map(({ ownIds }) => ownIds));
    this.headerSums.join(shown.map(({ headerSums }) => headerSums));
    this.padding.join(shown.map(({ padding }) => padding));
    this.sameId = shown.every(({ sameId, ipId }) => sameId && ipId === shown[0].ipId);
    this.isControlOnly = shown.every(({ isControlOnly }) => isControlOnly);
    this.isAckless = shown.every(({ isAckless }) => isAckless);
    this.repeated.sort((one, other) => one - other).splice(NAMED);
  }

  private compareId(view: SegmentView, isOfFirst: boolean): void {
    if (this.firstFrame === 0) {
      this.firstFrame = view.frame;
      this.senders = 1;
      this.ipId = view.ipId;
    } else if (!isOfFirst) this.senders = 2;
    if (view.ipId <= 0 || view.ipId !== this.ipId) this.sameId = false;
  }

  /** The input has ended for this connection. */
  measure(connection: Connection): void {
    addStampRates(this.stampRates, connection);
    if (isBulk(connection.a) || isBulk(connection.b)) this.bulk++;
    if (asksForAcks(connection)) this.opened++;
  }

  conclude(end: CaptureEnd): void {
    const { seams, records } = this;
    const where: Where = { connection: null, row: null, frame: 1, time: 0 };
    if (seams.length > 0 && (seams.length > 1 || !isSpanned(end.connections, seams[0]))) {
      this.joined = true;
      this.findings.raise(
        { ...where, frame: seams[0] },
        { id: 'capture-joined', evidence: seams, confidence: 0.8, message: say('capture-joined', { frames: seams }) },
      );
    } else if (this.repeated.length > 0) {
      this.joined = true;
      const frames = this.repeated;
      const message = say('capture-joined.again', { frames });
      this.findings.raise(
        { ...where, frame: frames[0] },
        { id: 'capture-joined', evidence: frames, confidence: 0.95, message },
      );
    }
    this.hasDrops = (end.capture?.interfaces ?? []).some(({ dropped }) => dropped !== null && dropped > 0);
    const sign = this.editedBy(end.connections);
    if (sign !== null) {
      this.isEdited = true;
      this.findings.raise(where, {
        id: 'capture-edited',
        evidence: [],
        confidence: 0.85,
        message: say('capture-edited', { sign }),
      });
    }
    if (this.isControlOnly && this.segments >= FEW && this.sentData > 0) {
      this.isFiltered = true;
      this.findings.raise(where, {
        id: 'capture-filtered',
        evidence: [],
        confidence: 0.9,
        message: say('capture-filtered', { segments: this.segments }),
      });
    } else if (this.isAckless && (this.bulk > 0 || this.opened >= OPENED)) {
      this.isFiltered = true;
      const askedBy = this.bulk === 0 ? 'connections' : this.opened < OPENED ? 'data' : 'both';
      const message = say('capture-filtered.acks', { segments: this.segments, askedBy });
      this.findings.raise(where, { id: 'capture-filtered', evidence: [], confidence: 0.9, message });
    }
    const times = this.inventedTimes(end.capture?.firstTimestamp ?? null);
    if (times !== null) {
      this.hasInventedTimes = true;
      this.findings.raise(where, {
        id: 'invented-times',
        evidence: [],
        confidence: times === 'early' ? 0.7 : 0.9,
        message: say('invented-times', { sign: times, records, interval: this.interval }),
      });
    }
  }

  private inventedTimes(first: bigint | null): InventedTimes | null {
    if (this.records < 2) return null;
    if (this.sameTime) return 'equal';
    if (this.records >= FEW && this.isEven) return 'even';
    if (this.records >= FEW && this.isWhole) return 'whole-seconds';
    if (this.answers >= MANY && this.instantAnswers > MOST * this.answers) return 'instant';
    const { measured, tooFast } = this.stampRates;
    if (this.seams.length === 0 && tooFast > MOST * measured) return 'stamps';
    return first !== null && first > 0n && first < EARLIEST ? 'early' : null;
  }

  /** It was put together from several captures. */
  get isJoined(): boolean {
    return this.joined;
  }

  /** How the packets show that a program wrote or changed them, or null. */
  private editedBy(connections: ConnectionList): EditSign | null {
    if (this.sameId && this.senders > 1 && this.segments >= FEW) return 'same-ip-id';
    if (this.ownIds.areWritten) return 'own-ip-ids';
    if (this.headerSums.areDamaged(this.segments)) return 'damaged';
    if (this.padding.isData) return 'padding';
    // A card completes what its own host sends, and what the other end sends arrives complete.
    const [a, b] = this.sums;
    const wrong = (sums: Sums) => sums.bad >= 2 && sums.bad > 4 * sums.good;
    return connections.length > 0 && wrong(a) && wrong(b) ? 'checksums' : null;
  }

  /** No segment only acknowledges: what would be answered so looks unanswered. */
  get lacksAcks(): boolean {
    return this.isAckless && this.segments > 0;
  }

  /** Does the capture lack what a claim rests on? */
  lacks(basis: Basis): boolean {
    switch (basis) {
      case 'times':
        return this.hasInventedTimes || this.joined || this.isEdited;
      case 'order':
        return this.joined || this.isEdited;
      case 'entirety':
        return this.joined || this.isFiltered || this.headerSums.areDamaged(this.segments);
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

/**
 * Its client completed the handshake before its data, and somebody acknowledged the last FIN. One of the two may be missing: a client
 * may hold its first ACK back until it has data (Linux: TCP_DEFER_ACCEPT), and a reset is not acknowledged. Some more data ask for ACKs too.
 */
function asksForAcks({ client, server }: Connection): boolean {
  if (!client.hasIss || !server.hasIss || client.dataPackets === 0) return false;
  const isClosed = client.finEnd >= 0 && server.finEnd >= 0 && client.rstFrame === 0 && server.rstFrame === 0;
  return isClosed || client.dataPackets + server.dataPackets >= SOME_DATA;
}

/** It sent much, and the other end, which was captured too, little. */
function isBulk({ dataPackets, peer }: Endpoint): boolean {
  return dataPackets >= BULK && peer.seen && peer.dataPackets <= FEW_ANSWERS * dataPackets;
}
