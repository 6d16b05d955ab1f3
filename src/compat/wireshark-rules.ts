import { ACK, FIN, PSH, RST, SYN } from '../model/flags.ts';
import { seqAdd, seqBefore, seqDiff } from '../model/seq.ts';
import { WiresharkFlag, type WiresharkView } from '../model/wireshark.ts';
import type { WiresharkPacket } from './wireshark-packet.ts';
import { Scale, type WiresharkFlow, type WiresharkStream } from './wireshark-stream.ts';

/**
 * The rules proper, in Wireshark's order: each step sees what the ones before have changed. True when there is something to
 * show.
 */
export function analyse(
  stream: WiresharkStream,
  flow: WiresharkFlow,
  reverse: WiresharkFlow,
  packet: WiresharkPacket,
  shown: WiresharkView,
): boolean {
  const { ack, flags, length } = packet;
  if (flags & ACK) reverse.isInFlightKnown = true;
  shown.flags |= probeOrWindow(stream, flow, reverse, packet);
  if (shown.flags & WiresharkFlag.DUPLICATE_ACK) {
    flow.duplicateAcks = flow.duplicateAcks === HOLE_IS_TOLD ? 1 : flow.duplicateAcks + 1;
    shown.duplicateAckNumber = flow.duplicateAcks;
    shown.duplicateAckFrame = flow.duplicateAckFrame;
  }
  if (ack !== flow.lastAck) {
    flow.duplicateAckFrame = packet.frame;
    flow.duplicateAcks = 0;
  }
  const isBeyondSeen = (flags & ACK) !== 0 && reverse.contiguous !== 0 && seqBefore(reverse.contiguous, ack);
  if (isBeyondSeen) shown.flags |= unseenAck(reverse);

  const takesSpace = length > 0 || (flags & (SYN | FIN)) !== 0;
  if (takesSpace) {
    shown.flags |= sentBefore(stream, flow, reverse, packet, shown);
    flow.unacked.add(packet.seq, packet.end, packet.frame, packet.time);
  }
  if (!(shown.flags & WiresharkFlag.ZERO_WINDOW_PROBE)) extend(flow, packet);
  flow.window = packet.window;
  flow.lastAck = ack;
  flow.lastAckTime = packet.time;
  flow.lastFlags = shown.flags;
  flow.mptcpSeen = stream.mptcpSeen;
  if (flags & SYN) flow.hasOnlySynWindow = true;
  else if (flags & ACK) flow.hasOnlySynWindow = false;

  noteAcknowledged(reverse, packet, shown);
  const isMeasured = length > 0 && flow.isInFlightKnown && flow.unacked.length > 0;
  if (isMeasured) noteInFlight(flow, reverse, packet, shown);
  return isMeasured || isBeyondSeen || shown.flags !== 0 || shown.acksFrame > 0;
}

/** The flags about windows, probes, keep-alives, gaps and duplicate ACKs. */
function probeOrWindow(
  stream: WiresharkStream,
  flow: WiresharkFlow,
  reverse: WiresharkFlow,
  packet: WiresharkPacket,
): number {
  const { seq, ack, window, length } = packet;
  if (length === 1 && seq === flow.next && reverse.window === 0) return WiresharkFlag.ZERO_WINDOW_PROBE;

  const isControl = (packet.flags & (SYN | FIN | RST)) !== 0;
  let flags = 0;
  if (window === 0 && !isControl) flags |= WiresharkFlag.ZERO_WINDOW;
  if (flow.next !== 0 && seqBefore(flow.next, seq) && !(packet.flags & RST)) {
    flags |= WiresharkFlag.LOST_SEGMENT;
    flow.isInFlightKnown = false;
  }
  if (isControl) return flags;

  if (length <= 1 && seq === seqAdd(flow.next, -1)) flags |= WiresharkFlag.KEEP_ALIVE;
  if (length > 0) {
    if (reverse.scale !== Scale.UNKNOWN && seqAdd(seq, length) === windowEdge(reverse)) {
      flags |= WiresharkFlag.WINDOW_FULL;
    }
    return flags;
  }
  if (seq !== flow.next || ack !== flow.lastAck) return flags;
  if (window !== flow.window) return window === 0 ? flags : flags | WiresharkFlag.WINDOW_UPDATE;
  if (window === 0) {
    return reverse.lastFlags & WiresharkFlag.ZERO_WINDOW_PROBE ? flags | WiresharkFlag.ZERO_WINDOW_PROBE_ACK : flags;
  }
  if (reverse.lastFlags & WiresharkFlag.KEEP_ALIVE) return flags | WiresharkFlag.KEEP_ALIVE_ACK;
  // The same ACK again may carry news of another subflow (RFC 8684 section 4).
  return flow.mptcpSeen === stream.mptcpSeen ? flags | WiresharkFlag.DUPLICATE_ACK : flags;
}

/** The number right after what `receiver` has offered to take. */
function windowEdge(receiver: WiresharkFlow): number {
  const isUnscaled = receiver.scale === Scale.NOT_USED || receiver.hasOnlySynWindow;
  return seqAdd(receiver.lastAck, isUnscaled ? receiver.window : receiver.window << receiver.scale);
}

/** In place of a count of duplicate ACKs: -1 without a sign, and so many of them. */
const HOLE_IS_TOLD = 0xffffffff;

/** An ACK beyond what is known without a hole: said once for the same hole. */
function unseenAck(reverse: WiresharkFlow): number {
  if (seqBefore(reverse.contiguous, reverse.next)) reverse.contiguous = reverse.next;
  else {
    const isTold = reverse.duplicateAcks !== 0;
    reverse.duplicateAcks = HOLE_IS_TOLD;
    if (isTold) return 0;
  }
  return WiresharkFlag.ACK_LOST_SEGMENT;
}

const FAST_WITHIN = 20e6;
const OUT_OF_ORDER_WITHIN = 3e6;

/** Whether a segment that takes sequence space is taken for a repetition, and of what sort. */
function sentBefore(
  stream: WiresharkStream,
  flow: WiresharkFlow,
  reverse: WiresharkFlow,
  packet: WiresharkPacket,
  shown: WiresharkView,
): number {
  const { seq, end, length, time } = packet;
  if (shown.flags & WiresharkFlag.KEEP_ALIVE) return 0;
  const isAcked = length > 0 && reverse.lastAck !== 0 && seqDiff(seqAdd(seq, length), reverse.lastAck) <= 0;
  if (isAcked) return WiresharkFlag.RETRANSMISSION | WiresharkFlag.SPURIOUS_RETRANSMISSION;

  // Data after a byte that was sent as a probe and not taken begins one before what was seen.
  const isBehindProbe = length > 1 && seq === seqAdd(flow.next, -1);
  if (flow.next === 0 || !seqBefore(seq, flow.next) || isBehindProbe) return 0;

  const isAskedFor = reverse.duplicateAcks >= 2 && reverse.lastAck === seq;
  if (isAskedFor && isWithin(time - reverse.lastAckTime, FAST_WITHIN)) {
    return WiresharkFlag.RETRANSMISSION | WiresharkFlag.FAST_RETRANSMISSION;
  }
  const limit = Number.isNaN(stream.initialRtt) ? OUT_OF_ORDER_WITHIN : stream.initialRtt;
  if (isWithin(time - flow.nextTime, limit) && flow.next !== end) return WiresharkFlag.OUT_OF_ORDER;

  const isListed = flow.unacked.length > 0;
  const rto = time - (isListed ? flow.unacked.oldestTime : flow.nextTime);
  if (rto !== 0) {
    shown.rto = rto;
    shown.rtoFrame = isListed ? flow.unacked.oldestFrame : flow.nextFrame;
  }
  return WiresharkFlag.RETRANSMISSION;
}

/** Compared without a sign: where the clock of the capture steps back, a negative time counts as an endless one. */
function isWithin(delay: number, limit: number): boolean {
  return delay < 0 === limit < 0 ? delay < limit : limit < 0;
}

function extend(flow: WiresharkFlow, packet: WiresharkPacket): void {
  if (flow.next === 0 || seqBefore(flow.next, packet.end)) {
    flow.next = packet.end;
    flow.nextTime = packet.time;
    flow.nextFrame = packet.frame;
  }
  if (flow.contiguous === 0 || packet.seq === flow.contiguous) flow.contiguous = flow.next;
}

/** No sample of a partial ACK, and that of a segment that was sent again counts from its first copy. */
function noteAcknowledged(reverse: WiresharkFlow, packet: WiresharkPacket, shown: WiresharkView): void {
  const { unacked } = reverse;
  unacked.acknowledge(packet.ack);
  if (unacked.matchedFrame === 0) return;
  shown.acksFrame = unacked.matchedFrame;
  if (packet.time !== unacked.matchedTime) shown.ackRtt = packet.time - unacked.matchedTime;
}

const MAX_IN_FLIGHT = 2e9;

function noteInFlight(
  flow: WiresharkFlow,
  reverse: WiresharkFlow,
  packet: WiresharkPacket,
  shown: WiresharkView,
): void {
  const control = packet.flags & (SYN | FIN) ? 1 : 0;
  const inFlight = flow.unacked.span(flow.base) - reverse.sackedBytes - control;
  flow.pushBytes = (flow.hasPushed ? 0 : flow.pushBytes) + packet.length;
  flow.hasPushed = (packet.flags & PSH) !== 0;
  if (inFlight <= 0 || inFlight >= MAX_IN_FLIGHT) return;
  shown.bytesInFlight = inFlight;
  shown.pushBytesSent = flow.pushBytes;
}
