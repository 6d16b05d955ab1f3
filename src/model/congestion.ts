import type { Endpoint } from './connection.ts';

/** Congestion control algorithms that a sender can be told apart by. */
export const Algorithm = { UNKNOWN: 0, TAHOE: 1, RENO: 2, NEWRENO: 3, CUBIC: 4, BBR: 5 } as const;
export const ALGORITHM_NAMES = ['unknown', 'tahoe', 'reno', 'newreno', 'cubic', 'bbr'] as const;
export type AlgorithmName = (typeof ALGORITHM_NAMES)[number];

/** What governs the sender's window. */
export const Phase = {
  UNKNOWN: 0,
  /** RFC 5681 section 3.1: cwnd below ssthresh. */
  SLOW_START: 1,
  CONGESTION_AVOIDANCE: 2,
  /** Between a loss told by duplicate ACKs or SACK and its repair (RFC 5681 section 3.2, RFC 6675 section 5). */
  FAST_RECOVERY: 3,
  /** Between a retransmission timeout and the ACK of all that was outstanding then (RFC 6298 section 5). */
  LOSS_RECOVERY: 4,
  /** The sender keeps well below its window: it has nothing to send. */
  APP_LIMITED: 5,
} as const;
export const PHASE_NAMES = [
  'unknown',
  'slow-start',
  'congestion-avoidance',
  'fast-recovery',
  'loss-recovery',
  'app-limited',
] as const;
export type PhaseName = (typeof PHASE_NAMES)[number];

/** What began an episode in which the window was reduced. */
export const Trigger = { FAST: 0, TIMEOUT: 1, ECN: 2, TAIL_LOSS_PROBE: 3 } as const;
export const TRIGGER_NAMES = ['fast-retransmit', 'timeout', 'ecn', 'tail-loss-probe'] as const;
export type TriggerName = (typeof TRIGGER_NAMES)[number];

/** A stretch in which the sender repaired losses or answered a congestion mark. Windows are segments, times nanoseconds. */
export interface CongestionEpisode {
  trigger: number;
  /** Frame of the first retransmission (of the mark, for ECN) and of the ACK that ended the episode, 0 while it lasts. */
  startFrame: number;
  startTime: number;
  endFrame: number;
  endTime: number;
  /** Segments that were sent again, and by how many timeouts. */
  retransmissions: number;
  timeouts: number;
  cwndBefore: number;
  /** Infinity before the first reduction. */
  ssthreshBefore: number;
  ssthreshAfter: number;
  /** It turned out to be needless and was taken back (RFC 4015, RFC 5682). */
  undone: boolean;
}

/** What kept a sender from sending more. */
export const Limit = {
  HANDSHAKE: 0,
  APPLICATION: 1,
  RECEIVER_WINDOW: 2,
  CONGESTION_WINDOW: 3,
  SENDER_BUFFER: 4,
  PACING: 5,
  RECOVERY: 6,
  IDLE: 7,
} as const;
export const LIMIT_NAMES = [
  'handshake',
  'application',
  'receiver-window',
  'congestion-window',
  'sender-buffer',
  'pacing',
  'recovery',
  'idle',
] as const;
export type LimitName = (typeof LIMIT_NAMES)[number];

/** A span of the limits timeline, nanoseconds since the first record. */
export interface LimitSpan {
  limit: number;
  start: number;
  end: number;
}

/** A pause of the sender while it had data under way or to send. */
export interface Stall {
  startFrame: number;
  start: number;
  end: number;
  limit: number;
  cause: string;
}

/** What is known of one sender's congestion control after the latest packet. Windows are segments of `smss` bytes. */
export class CongestionState {
  readonly endpoint: Endpoint;
  /** Bytes of data in a full segment. */
  smss = 536;
  algorithm: number = Algorithm.UNKNOWN;
  runnerUp: number = Algorithm.UNKNOWN;
  /** 0..1, of `algorithm` and of the figures below. */
  confidence = 0;
  cwnd = 0;
  ssthresh = Number.POSITIVE_INFINITY;
  phase: number = Phase.UNKNOWN;
  /** Bytes in flight, SACK-aware (RFC 6675 section 4, "pipe"). */
  flightSize = 0;
  readonly episodes: CongestionEpisode[] = [];

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
  }
}

/** The figures of one sender after one packet. */
export class CongestionSnapshot {
  readonly algorithm: number;
  readonly cwnd: number;
  readonly cwndSegments: number;
  /** Bytes; Infinity while it was never set. */
  readonly ssthresh: number;
  readonly phase: number;
  readonly flightSize: number;
  readonly confidence: number;

  constructor(state: CongestionState) {
    this.algorithm = state.algorithm;
    this.cwnd = Math.round(state.cwnd * state.smss);
    this.cwndSegments = Math.round(state.cwnd * 100) / 100;
    this.ssthresh = Math.round(state.ssthresh * state.smss);
    this.phase = state.phase;
    this.flightSize = state.flightSize;
    this.confidence = state.confidence;
  }
}
