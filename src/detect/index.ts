import type { CaptureFacts } from '../model/capture-facts.ts';
import type { Connection, Endpoint } from '../model/connection.ts';
import type { Finding } from '../model/finding.ts';
import type { LeftCounts } from '../model/left.ts';
import type { PacketRow } from '../model/row.ts';
import type { SegmentView } from '../model/segment.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Acknowledgments } from './acks.ts';
import { CaptureExtent } from './capture-extent.ts';
import { CaptureOrder, type OrderFacts } from './capture-order.ts';
import { CapturePosition } from './capture-position.ts';
import type { FindingId } from './catalogue.ts';
import { ChallengeAck } from './challenge.ts';
import { ClockJumps, type JumpFacts, joinJumps } from './clock-jump.ts';
import { Closing } from './closing.ts';
import { Collector, type SettledFinding } from './collector.ts';
import { CongestionRules } from './congestion.ts';
import type { CaptureCounts, CaptureEnd, Detector } from './detector.ts';
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
import { CaptureNature, type RecordNature, type SegmentNature } from './nature.ts';
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
import { Scans } from './scan.ts';
import { SynFlood } from './syn-flood.ts';
import { Timestamps } from './timestamps.ts';
import { UnfilledGaps } from './unfilled.ts';
import { ZeroWindow } from './zero-window.ts';

/** Those that say something of the capture as a whole. */
function makeGatherings(findings: Collector) {
  const flood = new SynFlood(findings);
  return {
    duplicates: new Duplicates(findings),
    offload: new Offload(findings),
    extent: new CaptureExtent(findings),
    position: new CapturePosition(findings),
    limits: new Limits(findings),
    isns: new InitialSequenceNumbers(findings),
    flood,
    scans: new Scans(findings, (server) => flood.isFlooded(server)),
  };
}
type Gatherings = ReturnType<typeof makeGatherings>;
const GATHERINGS = ['duplicates', 'offload', 'extent', 'position', 'limits', 'isns', 'flood', 'scans'] as const;

/** What the detectors of one shard know of the capture as a whole, as plain data. */
export type ShardFacts = { readonly [K in keyof Gatherings]: ReturnType<Gatherings[K]['gathered']> } & {
  readonly segments: SegmentNature;
  readonly jumps: readonly JumpFacts[];
  readonly unlisted: number;
};

/** What the records of a capture show, whoever looks at their segments. */
export interface RecordFacts {
  readonly nature: RecordNature;
  readonly order: OrderFacts;
}

/** All detectors. Zero windows come before keep-alives, which leave them their probes, and the flood after what it replaces. */
function makeDetectors(findings: Collector, missing: MissingPackets, of: Gatherings): Detector[] {
  return [
    missing,
    of.duplicates,
    of.offload,
    of.extent,
    of.position,
    of.limits,
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
    of.isns,
    of.flood,
    of.scans,
  ];
}

/**
 * The findings stage. Every segment gets its facts in one cheap look; the few that have any are shown to the detectors that
 * ask for them.
 */
export class Detection {
  private readonly collector = new Collector();
  private readonly gatherings = makeGatherings(this.collector);
  private readonly missing = new MissingPackets(this.collector);
  private readonly detectors = makeDetectors(this.collector, this.missing, this.gatherings);
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
    return this.gatherings.isns.choices;
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

  /** A segment that another shard looks at. */
  pass(frame: number): void {
    this.jumps.pass(frame);
    this.nature.pass();
  }

  /** This is one of several shards: what concerns the capture is left to who joins them. `jumps`: those that are known. */
  beginShard(jumps: readonly JumpFacts[] = []): void {
    this.jumps.keep(jumps);
  }

  /** The input of a shard has ended: concludes what is of its connections alone. */
  concludeShard(end: CaptureEnd): void {
    const { concluding } = this;
    const own = concluding.filter((detector) => !this.isGathering(detector));
    for (const connection of end.connections) {
      for (const detector of own) detector.concludeConnection!(connection, end);
    }
    this.collector.decideAll();
  }

  /** What this shard knows of the capture as a whole; after `concludeShard`. */
  get shardFacts(): ShardFacts {
    const { duplicates, offload, extent, position, limits, isns, flood, scans } = this.gatherings;
    return {
      duplicates: duplicates.gathered(),
      offload: offload.gathered(),
      extent: extent.gathered(),
      position: position.gathered(),
      limits: limits.gathered(),
      isns: isns.gathered(),
      flood: flood.gathered(),
      scans: scans.gathered(),
      segments: this.nature.gatheredOfSegments,
      jumps: this.jumps.gathered,
      unlisted: this.collector.unlistedFindings,
    };
  }

  get recordFacts(): RecordFacts {
    return { nature: this.nature.gatheredOfRecords, order: this.order.gathered };
  }

  /** Packets of this connection are missing in the capture, as far as was found. */
  lacksPackets({ id }: Connection): boolean {
    return this.missing.has(id);
  }

  /** Takes up a connection that another analysis has concluded, with what was found about it. */
  adopt(connection: Connection, findings: readonly SettledFinding[], lacksPackets: boolean): Finding[] {
    if (lacksPackets) this.missing.note(connection);
    return findings.map((finding) => this.collector.adopt(connection, finding));
  }

  /** A finding of it that is not listed, and that something else names. */
  word(connection: Connection, finding: SettledFinding): Finding {
    return this.collector.word(connection, finding);
  }

  /** Says of the capture what all shards show together; `end.connections` are those of all of them, adopted before. */
  concludeJoined(records: RecordFacts, shards: readonly ShardFacts[], end: CaptureEnd): void {
    const { duplicates, offload, extent, position, limits, isns, flood, scans } = this.gatherings;
    const of = <K extends keyof ShardFacts>(key: K): ShardFacts[K][] => shards.map((shard) => shard[key]);
    const jumps = joinJumps(of('jumps'));
    const last = jumps.pop();
    // In the order in which one analysis of all would have met them: a jump is judged when the next begins.
    const raised = [
      ...jumps.map((jump, i) => ({ frame: (jumps[i + 1] ?? last).frame, raise: () => this.jumps.judge(jump) })),
      ...this.order.join(records.order),
      ...duplicates.join(of('duplicates')),
    ];
    raised.sort((one, other) => one.frame - other.frame);
    for (const { raise } of raised) raise();
    this.nature.join(records.nature, of('segments'));
    offload.join(of('offload'));
    extent.join(of('extent'));
    position.join(of('position'));
    limits.join(of('limits'));
    isns.join(of('isns'));
    flood.join(of('flood'));
    scans.join(of('scans'));
    for (const unlisted of of('unlisted')) this.collector.leaveOut(unlisted);
    this.nature.conclude(end);
    if (last !== undefined) this.jumps.judge(last);
    this.concludeAll(
      end,
      this.concluding.filter((detector) => this.isGathering(detector)),
    );
  }

  private isGathering(detector: Detector): boolean {
    return GATHERINGS.some((name) => this.gatherings[name] === detector);
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
    this.concludeAll(end, this.concluding);
  }

  private concludeAll(end: CaptureEnd, concluding: readonly Detector[]): void {
    // Connection by connection: what one detector looked at is still near for the next.
    for (const connection of end.connections) {
      for (const detector of concluding) detector.concludeConnection!(connection, end);
    }
    for (const detector of this.detectors) detector.concludeCapture?.(end);
    this.collector.settle(
      (basis, stream) => this.nature.lacks(basis) || (basis === 'absence' && this.missing.has(stream)),
    );
    this.collector.conclude(end.frame, end.time);
  }
}
