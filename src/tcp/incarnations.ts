import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { ACK, RST, SYN } from '../model/flags.ts';
import { ChecksumStatus, GOOD_FOR_EACH_BAD, Option, type SegmentView } from '../model/segment.ts';
import { seqAdd, widen } from '../model/seq.ts';
import { LARGEST_WINDOW, MSL } from '../model/tcp-constants.ts';
import { senderIsA } from './flow-table.ts';

/*
 * The same two sockets may have one connection after the other. Here stands which of them a segment belongs to.
 */

/** Numbers that lie so many bytes below those that were acknowledged are not of this connection. */
const FAR_BELOW_UNA = 1 << 20;

/** Only a SYN, or a segment after 2MSL of silence, may begin another connection. Most segments are neither. */
export function mayBeAnother(connection: Connection, view: SegmentView): boolean {
  return (view.flags & SYN) !== 0 || view.time - connection.latestTime >= 2 * MSL;
}

/**
 * Does a segment on the sockets of a known connection begin a new one? RFC 9293 section 3.10.7.4 (SYN in a synchronised
 * state), section 3.6.1 (TIME-WAIT). Idle time alone never decides.
 */
export function startsNewIncarnation(connection: Connection, view: SegmentView): boolean {
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
export function beforeOtherAnswers(current: Connection): Connection | null {
  let { previous } = current;
  if (previous === null || !isOtherAnswer(current)) return previous;
  for (let i = 1; i < MOST_OTHER_ANSWERS && previous.previous !== null && isOtherAnswer(previous); i++)
    previous = previous.previous;
  return previous;
}

/** The SYN of `previous` comes again, or its answer, after an answer to another SYN. */
export function goesOnWith(previous: Connection, current: Connection, view: SegmentView): boolean {
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
export function belongsToPrevious(current: Connection, previous: Connection, view: SegmentView): boolean {
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
