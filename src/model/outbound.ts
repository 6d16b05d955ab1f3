import type { RoundTrips } from './round-trips.ts';

/**
 * The sender's congestion state as Linux names it (`tcp_ca_state`): nothing is wrong; the latest ACKs are duplicates (RFC 5681
 * section 2); the window is being reduced for a congestion mark (RFC 3168), which only the replay of the sender knows; fast
 * recovery (RFC 5681 section 3.2, RFC 6675); after a timeout (RFC 6298 section 5).
 */
export const Ca = { OPEN: 0, DISORDER: 1, CWR: 2, RECOVERY: 3, LOSS: 4 } as const;

/** RFC 6298, in nanoseconds, -1 before the first sample. */
export interface RttView {
  readonly sample: number;
  readonly srtt: number;
  readonly rttvar: number;
  readonly rto: number;
  /** Smallest time from a segment's sight to the sight of its acknowledgment. */
  readonly min: number;
  readonly samples: number;
  /** All samples, where they are wanted. */
  readonly roundTrips: RoundTrips | null;
}

/** What is outstanding: sent, and not acknowledged. */
export interface ScoreboardView {
  /** Nothing that was seen awaits an acknowledgment. */
  readonly isEmpty: boolean;
  /** Segments that were seen and await one. */
  readonly unanswered: number;
  /** When the first segment was sent that awaits one (ns). */
  readonly oldestTime: number;
  /** That segment's packet; 0 without one. */
  readonly oldestFrame: number;
  /** Bytes that are neither acknowledged nor selectively acknowledged. */
  readonly outstanding: number;
  /** Highest offset that a SACK block covered; 0 before any. */
  readonly highSacked: number;
  /** Questions about segments that were given up because there were too many. */
  readonly forgotten: number;
}

/** The clocks that an endpoint shows in its packets: timestamps (RFC 7323) and IP IDs, -1 before the first. */
export interface ClocksView {
  readonly maxTsVal: number;
  /** Since the clock of the capture was set, where it was; -1 without. */
  readonly firstTsVal: number;
  /** When the packet with `firstTsVal` passed (ns). */
  readonly firstTsTime: number;
  readonly maxIpId: number;
  /** How often an IP ID was a little larger than the one before, and how often not. */
  readonly idRises: number;
  readonly idBreaks: number;
}

/** What one end sent again, and what of its packets did not arrive: copies that were captured, and their bytes of data. */
export interface CopyTally {
  readonly retransmittedPackets: number;
  readonly retransmittedBytes: number;
  readonly lostPackets: number;
  readonly lostBytes: number;
}

/** What the verdict stage knows of the data that one endpoint sends. Only that stage writes it. */
export interface OutboundView {
  readonly scoreboard: ScoreboardView;
  readonly rtt: RttView;
  readonly clocks: ClocksView;
  /** Null as long as there is nothing to count. */
  readonly tally: CopyTally | null;
  /** One of `Ca`, but for CWR, as the capture shows it. */
  readonly caState: number;
  /** When the present loss episode began, or the latest (ns). */
  readonly episodeStart: number;
  /** Timeouts in a row without progress. */
  readonly timeouts: number;
  /** Duplicate ACKs in a row. */
  readonly dupAcks: number;
  readonly synAckSent: boolean;
  /** It sends segments without timestamps after the SYN, whatever was agreed. */
  readonly sendsUnstamped: boolean;
}

/** What there is to say of a sender that repairs nothing and was told of nothing that is missing. */
export abstract class QuietOutbound {
  get caState(): number {
    return Ca.OPEN;
  }

  get episodeStart(): number {
    return -1;
  }

  get timeouts(): number {
    return 0;
  }

  get dupAcks(): number {
    return 0;
  }
}
