import { type DoubleFields, defineDoubles } from './doubles.ts';
import type { RoundTrips } from './round-trips.ts';
import type { Verdict } from './verdict.ts';

/** A row that waits for an answer to one of its questions. */
export interface Questioned {
  open: number;
}

/** One sending of a range of sequence space: the original or a later copy. Pooled: see `Flight.take`. */
export class Transmission {
  /** Offsets in the sender's sequence space. */
  start = 0;
  end = 0;
  /** Nanoseconds since the first record. */
  time = 0;
  frame = 0;
  /** Ordinal among the sender's segments. */
  order = 0;
  /** TSval, or -1 without timestamps; IP ID, or -1. */
  tsVal = -1;
  ipId = -1;
  /** As in `SegmentView`, of the payload from `start` on; -1 unknown. */
  payloadSum = -1;
  /** Sent again: some of its bytes had been sent before. */
  isRetransmission = false;
  /** Data of a SYN whose SYN,ACK did not take it: frame of that SYN,ACK, 0 for all others. */
  refusedBy = 0;
  /** When it was first selectively acknowledged, -1 not yet. */
  sackedAt = -1;
  verdict: Verdict | null = null;
  row: Questioned | null = null;
  /** Next original by offset. */
  next: Transmission | null = null;
  /** Later sendings that hold some of its bytes, in order; null without. */
  copies: Transmission[] | null = null;
  /** Of a copy: how many originals still wait to be settled with it, and whether one of them needed it. */
  parts = 0;
  needed = false;
}

/** Bytes below SND.NXT that no captured segment has held yet. */
export interface Hole {
  start: number;
  end: number;
  /** The segment that left it open: time, frame, TSval (-1), IP ID (-1) and ordinal. */
  time: number;
  frame: number;
  tsVal: number;
  ipId: number;
  order: number;
  /** The receiver acknowledged it although the capture never saw it. */
  acked: boolean;
  /** Latest segment before it: its bytes were not sent sooner. */
  since: number;
  /** That was reported. */
  told?: boolean;
}

/** A range that was sent more than once and acknowledged, and that waits until a D-SACK could have arrived. */
export interface DsackWait {
  start: number;
  end: number;
  /** Nanoseconds since the first record. */
  deadline: number;
  /** The original and its copies in order of sending. */
  sendings: Sending[];
  /** D-SACKs that reported a repeat of it. */
  repeats: number;
  /** It was selectively acknowledged before. */
  sacked: boolean;
}

/** What `DsackWait` keeps of a transmission after it has left the scoreboard. */
export interface Sending {
  frame: number;
  time: number;
  tsVal: number;
  verdict: Verdict;
  row: Questioned | null;
}

/** How the sender is taken to recover: RFC 5681 section 3.2, RFC 6298 section 5. */
export const Mode = { OPEN: 0, RECOVERY: 1, LOSS: 2 } as const;

/** What one endpoint has sent and not yet been told to have arrived, and what it was told. */
export class Flight implements DoubleFields {
  readonly row = DOUBLES.take();
  readonly slab = DOUBLES.current;

  head: Transmission | null = null;
  tail: Transmission | null = null;
  /** Where the latest SACK block ended, to start the next search there. */
  sackHint: Transmission | null = null;
  /** What was last put in between or sent again, to start the next search there. */
  placeHint: Transmission | null = null;
  readonly holes: Hole[] = [];
  readonly dsackWaits: DsackWait[] = [];

  /** How many segments stand between `head` and `tail`, and questions that were given up because there were too many. */
  listed = 0;
  forgotten = 0;

  /** Ordinal of the latest segment. */
  order = 0;
  declare lastSentTime: number;
  /** Time of the latest segment that took sequence space. */
  declare lastDataTime: number;
  /** Latest time the peer acknowledged or selectively acknowledged something new; -1 never. */
  declare lastProgressTime: number;
  /** Latest ACK of the peer, of any kind. */
  declare lastHeardTime: number;
  /** Latest ACK that told something: progress, SACK or a duplicate ACK; and the latest that told of something missing. */
  declare lastAckEffectTime: number;
  declare lastToldTime: number;
  /** Latest segment that was not sent before. */
  declare lastNewTime: number;
  /** Retransmissions of the episode that no D-SACK has reported (undo). */
  undoRetrans = 0;
  /** Highest TSval sent; the first one, and when it passed: how fast its clock ticks. */
  declare maxTsVal: number;
  declare firstTsVal: number;
  declare firstTsTime: number;
  tsFrame = 0;
  /** Highest IP ID sent (serial, 16 bits), -1 before any, and how far the IDs may be trusted as a clock. */
  maxIpId = -1;
  idRises = 0;
  idBreaks = 0;
  /** Segments with the IP ID of the one before: a sender that gives all the same says nothing by it. */
  idRepeats = 0;

  dupAcks = 0;
  /** Highest offset that a SACK block covered. */
  highSacked = 0;
  /** A D-SACK was seen: the receiver reports repeats. */
  sawDsack = false;
  mode: number = Mode.OPEN;
  /** Offset that ends the episode (SND.NXT when it began). */
  recover = 0;
  /** Left edge of what the latest timeout sent again, -1 none. */
  timeoutStart = -1;
  /** TSval of the ACK that first told of the present holes, -1 unknown; where the latest duplicate ACKs stood, and how many. */
  declare toldTsVal: number;
  /** Frame of that ACK, 0 none. */
  toldFrame = 0;
  toldUna = -1;
  toldAcks = 0;
  /** Timeouts in a row without progress. */
  timeouts = 0;
  /** Retransmissions since the episode began, and whether the one at its left edge was needless (undo). */
  declare episodeStartTime: number;
  episodeStartUna = 0;
  /** When the latest episode ended, and which it was; -1 never. */
  declare episodeEndTime: number;
  endedMode: number = Mode.OPEN;
  /** A tail loss probe is out: its end, -1 none. */
  tlpEnd = -1;
  /** The latest probe that may have been a timeout. */
  tlpVerdict: Verdict | null = null;
  /** MTU that an ICMP message told, and when; -1 never. */
  declare pmtuTime: number;
  /** A segment that was sent alone after a silence as long as a timeout: its end, when, and its verdict; -1 none. */
  loneEnd = -1;
  declare loneTime: number;
  loneVerdict: Verdict | null = null;
  /** End of a segment beyond the window, which does not count until another follows it; -1 none. */
  unacceptableEnd = -1;
  synSent = false;
  synAckSent = false;
  /** Ordinal and end of the latest retransmission. */
  lastRetransmissionOrder = -1;
  lastRetransmissionEnd = 0;
  /** Segments with timestamps behind the SYN. */
  stamped = 0;
  /** A byte sent into a zero window (offset), -1 none. */
  probeByte = -1;
  /** The peer's window was zero in its latest ACK. */
  zeroWindow = false;

  // RFC 6298, all in nanoseconds, -1 before the first sample.
  declare sample: number;
  declare srtt: number;
  declare rttvar: number;
  declare rto: number;
  /** Smallest time from a segment's sight to the sight of its acknowledgement. */
  declare minRtt: number;
  samples = 0;
  /** All samples, where they are wanted. */
  roundTrips: RoundTrips | null = null;

  /** Bytes of originals that are neither acknowledged nor selectively acknowledged. */
  outstanding = 0;

  /** Segments of this side with a right and with a wrong checksum. */
  goodChecksums = 0;
  badChecksums = 0;

  /** Where a search for what begins at `offset` may start. */
  near(offset: number): Transmission | null {
    const { placeHint } = this;
    return placeHint !== null && placeHint.start <= offset ? placeHint : this.head;
  }
}

const DOUBLES = defineDoubles(Flight.prototype, {
  lastSentTime: -1,
  lastDataTime: -1,
  lastProgressTime: -1,
  lastHeardTime: -1,
  lastAckEffectTime: -1,
  lastToldTime: -1,
  lastNewTime: -1,
  maxTsVal: -1,
  firstTsVal: -1,
  firstTsTime: -1,
  toldTsVal: -1,
  episodeStartTime: -1,
  episodeEndTime: -1,
  pmtuTime: -1,
  loneTime: -1,
  sample: -1,
  srtt: -1,
  rttvar: -1,
  rto: 1e9,
  minRtt: -1,
});
