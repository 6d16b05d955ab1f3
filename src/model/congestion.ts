import type { Endpoint } from './endpoint.ts';
import { DEFAULT_MSS } from './tcp-constants.ts';

/** Congestion control algorithms that a sender can be told apart by. */
export const Algorithm = {
  UNKNOWN: 0,
  TAHOE: 1,
  RENO: 2,
  NEWRENO: 3,
  CUBIC: 4,
  BBR: 5,
  DCTCP: 6,
  WESTWOOD: 7,
  HTCP: 8,
  ILLINOIS: 9,
  VEGAS: 10,
  BIC: 11,
  SCALABLE: 12,
  HIGHSPEED: 13,
} as const;
export const ALGORITHM_NAMES = [
  'unknown',
  'tahoe',
  'reno',
  'newreno',
  'cubic',
  'bbr',
  'dctcp',
  'westwood+',
  'htcp',
  'illinois',
  'vegas',
  'bic',
  'scalable',
  'highspeed',
] as const;
/** As they are written in text. */
export const ALGORITHM_TITLES = [
  'unknown',
  'Tahoe',
  'Reno',
  'NewReno',
  'CUBIC',
  'BBR',
  'DCTCP',
  'Westwood+',
  'H-TCP',
  'Illinois',
  'Vegas',
  'BIC',
  'Scalable',
  'HighSpeed',
] as const;
/** Those that a sender can be replayed through. */
export const REPLAYED_ALGORITHMS = ['tahoe', 'reno', 'newreno', 'cubic', 'bbr'] as const;
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

/** Where the capture was made, seen from a sender: what it sees of ACKs and of data is shifted by the path in between. */
export const Vantage = { UNKNOWN: 0, SENDER: 1, PATH: 2, RECEIVER: 3 } as const;
export const VANTAGE_NAMES = ['unknown', 'sender', 'path', 'receiver'] as const;
export type VantageName = (typeof VANTAGE_NAMES)[number];

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
  /** Of them, those that were not needed: the receiver reported them as repeats (D-SACK). */
  needless: number;
  /** NaN where the sender keeps to a rate. */
  cwndBefore: number;
  /** Infinity before the first reduction. */
  ssthreshBefore: number;
  ssthreshAfter: number;
  /** It turned out to be needless and was taken back (RFC 4015, RFC 5682). */
  undone: boolean;
}

/** What ended a pause of a sender that had data under way. */
export const StallCause = {
  TIMEOUT: 0,
  TAIL_LOSS_PROBE: 1,
  /** RACK's reordering timer or a late duplicate ACK. */
  LATE_LOSS_DETECTION: 2,
  RECEIVER_WINDOW: 3,
  LATE_ACK: 4,
  APPLICATION: 5,
} as const;
export const STALL_CAUSE_NAMES = [
  'retransmission timeout',
  'tail loss probe',
  'loss detected late',
  'receive window full',
  'acknowledgement came late',
  'application paused',
] as const;

/** A pause of more than two round trips (or an RTO) with data under way: frames and times on both sides of it. */
export interface Stall {
  startFrame: number;
  start: number;
  endFrame: number;
  end: number;
  cause: number;
}

/** Segments that were lost in an episode, as far as is known. */
export function lossesOf({ retransmissions, needless, undone }: CongestionEpisode): number {
  return undone ? 0 : Math.max(retransmissions - needless, 0);
}

/** Most senders have few of the lists below: they share this one until there is something to write down. */
const NONE: readonly never[] = [];

/** Appends to one of the lists of a `CongestionState`. */
export function append<T>(list: readonly T[], item: T): readonly T[] {
  if (list.length === 0) return [item];
  (list as T[]).push(item);
  return list;
}

/**
 * What is known of one sender's congestion control after the latest packet. Windows are segments of `smss` bytes. The figures
 * below `confidence` are brought up to date by `refresh`.
 */
export abstract class CongestionState {
  readonly endpoint: Endpoint;
  /** Bytes of data in a full segment. */
  smss = DEFAULT_MSS;
  vantage: number = Vantage.UNKNOWN;
  episodes: readonly CongestionEpisode[] = NONE;
  stalls: readonly Stall[] = NONE;
  /** Episodes beyond those that are listed. */
  unlistedEpisodes = 0;
  /** Stalls beyond those that are listed. */
  unlistedStalls = 0;

  algorithm: number = Algorithm.UNKNOWN;
  /** One of `Algorithm` that `algorithm` was told to be, or UNKNOWN. */
  given: number = Algorithm.UNKNOWN;
  runnerUp: number = Algorithm.UNKNOWN;
  /** 0..1, of `algorithm` and of the figures below. */
  confidence = Number.NaN;
  cwnd = Number.NaN;
  ssthresh = Number.POSITIVE_INFINITY;
  phase: number = Phase.UNKNOWN;
  /** Bytes in flight, SACK-aware (RFC 6675 section 4, "pipe"). */
  flightSize = 0;
  /** Bytes per second that the bottleneck let pass, shortest round trip in nanoseconds; NaN unknown. */
  bottleneckRate = Number.NaN;
  minRtt = Number.NaN;

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
  }

  abstract refresh(): void;

  /** No packet changes it any more. */
  abstract get isSettled(): boolean;

  /** Bandwidth-delay product in bytes: the window that would have filled the path; NaN unknown. */
  get bdp(): number {
    return (this.bottleneckRate * this.minRtt) / 1e9;
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
    state.refresh();
    this.algorithm = state.algorithm;
    this.cwnd = Math.round(state.cwnd * state.smss);
    this.cwndSegments = state.cwnd;
    this.ssthresh = Math.round(state.ssthresh * state.smss);
    this.phase = state.phase;
    this.flightSize = state.flightSize;
    this.confidence = Math.round(state.confidence * 100) / 100;
  }
}
