import type { Connection } from '../model/connection.ts';
import { RoleReason } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { ACK, FIN, RST, SYN } from '../model/flags.ts';
import { ChecksumStatus, GOOD_FOR_EACH_BAD, Option, type SegmentView } from '../model/segment.ts';
import { seqAdd, widen } from '../model/seq.ts';
import { State } from '../model/state.ts';
import { LARGEST_WINDOW, MAX_WINDOW_SHIFT, MSL } from '../model/tcp-constants.ts';
import { TrackedSegment } from '../model/tracked.ts';
import { FlowTable, type Replay, senderIsA } from './flow-table.ts';

/** Numbers that lie so many bytes below those that were acknowledged are not of this connection. */
const FAR_BELOW_UNA = 1 << 20;

/** Gives every segment its connection, its direction and its relative numbers. */
export class Tracker {
  readonly flows: FlowTable;
  private readonly tracked = new TrackedSegment();

  /** `replay` does to a connection what its first SYN does, where that had waited for an answer. */
  constructor(replay?: Replay) {
    this.flows = new FlowTable(replay);
  }

  /**
   * The returned object is reused by the next call. `place` has the sockets and numbers by which the segment belongs to its
   * connection, where those that it shows are another view's. `current` is what `flows.find` said of it.
   */
  track(
    view: SegmentView,
    place: SegmentView = view,
    current: Connection | null = this.flows.find(place),
  ): TrackedSegment {
    const connection = this.connectionOf(place, current);
    const t = this.tracked;
    t.begin();
    const sender = senderIsA(connection, place) ? connection.a : connection.b;
    const receiver = sender.peer;
    // Often it is that of the packet before, and the garbage collector need not hear of it again.
    if (t.connection !== connection) t.connection = connection;
    if (t.sender !== sender) {
      t.sender = sender;
      t.receiver = receiver;
    }
    t.opened = connection.packets === 0;
    if (t.opened && connection.firstFrame !== view.frame) connection.begin(view);
    t.sinceStart = view.time - connection.firstTime;
    t.sincePrevious = t.opened ? 0 : view.time - connection.lastTime;

    this.placeInSequenceSpace(t, place);
    if (view.flags & SYN && !t.unacceptableSyn) negotiate(t, view);
    else if (connection.roleReason === RoleReason.FIRST_SENDER && t.opened) guessRoles(connection);
    readWindow(t, view);
    noteHandshakeTimes(t, view);

    connection.packets++;
    connection.lastFrame = view.frame;
    connection.lastTime = view.time;
    if (view.time < connection.earliestTime) connection.earliestTime = view.time;
    else if (view.time > connection.latestTime) connection.latestTime = view.time;
    sender.seen = true;
    sender.packets++;
    sender.ipBytes += view.ipTotalLength;
    if (view.payloadLength > 0) {
      sender.dataPackets++;
      sender.payloadBytes += view.payloadLength;
    }
    return t;
  }

  /** The connection to which a segment belongs that is not tracked; null where it would begin one and may not. */
  resolve(view: SegmentView, mayOpen: boolean): Connection | null {
    const current = this.flows.find(view);
    if (!mayOpen && (current === null || (mayBeAnother(current, view) && startsNewIncarnation(current, view))))
      return null;
    return this.connectionOf(view, current);
  }

  private connectionOf(view: SegmentView, current: Connection | null): Connection {
    if (current === null) return this.flows.open(view);
    const previous = beforeOtherAnswers(current);
    if (mayBeAnother(current, view)) {
      if (previous !== null && goesOnWith(previous, current, view)) return previous;
      if (startsNewIncarnation(current, view)) return this.flows.open(view);
    }
    if (previous !== null && belongsToPrevious(current, previous, view)) return previous;
    return current;
  }

  private placeInSequenceSpace(t: TrackedSegment, view: SegmentView): void {
    const { sender, receiver } = t;
    const { flags } = view;
    if (!sender.hasBase || flags & SYN) placeOrigin(t, view);
    if (sender.sndNxt === 1 && view.seq === seqAdd(sender.base, 2) && mayHaveBegunWithProbe(sender)) sender.sndNxt = 2;
    const { base, sndNxt } = sender;
    t.previousSndNxt = sndNxt;
    t.seq = widen(view.seq, base, sndNxt);
    t.end = t.seq + view.payloadLength + numbersOfControl(flags);
    if (flags & ACK) {
      if (!receiver.hasBase) placeOriginByAck(receiver, view);
      else if (receiver.hasOtherIss) chooseIss(receiver, view);
      t.ack = widen(view.ack, receiver.base, receiver.sndNxt);
      if (t.ack === 2 && mayHaveBegunWithProbe(receiver)) receiver.sndNxt = 2;
    } else t.ack = -1;
  }
}

/** SYN and FIN take a sequence number each (RFC 9293 section 3.4). */
function numbersOfControl(flags: number): number {
  return ((flags & SYN) >> 1) + (flags & FIN);
}

/** Where its sender's stream begins, as far as its own segments tell. */
function placeOrigin(t: TrackedSegment, view: SegmentView): void {
  const { sender } = t;
  const syn = (view.flags & SYN) !== 0;
  if (!sender.hasBase && view.flags & RST && !syn) {
    // A reset may carry any number: it does not say where the stream begins.
    sender.base = seqAdd(view.seq, -1);
    sender.sndNxt = 1;
  } else if (!sender.hasBase) {
    sender.hasBase = true;
    sender.base = syn ? view.seq : seqAdd(view.seq, -1);
    sender.sndNxt = syn ? 0 : 1;
  } else if (syn && view.seq !== sender.base) {
    // A SYN,ACK sent again with another ISN (SYN cookies, a restarted server) moves the origin while no data was sent.
    if ((sender.sndNxt <= 1 && sender.state !== State.ESTABLISHED) || answersSyn(t, view)) {
      if (sender.hasIss && view.flags & ACK) {
        sender.hasOtherIss = true;
        sender.otherIss = sender.base;
      }
      sender.base = view.seq;
      sender.sndNxt = 0;
      sender.finEnd = -1;
    } else t.unacceptableSyn = true;
  }
  if (syn && !t.unacceptableSyn) sender.hasIss = true;
}

/** Nothing was seen of `receiver`. What its peer acknowledges shows where its stream goes on. */
function placeOriginByAck(receiver: Endpoint, view: SegmentView): void {
  receiver.hasBase = true;
  receiver.base = seqAdd(view.ack, -1);
  receiver.sndNxt = 1;
}

/** `receiver` sent two SYN,ACKs with different ISNs. The one that its peer acknowledges counts (RFC 9293 section 3.10.7.3). */
function chooseIss(receiver: Endpoint, { ack, flags }: SegmentView): void {
  if (flags & (SYN | RST)) return;
  receiver.hasOtherIss = false;
  if (receiver.sndNxt <= 1 && ack === seqAdd(receiver.otherIss, 1)) receiver.base = receiver.otherIss;
}

/**
 * Only empty segments of one sequence number were seen of this end. They are keep-alives, whose number is SND.NXT-1 (RFC 9293 section
 * 3.8.4), or segments with SND.NXT itself. The answer to them tells which.
 */
function mayHaveBegunWithProbe({ seen, hasIss, sndNxt, dataPackets }: Endpoint): boolean {
  return seen && !hasIss && sndNxt === 1 && dataPackets === 0;
}

/** The segment acknowledges a SYN, and nothing followed that SYN. What was seen of its sender before belongs to another connection. */
function answersSyn({ sender, receiver }: TrackedSegment, view: SegmentView): boolean {
  return (
    (view.flags & ACK) !== 0 &&
    !sender.hasIss &&
    receiver.hasIss &&
    receiver.sndNxt <= 1 &&
    view.ack === seqAdd(receiver.base, 1)
  );
}

/** Only a SYN, or a segment after 2MSL of silence, may begin another connection. Most segments are neither. */
function mayBeAnother(connection: Connection, view: SegmentView): boolean {
  return (view.flags & SYN) !== 0 || view.time - connection.latestTime >= 2 * MSL;
}

/**
 * Does a segment on the sockets of a known connection begin a new one? RFC 9293 section 3.10.7.4 (SYN in a synchronised
 * state), section 3.6.1 (TIME-WAIT). Idle time alone never decides.
 */
function startsNewIncarnation(connection: Connection, view: SegmentView): boolean {
  const sender = senderIsA(connection, view) ? connection.a : connection.b;
  const receiver = sender.peer;
  const isQuiet = view.time - connection.latestTime >= 2 * MSL;
  if (!(view.flags & SYN)) return isQuiet && cannotFollow(sender, receiver, view);
  if (isDamaged(sender, view)) return false;
  if (view.flags & ACK) {
    // A SYN,ACK answers a SYN. Where that SYN is not in the capture, the SYN,ACK opens a connection only when the old one is over. Where the
    // other end was not captured, the end of the old one does not show. There, a SYN,ACK that acknowledges another SYN shows it.
    if (answersOtherSyn(sender, receiver, view)) return true;
    const answersAnother = !receiver.seen && receiver.hasBase && view.ack !== seqAdd(receiver.base, 1);
    return (connection.isOver || answersAnother) && !(sender.hasBase && sender.base === view.seq) && sender.hasIss;
  }
  const over = connection.isOver || sender.rstFrame > 0 || receiver.rstFrame > 0;
  if (sender.hasBase && sender.base === view.seq) {
    // The same ISN is the same SYN sent again. It is another SYN where the connection had got further, and either is over or was silent for 2MSL.
    return (over || isQuiet) && (sender.sndNxt > 1 || receiver.sndNxt > 1 || sender.rstFrame > 0);
  }
  if (over) return true;
  if (!sender.hasBase) return false;
  const offset = widen(view.seq, sender.base, sender.sndNxt);
  // A SYN in the window of a live connection is forged or a stray (RFC 5961 section 4). It changes nothing.
  const windowStart = receiver.lastAck >= 0 ? receiver.lastAck : sender.sndNxt;
  const windowEnd = receiver.windowEdge > windowStart ? receiver.windowEdge : windowStart + 65535;
  const live = receiver.seen && sender.sndNxt > 0;
  if (live && offset >= windowStart && offset < windowEnd) return false;
  // Simultaneous open and a SYN that was captured after its SYN,ACK come with the number that the peer acknowledges.
  if (!sender.seen) return false;
  return true;
}

/**
 * A SYN,ACK acknowledges the SYN that it answers. This one, the first of its sender, acknowledges another SYN than the one that was
 * captured: an old duplicate, somebody else's SYN (RFC 9293 section 3.5, Figure 8), or a later SYN of the client. That SYN may be missing
 * from the capture.
 */
function answersOtherSyn(sender: Endpoint, receiver: Endpoint, view: SegmentView): boolean {
  if (sender.seen || !isLoneSyn(receiver) || view.tcpChecksumStatus === ChecksumStatus.BAD) return false;
  return view.ack !== seqAdd(receiver.base, 1);
}

/** Nothing was sent but SYNs, and no data with them. */
function isLoneSyn({ hasIss, sndNxt, dataPackets, synOptions }: Endpoint): boolean {
  return hasIss && sndNxt === 1 && dataPackets === 0 && !(synOptions & Option.TFO);
}

/** A SYN,ACK was all that was seen of its connection, or a RST of the other end came after it. */
function isOtherAnswer({ a, b, isOver }: Connection): boolean {
  return a.hasIss && !b.hasIss && a.dataPackets + b.dataPackets === 0 && (!b.seen || isOver);
}

/** Most connections in a row that are passed over because each consists of an answer to another SYN. */
const MOST_OTHER_ANSWERS = 8;

/** The connection before this one. Where `current` is only an answer to another SYN, such answers before it are passed over too. */
function beforeOtherAnswers(current: Connection): Connection | null {
  let { previous } = current;
  if (previous === null || !isOtherAnswer(current)) return previous;
  for (let i = 1; i < MOST_OTHER_ANSWERS && previous.previous !== null && isOtherAnswer(previous); i++)
    previous = previous.previous;
  return previous;
}

/** The SYN of `previous` comes again, or its answer, after an answer to another SYN. */
function goesOnWith(previous: Connection, current: Connection, view: SegmentView): boolean {
  if (!(view.flags & SYN) || previous.isOver || !isOtherAnswer(current)) return false;
  const sender = senderIsA(previous, view) ? previous.a : previous.b;
  if (view.flags & ACK) return isLoneSyn(sender.peer) && view.ack === seqAdd(sender.peer.base, 1);
  return isLoneSyn(sender) && view.seq === sender.base;
}

/** The segment was changed on its way, as its checksum shows: its SYN flag or its numbers may not be its sender's. */
function isDamaged({ packets, checksumErrors }: Endpoint, view: SegmentView): boolean {
  return view.tcpChecksumStatus === ChecksumStatus.BAD && packets >= GOOD_FOR_EACH_BAD * (checksumErrors + 1);
}

/**
 * The segment comes after 2MSL of silence: everything that was under way has arrived or is lost. It does not belong to the connection if it
 * acknowledges less than its sender had acknowledged, with no new data, or if both of its numbers are far from those of the connection.
 */
function cannotFollow(sender: Endpoint, receiver: Endpoint, view: SegmentView): boolean {
  if (!sender.hasBase || !receiver.hasBase || view.flags & RST || !(view.flags & ACK)) return false;
  const seq = widen(view.seq, sender.base, sender.sndNxt);
  const ack = widen(view.ack, receiver.base, receiver.sndNxt);
  if (seq + view.payloadLength <= sender.sndUna && ack < sender.lastAck) return true;
  return isFar(seq, sender) && isFar(ack, receiver);
}

function isFar(number: number, { sndUna, sndNxt }: Endpoint): boolean {
  return number < sndUna - FAR_BELOW_UNA || number > sndNxt + LARGEST_WINDOW;
}

/**
 * A newer connection of which only an unanswered SYN was seen does not take the segments of the older one: a forged or
 * stray SYN leaves the connection that it was aimed at as it is.
 */
function belongsToPrevious(current: Connection, previous: Connection, view: SegmentView): boolean {
  if (previous.isOver || view.flags & SYN) return false;
  if ((current.b.seen || current.a.sndNxt > 1) && !isOtherAnswer(current)) return false;
  // An answer to a SYN that was not captured is followed by its sender's own data.
  const { hasBase, base, sndNxt } = senderIsA(current, view) ? current.a : current.b;
  if (hasBase && view.seq === seqAdd(base, sndNxt)) return false;
  const sender = senderIsA(previous, view) ? previous.a : previous.b;
  if (!sender.hasBase) return false;
  // The reset that discovers a half-open connection carries the number that the old one expects (RFC 9293 Figure 9).
  if (view.flags & RST) return widen(view.seq, sender.base, sender.sndNxt) === sender.sndNxt;
  return Math.abs(widen(view.seq, sender.base, sender.sndNxt) - sender.sndNxt) < 1 << 20;
}

/** What the SYNs say: roles, window scale, MSS, SACK, timestamps (RFC 7323 section 2.2, RFC 2018 section 2, RFC 9293 3.7.1). */
function negotiate(t: TrackedSegment, view: SegmentView): void {
  const { connection, sender, receiver } = t;
  connection.sawHandshake = true;
  const answers = (view.flags & ACK) !== 0;
  if (answers) connection.assignClient(receiver, RoleReason.SYN_ACK);
  else connection.assignClient(sender, RoleReason.SYN);

  sender.synOptions = view.options;
  sender.mss = view.options & Option.MSS ? view.mss : -1;
  sender.offeredShift = view.options & Option.WSCALE ? Math.min(view.wscale, MAX_WINDOW_SHIFT) : -1;
  sender.sackPermitted = (view.options & Option.SACK_PERMITTED) !== 0;
  sender.timestamps = (view.options & Option.TIMESTAMPS) !== 0;

  if (sender.offeredShift < 0 && view.options & Option.CUT) {
    // The capture holds only the first of the options: whether there was one is unknown.
  } else if (sender.offeredShift < 0) {
    sender.windowShift = 0;
    receiver.windowShift = 0;
  } else if (receiver.hasIss && (receiver.offeredShift >= 0 || !(receiver.synOptions & Option.CUT))) {
    const both = receiver.offeredShift >= 0;
    sender.windowShift = both ? sender.offeredShift : 0;
    receiver.windowShift = both ? receiver.offeredShift : 0;
  } else if (answers) {
    // The SYN was not captured, or only the first of its options, but it offered scaling: a SYN,ACK may carry the option only then.
    sender.windowShift = sender.offeredShift;
  }
}

/** Where NFS servers listen (IANA: nfs). */
const NFS_PORT = 2049;
/** The ports that only root of a Unix host may bind, as clients of NFS do to show that root sent the request; servers have those below. */
const FIRST_RESERVED = 512;
const LAST_RESERVED = 1023;
/** Of these ports those where servers listen (IANA: shell, printer, afpovertcp, rtsp, submission, ipp, ldaps, domain-s, rsync, ftps, imaps, pop3s ...). */
const RESERVED_SERVICES: ReadonlySet<number> = new Set([
  512, 513, 514, 515, 543, 544, 548, 554, 563, 587, 591, 593, 631, 636, 853, 860, 873, 902, 989, 990, 992, 993, 994,
  995,
]);

/** Without a handshake the side with the lower port is called the server, but for NFS. */
function guessRoles(connection: Connection): void {
  const { a, b } = connection;
  if (a.port === b.port) return;
  const [lower, higher] = a.port < b.port ? [a, b] : [b, a];
  connection.assignClient(higher.port === NFS_PORT && isClientOfNfs(lower) ? lower : higher, RoleReason.PORTS);
}

function isClientOfNfs({ port }: Endpoint): boolean {
  return port >= FIRST_RESERVED && port <= LAST_RESERVED && !RESERVED_SERVICES.has(port);
}

function readWindow(t: TrackedSegment, view: SegmentView): void {
  const { sender } = t;
  if (view.flags & SYN) {
    t.windowShift = -2;
    t.window = view.rawWindow;
  } else {
    t.windowShift = sender.windowShift;
    t.window = sender.windowShift < 0 ? -1 : view.rawWindow << sender.windowShift;
  }
}

function noteHandshakeTimes(t: TrackedSegment, view: SegmentView): void {
  const { connection, sender } = t;
  if (view.flags & SYN) {
    if (t.unacceptableSyn) return;
    if (view.flags & ACK) {
      if (Number.isNaN(connection.synAckTime)) connection.synAckTime = view.time;
    } else if (Number.isNaN(connection.synTime) && !(view.time >= connection.synAckTime)) {
      // Captured after its answer, a SYN does not show when it was sent.
      connection.synTime = view.time;
    }
  } else if (
    Number.isNaN(connection.handshakeTime) &&
    !Number.isNaN(connection.synAckTime) &&
    sender === connection.client &&
    t.ack >= 1 &&
    !(view.flags & RST)
  ) {
    connection.handshakeTime = view.time;
  }
}

/** Notes that the segment was the latest of its sender. Called when all stages have seen it, whatever it is. */
export function noteLatest({ sender }: TrackedSegment, view: SegmentView): void {
  // Middleboxes answer with resets in the name of a host.
  if (!(view.flags & RST)) sender.ttlLead = ttlLead(sender.ttlLead, view.ttl);
  sender.lastFrame = view.frame;
}

/** The largest lead of a TTL, in packets. A TTL that has changed for good takes the lead after as many packets. */
const MOST_LEAD = 16;

/** The TTL of most packets so far, with its lead above its eight bits, after one more packet; -1 where two are even. */
export function ttlLead(lead: number, ttl: number): number {
  if (lead < 0) return 256 + ttl;
  if ((lead & 255) === ttl) return lead < MOST_LEAD << 8 ? lead + 256 : lead;
  return lead < 512 ? -1 : lead - 256;
}

/** Moves the sender's and the receiver's variables past the segment. Called when all stages have seen it. */
export function advance(t: TrackedSegment, view: SegmentView): void {
  const { sender, receiver } = t;
  receiver.repeatsUnheard = 0;
  if (t.seq < t.previousSndNxt && !(view.flags & RST)) sender.repeatsUnheard++;
  // A reset may carry any number of an attacker's choice, and a stray SYN is not part of the stream.
  if (!t.unacceptableSyn && !(view.flags & RST) && t.end > sender.sndNxt) sender.sndNxt = t.end;
  if (view.flags & RST) return;
  // An old segment that comes late does not take the window and the ACK back (RFC 9293 section 3.10.7.4, SND.WL1 and SND.WL2).
  if (t.ack >= 0 && t.ack < sender.lastAck) return;
  if (t.ack >= 0) {
    sender.lastAck = t.ack;
    const una = Math.min(t.ack, receiver.sndNxt);
    if (una > receiver.sndUna) receiver.sndUna = una;
  }
  sender.rawWindow = view.rawWindow;
  sender.window = t.window;
  if (t.ack >= 0 && t.window >= 0 && t.ack + t.window > sender.windowEdge) sender.windowEdge = t.ack + t.window;
}
