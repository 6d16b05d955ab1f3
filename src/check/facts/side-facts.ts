import type { Endpoint } from '../../model/endpoint.ts';
import { FIN, RST, SYN } from '../../model/flags.ts';
import type { PacketRow } from '../../model/row.ts';
import { ChecksumStatus } from '../../model/segment.ts';
import { Excuse, Fate, Kind } from '../../model/verdict.ts';
import type { PacketFact } from './packet-fact.ts';
import { Samples } from './samples.ts';

/** A time during which an end announced a window of zero. */
export interface ZeroWindow {
  readonly frame: number;
  readonly start: number;
  end: number;
}

/** The IP IDs of the packets of one end, which many systems count up by one for every packet of a connection. */
class IpIds {
  private last = -1;
  private rises = 0;
  private isBroken = false;

  take({ view }: PacketRow): void {
    // Some packets have none: those of IPv6, and of Linux the SYN,ACK and what no socket sends any more.
    if (view.ipVersion !== 4 || (view.ipId === 0 && view.payloadLength === 0)) return;
    if (this.last >= 0) {
      if (((view.ipId - this.last) & 0xffff) === 1) this.rises++;
      else this.isBroken = true;
    }
    this.last = view.ipId;
  }

  /** No packet is missing between the first and the last. */
  get isWithoutGap(): boolean {
    return this.rises > 0 && !this.isBroken;
  }
}

/** What assertions may ask of one end of a connection. `Flow` is what it is an end of. */
export class SideFacts<Flow = unknown> {
  readonly flow: Flow;
  readonly endpoint: Endpoint;
  /** Round trips of what it sent, nanoseconds. */
  readonly rtt = new Samples();
  readonly retransmissions: PacketFact<Flow>[] = [];
  readonly reordered: PacketFact<Flow>[] = [];
  readonly duplicates: PacketFact<Flow>[] = [];
  readonly keepAlives: PacketFact<Flow>[] = [];
  readonly windowProbes: PacketFact<Flow>[] = [];
  /** Copies that were captured and did not arrive. */
  readonly lost: PacketFact<Flow>[] = [];
  /** Those, and the retransmissions that show that a copy was lost before it came to the point of capture. */
  readonly undelivered: PacketFact<Flow>[] = [];
  readonly resets: PacketFact<Flow>[] = [];
  readonly fins: PacketFact<Flow>[] = [];
  readonly syns: PacketFact<Flow>[] = [];
  readonly badChecksums: PacketFact<Flow>[] = [];
  readonly zeroWindows: ZeroWindow[] = [];
  /** Windows that it announced after the handshake, in bytes; -1 before the first and while the scale is unknown. */
  leastWindow = -1;
  greatestWindow = -1;
  lastWindow = -1;
  /** Packets with data, SYN or FIN of which the capture does not show whether they arrived. */
  unknownFates = 0;
  /** Packets of which the capture does not hold all data (snaplen). */
  cut = 0;
  /** Packets whose checksum could not be verified. */
  unverified = 0;
  readonly ids = new IpIds();
  /** The longest time (ns) from one packet that takes sequence space, in order, to the next, and the later of the two. */
  readonly longestPause = { time: 0, frame: 0 };
  private lastInOrder = Number.NaN;
  private isClosedWindow = false;
  private samplesSeen = 0;

  constructor(flow: Flow, endpoint: Endpoint) {
    this.flow = flow;
    this.endpoint = endpoint;
  }

  /** Takes note of a packet that this end sent. */
  sends(row: PacketRow, fact: () => PacketFact<Flow>): void {
    const { view, verdict } = row;
    const { kind } = verdict!;
    if (view.payloadCaptured < view.payloadLength) this.cut++;
    if (view.tcpChecksumStatus === ChecksumStatus.BAD) this.badChecksums.push(fact());
    else if (view.tcpChecksumStatus === ChecksumStatus.UNVERIFIED) this.unverified++;
    if (kind === Kind.DUPLICATE) {
      this.duplicates.push(fact());
      return;
    }
    if (kind === Kind.RETRANSMISSION) this.retransmissions.push(fact());
    else if (kind === Kind.REORDERED && !row.verdict!.byCapture) this.reordered.push(fact());
    else if (kind === Kind.KEEP_ALIVE) this.keepAlives.push(fact());
    else if (kind === Kind.WINDOW_PROBE) this.windowProbes.push(fact());
    this.ids.take(row);
    this.fate(row, fact);
    if (view.flags & SYN) this.syns.push(fact());
    if (view.flags & FIN) this.fins.push(fact());
    if (view.flags & RST) this.resets.push(fact());
    else if (!(view.flags & SYN)) {
      // From here on it may send data: the ACK of the handshake, or the first packet that was captured.
      if (Number.isNaN(this.lastInOrder)) this.lastInOrder = row.sinceStart;
      this.announces(row);
    }
  }

  /** Takes note of a round trip that some packet completed. */
  samples(row: PacketRow): void {
    const { index } = this.endpoint;
    const count = row.rttSamples[index];
    if (count <= this.samplesSeen) return;
    this.samplesSeen = count;
    this.rtt.add(row.rtt[3 * index], row.view.frame);
  }

  /** The capture has ended, `time` nanoseconds after the connection's first packet. */
  end(time: number): void {
    if (this.isClosedWindow) this.zeroWindows[this.zeroWindows.length - 1].end = time;
  }

  private fate(row: PacketRow, fact: () => PacketFact<Flow>): void {
    const { kind, fate, original, spurious, excuse } = row.verdict!;
    if (!takesSpace(row) || kind === Kind.KEEP_ALIVE || kind === Kind.WINDOW_PROBE) return;
    if (fate === Fate.UNKNOWN) this.unknownFates++;
    if (fate === Fate.LOST) this.lost.push(fact());
    const fillsHole = kind === Kind.RETRANSMISSION && original === 0 && !spurious && excuse === Excuse.NONE;
    if (fate === Fate.LOST || fillsHole) this.undelivered.push(fact());
    if (kind === Kind.NEW && !(row.view.flags & SYN)) this.pauses(row);
  }

  private pauses({ view, sinceStart }: PacketRow): void {
    const { longestPause } = this;
    const time = sinceStart - this.lastInOrder;
    if (time > longestPause.time) {
      longestPause.time = time;
      longestPause.frame = view.frame;
    }
    this.lastInOrder = sinceStart;
  }

  private announces(row: PacketRow): void {
    const { window, view, sinceStart } = row;
    if (window >= 0) {
      this.lastWindow = window;
      if (window > this.greatestWindow) this.greatestWindow = window;
      if (this.leastWindow < 0 || window < this.leastWindow) this.leastWindow = window;
    }
    const isClosed = view.rawWindow === 0;
    if (isClosed && !this.isClosedWindow) {
      this.zeroWindows.push({ frame: view.frame, start: sinceStart, end: sinceStart });
    } else if (!isClosed && this.isClosedWindow) this.zeroWindows[this.zeroWindows.length - 1].end = sinceStart;
    this.isClosedWindow = isClosed;
  }
}

/** It carries data, a SYN or a FIN. */
function takesSpace({ view }: PacketRow): boolean {
  return view.payloadLength > 0 || (view.flags & (SYN | FIN)) !== 0;
}
