import type { CaptureFacts } from '../model/capture-facts.ts';
import type { Connection, Endpoint } from '../model/connection.ts';
import type { Finding } from '../model/finding.ts';
import type { LeftCounts } from '../model/left.ts';
import type { PacketRow } from '../model/row.ts';
import type { SegmentView } from '../model/segment.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Acknowledgments } from './acks.ts';
import { CaptureExtent } from './capture-extent.ts';
import { CaptureOrder } from './capture-order.ts';
import { CapturePosition } from './capture-position.ts';
import type { FindingId } from './catalogue.ts';
import { ChallengeAck } from './challenge.ts';
import { ClockJumps } from './clock-jump.ts';
import { Closing } from './closing.ts';
import { Collector } from './collector.ts';
import { CongestionRules } from './congestion.ts';
import type { CaptureCounts, Detector } from './detector.ts';
import { Discards } from './discards.ts';
import { Duplicates } from './duplicates.ts';
import { Ecn } from './ecn.ts';
import { FactSet, factsOf } from './facts.ts';
import { FlowShape } from './flow.ts';
import { Handshake } from './handshake.ts';
import { HeaderFields } from './header.ts';
import { IcmpErrors } from './icmp.ts';
import { IllegalTransition } from './illegal-transition.ts';
import { Injection } from './injection.ts';
import { Inspection } from './inspection.ts';
import { InitialSequenceNumbers, type IsnChoice } from './isn.ts';
import { KeepAlive } from './keep-alive.ts';
import { Limits } from './limits.ts';
import { Memory } from './memory.ts';
import { MissingPackets } from './missing.ts';
import { CaptureNature } from './nature.ts';
import { Offload } from './offload.ts';
import { Options } from './options.ts';
import { PayloadConflict } from './payload-conflict.ts';
import { PortReuse } from './port-reuse.ts';
import { LossPatterns } from './rates.ts';
import { ReceiveWindow } from './receive-window.ts';
import { Recovery } from './recovery.ts';
import { Reordering } from './reordering.ts';
import { Resets } from './resets.ts';
import { SackBlocks } from './sack.ts';
import { SynFlood } from './syn-flood.ts';
import { Timestamps } from './timestamps.ts';
import { UnfilledGaps } from './unfilled.ts';
import { ZeroWindow } from './zero-window.ts';

/** All detectors. Zero windows come before keep-alives, which leave them their probes, and the flood after what it replaces. */
function makeDetectors(findings: Collector, missing: MissingPackets, isns: InitialSequenceNumbers): Detector[] {
  return [
    missing,
    new Duplicates(findings),
    new Offload(findings),
    new CaptureExtent(findings),
    new CapturePosition(findings),
    new Limits(findings),
    new Recovery(findings),
    new CongestionRules(findings),
    new Reordering(findings),
    new PayloadConflict(findings),
    new ZeroWindow(findings),
    new ReceiveWindow(findings),
    new KeepAlive(findings),
    new Acknowledgments(findings),
    new ChallengeAck(findings),
    new Handshake(findings),
    new Options(findings),
    new PortReuse(findings),
    new Resets(findings),
    new Closing(findings),
    new Injection(findings),
    new HeaderFields(findings),
    new Timestamps(findings),
    new SackBlocks(findings),
    new UnfilledGaps(findings),
    new Ecn(findings),
    new FlowShape(findings),
    new LossPatterns(findings),
    new Discards(findings),
    new IllegalTransition(findings),
    isns,
    new SynFlood(findings),
  ];
}

/**
 * The findings stage. Every segment gets its facts in one cheap look; the few that have any are shown to the detectors that
 * ask for them.
 */
export class Detection {
  private readonly collector = new Collector();
  private readonly isns = new InitialSequenceNumbers(this.collector);
  private readonly missing = new MissingPackets(this.collector);
  private readonly detectors = makeDetectors(this.collector, this.missing, this.isns);
  /** What each of them wants, side by side: looking into 25 objects of as many classes costs more than what they do. */
  private readonly wanted = this.detectors.map(({ when }) => FactSet.of(when));
  private readonly jumps = new ClockJumps(this.collector);
  private readonly nature = new CaptureNature(this.collector);
  private readonly order = new CaptureOrder(this.collector, this.jumps, this.nature);
  private readonly icmpErrors = new IcmpErrors(this.collector);
  private readonly segment = new Inspection();
  /** What detectors remember of connections: each keeps that in `Memory`, and nowhere else. */
  private readonly memories = [this.icmpErrors, ...this.detectors].flatMap((detector) =>
    Object.values(detector).filter((value): value is Memory<object, unknown> => value instanceof Memory),
  );
  private readonly concluding = this.detectors.filter((detector) => detector.concludeConnection !== undefined);

  /** Findings about the capture as a whole; those of connections are with the connections. */
  get capture(): readonly Finding[] {
    return this.collector.capture;
  }

  /** How the hosts choose their initial sequence numbers; complete when the input has ended. */
  get isnChoices(): readonly IsnChoice[] {
    return this.isns.choices;
  }

  /** Every finding that some detector can make. */
  get ids(): readonly FindingId[] {
    return [this.nature, this.order, this.icmpErrors, ...this.detectors].flatMap(
      (detector): readonly FindingId[] => detector.ids,
    );
  }

  /** Every record of the capture, in its order. */
  record(frame: number, time: number, interfaceId: number): void {
    this.nature.record(frame, time);
    this.order.see(frame, time, interfaceId);
  }

  /** Called when all other stages have seen the segment, before the tracker moves past it. */
  inspect(t: TrackedSegment, view: SegmentView, row: PacketRow | null): void {
    this.jumps.inspect(t, view);
    this.nature.segment(t, view);
    const { segment } = this;
    const { facts } = segment;
    factsOf(t, view, facts);
    if (!facts.isEmpty) {
      segment.t = t;
      segment.view = view;
      segment.row = row;
      segment.explained = false;
      const { wanted, detectors } = this;
      for (let i = 0; i < wanted.length; i++) if (facts.meets(wanted[i])) detectors[i].inspect!(segment);
    }
  }

  /** An ICMP error that quotes a segment of `sender`; `row` is that segment's, where it still waits. */
  icmp(view: SegmentView, connection: Connection, sender: Endpoint, row: PacketRow | null): void {
    this.icmpErrors.see(view, connection, sender, row);
  }

  /** These connections leave the analysis (`hasLeft`) at `time`: what can be said of them is said now. */
  leave(leaving: readonly Connection[], counts: CaptureCounts, time: number): void {
    const end = {
      connections: leaving,
      counts,
      capture: null,
      isCutShort: false,
      left: null,
      time,
      frame: counts.total,
    };
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

  /** The input has ended, or the memory (`isCutShort`). `capture` is what the file says of itself, where it is known. */
  conclude(
    connections: readonly Connection[],
    counts: CaptureCounts & { endTime: number },
    capture: CaptureFacts | null,
    isCutShort: boolean,
    left: LeftCounts,
  ): void {
    const end = { connections, counts, capture, isCutShort, left, time: counts.endTime, frame: counts.total };
    // First what all else is to be weighed by.
    this.nature.conclude(end);
    this.jumps.conclude();
    // Connection by connection: what one detector looked at is still near for the next.
    for (const connection of connections) {
      for (const detector of this.concluding) detector.concludeConnection!(connection, end);
    }
    for (const detector of this.detectors) detector.concludeCapture?.(end);
    this.collector.settle(
      (basis, stream) => this.nature.lacks(basis) || (basis === 'absence' && this.missing.has(stream)),
    );
    this.collector.conclude(end.frame, end.time);
  }
}
