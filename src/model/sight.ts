/** A point where packets were recorded. */
export interface Vantage {
  /** From 0, in the order in which they were first seen. */
  readonly index: number;
  /** The interface's name, or its number where the capture has no name. Unique in the capture. */
  readonly name: string;
  /** TCP frames, connections that have one here, and those that are analysed as this vantage saw them. */
  readonly frames: number;
  readonly connections: number;
  readonly chosen: number;
  /** What was lost on the way from here to the next vantage. */
  readonly losses: readonly PlacedLoss[];
}

/** A packet that one vantage saw and the next on its way did not. */
export interface LossPlace {
  readonly from: Vantage;
  readonly to: Vantage;
}

/**
 * One packet as one of several vantages saw it. There are none where a capture has one vantage only. What it says of losses
 * may become known while the packet's row waits.
 */
export interface Sight {
  readonly vantage: Vantage;
  /** The analysis of its connection runs on this one. */
  readonly isChosen: boolean;
  /** Frame of the same packet in the chosen view, where this is another view of it; 0 without. */
  readonly original: number;
  /** That frame was analysed before. */
  readonly isOriginalPast: boolean;
  /** Another view of it may have been analysed before it was known that there are several vantages. */
  readonly isEarly: boolean;
  /** Set on the last vantage that saw a packet which was lost before the next. */
  readonly lostBetween: LossPlace | null;
  /** Its connection, as all vantages saw it. */
  readonly seen: SeenConnection;
  /** Who sent it: side 0 or 1 of `seen`. */
  readonly side: 0 | 1;
  /** Takes it into the chosen view after all: nothing else shows that its connection began. */
  promote(): void;
  /** Writes the sockets and the sequence numbers that it has in the chosen view. */
  translate(to: Translated): void;
}

/** What differs between two views of one packet. Addresses and ports of its sender come first. */
export interface Translated {
  src0: number;
  src1: number;
  src2: number;
  src3: number;
  srcPort: number;
  dst0: number;
  dst1: number;
  dst2: number;
  dst3: number;
  dstPort: number;
  seq: number;
  ack: number;
}

/** What one vantage saw of a connection. */
export interface VantageShare {
  readonly vantage: Vantage;
  /** Frames that the client and that the server sent. */
  readonly fromClient: number;
  readonly fromServer: number;
  /** Packets that it shares with the chosen view. */
  readonly shared: number;
}

/** Packets of a connection that were lost between two vantages. */
export interface PlacedLoss extends LossPlace {
  packets: number;
  /** Of the first ones. */
  readonly frames: number[];
}

/** A connection as several vantages saw it. */
export interface SeenConnection {
  /** The analysis runs on this view; null while none was chosen. */
  readonly base: Vantage | null;
  readonly shares: readonly VantageShare[];
  readonly losses: readonly PlacedLoss[];
  /** On the way of the client's packets, as far as their order is known: without those beside the way. */
  path(): readonly Vantage[];
}
