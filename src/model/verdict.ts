/** What a segment is in the life of its connection. */
export const Kind = {
  /** Takes sequence space that its sender had not sent before. */
  NEW: 0,
  /** Takes none: an ACK, a window update, a RST. */
  ACK: 1,
  RETRANSMISSION: 2,
  /** Sent in order, seen out of order. */
  REORDERED: 3,
  /** The same packet once more. */
  DUPLICATE: 4,
  KEEP_ALIVE: 5,
  WINDOW_PROBE: 6,
} as const;
export const KIND_NAMES = [
  'new',
  'ack',
  'retransmission',
  'reordered',
  'duplicate',
  'keep-alive',
  'window-probe',
] as const;
export type KindName = (typeof KIND_NAMES)[number];

/** Why a segment was retransmitted. */
export const Cause = {
  NONE: 0,
  SYN: 1,
  SYN_ACK: 2,
  /** Duplicate ACKs, SACK or RACK (RFC 5681 3.2, RFC 6675, RFC 8985). */
  FAST: 3,
  /** Retransmission timer (RFC 6298 section 5). */
  RTO: 4,
  /** Further segments that are sent again after a timeout. */
  RTO_RECOVERY: 5,
  /** Tail loss probe (RFC 8985 section 7). */
  TLP: 6,
  /** After ICMP "fragmentation needed" or "packet too big". */
  PMTU: 7,
  UNKNOWN: 8,
} as const;
export type CauseName = 'syn' | 'syn-ack' | 'fast' | 'rto' | 'rto-recovery' | 'tlp' | 'pmtu' | 'unknown';
/** By `Cause`. */
export const CAUSE_NAMES: readonly (CauseName | null)[] = [
  null,
  'syn',
  'syn-ack',
  'fast',
  'rto',
  'rto-recovery',
  'tlp',
  'pmtu',
  'unknown',
];

/** What became of this very copy after the point of capture. */
export const Fate = { UNKNOWN: 0, DELIVERED: 1, LOST: 2 } as const;
export const FATE_NAMES = ['unknown', 'delivered', 'lost'] as const;
export type FateName = (typeof FATE_NAMES)[number];

/** Retransmissions with another cause than a loss or a timer. */
export const Excuse = {
  NONE: 0,
  /** Data of the SYN that the SYN,ACK did not acknowledge (RFC 7413 section 4.2.2). */
  SYN_DATA_REFUSED: 1,
  /** A FIN that was out already goes along with the first ACK of the other end's FIN, as BSD systems do it in CLOSING. */
  FIN_WITH_ACK: 2,
  /** A SYN once more, to a port that had refused the one before. */
  REFUSED_BEFORE: 3,
} as const;

/** Two packets of one sender have different bytes for the same place. */
export interface Contradiction {
  /** The earlier packet, its TTL and its IP ID (-1 without one). */
  frame: number;
  ttl: number;
  ipId: number;
  /** Where in the payload of the later packet the place begins, and what each of them has there, at most sixteen bytes. */
  offset: number;
  earlier: Uint8Array;
  later: Uint8Array;
}

/** Packets that did not arrive, and their bytes of data. */
export interface LossTally {
  lostPackets: number;
  lostBytes: number;
}

/** The verdict on one segment. Fields change until its questions are closed. */
export class Verdict {
  kind: number = Kind.NEW;
  cause: number = Cause.NONE;
  /** The receiver already had every byte of it when it arrived: the retransmission was not needed. */
  spurious = false;
  /** Its payload is not that of the first copy. */
  differs = false;
  /** How, where the beginnings of the payloads show it. */
  contradiction: Contradiction | null = null;
  /** Why a retransmission repairs no loss; see `Excuse`. */
  excuse: number = Excuse.NONE;
  /** Duplicates and what is out of order: made by the capture (true) or by the network. */
  byCapture = false;
  /** Reordered: how many later segments overtook it. */
  depth = 0;
  /** Reordered: nanoseconds after the first segment that overtook it; duplicate: after the first copy. */
  lateness = 0;
  /** Retransmission by timeout: how many times the timer had doubled, 0 for the first. */
  backoff = 0;
  /** Retransmission: nanoseconds since its sender last sent data or heard the peer; timeout: since its timer was started. */
  waited = 0;
  /**
   * Fast retransmission: how long ago (ns) what its sender echoes in it was sent, by the timestamp (RFC 7323). As ACKs made the sender send
   * it, that is the way from the other end to the sender and back, as it was then. -1 unknown.
   */
  echoAge = -1;
  /** Frame of the earlier copy, or of the packet that this one repeats; 0 without. */
  original = 0;
  /** Retransmission: how many first sendings it holds bytes of, 0 where none was seen. */
  parts = 0;
  /** Retransmission whose first copy was not seen: its receiver shows that it had lacked it until this one came. */
  wasLacked = false;
  /** Retransmission of what had been acknowledged when it passed, and that fills no gap of the capture. */
  wasAcknowledged = false;
  /** Fast retransmission: the packet that first told its sender of the loss; 0 where none did, or it is not known. */
  toldBy = 0;
  /** Tail loss probe: the retransmission timer may have sent it, and no later wait has shown which of them it was. */
  mayBeTimeout = false;
  /** Frames that show it, beside `original`. */
  evidence: number[] = NO_EVIDENCE;
  /** 0..1 */
  confidence = 1;
  private became: number = Fate.UNKNOWN;
  private tally: LossTally | null = null;
  private payload = 0;

  /** One of `Fate`. */
  get fate(): number {
    return this.became;
  }

  set fate(fate: number) {
    const { tally } = this;
    if (tally !== null && fate !== this.became) {
      const change = (fate === Fate.LOST ? 1 : 0) - (this.became === Fate.LOST ? 1 : 0);
      tally.lostPackets += change;
      tally.lostBytes += change * this.payload;
    }
    this.became = fate;
  }

  /** From now on `tally` counts the packet, with so many bytes of data, whenever it is taken for lost. */
  countIn(tally: LossTally, payload: number): void {
    const fate = this.became;
    this.became = Fate.UNKNOWN;
    this.tally = tally;
    this.payload = payload;
    this.fate = fate;
  }
}

/** A verdict of which no more is known than its `kind`. */
export function verdictOf(kind: number): Verdict {
  const verdict = new Verdict();
  verdict.kind = kind;
  return verdict;
}

const NO_EVIDENCE: number[] = [];
