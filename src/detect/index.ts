import type { Attempt } from '../model/attempt.ts';
import type { CaptureFacts } from '../model/capture-facts.ts';
import type { Connection } from '../model/connection.ts';
import { type ConnectionList, listOf } from '../model/connection-list.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Finding } from '../model/finding.ts';
import type { LeftCounts } from '../model/left.ts';
import type { CaptureRecord } from '../model/record.ts';
import type { PacketRow } from '../model/row.ts';
import type { SegmentView } from '../model/segment.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Askers } from './askers.ts';
import { CaptureOrder, type OrderFacts } from './capture-order.ts';
import type { FindingId } from './catalogue.ts';
import { ClockJumps, type JumpFacts } from './clock-jump.ts';
import { Collector } from './collector.ts';
import type { CaptureCounts, CaptureEnd, Detector, Gathering, RaiseAt } from './detector.ts';
import { gather, gatherersOf, isGathering, join, makeDetectors, type ShardFacts } from './detectors.ts';
import { factsOf, plainFactsOf } from './facts.ts';
import { IcmpErrors } from './icmp.ts';
import { Inspection } from './inspection.ts';
import type { IsnChoice } from './isn.ts';
import { Memory } from './memory.ts';
import { CaptureNature } from './nature.ts';
import { Pauses } from './pauses.ts';
import type { SettledFinding } from './raised-finding.ts';
import type { RecordTimesFacts } from './record-times.ts';
import { Refusals } from './refusals.ts';

export type { ShardFacts } from './detectors.ts';

/** What the records of a capture show, whoever looks at their segments. */
export interface RecordFacts {
  readonly times: RecordTimesFacts;
  readonly order: OrderFacts;
}

/**
 * The findings stage. Every segment gets its facts in one cheap look; the few that have any are shown to the detectors that
 * ask for them.
 */
export class Detection {
  private readonly collector = new Collector();
  private readonly pauses = new Pauses();
  private readonly nature = new CaptureNature(this.collector);
  private readonly named = makeDetectors(this.collector, this.pauses, this.nature);
  private readonly detectors = Object.values<Detector | Gathering<unknown>>(this.named);
  private readonly askers = new Askers(this.detectors.map(({ when }) => when));
  private readonly jumps = new ClockJumps(this.collector);
  private readonly order = new CaptureOrder(this.collector, this.jumps, this.pauses, this.nature);
  private readonly gatherers = gatherersOf(this.named, {
    unlisted: this.collector,
    jumps: this.jumps,
    segments: this.nature,
  });
  private readonly icmpErrors = new IcmpErrors(this.collector);
  private readonly segment = new Inspection();
  /** What detectors remember of connections: each keeps that in `Memory`, and nowhere else. */
  private readonly memories = [
    this.icmpErrors,
    this.nature.edits.ownIds,
    this.nature.edits.headerSums,
    this.nature.edits.padding,
    this.nature.handshakes.lags,
    ...this.detectors,
  ].flatMap((detector) =>
    Object.values(detector).filter((value): value is Memory<Connection | Endpoint, unknown> => value instanceof Memory),
  );
  private readonly concluding = this.detectors.filter((detector) => detector.concludeConnection !== undefined);
  private readonly concludingSyns = this.detectors.filter((detector) => detector.concludeFirstSyn !== undefined);

  /** Findings about the capture as a whole; those of connections are with the connections. */
  get capture(): readonly Finding[] {
    return this.collector.capture;
  }

  /** How the hosts choose their initial sequence numbers; complete when the input has ended. */
  get isnChoices(): readonly IsnChoice[] {
    return this.named.isns.choices;
  }

  /** Every finding that some detector can make. */
  get ids(): readonly FindingId[] {
    return [this.nature, this.order, this.icmpErrors, ...this.detectors].flatMap(
      (detector): readonly FindingId[] => detector.ids,
    );
  }

  /** Every record of the capture, in its order. */
  record(record: CaptureRecord): void {
    this.nature.record(record);
    this.order.see(record);
  }

  /** Called when all other stages have seen the segment, before the tracker moves past it. */
  inspect(t: TrackedSegment, view: SegmentView, row: PacketRow | null): void {
    this.jumps.inspect(t, view);
    this.nature.segment(t, view);
    const { facts } = this.segment;
    factsOf(t, view, facts);
    if (!facts.isEmpty) this.show(t, view, row);
  }

  /** Does what `inspect` does, for a plain segment (`verdict/plain.ts`). */
  inspectPlain(t: TrackedSegment, view: SegmentView, row: PacketRow | null): void {
    this.jumps.inspect(t, view);
    this.nature.segment(t, view);
    const { facts } = this.segment;
    plainFactsOf(t, view, facts);
    if (!facts.isEmpty) this.show(t, view, row);
  }

  /** Shows the segment, which has facts, to the detectors that ask for one of them. */
  private show(t: TrackedSegment, view: SegmentView, row: PacketRow | null): void {
    const { segment, askers, detectors } = this;
    const { facts } = segment;
    segment.t = t;
    segment.view = view;
    segment.row = row;
    segment.explained = false;
    const count = askers.choose(facts);
    for (let i = 0; i < count; i++) detectors[askers.chosen[i]].inspect!(segment);
  }

  /** A plain first SYN may wait until something follows it: what detectors look for in it is not there. */
  letsWait(view: SegmentView): boolean {
    return !this.jumps.asks(view.frame);
  }

  /** In place of `inspect`, for a first SYN that waits. */
  opens(view: SegmentView): void {
    this.nature.opens(view);
  }

  /** An ICMP error that quotes a segment of `sender`; `row` is that segment's, where it still waits. */
  icmp(view: SegmentView, connection: Connection, sender: Endpoint, row: PacketRow | null): void {
    this.icmpErrors.see(view, connection, sender, row);
  }

  /** These connections leave the analysis (`hasLeft`) at `time`: what can be said of them is said now. */
  leave(leaving: readonly Connection[], counts: CaptureCounts, time: number): void {
    const end = endOfLeaving(leaving, counts, time);
    for (const connection of leaving) {
      for (const detector of this.concluding) detector.concludeConnection!(connection, end);
    }
    this.collector.forget(leaving);
    for (const memory of this.memories) {
      for (const connection of leaving) {
        memory.forget(connection);
        memory.forget(connection.a);
        memory.forget(connection.b);
      }
    }
  }

  /** So does a first SYN that waited. */
  leaveFirstSyn(syn: Attempt, counts: CaptureCounts, time: number): void {
    const end = endOfLeaving([], counts, time);
    for (const detector of this.concludingSyns) detector.concludeFirstSyn!(syn, end);
  }

  /** A segment that another shard looks at. */
  pass(frame: number): void {
    this.jumps.pass(frame);
    this.nature.pass();
  }

  /** This is one of several shards: what concerns the capture is left to who joins them. `jumps`: those that are known. */
  beginShard(jumps: readonly JumpFacts[] = []): void {
    this.jumps.keep(jumps);
    for (const { frame, from, time } of jumps) this.pauses.see(frame, from, time);
  }

  /** The input of a shard has ended: concludes what is of its connections alone. */
  concludeShard(end: CaptureEnd): void {
    const own = this.concluding.filter((detector) => !isGathering(detector));
    end.connections.visit((connection) => {
      this.nature.measure(connection);
      for (const detector of own) detector.concludeConnection!(connection, end);
    });
    this.collector.decideAll();
  }

  /** What this shard knows of the capture as a whole; after `concludeShard`. */
  get shardFacts(): ShardFacts {
    return gather<ShardFacts>(this.gatherers);
  }

  get recordFacts(): RecordFacts {
    this.order.conclude();
    return { times: this.nature.times.gathered(), order: this.order.gathered };
  }

  /** Packets of this connection are missing in the capture, as far as was found. */
  lacksPackets({ id }: Connection): boolean {
    return this.named.missing.has(id);
  }

  /** Takes up a connection that another analysis has concluded, with what was found about it. */
  adopt(connection: Connection, findings: readonly SettledFinding[], lacksPackets: boolean): Finding[] {
    if (lacksPackets) this.named.missing.note(connection);
    return findings.map((finding) => this.collector.adopt(connection, finding));
  }

  /** A finding of it that is not listed, and that something else names. */
  word(connection: Connection, finding: SettledFinding): Finding {
    return this.collector.word(connection, finding);
  }

  /** Says of the capture what all shards show together; `end.connections` are those of all of them, adopted before. */
  concludeJoined(records: RecordFacts, shards: readonly ShardFacts[], end: CaptureEnd): void {
    const raised: { readonly frame: number; readonly raise: () => void }[] = [];
    const raiseAt: RaiseAt = (frame, raise) => raised.push({ frame, raise });
    this.nature.times.join(records.times);
    this.order.joinRecords(records.order, raiseAt);
    join(this.gatherers, shards, raiseAt);
    // In the order in which one analysis of all would have met them.
    raised.sort((one, other) => one.frame - other.frame);
    for (const { raise } of raised) raise();
    this.concludeAll(end, this.concluding.filter(isGathering), false);
  }

  /** The input has ended, or the memory (`isCutShort`). `capture` is what the file says of itself, where it is known. */
  conclude(
    connections: ConnectionList,
    counts: CaptureCounts & { endTime: number },
    capture: CaptureFacts | null,
    isCutShort: boolean,
    left: LeftCounts,
  ): void {
    const end = { connections, counts, capture, isCutShort, left, time: counts.endTime, frame: counts.total };
    this.order.conclude();
    this.concludeAll(end, this.concluding, true);
  }

  /** `measures`: what the clocks of the hosts say of that of the capture is still to be read. */
  private concludeAll(
    end: CaptureEnd,
    concluding: readonly (Detector | Gathering<unknown>)[],
    measures: boolean,
  ): void {
    const refusals = new Refusals();
    // Connection by connection: what one detector looked at is still near for the next.
    end.connections.visit((connection) => {
      if (measures) this.nature.measure(connection);
      for (const detector of concluding) detector.concludeConnection!(connection, end);
      refusals.see(connection);
    });
    this.nature.conclude(end);
    this.jumps.conclude();
    for (const detector of this.detectors) detector.concludeCapture?.(end);
    refusals.weigh(end.left);
    this.collector.settle(
      (basis, stream) =>
        this.nature.lacks(basis) ||
        (basis === 'order' && this.order.isShuffled) ||
        (basis === 'absence' && (this.named.missing.has(stream) || this.named.extent.isOneWay)),
    );
    this.collector.conclude(end.frame, end.time);
  }
}

function endOfLeaving(connections: readonly Connection[], counts: CaptureCounts, time: number): CaptureEnd {
  return {
    connections: listOf(connections),
    counts,
    capture: null,
    isCutShort: false,
    left: null,
    time,
    frame: counts.total,
  };
}
