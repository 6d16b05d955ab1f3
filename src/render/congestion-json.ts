import {
  ALGORITHM_NAMES,
  type CongestionState,
  LIMIT_NAMES,
  OVERSTEP_NAMES,
  PHASE_NAMES,
  STALL_CAUSE_NAMES,
  TRIGGER_NAMES,
  VANTAGE_NAMES,
} from '../model/congestion.ts';
import { overstepCite } from './congestion-words.ts';

/** What is known of one sender, as `schema/congestion.schema.json` describes it. Windows in bytes, times in milliseconds. */
export function senderObject(state: CongestionState) {
  const { endpoint, smss } = state;
  const { connection } = endpoint;
  const ms = (time: number) => (time - connection.firstTime) / 1e6;
  const bytes = (segments: number) => (Number.isFinite(segments) ? Math.round(segments * smss) : null);
  const finite = (value: number) => (Number.isFinite(value) ? value : null);
  return {
    stream: connection.id,
    sender: endpoint.role,
    address: endpoint.address,
    port: endpoint.port,
    peer: { address: endpoint.peer.address, port: endpoint.peer.port },
    model: ALGORITHM_NAMES[state.algorithm],
    runnerUp: ALGORITHM_NAMES[state.runnerUp],
    confidence: Math.round(state.confidence * 100) / 100,
    capturedAt: VANTAGE_NAMES[state.vantage],
    smss,
    cwnd: bytes(state.cwnd),
    ssthresh: bytes(state.ssthresh),
    phase: PHASE_NAMES[state.phase],
    flightSize: state.flightSize,
    path: {
      minRttMs: finite(state.minRtt / 1e6),
      bottleneckBitsPerSecond: finite(Math.round(state.bottleneckRate * 8)),
      bdp: finite(Math.round(state.bdp)),
    },
    limits: {
      shares: shares(state),
      spans: state.spans.map(({ limit, start, end }) => ({
        limit: LIMIT_NAMES[limit],
        startMs: ms(start),
        endMs: ms(end),
      })),
    },
    episodes: state.episodes.map((episode) => ({
      trigger: TRIGGER_NAMES[episode.trigger],
      startPacket: episode.startFrame,
      startMs: ms(episode.startTime),
      endPacket: episode.endFrame === 0 ? null : episode.endFrame,
      endMs: episode.endFrame === 0 ? null : ms(episode.endTime),
      durationMs: episode.endFrame === 0 ? null : (episode.endTime - episode.startTime) / 1e6,
      retransmissions: episode.retransmissions,
      timeouts: episode.timeouts,
      cwndBefore: bytes(episode.cwndBefore),
      ssthreshBefore: bytes(episode.ssthreshBefore),
      ssthreshAfter: bytes(episode.ssthreshAfter),
      undone: episode.undone,
    })),
    stalls: state.stalls.map(({ startFrame, start, endFrame, end, cause }) => ({
      startPacket: startFrame,
      startMs: ms(start),
      endPacket: endFrame,
      endMs: ms(end),
      durationMs: (end - start) / 1e6,
      cause: STALL_CAUSE_NAMES[cause],
    })),
    violations: state.oversteps.map(({ rule, frame, time, inFlight, allowed }) => ({
      rule: OVERSTEP_NAMES[rule],
      cite: overstepCite(rule),
      packet: frame,
      timeMs: ms(time),
      inFlight: bytes(inFlight),
      allowed: bytes(allowed),
    })),
  };
}

/** Percent of the time by limit, one decimal; null when there was none. */
function shares({ limitTimes }: CongestionState): Record<string, number | null> {
  const all = limitTimes.reduce((sum, time) => sum + time, 0);
  return Object.fromEntries(
    LIMIT_NAMES.map((name, limit) => [name, all > 0 ? Math.round((1000 * (limitTimes[limit] ?? 0)) / all) / 10 : null]),
  );
}
