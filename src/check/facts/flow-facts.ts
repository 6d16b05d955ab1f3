import type { Connection, Endpoint } from '../../model/connection.ts';
import type { Finding } from '../../model/finding.ts';
import { FIN, RST, SYN } from '../../model/flags.ts';
import type { PacketRow } from '../../model/row.ts';
import { ChecksumStatus } from '../../model/segment.ts';
import { STATE_NAMES, State } from '../../model/state.ts';
import { Fate, Kind } from '../../model/verdict.ts';
import { PacketFact } from './packet-fact.ts';
import { Samples } from './samples.ts';

/** A time during which an end announced a window of zero. */
export interface ZeroWindow {
  readonly frame: number;
  readonly start: number;
  end: number;
}

/** What assertions may ask of one end of a connection. */
export class SideFacts {
  readonly flow: FlowFacts;
  readonly endpoint: Endpoint;
  /** Round trips of what it sent, nanoseconds. */
  readonly rtt = new Samples();
  readonly retransmissions: PacketFact[] = [];
  readonly reordered: PacketFact[] = [];
  readonly duplicates: PacketFact[] = [];
  readonly keepAlives: PacketFact[] = [];
  readonly windowProbes: PacketFact[] = [];
  readonly lost: PacketFact[] = [];
  readonly resets: PacketFact[] = [];
  readonly fins: PacketFact[] = [];
  readonly syns: PacketFact[] = [];
  readonly badChecksums: PacketFact[] = [];
  readonly zeroWindows: ZeroWindow[] = [];
  /** Windows that it announced after the handshake, in bytes; -1 before the first and while the scale is unknown. */
  leastWindow = -1;
  greatestWindow = -1;
  lastWindow = -1;
  private isClosedWindow = false;
  private samplesSeen = 0;

  constructor(flow: FlowFacts, endpoint: Endpoint) {
    this.flow = flow;
    this.endpoint = endpoint;
  }

  /** Takes note of a packet that this end sent. */
  sends(row: PacketRow, fact: () => PacketFact): void {
    const { view, verdict } = row;
    const { kind, fate } = verdict!;
    if (view.tcpChecksumStatus === ChecksumStatus.BAD) this.badChecksums.push(fact());
    if (kind === Kind.DUPLICATE) {
      this.duplicates.push(fact());
      return;
    }
    if (kind === Kind.RETRANSMISSION) this.retransmissions.push(fact());
    else if (kind === Kind.REORDERED) this.reordered.push(fact());
    else if (kind === Kind.KEEP_ALIVE) this.keepAlives.push(fact());
    else if (kind === Kind.WINDOW_PROBE) this.windowProbes.push(fact());
    if (fate === Fate.LOST) this.lost.push(fact());
    if (view.flags & SYN) this.syns.push(fact());
    if (view.flags & FIN) this.fins.push(fact());
    if (view.flags & RST) this.resets.push(fact());
    else if (!(view.flags & SYN)) this.announces(row);
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

/** A finding as assertions see it: read once, since a finding is worded whenever it is read. */
export interface AnomalyFact {
  readonly id: string;
  readonly severity: string;
  readonly cause: string;
  readonly who: string;
  readonly confidence: number;
  readonly frame: number;
  readonly time: number;
  readonly text: string;
  readonly evidence: readonly number[];
  readonly brief: string;
  readonly stream: number;
}

export function anomalyFact(finding: Finding): AnomalyFact {
  const { id, severity, cause, who, confidence, frame, time, text, evidence, stream } = finding;
  return { id, severity, cause, who, confidence, frame, time, text, evidence, brief: `${id}: ${text}`, stream };
}

/** What assertions may ask of one connection. */
export class FlowFacts {
  readonly connection: Connection;
  readonly a: SideFacts;
  readonly b: SideFacts;
  /** Every packet of it, when the rules need them. */
  readonly packets: PacketFact[] = [];
  /** Why packets of it may be missing in the capture; null when none is. */
  missing: string | null = null;
  anomalies: readonly AnomalyFact[] = [];
  /** Why `anomalies` may lack some; null when it does not. */
  unlisted: string | null = null;
  /** End of the capture, nanoseconds since the first packet of the connection. */
  watched = 0;
  /** Longest time without a packet (ns), and the packet that ended it. */
  longestGap = 0;
  longestGapFrame = 0;
  private readonly keepsPackets: boolean;

  constructor(connection: Connection, keepsPackets: boolean) {
    this.connection = connection;
    this.a = new SideFacts(this, connection.a);
    this.b = new SideFacts(this, connection.b);
    this.keepsPackets = keepsPackets;
  }

  get client(): SideFacts {
    return this.connection.client === this.a.endpoint ? this.a : this.b;
  }

  get server(): SideFacts {
    return this.connection.client === this.a.endpoint ? this.b : this.a;
  }

  /** The side whose segments take the longer way, as seen from the point of capture. */
  get farSide(): SideFacts {
    const [a, b] = [this.a.endpoint.flight?.minRtt ?? -1, this.b.endpoint.flight?.minRtt ?? -1];
    return b > a ? this.b : this.a;
  }

  get duration(): number {
    return this.connection.duration;
  }

  take(row: PacketRow): void {
    let kept: PacketFact | null = null;
    const fact = () => {
      kept ??= new PacketFact(this, row);
      return kept;
    };
    if (this.keepsPackets) this.packets.push(fact());
    if (row.sincePrevious > this.longestGap) {
      this.longestGap = row.sincePrevious;
      this.longestGapFrame = row.view.frame;
    }
    const sender = row.sender === this.a.endpoint ? this.a : this.b;
    sender.sends(row, fact);
    this.a.samples(row);
    this.b.samples(row);
  }

  /** The capture has ended at `time` (nanoseconds since the first record), and `missing` is true of all of it. */
  end(time: number, missing: string | null): void {
    const { connection } = this;
    this.watched = Math.max(time - connection.firstTime, connection.duration);
    this.a.end(this.watched);
    this.b.end(this.watched);
    this.missing = missing ?? missingBytes(this);
    this.anomalies = connection.findings.map(anomalyFact);
  }
}

/** An end acknowledged what the capture does not hold. */
function missingBytes({ client, server }: FlowFacts): string | null {
  for (const { endpoint } of [client, server]) {
    const { missedBytes } = endpoint;
    if (missedBytes > 0) {
      return `the capture does not hold ${missedBytes} bytes that the ${endpoint.role} sent and the other end acknowledged`;
    }
  }
  return null;
}

/** The states that an end went through, with the packet that brought each. */
export function statesOf({ timeline }: Endpoint): { state: string; frame: number }[] {
  const steps = Array.from({ length: timeline.length }, (_, i) => ({
    state: STATE_NAMES[timeline.stateOf(i)] as string,
    frame: timeline.frameOf(i),
  }));
  if (timeline.initial === State.UNKNOWN) return steps;
  return [{ state: STATE_NAMES[timeline.initial], frame: 0 }, ...steps];
}
