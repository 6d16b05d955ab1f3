import { Acknowledgments } from './acks.ts';
import { CaptureExtent } from './capture-extent.ts';
import { CapturePosition } from './capture-position.ts';
import { ChallengeAck } from './challenge.ts';
import type { ClockJumps } from './clock-jump.ts';
import { Closing } from './closing.ts';
import type { Collector } from './collector.ts';
import { CongestionRules } from './congestion.ts';
import type { Detector, Gatherer, Gathering, RaiseAt } from './detector.ts';
import { Discards } from './discards.ts';
import { Duplicates } from './duplicates.ts';
import { Ecn } from './ecn.ts';
import { FlowShape } from './flow.ts';
import { Handshake } from './handshake.ts';
import { HeaderFields } from './header.ts';
import { IllegalTransition } from './illegal-transition.ts';
import { Injection } from './injection.ts';
import { InitialSequenceNumbers } from './isn.ts';
import { KeepAlive } from './keep-alive.ts';
import { Limits } from './limits.ts';
import { MissingPackets } from './missing.ts';
import type { CaptureNature } from './nature.ts';
import { Offload } from './offload.ts';
import { Options } from './options.ts';
import type { Pauses } from './pauses.ts';
import { PayloadConflict } from './payload-conflict.ts';
import { PortReuse } from './port-reuse.ts';
import { LossPatterns } from './rates.ts';
import { ReceiveWindow } from './receive-window.ts';
import { Recovery } from './recovery.ts';
import { Reneging } from './reneging.ts';
import { Reordering } from './reordering.ts';
import { Resets } from './resets.ts';
import { SackBlocks } from './sack.ts';
import { Scans } from './scan.ts';
import { Shaping } from './shaping.ts';
import { SynFlood } from './syn-flood.ts';
import { SynProbes } from './syn-probes.ts';
import { Timestamps } from './timestamps.ts';
import { UnfilledGaps } from './unfilled.ts';
import { ZeroWindow } from './zero-window.ts';

/**
 * All detectors, in the order in which they are shown a segment: zero windows come before keep-alives, which leave them their
 * probes, missing packets before reordering, and the flood after what it replaces. This is the only list of them. Whoever says something of the capture as a whole
 * is a `Gathering`: the compiler asks for what it gathers and how that is joined.
 */
export function makeDetectors(findings: Collector, pauses: Pauses, nature: CaptureNature) {
  const flood = new SynFlood(findings);
  const probes = new SynProbes();
  const missing = new MissingPackets(findings, nature.handshakes);
  return {
    missing,
    duplicates: new Duplicates(findings, nature),
    offload: new Offload(findings),
    extent: new CaptureExtent(findings),
    position: new CapturePosition(findings),
    limits: new Limits(findings),
    probes,
    recovery: new Recovery(findings, probes),
    congestion: new CongestionRules(findings),
    reordering: new Reordering(findings, (segment) => missing.isSwapped(segment)),
    conflicts: new PayloadConflict(findings),
    zeroWindow: new ZeroWindow(findings, pauses),
    receiveWindow: new ReceiveWindow(findings),
    keepAlive: new KeepAlive(findings),
    acknowledgments: new Acknowledgments(findings),
    challengeAck: new ChallengeAck(findings),
    handshake: new Handshake(findings, pauses),
    options: new Options(findings),
    portReuse: new PortReuse(findings, nature),
    resets: new Resets(findings, pauses),
    closing: new Closing(findings, pauses),
    injection: new Injection(findings),
    headerFields: new HeaderFields(findings),
    timestamps: new Timestamps(findings),
    sackBlocks: new SackBlocks(findings),
    unfilledGaps: new UnfilledGaps(findings, pauses),
    ecn: new Ecn(findings),
    flowShape: new FlowShape(findings),
    lossPatterns: new LossPatterns(findings),
    shaping: new Shaping(findings),
    discards: new Discards(findings),
    reneging: new Reneging(findings),
    illegalTransition: new IllegalTransition(findings),
    isns: new InitialSequenceNumbers(findings),
    flood,
    scans: new Scans(findings, (server) => flood.isFlooded(server)),
  } satisfies Record<string, Detector | Gathering<unknown>>;
}
type Detectors = ReturnType<typeof makeDetectors>;

/** It concludes the capture from facts that all shards gather. */
export function isGathering(detector: Detector | Gathering<unknown>): detector is Gathering<unknown> {
  return detector.gathered !== undefined;
}

type Gatherings = {
  readonly [K in keyof Detectors as Detectors[K] extends Gathering<unknown> ? K : never]: Detectors[K];
};

/** All that know something of the capture as a whole: detectors, and what the stage itself looks at. */
export function gatherersOf(
  detectors: Detectors,
  { unlisted, jumps, segments }: { unlisted: Collector; jumps: ClockJumps; segments: CaptureNature },
) {
  const named = Object.entries<Detector | Gathering<unknown>>(detectors);
  const gatherings = Object.fromEntries(named.filter(([, detector]) => isGathering(detector)));
  return { segments, jumps, ...(gatherings as Gatherings), unlisted };
}
type GatherersOfShard = ReturnType<typeof gatherersOf>;

/** What the detectors of one shard know of the capture as a whole, as plain data. */
export type ShardFacts = { readonly [K in keyof GatherersOfShard]: ReturnType<GatherersOfShard[K]['gathered']> };

type Gatherers<Facts> = { readonly [K in keyof Facts]: Gatherer<Facts[K]> };

/** What each of them has gathered, by its name. */
export function gather<Facts>(gatherers: Gatherers<Facts>): Facts {
  const facts: Partial<Facts> = {};
  for (const name in gatherers) facts[name] = gatherers[name].gathered();
  return facts as Facts;
}

/** Each of them takes up what those of its name have gathered of the shards. */
export function join<Facts>(gatherers: Gatherers<Facts>, shards: readonly Facts[], raiseAt: RaiseAt): void {
  for (const name in gatherers) {
    gatherers[name].join(
      shards.map((shard) => shard[name]),
      raiseAt,
    );
  }
}
