import type { Connection } from '../model/connection.ts';
import { ACK, FIN, RST, SYN } from '../model/flags.ts';
import { ChecksumStatus, type SegmentView } from '../model/segment.ts';
import { seqAdd, widen } from '../model/seq.ts';
import { State } from '../model/state.ts';
import { type EndpointSummary, Phase } from '../model/summary.ts';
import type { TrackedSegment } from '../model/tracked.ts';

/**
 * The connection summary that readers of Zeek's connection log know: `historyText` and `connState` of a connection, and the
 * bytes of each end by its sequence numbers.
 *
 * The letters, upper case for what the client sent and lower case for the server:
 *
 *     S SYN          H SYN,ACK         F FIN          R RST               again when at another sequence number
 *     A pure ACK     D payload         I FIN and RST  Q SYN and FIN or RST                                 once
 *     C bad checksum G content gap     T payload sent again  W zero window    the 1st, 10th, 100th ... time
 *     ^ the roles were turned round: the side that was seen first is the server
 *
 * It counts what was captured, so a second copy of a packet is a T whoever made it. Unlike Zeek, a segment with a wrong
 * checksum or without a place in the stream leaves only its C when its receiver is taken to have dropped it; and a SYN that
 * does not fit does not move the origin of a stream.
 */

/** Bits of `EndpointSummary.letters`. */
const Once = { SYN: 1, FIN: 2, RST: 4, DATA: 8, ACK: 16, FIN_RST: 32, MULTIPLE: 64 } as const;

/**
 * The sequence number of a SYN or RST may be this far (bytes) from what its sender sent before. Beyond, it does not tell how much was sent.
 * The same holds for an acknowledgment number of 0.
 */
const FAR_FROM_SENT = 1 << 20;

/** A hostile capture must not write without end; letters beyond this many are left out. */
const MAX_LETTERS = 1000;

/** Ranges after a hole that are kept of one side; beyond, its first hole is given up unreported. */
const MAX_RANGES = 1024;

/** Takes note of a segment. Allocates only where a letter is written or a hole is open. */
export function noteHistory(t: TrackedSegment, view: SegmentView): void {
  const { connection, sender } = t;
  const own: EndpointSummary = sender;
  const isClientB = connection.client === connection.b;
  if (isClientB !== connection.isHistoryOfB) {
    connection.isHistoryOfB = isClientB;
    append(connection, '^');
  }
  const isClient = sender === connection.client;
  if (view.tcpChecksumStatus === ChecksumStatus.BAD && isPowerOfTen(++own.checksumErrors)) {
    write(connection, isClient, 'C');
  }
  if (t.unacceptable) {
    // An ACK of an earlier connection in answer to a SYN is a letter, and says nothing of this stream.
    const isAnswer = t.receiver.state === State.SYN_SENT && t.end === t.seq && (view.flags & ACK) !== 0;
    if (isAnswer && view.tcpChecksumStatus !== ChecksumStatus.BAD) writeOnce(connection, isClient, own, Once.ACK, 'A');
  } else if (!continues(own, t.receiver, view)) follow(t, view);
}

/** Notes a segment that was set aside when it came, and now turns out to belong to its connection. */
export function noteLateHistory(t: TrackedSegment, view: SegmentView): void {
  follow(t, view);
}

function follow(t: TrackedSegment, view: SegmentView): void {
  const { connection, sender, receiver } = t;
  const own: EndpointSummary = sender;
  const peer: EndpointSummary = receiver;
  const isClient = sender === connection.client;
  const { flags, payloadLength } = view;
  // The text of a RST is no part of the stream.
  let length = flags & RST ? 0 : payloadLength;
  if (flags & SYN) length++;
  if (flags & FIN) length++;
  placeOrigin(t, view, own, length);
  const seq = widen(view.seq, own.streamStart, own.streamEnd);

  writeFlags(connection, isClient, own, view, seq);
  if (view.rawWindow === 0) noteZeroWindow(connection, isClient, own, peer, flags);
  if (flags & FIN) own.streamFinEnd = seq + length;
  const acked = flags & ACK ? readAck(peer, view) : 0;
  const isAgain = readEnd(own, view, length);
  if (isAgain && isPowerOfTen(++own.retransmissions)) write(connection, isClient, 'T');
  movePhase(own, peer, isClient, flags, payloadLength);
  // After the phase has moved: a hole that only the last segments of a connection show tells little.
  if (acked > peer.capturedTo) {
    noteGaps(connection, !isClient, peer, own, acked);
  }
  if (payloadLength > 0 && !(flags & RST) && seq >= 0 && view.payloadCaptured >= payloadLength) {
    const start = flags & SYN ? seq + 1 : seq;
    cover(own, start, start + payloadLength);
  }
}

/**
 * The usual segment goes on where its sender stood and acknowledges what was captured: no letter is written, no phase changes
 * and no hole opens. Takes note of it and returns true; all others take the long way.
 */
function continues(own: EndpointSummary, peer: EndpointSummary, view: SegmentView): boolean {
  const { payloadLength } = view;
  if ((view.flags & (SYN | FIN | RST | ACK)) !== ACK || view.rawWindow === 0 || view.ack === 0) return false;
  if ((own.letters & (payloadLength > 0 ? Once.DATA : Once.ACK)) === 0) return false;
  if (own.phase !== Phase.ESTABLISHED || peer.phase === Phase.INACTIVE || peer.streamFinEnd >= 0) return false;
  const seq = widen(view.seq, own.streamStart, own.streamEnd);
  const acked = widen(view.ack, peer.streamStart, peer.streamAcked);
  if (seq !== own.streamEnd || acked < peer.streamAcked || acked > peer.capturedTo) return false;
  if (payloadLength > 0) {
    if (seq !== own.capturedTo || own.capturedBeyond !== null || view.payloadCaptured < payloadLength) return false;
    own.streamEnd = own.capturedTo = seq + payloadLength;
  }
  peer.streamAcked = acked;
  return true;
}

/** Where the sender's stream begins: its SYN, else just before the first thing seen of it. */
function placeOrigin(t: TrackedSegment, view: SegmentView, own: EndpointSummary, length: number): void {
  const { flags, seq } = view;
  if (own.phase === Phase.INACTIVE) {
    own.streamStart = flags & SYN ? seq : seqAdd(seq, -1);
    own.streamEnd = flags & SYN ? length : 1;
    own.streamAcked = 0;
    return;
  }
  if (!(flags & SYN) || t.unacceptableSyn || seq === own.streamStart) return;
  if (own.phase === Phase.CLOSED) return;
  // A RST that was all we had of this end may have been somebody else's.
  if (own.phase === Phase.RESET && own.previousPhase !== Phase.INACTIVE) return;
  own.streamStart = seq;
  own.streamEnd = length;
  own.streamAcked = 0;
}

function writeFlags(
  connection: Connection,
  isClient: boolean,
  own: EndpointSummary,
  view: SegmentView,
  seq: number,
): void {
  const { flags, payloadLength } = view;
  switch (flags & (SYN | FIN | RST)) {
    case 0:
      if (payloadLength > 0) writeOnce(connection, isClient, own, Once.DATA, 'D');
      else if (flags & ACK) writeOnce(connection, isClient, own, Once.ACK, 'A');
      return;
    case SYN: {
      const letter = flags & ACK ? 'H' : 'S';
      if (!writeOnce(connection, isClient, own, Once.SYN, letter) && seq !== own.lastSyn)
        write(connection, isClient, letter);
      own.lastSyn = seq;
      return;
    }
    case FIN: {
      const at = seq + payloadLength;
      if (!writeOnce(connection, isClient, own, Once.FIN, 'F') && at !== own.lastFin) write(connection, isClient, 'F');
      own.lastFin = at;
      return;
    }
    case RST:
      if (!writeOnce(connection, isClient, own, Once.RST, 'R') && seq !== own.lastRst) write(connection, isClient, 'R');
      own.lastRst = seq;
      return;
    default:
      if ((flags & (FIN | RST)) === (FIN | RST)) writeOnce(connection, isClient, own, Once.FIN_RST, 'I');
      else writeOnce(connection, isClient, own, Once.MULTIPLE, 'Q');
  }
}

/** A closed window means nothing in or after a RST, nor when the peer has nothing more to send. */
function noteZeroWindow(
  connection: Connection,
  isClient: boolean,
  own: EndpointSummary,
  peer: EndpointSummary,
  flags: number,
): void {
  if (flags & RST || own.phase === Phase.RESET || peer.phase === Phase.CLOSED) return;
  if (isPowerOfTen(++own.zeroWindows)) write(connection, isClient, 'W');
}

/** Notes what the segment acknowledges; returns it as an offset of the peer, 0 when it is none. */
function readAck(peer: EndpointSummary, view: SegmentView): number {
  if (peer.phase === Phase.INACTIVE) {
    // Nothing of the peer was seen: its stream is taken to begin here.
    peer.streamStart = seqAdd(view.ack, -1);
    peer.streamEnd = 0;
    peer.streamAcked = 0;
    return 1;
  }
  const acked = widen(view.ack, peer.streamStart, peer.streamAcked);
  // A RST may say anything, and an ACK of 0 that is far off was never filled in.
  const isBroken = view.ack === 0 && acked - peer.streamAcked > FAR_FROM_SENT;
  if (!(view.flags & RST) && acked > peer.streamAcked && !isBroken) peer.streamAcked = acked;
  return peer.streamFinEnd >= 0 && acked >= peer.streamFinEnd ? peer.streamFinEnd - 1 : acked;
}

/** Notes how far the sender has come; returns true when its payload brings nothing new. */
function readEnd(own: EndpointSummary, view: SegmentView, length: number): boolean {
  const { flags } = view;
  const end = widen(seqAdd(view.seq, length), own.streamStart, own.streamEnd);
  const ahead = end - own.streamEnd;
  if (flags & (SYN | RST) && Math.abs(ahead) > FAR_FROM_SENT) return false;
  if (own.phase === Phase.RESET) return false;
  if (ahead > 0) {
    // It occupies no sequence space, and who forges one may choose any number.
    if (flags & RST) return false;
    own.streamEnd = end;
    return false;
  }
  return view.payloadLength > 0;
}

function movePhase(
  own: EndpointSummary,
  peer: EndpointSummary,
  isClient: boolean,
  flags: number,
  length: number,
): void {
  switch (own.phase) {
    case Phase.INACTIVE:
      movePhaseFirst(own, peer, isClient, flags, length);
      return;
    case Phase.SYN_SENT:
    case Phase.SYN_ACK_SENT:
      if (flags & RST) enter(own, Phase.RESET);
      else if (flags & FIN) enter(own, Phase.CLOSED);
      return;
    case Phase.PARTIAL:
    case Phase.ESTABLISHED:
      if (flags & RST) enter(own, Phase.RESET);
      else if (flags & FIN) {
        enter(own, Phase.CLOSED);
        // FIN, then RST, and now our FIN: this was a normal end.
        if (peer.phase === Phase.RESET && peer.previousPhase === Phase.CLOSED) enter(peer, Phase.CLOSED);
      } else if (flags & SYN && !(flags & ACK) && own.phase === Phase.PARTIAL && peer.phase === Phase.INACTIVE) {
        enter(own, Phase.SYN_SENT);
      }
      return;
    case Phase.CLOSED:
      if (flags & RST && peer.phase !== Phase.CLOSED) enter(own, Phase.RESET);
  }
}

/** The first segment that is seen of this end, or the first that tells something. */
function movePhaseFirst(
  own: EndpointSummary,
  peer: EndpointSummary,
  isClient: boolean,
  flags: number,
  length: number,
): void {
  if (flags & RST) enter(own, Phase.RESET);
  else if (flags & FIN) enter(own, Phase.CLOSED);
  else if (flags & SYN) {
    if (!isClient) {
      if (peer.phase === Phase.SYN_SENT) enter(peer, Phase.ESTABLISHED);
      enter(own, Phase.ESTABLISHED);
    } else if (peer.phase === Phase.ESTABLISHED)
      enter(own, Phase.ESTABLISHED); // captured after its SYN,ACK
    else enter(own, flags & ACK ? Phase.SYN_ACK_SENT : Phase.SYN_SENT);
  } else if (!isClient && length === 0 && peer.phase === Phase.SYN_SENT) {
    // An ACK ahead of the SYN,ACK does not make it a partial connection.
  } else if (flags & ACK && peer.phase === Phase.ESTABLISHED)
    enter(own, Phase.ESTABLISHED); // only its SYN is missing
  else enter(own, Phase.PARTIAL);
}

function enter(endpoint: EndpointSummary, phase: number): void {
  endpoint.previousPhase = endpoint.phase;
  endpoint.phase = phase;
}

/** Everything up to `acked` has arrived at the receiver: what was not captured until now is missing for good. */
function noteGaps(
  connection: Connection,
  isClient: boolean,
  own: EndpointSummary,
  peer: EndpointSummary,
  acked: number,
): void {
  const isTrusted = isClean(own) && isClean(peer);
  const beyond = own.capturedBeyond;
  while (own.capturedTo < acked) {
    const isRange = beyond !== null && beyond.length > 0 && beyond[0] <= acked;
    const end = isRange ? beyond[0] : acked;
    if (isTrusted) {
      own.missedBytes += end - own.capturedTo;
      if (isPowerOfTen(++own.gaps)) write(connection, isClient, 'G');
    }
    own.capturedTo = end;
    if (isRange) own.capturedTo = takeFirst(beyond);
  }
}

/** With both ends established, or closing from there, sequence numbers can be trusted. */
function isClean(endpoint: EndpointSummary): boolean {
  const { phase } = endpoint;
  return phase === Phase.ESTABLISHED || (phase === Phase.CLOSED && endpoint.previousPhase === Phase.ESTABLISHED);
}

/** The capture holds [start, end) of the stream. */
function cover(own: EndpointSummary, start: number, end: number): void {
  if (start > own.capturedTo) {
    own.capturedBeyond ??= [];
    insert(own.capturedBeyond, start, end);
    if (own.capturedBeyond.length > 2 * MAX_RANGES) own.capturedTo = takeFirst(own.capturedBeyond);
    return;
  }
  if (end > own.capturedTo) own.capturedTo = end;
  const beyond = own.capturedBeyond;
  while (beyond !== null && beyond.length > 0 && beyond[0] <= own.capturedTo) {
    own.capturedTo = Math.max(own.capturedTo, takeFirst(beyond));
  }
}

/** Removes the first range and returns its end. */
function takeFirst(ranges: number[]): number {
  const end = ranges[1];
  ranges.splice(0, 2);
  return end;
}

/** Adds [start, end) to ascending ranges, which stay apart from one another. */
function insert(ranges: number[], start: number, end: number): void {
  // The first range that does not end before `start`.
  let low = 0;
  let high = ranges.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[2 * middle + 1] < start) low = middle + 1;
    else high = middle;
  }
  const i = 2 * low;
  let j = i;
  while (j < ranges.length && ranges[j] <= end) {
    start = Math.min(start, ranges[j]);
    end = Math.max(end, ranges[j + 1]);
    j += 2;
  }
  ranges.splice(i, j - i, start, end);
}

/** Writes the letter unless this end has it; false when it has. */
function writeOnce(
  connection: Connection,
  isClient: boolean,
  own: EndpointSummary,
  bit: number,
  letter: string,
): boolean {
  if (own.letters & bit) return false;
  own.letters |= bit;
  write(connection, isClient, letter);
  return true;
}

function write(connection: Connection, isClient: boolean, letter: string): void {
  append(connection, isClient ? letter : letter.toLowerCase());
}

function append(connection: Connection, letter: string): void {
  if (connection.historyText.length < MAX_LETTERS) connection.historyText += letter;
}

function isPowerOfTen(count: number): boolean {
  while (count % 10 === 0) count /= 10;
  return count === 1;
}
