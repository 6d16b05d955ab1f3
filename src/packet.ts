import type { TcpOption } from './decode/tcp-options.ts';
import type { OwnerAndCause } from './model/budget.ts';
import type { AlgorithmName, PhaseName } from './model/congestion.ts';
import type { ChecksumStatusName } from './model/segment.ts';
import type { BasisName, StateName } from './model/state.ts';
import type { CauseName, FateName, KindName } from './model/verdict.ts';
import type { FindingReport } from './report/finding.ts';

/** A checksum, and the one that would be right. */
export interface PacketChecksum {
  status: ChecksumStatusName;
  found: number;
  expected: number;
}

/** What a packet does to the state of one end (RFC 9293 section 3.3.2). */
export interface PacketState {
  before: StateName;
  after: StateName;
  basis: BasisName;
}

/** Round trip figures of one end after the packet, in milliseconds; null before there is one. */
export interface PacketRtt {
  sample: number | null;
  srtt: number | null;
  rto: number | null;
}

/** Congestion control of one end after the packet, in bytes unless the name says otherwise. */
export interface PacketCongestion {
  model: AlgorithmName;
  /** Null where nothing of the other direction was captured. */
  cwnd: number | null;
  cwndSegments: number | null;
  /** Null while it was never set. */
  ssthresh: number | null;
  phase: PhaseName;
  flightSize: number | null;
  confidence: number;
}

/** What a segment is in the life of its connection, and why. */
export interface PacketVerdict {
  kind: KindName;
  /** Of a retransmission. */
  cause: CauseName | null;
  /** The receiver had every byte of it already. */
  spurious: boolean;
  /** Of this very copy, after the point of capture; null for what takes no sequence space. */
  fate: FateName | null;
  lost: boolean;
  /** The vantage that saw it last and the next on its way, which did not; null where that is not known. */
  lostBetween: [string, string] | null;
  /** Of a reordered packet: how many later ones overtook it, and by how much. */
  depth: number;
  latenessMs: number | null;
  /** Of a timeout: how many times the timer had been doubled. */
  backoff: number;
  /** Of a retransmission: silence of its sender before it. */
  waitedMs: number | null;
  /** Of a retransmission: its bytes are not those of the first copy. */
  differs: boolean;
  /** Of a duplicate. */
  by: 'network' | 'capture' | null;
  confidence: number;
  /** Numbers of the packets that show it, the copied one first. */
  evidence: number[];
  text: string;
}

/** What Wireshark's rules say of the packet, right or wrong. */
export interface PacketWireshark {
  flags: string[];
  /** One sentence where the verdict is not what these flags say. */
  differs: string | null;
  duplicateAckNumber: number | null;
  duplicateAckFrame: number | null;
  acksFrame: number | null;
  ackRttMs: number | null;
  initialRttMs: number | null;
  rtoMs: number | null;
  rtoFrame: number | null;
  bytesInFlight: number | null;
  pushBytesSent: number | null;
  completeness: number;
}

/** One TCP packet: the object that `tcpscope packets --ndjson` prints, as `schema/packet.schema.json` describes it. */
export interface Packet {
  /** Number of the frame in the capture, from 1. */
  number: number;
  /** Unix time in seconds with nine decimals. */
  timestamp: string;
  stream: number;
  /** The interface that saw it, where the capture has several points of view; else null. */
  vantage: string | null;
  sender: 'client' | 'server';
  src: string;
  srcPort: number;
  dst: string;
  dstPort: number;
  /** Relative to the SYN of the sender, and of the receiver; null without ACK. */
  seq: number;
  ack: number | null;
  nextSeq: number;
  rawSeq: number;
  rawAck: number;
  payloadLength: number;
  /** In the letters of tcpdump. */
  flags: string;
  /** Bytes; null while the scale is unknown. */
  window: number | null;
  rawWindow: number;
  /** Null on a SYN, which is never scaled. */
  windowScale: number | 'unknown' | null;
  urgentPointer: number;
  options: TcpOption[];
  ttl: number;
  ipId: number | null;
  /** Since the first and the previous packet of the connection. */
  sinceStartMs: number;
  sincePreviousMs: number;
  tcpChecksum: PacketChecksum;
  ipChecksum: PacketChecksum;
  /** Null for views on which the analysis does not run. */
  states: { client: PacketState | null; server: PacketState | null };
  verdict: PacketVerdict | null;
  rtt: { client: PacketRtt; server: PacketRtt };
  congestion: { client: PacketCongestion | null; server: PacketCongestion | null };
  /** Where the time went until its data arrived, since the data before it had. */
  waits: ({ ms: number; exchange: number | null } & OwnerAndCause)[];
  findings: Omit<FindingReport, 'stream' | 'packet' | 'timestamp' | 'more'>[];
  wireshark: PacketWireshark | null;
  comment: string | null;
}
