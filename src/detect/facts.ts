import type { Endpoint } from '../model/endpoint.ts';
import { ACK, CWR, ECE, FIN, RESERVED, RST, SYN, URG } from '../model/flags.ts';
import { DOUBLE_NONE, NEVER } from '../model/packed.ts';
import { ChecksumStatus, Option, type SegmentView } from '../model/segment.ts';
import { FIRST_BYTE } from '../model/seq.ts';
import { INITIAL_WINDOW } from '../model/tcp-constants.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Kind } from '../model/verdict.ts';

/** What is out of the ordinary about a segment. Most have none of these, and cost the detectors nothing. */
export const Fact = {
  OPENED: 0,
  SYN: 1,
  FIN: 2,
  RST: 3,
  /** Flags or options that no segment should have, or lacks one that it should. */
  ODD_HEADER: 4,
  /** The URG flag or an urgent pointer. */
  URGENT: 5,
  DUPLICATE: 6,
  /** Its sender cannot have sent it, or its receiver drops it: forged, damaged, a SYN out of place. */
  UNACCEPTABLE: 7,
  /** A retransmission. */
  RETRANSMISSION: 8,
  REORDERED: 9,
  /** A keep-alive or a window probe. */
  PROBE: 10,
  /** It acknowledges bytes that the capture never saw. */
  UNSEEN: 11,
  /** Its sender is in question for what was acknowledged before it was seen. */
  QUESTIONED: 12,
  /** It acknowledges something, and the other end's stream has holes in this capture. */
  HOLES: 13,
  ZERO_WINDOW: 14,
  REOPENED: 15,
  /** The right edge of its sender's window moved to the left. */
  SHRUNK: 16,
  /** Less than one segment of window. */
  SMALL_WINDOW: 17,
  /** It fills the receiver's window, or exceeds it. */
  WINDOW_FULL: 18,
  /** It moves the edge of a window that was full. */
  ROOM: 19,
  DUPLICATE_ACK: 20,
  DSACK: 21,
  SACK: 22,
  /** A pure ACK equal to its sender's last one. */
  REPEATED_ACK: 23,
  /** It acknowledges the end of a recovery episode. */
  REPAIRED: 24,
  /** A checksum that is not right as it stands. */
  CHECKSUM: 25,
  /** More payload than the receiver's MSS. */
  OVERSIZE: 26,
  OLD_TIMESTAMP: 27,
  /** Data after its sender's FIN, or after its receiver's. */
  AFTER_FIN: 28,
  /** RFC 9293 knows no such transition. */
  ILLEGAL: 29,
  /** It acknowledges one segment, alone in flight, later than the path takes. */
  DELAYED_ACK: 30,
  /** Its sender has much under way, or the answer of one of the ends to a loss is being followed. */
  CONGESTION: 31,
  /** An ACK for more than two full segments. */
  STRETCH_ACK: 32,
  /** MP_FASTCLOSE (RFC 8684 section 3.5): its sender ends the whole MPTCP connection. */
  FAST_CLOSE: 33,
  /** A short record of TLS that says that its sender closes (close_notify), as far as that can be told. */
  TLS_ALERT: 34,
  /** ECE or CWR without SYN: congestion marks are echoed, or answered. */
  ECN: 35,
  /** It acknowledges one more part of a long flow: sixteen for each doubling. */
  DELIVERY: 36,
  /** It acknowledges less than its sender had reported by SACK. */
  RENEGED: 37,
  /** It acknowledges its receiver's FIN, and before it heard of that its sender had sent data that are not acknowledged. */
  CROSSED: 38,
} as const;

const WORDS = (Object.keys(Fact).length + 31) >> 5;

/** Some of the facts. However many there are to come, this is the only place that knows how they are kept. */
export class FactSet {
  /** A bit for each, the first in the lowest place. */
  readonly words = new Int32Array(WORDS);
  /** Asked of every segment, and most have no facts. */
  isEmpty = true;

  add(fact: number): void {
    this.isEmpty = false;
    this.words[fact >> 5] |= 1 << (fact & 31);
  }

  has(fact: number): boolean {
    return (this.words[fact >> 5] & (1 << (fact & 31))) !== 0;
  }

  clear(): void {
    if (this.isEmpty) return;
    this.isEmpty = true;
    for (let i = 0; i < WORDS; i++) this.words[i] = 0;
  }
}

/** Receivers hold ACKs back for 40 ms and more; less (ns) may be the path. */
const SHORTEST_ACK_DELAY = 35e6;

/** Bytes that make a flow long, where it becomes too long to be followed, and two to this power are the parts of each doubling. */
const FIRST_PART = 2 ** 15;
const LAST_PART = 2 ** 31 - 1;
const PARTS = 4;

const MP_FASTCLOSE = 7;
/**
 * The longest that a cipher suite of TLS 1.2 makes of an alert with the least padding: a header, the first block of AES-CBC, and in four
 * blocks the alert, its SHA-384 and the padding (RFC 5246 section 6.2.3.2, RFC 5289).
 */
export const LONGEST_ALERT = 5 + 16 + 64;
const TLS_ALERT = 21;
const TLS_DATA = 23;
/** An alert that TLS 1.3 encrypts: two bytes, the type of the content and sixteen bytes of a tag. */
const ENCRYPTED_ALERT = 19;
/** Its level and what it describes (RFC 8446 section 6). */
const PLAIN_ALERT = 2;

const CONTROL = SYN | FIN | RST;
const NOT_PLAIN = CONTROL | URG | RESERVED;

/**
 * Puts what is out of the ordinary about the segment into `facts`.
 * Called before the tracker moves on: `sender` and `receiver` are as they were before the segment.
 */
export function factsOf(t: TrackedSegment, view: SegmentView, facts: FactSet): void {
  const { sender, receiver, verdict, effect } = t;
  const { flags } = view;
  facts.clear();

  addChecksumFacts(view, facts);
  if (verdict !== null && verdict.kind !== Kind.NEW && verdict.kind !== Kind.ACK) {
    facts.add(kindFact(verdict.kind));
    // The second copy of a packet has no effect of its own.
    if (verdict.kind === Kind.DUPLICATE) return;
  }
  if (t.unacceptable) {
    facts.add(Fact.UNACCEPTABLE);
    addControlFacts(view, facts);
    return;
  }
  if (t.unacceptableSyn) facts.add(Fact.UNACCEPTABLE);
  if (t.opened) facts.add(Fact.OPENED);
  if (view.options & Option.MPTCP && isFastClose(view)) facts.add(Fact.FAST_CLOSE);
  if (view.options & Option.MALFORMED) facts.add(Fact.ODD_HEADER);
  if (t.transition.illegalEvent >= 0) facts.add(Fact.ILLEGAL);
  if ((flags & NOT_PLAIN) !== 0 || (flags & ACK) === 0) {
    addControlFacts(view, facts);
  } else if (view.urgentPointer !== 0) facts.add(Fact.URGENT);

  if (flags & (ECE | CWR) && !(flags & SYN)) facts.add(Fact.ECN);
  if (flags & RST) return;
  if (!(flags & SYN)) {
    if (view.rawWindow === 0) facts.add(Fact.ZERO_WINDOW);
    else if (sender.rawWindow === 0) facts.add(Fact.REOPENED);
    if (t.ack >= 0) addWindowFacts(t, facts);
  }

  if (t.ack >= 0) {
    if (effect.unseen) facts.add(Fact.UNSEEN);
    if (effect.shownHoles.length > 0) facts.add(Fact.HOLES);
    if (effect.duplicate) facts.add(Fact.DUPLICATE_ACK);
    if (effect.advanced === 0 && t.end === t.seq && isEqualAck(t, view)) facts.add(Fact.REPEATED_ACK);
    if (view.options & Option.SACK) facts.add(Fact.SACK);
    if (effect.dsack) facts.add(Fact.DSACK);
    if (effect.discarded > 0) facts.add(Fact.RENEGED);
    if (receiver.finEnd >= 0 && hasCrossed(t)) facts.add(Fact.CROSSED);
  }

  addFlowFacts(t, view, facts);
  if (t.end > t.seq) {
    if (view.options & Option.TIMESTAMPS && ((view.tsVal - sender.outbound!.clocks.maxTsVal) | 0) < 0)
      facts.add(Fact.OLD_TIMESTAMP);
    if (view.payloadLength > 0 && (receiver.finEnd >= 0 || (sender.finEnd >= 0 && t.end > sender.finEnd)))
      facts.add(Fact.AFTER_FIN);
  }
}

/** The same of a plain segment (`verdict/plain.ts`), of which all others are known not to be there. */
export function plainFactsOf(t: TrackedSegment, view: SegmentView, facts: FactSet): void {
  facts.clear();
  addChecksumFacts(view, facts);
  addWindowFacts(t, facts);
  addFlowFacts(t, view, facts);
}

/** Equal to the last one of its sender. */
function isEqualAck({ ack, sender }: TrackedSegment, { rawWindow, flags }: SegmentView): boolean {
  return ack === sender.lastAck && rawWindow === sender.rawWindow && !(flags & SYN);
}

/** It is the first to acknowledge its receiver's FIN, and its sender, which had not closed before, has data outstanding. */
function hasCrossed({ sender, receiver, ack, seq, previousSndNxt }: TrackedSegment): boolean {
  const isFirst = ack >= receiver.finEnd && sender.lastAck < receiver.finEnd;
  const hadClosed = sender.finEnd >= 0 && sender.finEnd <= previousSndNxt;
  return isFirst && !hadClosed && seq > Math.max(receiver.lastAck, FIRST_BYTE);
}

/** How the window that it offers goes on from the last one. */
function addWindowFacts({ sender, receiver, ack, window }: TrackedSegment, facts: FactSet): void {
  if (window < 0) return;
  const edge = ack + window;
  const { windowEdge } = sender;
  if (edge < windowEdge) {
    if (ack >= sender.lastAck) facts.add(Fact.SHRUNK);
  } else if (edge > windowEdge && receiver.windowFullSince !== NEVER) facts.add(Fact.ROOM);
  if (window < sender.mss && window > 0) facts.add(Fact.SMALL_WINDOW);
}

/** What it acknowledges, and what it sends. */
function addFlowFacts(t: TrackedSegment, view: SegmentView, facts: FactSet): void {
  const { sender, receiver } = t;
  if (t.ack >= 0 && t.effect.advanced > 0) {
    if (receiver.repairEnd >= 0 && t.ack >= receiver.repairEnd) facts.add(Fact.REPAIRED);
    // Against its own last ACK: what the capture missed of the other side is not part of it.
    if (sender.mss > 0 && sender.lastAck >= 0 && receiver.dataPackets > 0 && t.ack - sender.lastAck > 2 * sender.mss)
      facts.add(Fact.STRETCH_ACK);
    if (receiver.outbound!.scoreboard.isEmpty && ackDelay(t, view) >= SHORTEST_ACK_DELAY) facts.add(Fact.DELAYED_ACK);
    if (entersPart(t.ack, t.effect.advanced)) facts.add(Fact.DELIVERY);
  }
  if (receiver.watched) facts.add(Fact.CONGESTION);
  if (sender.questionedTo >= 0) facts.add(Fact.QUESTIONED);
  if (t.end === t.seq) return;
  const { windowEdge } = receiver;
  const { payloadLength } = view;
  if (sender.watched || exceedsSlowStart(sender, receiver, t.end)) facts.add(Fact.CONGESTION);
  if (windowEdge >= 0 && t.end + payloadLength > windowEdge && payloadLength > 0) facts.add(Fact.WINDOW_FULL);
  if (receiver.mss > 0 && payloadLength > receiver.mss) facts.add(Fact.OVERSIZE);
  if (payloadLength > 0 && payloadLength <= LONGEST_ALERT && isAlert(view)) facts.add(Fact.TLS_ALERT);
}

/** The subtype of its MPTCP option is MP_FASTCLOSE. */
function isFastClose({ bytes, mptcpOffset }: SegmentView): boolean {
  return mptcpOffset >= 0 && bytes[mptcpOffset + 2] >> 4 === MP_FASTCLOSE;
}

/** An ACK moves the left edge to `ack`, into another part of the flow. */
function entersPart(ack: number, advanced: number): boolean {
  if (ack < FIRST_PART || ack > LAST_PART) return false;
  const shift = 31 - PARTS - Math.clz32(ack);
  return ack >> shift !== (ack - advanced) >> shift;
}

/** It has more under way than the initial window and all that was ever acknowledged: slow start does not allow it. */
function exceedsSlowStart(sender: Endpoint, receiver: Endpoint, end: number): boolean {
  const allowed = INITIAL_WINDOW * receiver.mss + Math.max(end, sender.sndNxt);
  return receiver.mss > 0 && 2 * sender.outbound!.scoreboard.outstanding > allowed;
}

/** How much longer (ns) a pure ACK of a single segment took than the shortest answer; -1 for all others, as a double like the times. */
export function ackDelay({ sender, receiver, seq, end, effect }: TrackedSegment, view: SegmentView): number {
  const { min } = receiver.outbound!.rtt;
  if (end > seq || effect.frame === 0 || min < 0 || effect.advanced > sender.mss) return DOUBLE_NONE;
  return view.time - effect.time - min;
}

function kindFact(kind: number): number {
  switch (kind) {
    case Kind.RETRANSMISSION:
      return Fact.RETRANSMISSION;
    case Kind.REORDERED:
      return Fact.REORDERED;
    case Kind.DUPLICATE:
      return Fact.DUPLICATE;
    default:
      return Fact.PROBE;
  }
}

function addChecksumFacts(view: SegmentView, facts: FactSet): void {
  const { tcpChecksumStatus: status } = view;
  if (status === ChecksumStatus.GOOD && view.ipChecksumStatus !== ChecksumStatus.BAD) return;
  const isOdd = status === ChecksumStatus.BAD || status === ChecksumStatus.OFFLOAD;
  if (isOdd || view.ipChecksumStatus === ChecksumStatus.BAD) facts.add(Fact.CHECKSUM);
}

function addControlFacts(view: SegmentView, facts: FactSet): void {
  const { flags } = view;
  if (flags & SYN) facts.add(Fact.SYN);
  if (flags & FIN) facts.add(Fact.FIN);
  if (flags & RST) facts.add(Fact.RST);
  if (flags & URG || view.urgentPointer !== 0) facts.add(Fact.URGENT);
  const control = flags & CONTROL;
  const several = (control & (control - 1)) !== 0;
  if (several || flags & RESERVED || (flags & (ACK | SYN | RST)) === 0) facts.add(Fact.ODD_HEADER);
}

/** A TLS record that says that its sender closes (close_notify): nothing that an application would miss. */
function isAlert({ bytes, payloadOffset, payloadCaptured }: SegmentView): boolean {
  if (payloadCaptured < 5) return false;
  const type = bytes[payloadOffset];
  const length = (bytes[payloadOffset + 3] << 8) | bytes[payloadOffset + 4];
  // Before a version is agreed on, some write none.
  if (type === TLS_ALERT && length === PLAIN_ALERT && bytes[payloadOffset + 1] === 0) return true;
  return bytes[payloadOffset + 1] === 3 && (type === TLS_ALERT || (type === TLS_DATA && length === ENCRYPTED_ALERT));
}
