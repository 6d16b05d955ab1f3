import { type BudgetSpan, type Owner, TIME_USES, type TimeCause, waitsOf } from '../model/budget.ts';
import {
  ALGORITHM_NAMES,
  type AlgorithmName,
  type CongestionState,
  lossesOf,
  PHASE_NAMES,
  type PhaseName,
  STALL_CAUSE_NAMES,
  TRIGGER_NAMES,
  type TriggerName,
  VANTAGE_NAMES,
  type VantageName,
} from '../model/congestion.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { finiteOrNull } from '../model/units.ts';

/**
 * The congestion control of one sender, as `schema/congestion.schema.json` describes it. Windows in bytes, times in
 * milliseconds since the connection's first packet; null is "not known".
 */
export interface CongestionReport {
  /** The algorithm that explains it best, the next best, and 0 to 1. */
  model: AlgorithmName;
  runnerUp: AlgorithmName;
  confidence: number;
  /** Where the capture was made, seen from this sender. */
  capturedAt: VantageName;
  /** Bytes of data in a full segment. */
  smss: number;
  /** At the end of the capture. */
  cwnd: number | null;
  /** Null: never set. */
  ssthresh: number | null;
  phase: PhaseName;
  flightSize: number | null;
  path: {
    minRttMs: number | null;
    bottleneckBitsPerSecond: number | null;
    /** Bandwidth-delay product: the window that would have filled the path. */
    bdp: number | null;
  };
  /** Where the time went while its messages were on their way, as the time budget has it. */
  limits: {
    /** Percent of that time; null when there was none. */
    shares: { owner: Owner; cause: TimeCause; percent: number }[];
    spans: { owner: Owner; cause: TimeCause; startMs: number; endMs: number }[];
  };
  episodes: {
    trigger: TriggerName;
    startPacket: number;
    startMs: number;
    /** Null when the capture ends before. */
    endPacket: number | null;
    endMs: number | null;
    durationMs: number | null;
    /** Segments that were lost, that were sent again, and by how many timeouts. */
    losses: number;
    retransmissions: number;
    timeouts: number;
    cwndBefore: number | null;
    ssthreshBefore: number | null;
    ssthreshAfter: number | null;
    /** It turned out to be needless and was taken back. */
    undone: boolean;
  }[];
  /** Episodes beyond those that are listed; absent when none is. */
  unlistedEpisodes?: number;
  /** Pauses with data under way. */
  stalls: {
    startPacket: number;
    startMs: number;
    endPacket: number;
    endMs: number;
    durationMs: number;
    cause: (typeof STALL_CAUSE_NAMES)[number];
  }[];
  /** Such pauses beyond those that are listed; absent when none is. */
  unlistedStalls?: number;
  /** Rules that it broke: ids of findings, with the packet that each is attached to. */
  violations: { id: string; packet: number; cite: string | null; text: string }[];
}

/** The figures of one sender, after its replay was concluded. */
export function congestionReport(state: CongestionState): CongestionReport {
  const { endpoint, smss } = state;
  const { connection } = endpoint;
  const ms = (time: number) => (time - connection.firstTime) / 1e6;
  const bytes = (segments: number) => (Number.isFinite(segments) ? Math.round(segments * smss) : null);
  return {
    model: ALGORITHM_NAMES[state.algorithm],
    runnerUp: ALGORITHM_NAMES[state.runnerUp],
    confidence: Math.round(state.confidence * 100) / 100,
    capturedAt: VANTAGE_NAMES[state.vantage],
    smss,
    cwnd: bytes(state.cwnd),
    ssthresh: bytes(state.ssthresh),
    phase: PHASE_NAMES[state.phase],
    flightSize: finiteOrNull(state.flightSize),
    path: {
      minRttMs: finiteOrNull(state.minRtt / 1e6),
      bottleneckBitsPerSecond: finiteOrNull(Math.round(state.bottleneckRate * 8)),
      bdp: finiteOrNull(Math.round(state.bdp)),
    },
    limits: limitsOf(endpoint),
    episodes: state.episodes.map((episode) => {
      const isOver = episode.endFrame !== 0;
      return {
        trigger: TRIGGER_NAMES[episode.trigger],
        startPacket: episode.startFrame,
        startMs: ms(episode.startTime),
        endPacket: isOver ? episode.endFrame : null,
        endMs: isOver ? ms(episode.endTime) : null,
        // Across a step back of the capture's clock nobody can tell.
        durationMs: isOver && episode.endTime >= episode.startTime ? (episode.endTime - episode.startTime) / 1e6 : null,
        losses: lossesOf(episode),
        retransmissions: episode.retransmissions,
        timeouts: episode.timeouts,
        cwndBefore: bytes(episode.cwndBefore),
        ssthreshBefore: bytes(episode.ssthreshBefore),
        ssthreshAfter: bytes(episode.ssthreshAfter),
        undone: episode.undone,
      };
    }),
    ...(state.unlistedEpisodes > 0 ? { unlistedEpisodes: state.unlistedEpisodes } : {}),
    stalls: state.stalls.map(({ startFrame, start, endFrame, end, cause }) => ({
      startPacket: startFrame,
      startMs: ms(start),
      endPacket: endFrame,
      endMs: ms(end),
      durationMs: (end - start) / 1e6,
      cause: STALL_CAUSE_NAMES[cause],
    })),
    ...(state.unlistedStalls > 0 ? { unlistedStalls: state.unlistedStalls } : {}),
    violations: (endpoint.violations ?? []).map(({ id, frame, cite, text }) => ({ id, packet: frame, cite, text })),
  };
}

/** The same with whom it is about, for a list of senders. */
export function senderReport(state: CongestionState) {
  const { connection, role, address, port, peer } = state.endpoint;
  return {
    stream: connection.id,
    sender: role,
    address,
    port,
    peer: { address: peer.address, port: peer.port },
    ...congestionReport(state),
  };
}

/** Nanoseconds by `TimeUse`, the longest first. */
export function limitTimes(waits: readonly BudgetSpan[]): { use: number; time: number }[] {
  const times = TIME_USES.map((_, use) => ({ use, time: 0 }));
  for (const { start, end, use } of waits) times[use].time += end - start;
  return times.filter(({ time }) => time > 0).sort((a, b) => b.time - a.time);
}

/** Percent of all the time that went to each `TimeUse`, to one decimal, the longest first. */
export function limitShares(waits: readonly BudgetSpan[]): { use: number; percent: number }[] {
  // Each difference first: of times that are years apart a sum loses the nanoseconds.
  const all = waits.reduce((sum, { start, end }) => sum + (end - start), 0);
  return limitTimes(waits).map(({ use, time }) => ({ use, percent: Math.round((1000 * time) / all) / 10 }));
}

function limitsOf(endpoint: Endpoint): CongestionReport['limits'] {
  const waits = waitsOf(endpoint);
  return {
    shares: limitShares(waits).map(({ use, percent }) => ({ ...TIME_USES[use], percent })),
    spans: waits.map(({ start, end, use }) => ({ ...TIME_USES[use], startMs: start / 1e6, endMs: end / 1e6 })),
  };
}
