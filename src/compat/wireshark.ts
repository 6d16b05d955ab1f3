import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { ACK, FIN, RST, SYN } from '../model/flags.ts';
import { Option, type SegmentView } from '../model/segment.ts';
import { seqAdd, widen } from '../model/seq.ts';
import { type EndpointSummary, Phase } from '../model/summary.ts';
import { WiresharkFlag, WiresharkView } from '../model/wireshark.ts';
import { WiresharkPacket } from './wireshark-packet.ts';
import { analyse } from './wireshark-rules.ts';
import { Scale, type WiresharkFlow, WiresharkPair, WiresharkStream } from './wireshark-stream.ts';

/**
 * The `tcp.analysis` fields of Wireshark 4.0 by its own rules, mistakes included, so that users of both can compare. They are
 * stated in docs/wireshark.md. A single pass over all TCP packets in the order of the file: what the rest of the analysis
 * sets aside (second copies, bad checksums, strays) counts here.
 */
export class WiresharkAnalysis {
  private readonly pairs = new WeakMap<Connection, WiresharkPair>();
  private readonly packet = new WiresharkPacket();

  segment(sender: Endpoint, view: SegmentView): WiresharkView {
    const pair = this.pairOf(sender.connection);
    const { packet } = this;
    packet.read(view);
    const shown = new WiresharkView();
    const isFirst = pair.isFirst(sender);
    shown.flags = noteReuse(pair, isFirst, packet);
    const { stream } = pair;
    const flow = isFirst ? stream.a : stream.b;
    const reverse = isFirst ? stream.b : stream.a;
    noteCompleteness(stream, packet, shown);
    let hasTree = false;
    // Nothing is made of a packet that is too short for its header.
    if (packet.length >= 0) {
      const isSynAgain = (packet.flags & (SYN | ACK)) === SYN && flow.hasBase;
      noteBases(flow, reverse, packet);
      hasTree = analyse(stream, flow, reverse, packet, shown) || isSynAgain;
    }
    noteInitialRtt(stream, packet);
    if (hasTree) shown.initialRtt = stream.initialRtt;
    noteScale(flow, reverse, view);
    noteSack(flow, view);
    if (view.options & Option.MPTCP) stream.mptcpSeen |= mptcpSubtypes(view);
    noteMissing(reverse, sender.peer, view);
    if (isHeaderCut(view)) return onlyCompleteness(shown);
    shown.isGapWrong = isNothingMissing(flow, reverse, sender, view, shown.flags);
    return shown;
  }

  /** The connection leaves the analysis. */
  forget(connection: Connection): void {
    this.pairs.delete(connection);
  }

  private pairOf(connection: Connection): WiresharkPair {
    let pair = this.pairs.get(connection);
    if (pair === undefined) {
      const { previous } = connection;
      pair = previous === null ? new WiresharkPair(connection.a) : this.pairOf(previous);
      this.pairs.set(connection, pair);
    }
    return pair;
  }
}

/** A SYN with another number than the direction's first begins a new stream; a SYN,ACK only says so. */
function noteReuse(pair: WiresharkPair, isFirst: boolean, packet: WiresharkPacket): number {
  if (!(packet.flags & SYN)) return 0;
  const flow = isFirst ? pair.stream.a : pair.stream.b;
  if (!flow.hasBase) return 0;
  const isAnswer = (packet.flags & ACK) !== 0;
  if (packet.seq === flow.base) {
    if (!isAnswer) flow.next = flow.contiguous;
    return 0;
  }
  if (isAnswer) flow.base = packet.seq;
  else {
    pair.stream = new WiresharkStream();
    pair.stream.completeness = Complete.SYN;
    pair.stream.isNew = false;
  }
  return WiresharkFlag.REUSED_PORTS;
}

function noteBases(flow: WiresharkFlow, reverse: WiresharkFlow, packet: WiresharkPacket): void {
  if (!flow.hasBase) {
    flow.hasBase = true;
    flow.base = packet.flags & SYN ? packet.seq : seqAdd(packet.seq, -1);
  }
  if (!reverse.hasBase && packet.flags & ACK) {
    reverse.hasBase = true;
    reverse.base = seqAdd(packet.ack, -1);
  }
}

/** The option counts on any packet; a SYN without it ends scaling. A shift above 14 is 14 (RFC 7323 section 2.3). */
function noteScale(flow: WiresharkFlow, reverse: WiresharkFlow, view: SegmentView): void {
  if (view.options & Option.WSCALE) flow.scale = Math.min(view.wscale, 14);
  if (!(view.flags & SYN) || isHeaderCut(view)) return;
  if (flow.scale === Scale.UNKNOWN) {
    flow.scale = Scale.NOT_USED;
    reverse.scale = Scale.NOT_USED;
  } else if (view.flags & ACK && reverse.scale === Scale.NOT_USED) {
    flow.scale = Scale.NOT_USED;
  }
}

function noteInitialRtt(stream: WiresharkStream, packet: WiresharkPacket): void {
  if ((packet.flags & (SYN | ACK)) === SYN) stream.synTime = packet.time;
  if ((packet.flags & (SYN | ACK)) === ACK && Number.isNaN(stream.initialRtt)) {
    const rtt = packet.time - stream.synTime;
    if (rtt !== 0) stream.initialRtt = rtt;
  }
}

/** Bits of `tcp.completeness`. */
const Complete = { SYN: 1, SYN_ACK: 2, ACK: 4, DATA: 8, FIN: 16, RST: 32 } as const;

function noteCompleteness(stream: WiresharkStream, packet: WiresharkPacket, shown: WiresharkView): void {
  shown.completeness = stream.completeness;
  const { flags, length } = packet;
  if (stream.isNew) {
    stream.isNew = false;
    if ((flags & (SYN | ACK)) !== SYN) return;
    stream.completeness |= Complete.SYN;
    if (length > 0) stream.completeness |= Complete.DATA;
    return;
  }
  if (flags & RST) stream.completeness |= Complete.RST;
  if (!(flags & ACK)) return;
  if (flags & SYN) stream.completeness |= Complete.SYN_ACK;
  else stream.completeness |= length > 0 ? Complete.DATA : Complete.ACK;
  if (flags & FIN) stream.completeness |= Complete.FIN;
}

/** Wireshark 4.0 keeps three blocks, a D-SACK among them. */
const KEPT_SACK_BLOCKS = 3;

function noteSack(flow: WiresharkFlow, { sack, sackCount }: SegmentView): void {
  flow.sackedBytes = 0;
  for (let i = 0; i < sackCount && i < KEPT_SACK_BLOCKS; i++) flow.sackedBytes += (sack[2 * i + 1] - sack[2 * i]) | 0;
}

/** A bit for each subtype of the MPTCP options (RFC 8684 section 3). */
function mptcpSubtypes(view: SegmentView): number {
  const { bytes, tcpOffset, headerLength } = view;
  let seen = 0;
  let at = view.mptcpOffset;
  const end = Math.min(tcpOffset + headerLength, bytes.length);
  while (at + 2 < end && bytes[at] !== 0) {
    if (bytes[at] === 1) {
      at++;
      continue;
    }
    if (bytes[at] === 30) seen |= 1 << (bytes[at + 2] >>> 4);
    at += Math.max(bytes[at + 1], 2);
  }
  return seen;
}

/** The capture ends within the TCP header: Wireshark gives up before it has shown what it found, and remembers it. */
function isHeaderCut(view: SegmentView): boolean {
  const isInRecord = view.bytes === view.recordBytes;
  const end = isInRecord ? view.recordOffset + view.capturedLength : view.bytes.length;
  return view.tcpOffset + view.headerLength > end;
}

function onlyCompleteness({ completeness }: WiresharkView): WiresharkView {
  const shown = new WiresharkView();
  shown.completeness = completeness;
  return shown;
}

/** Once an ACK has shown that bytes are missing, the connection's summary goes on as if it had them. */
function noteMissing(reverse: WiresharkFlow, receiver: Endpoint, view: SegmentView): void {
  if (view.flags & ACK && !holdsAllBefore(receiver, view.ack)) reverse.hasMissing = true;
}

/**
 * Wireshark speaks of a gap, and the capture holds every byte that the sender of the segment (or, where it is about an ACK,
 * its peer) had sent before.
 */
function isNothingMissing(
  flow: WiresharkFlow,
  reverse: WiresharkFlow,
  sender: Endpoint,
  view: SegmentView,
  flags: number,
): boolean {
  const isBehindGap = (flags & WiresharkFlag.LOST_SEGMENT) !== 0;
  const isOfUnseen = (flags & WiresharkFlag.ACK_LOST_SEGMENT) !== 0;
  if (isBehindGap) {
    // Nothing comes before a SYN.
    const isFirst = (view.flags & SYN) !== 0;
    if (!isFirst && (flow.hasMissing || !holdsAllBefore(sender, view.seq))) return false;
  }
  if (isOfUnseen && reverse.hasMissing) return false;
  return isBehindGap || isOfUnseen;
}

function holdsAllBefore(end: EndpointSummary, seq: number): boolean {
  return end.phase !== Phase.INACTIVE && widen(seq, end.streamStart, end.capturedTo) <= end.capturedTo;
}
