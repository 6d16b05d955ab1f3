import type { Endpoint } from '../model/endpoint.ts';
import { UnackedSegments } from './unacked-segments.ts';

/** Values of `WiresharkFlow.scale` that are no shift count. */
export const Scale = { UNKNOWN: -1, NOT_USED: -2 } as const;

/**
 * What Wireshark remembers of one direction. Sequence numbers are raw, and 0 stands for "not known" as it does there: a
 * stream that comes to 0 is misjudged alike.
 */
export class WiresharkFlow {
  /** Number of the SYN, or one before the first number seen; valid with `hasBase`. */
  base = 0;
  hasBase = false;
  /** Highest end of a segment, and when and with which frame it rose. */
  next = 0;
  nextTime = 0;
  nextFrame = 0;
  /** Highest end without a hole before it. */
  contiguous = 0;
  /** Of its latest packet. */
  lastAck = 0;
  lastAckTime = 0;
  window = 0xffffffff;
  lastFlags = 0;
  /** Shift count of its windows, or a value of `Scale`. */
  scale: number = Scale.UNKNOWN;
  /** Its windows so far came with a SYN, and are not scaled. */
  hasOnlySynWindow = false;
  duplicateAcks = 0;
  /** Frame that the duplicate ACKs repeat. */
  duplicateAckFrame = 0;
  /** Sum of the lengths of the SACK blocks of its latest packet. */
  sackedBytes = 0;
  isInFlightKnown = true;
  pushBytes = 0;
  hasPushed = false;
  /** What of `WiresharkStream.mptcpSeen` was known with its latest packet. */
  mptcpSeen = 0;
  /** Bytes that were acknowledged, or may have been, are not in the capture. */
  hasMissing = false;
  readonly unacked = new UnackedSegments();
}

/** What `tcp.stream` numbers. */
export class WiresharkStream {
  readonly a = new WiresharkFlow();
  readonly b = new WiresharkFlow();
  /** No packet of it was seen. */
  isNew = true;
  completeness = 0;
  /** A bit for each subtype of MPTCP option seen. */
  mptcpSeen = 0;
  /** Of the latest SYN; NaN before one. */
  synTime = Number.NaN;
  initialRtt = Number.NaN;
}

/** A pair of sockets. Wireshark begins a new stream by a rule of its own, not where a connection begins. */
export class WiresharkPair {
  stream = new WiresharkStream();
  private readonly first: Endpoint;

  constructor(first: Endpoint) {
    this.first = first;
  }

  /** True when `sender`, of any connection between the two, is the one whose direction is `a`. */
  isFirst(sender: Endpoint): boolean {
    const { first } = this;
    return (
      sender.port === first.port &&
      sender.w3 === first.w3 &&
      sender.w2 === first.w2 &&
      sender.w1 === first.w1 &&
      sender.w0 === first.w0
    );
  }
}
