import type { Concluded } from './analysis.ts';
import { type TimeBudgetReport, timeBudgetReport } from './budget/report.ts';
import { type CongestionReport, congestionReport } from './congestion/report.ts';
import { congestionOf } from './congestion/stage.ts';
import { measuredPart, type PathPart } from './detect/capture-position.ts';
import type { IsnChoice } from './detect/isn.ts';
import { budgetOf } from './model/budget.ts';
import {
  type CaptureDamage,
  type CaptureFacts,
  type CaptureInterface,
  droppedBy,
  type KnownTimes,
} from './model/capture-facts.ts';
import { type Connection, ROLE_REASON_NAMES } from './model/connection.ts';
import { listOf } from './model/connection-list.ts';
import { ending } from './model/ending.ts';
import type { Endpoint } from './model/endpoint.ts';
import type { Finding, Severity, Who } from './model/finding.ts';
import type { LeftCounts } from './model/left.ts';
import type { RoundTrips } from './model/round-trips.ts';
import { BASIS_NAMES, type BasisName, STATE_NAMES, type StateName } from './model/state.ts';
import { timestampText } from './model/timestamp.ts';
import { finiteOrNull } from './model/units.ts';
import { type SummaryReport, summaryReport } from './summary/report.ts';
import { summarize } from './summary/summary.ts';
import {
  lossReport,
  type PlacedLossReport,
  type VantageReport,
  type ViewsReport,
  vantageReports,
  viewsReport,
} from './views/report.ts';

/** Raised when a field of the documents is taken away or changes its meaning; new fields do not raise it. */
export const SCHEMA_VERSION = 1;

/** What one end of a connection did. Null is "not known". */
export interface EndpointReport {
  address: string;
  port: number;
  /** Its state at the end of the capture (RFC 9293 section 3.3.2), and how that is known. */
  state: StateName;
  basis: BasisName;
  /** Segments that it sent, as captured, and those with payload. */
  packets: number;
  dataPackets: number;
  /** Payload bytes of all segments, repeats included. */
  payloadBytes: number;
  /** Its retransmissions, and their payload bytes. */
  retransmittedPackets: number;
  retransmittedBytes: number;
  /** Copies that passed the point of capture and did not arrive, and their payload bytes. */
  lostPackets: number;
  lostBytes: number;
  /** Payload bytes by sequence numbers, captured or not, each counted once. */
  streamBytes: number;
  /** Bytes of its IP packets. */
  ipBytes: number;
  /** Initial sequence number, as on the wire. */
  isn: number | null;
  /** Options of its SYN. */
  mss: number | null;
  windowScale: number | null;
  sackPermitted: boolean | null;
  timestamps: boolean | null;
  /** Round trips of what it sent, milliseconds: the shortest, and smoothed as RFC 6298 does. */
  minRttMs: number | null;
  srttMs: number | null;
  /** Of all samples; null without any, and where the analysis did not keep them. */
  roundTrips: RoundTripsReport | null;
}

/** Round trips of what one end sent: from the point of capture to the other end and back. */
export interface RoundTripsReport {
  samples: number;
  minMs: number;
  medianMs: number;
  p95Ms: number;
  p99Ms: number;
  maxMs: number;
  /** Which part of the path that is, by where the capture was made. */
  measures: PathPart;
}

export interface ConnectionReport {
  stream: number;
  /** Why one end is called the client. */
  clientBy: (typeof ROLE_REASON_NAMES)[number];
  client: EndpointReport;
  server: EndpointReport;
  /** Unix time in seconds, with nine decimals. */
  start: string;
  durationMs: number;
  packets: number;
  firstPacket: number;
  lastPacket: number;
  /** From the first SYN to the ACK that completed the handshake: one round trip unless something was lost. */
  handshakeMs: number | null;
  /** How it ended, in a few words. */
  ending: string;
  /** `conn_state` and `history` in the letters of Zeek's connection log. */
  connState: string;
  history: string;
  /** Stream number of the earlier connection of the same two sockets. */
  previousStream: number | null;
  /** What is known of each sender's congestion control; null when it sent too little, or the models were left out. */
  congestion: { client: CongestionReport | null; server: CongestionReport | null };
  /** Where its time went; null when that was left out. */
  timeBudget: TimeBudgetReport | null;
  /** What each vantage saw of it. Only where the capture has several. */
  views?: ViewsReport;
  findings: FindingReport[];
}

export interface FindingReport {
  id: string;
  severity: Severity;
  cause: string;
  who: Who;
  confidence: number;
  /** Packet numbers, the first is the one it is attached to. */
  evidence: number[];
  text: string;
  /** RFC and section. */
  cite: string | null;
  /** Null for the capture as a whole. */
  stream: number | null;
  packet: number | null;
  timestamp: string | null;
  /** How many more of its sort the connection has that are not listed. */
  more: number;
}

/** Connections that left the analysis before its end, by what they were then. */
export interface EvictedReport {
  connections: number;
  packets: number;
  /** No handshake was completed and no data sent. */
  attempts: number;
  closed: number;
  halfClosed: number;
  idle: number;
  /** Connections that late packets of these began anew. */
  heardAgain: number;
  /** Of `connections`: those that left because the memory was short. */
  forMemory: number;
}

export interface CaptureReport {
  files: { name: string; format: string; compression: string | null; byteOrder: 'little' | 'big' | null }[];
  interfaces: CaptureInterface[];
  /** The points of view, and the packets that were lost between two of them. Only where the capture has several. */
  vantages?: VantageReport[];
  lostBetween?: PlacedLossReport[];
  /** Unix times in seconds, with nine decimals, of the earliest and the latest packet. */
  first: string | null;
  last: string | null;
  durationMs: number | null;
  /** `undated` and `unknown`: of records (text, simple packets) without dates, or without times; `first` and `last` count from 1970 then, or are null. */
  times: KnownTimes;
  packets: {
    total: number;
    tcp: number;
    /** ICMP errors about a TCP segment. */
    icmpErrors: number;
    /** Fragments that did not complete a datagram. */
    fragments: number;
    notTcp: number;
    /** The capture ends within the headers. */
    cutShort: number;
    malformed: number;
    unknownLink: number;
    /** TCP packets that the filter does not accept. */
    filteredOut: number;
    /** Packets of which the capture holds only the beginning. */
    snapped: number;
  };
  bytes: { wire: number; captured: number };
  /** Connections that left the analysis before its end: in the sums, without a place of their own. Only where there are any. */
  evicted?: EvictedReport;
  /** Packets that the capturing system dropped, by its own count; null when it does not say. */
  dropped: number | null;
  /** How hosts with enough connections choose their initial sequence numbers. */
  initialSequenceNumbers: IsnChoice[];
  comments: string[];
  damages: CaptureDamage[];
}

export interface Report {
  schemaVersion: number;
  capture: CaptureReport;
  /** The answer: what the first screen says. */
  summary: SummaryReport;
  connections: ConnectionReport[];
  /** All findings, the most serious first. */
  findings: FindingReport[];
}

/** The whole analysis as plain data: what `--json` prints. */
export function buildReport(analyzer: Concluded, facts: CaptureFacts): Report {
  const origin = facts.firstTimestamp ?? 0n;
  const capture = captureReport(analyzer, facts);
  const findings = sortedFindings(analyzer);
  return {
    schemaVersion: SCHEMA_VERSION,
    capture,
    summary: summaryReport(summarize(listOf(analyzer.selected), findings, capture), origin),
    connections: analyzer.selected.map((connection) => connectionReport(connection, origin)),
    findings: findings.map((finding) => findingReport(finding, origin)),
  };
}

/** The capture as a whole, after the analysis has ended. */
export function captureReport(analyzer: Concluded, facts: CaptureFacts): CaptureReport {
  const { counts, isnChoices, left } = analyzer;
  const { firstTimestamp: origin } = facts;
  const { times } = facts;
  const isEmpty = origin === null || counts.total === 0 || times === 'unknown';
  return {
    files: facts.files.map((name, i) => ({
      name,
      format: facts.formats[i],
      compression: facts.compression[i],
      byteOrder: facts.byteOrder[i],
    })),
    interfaces: facts.interfaces,
    ...vantagesOf(analyzer),
    first: isEmpty ? null : timestampText(origin, counts.firstTime),
    last: isEmpty ? null : timestampText(origin, counts.lastTime),
    durationMs: times === 'unknown' ? null : (counts.lastTime - counts.firstTime) / 1e6,
    times,
    packets: {
      total: counts.total,
      tcp: counts.tcp,
      icmpErrors: counts.icmpErrors,
      fragments: counts.fragments,
      notTcp: counts.notTcp,
      cutShort: counts.cutShort,
      malformed: counts.malformed,
      unknownLink: counts.unknownLink,
      filteredOut: counts.filteredOut,
      snapped: counts.snapped,
    },
    bytes: { wire: counts.wireBytes, captured: counts.capturedBytes },
    ...(left.connections === 0 ? {} : { evicted: evictedReport(left) }),
    dropped: droppedBy(facts),
    initialSequenceNumbers: [...isnChoices],
    comments: facts.comments,
    damages: facts.damages,
  };
}

function vantagesOf(analyzer: Concluded): Pick<CaptureReport, 'vantages' | 'lostBetween'> {
  const { vantages } = analyzer;
  if (vantages.length === 0) return {};
  const views = analyzer.connections.flatMap(({ views }) => views ?? []);
  return {
    vantages: vantageReports(vantages, views),
    lostBetween: vantages.flatMap(({ losses }) => losses.map(lossReport)),
  };
}

function evictedReport({ connections, packets, by, heardAgain, forMemory }: LeftCounts): EvictedReport {
  const { attempt: attempts, closed, 'half-closed': halfClosed, idle } = by;
  return { connections, packets, attempts, closed, halfClosed, idle, heardAgain, forMemory };
}

/** `origin` is the time of the first record: nanoseconds since 1970. */
export function connectionReport(connection: Connection, origin: bigint): ConnectionReport {
  const { client, server, previousId } = connection;
  return {
    stream: connection.id,
    clientBy: ROLE_REASON_NAMES[connection.roleReason],
    client: endpointReport(client),
    server: endpointReport(server),
    start: timestampText(origin, connection.firstTime),
    durationMs: connection.duration / 1e6,
    packets: connection.packets,
    firstPacket: connection.firstFrame,
    lastPacket: connection.lastFrame,
    handshakeMs: finiteOrNull(connection.handshakeDuration / 1e6),
    ending: ending(connection),
    connState: connection.connState,
    history: connection.historyText,
    previousStream: previousId < 0 ? null : previousId,
    congestion: { client: congestionOfEndpoint(client), server: congestionOfEndpoint(server) },
    timeBudget: timeBudgetOf(connection),
    ...(connection.views === null ? {} : { views: viewsReport(connection.views) }),
    findings: connection.findings.map((finding) => findingReport(finding, origin)),
  };
}

function endpointReport(endpoint: Endpoint): EndpointReport {
  const { timeline } = endpoint;
  const rtt = endpoint.outbound?.rtt ?? null;
  const tally = endpoint.outbound?.tally;
  const sawSyn = endpoint.hasIss;
  return {
    address: endpoint.address,
    port: endpoint.port,
    state: STATE_NAMES[timeline.state],
    basis: BASIS_NAMES[timeline.basis],
    packets: endpoint.packets,
    dataPackets: endpoint.dataPackets,
    payloadBytes: endpoint.payloadBytes,
    retransmittedPackets: tally?.retransmittedPackets ?? 0,
    retransmittedBytes: tally?.retransmittedBytes ?? 0,
    lostPackets: tally?.lostPackets ?? 0,
    lostBytes: tally?.lostBytes ?? 0,
    streamBytes: endpoint.streamBytes,
    ipBytes: endpoint.ipBytes,
    isn: sawSyn ? endpoint.base : null,
    mss: endpoint.mss < 0 ? null : endpoint.mss,
    windowScale: endpoint.offeredShift < 0 ? null : endpoint.offeredShift,
    sackPermitted: sawSyn ? endpoint.sackPermitted : null,
    timestamps: sawSyn ? endpoint.timestamps : null,
    minRttMs: rtt === null || rtt.min < 0 ? null : rtt.min / 1e6,
    srttMs: rtt === null || rtt.srtt < 0 ? null : rtt.srtt / 1e6,
    roundTrips: rtt === null || rtt.roundTrips === null ? null : roundTripsReport(endpoint, rtt.roundTrips),
  };
}

function roundTripsReport(endpoint: Endpoint, roundTrips: RoundTrips): RoundTripsReport {
  const ms = (share: number) => roundTrips.quantile(share) / 1e6;
  return {
    samples: roundTrips.count,
    minMs: roundTrips.min / 1e6,
    medianMs: ms(0.5),
    p95Ms: ms(0.95),
    p99Ms: ms(0.99),
    maxMs: roundTrips.max / 1e6,
    measures: measuredPart(endpoint),
  };
}

function congestionOfEndpoint(endpoint: Endpoint): CongestionReport | null {
  const state = congestionOf(endpoint);
  return state === null ? null : congestionReport(state);
}

function timeBudgetOf(connection: Connection): TimeBudgetReport | null {
  const budget = budgetOf(connection);
  return budget === null ? null : timeBudgetReport(budget);
}

/** A finding as plain data; `origin`: nanoseconds from 1970 to the first record. */
export function findingReport(finding: Finding, origin: bigint): FindingReport {
  const { id, severity, cause, who, confidence, evidence, text, cite, stream, frame, time, more } = finding;
  return {
    id,
    severity,
    cause,
    who,
    confidence,
    evidence,
    text,
    cite,
    stream: stream < 0 ? null : stream,
    packet: frame > 0 ? frame : null,
    timestamp: frame > 0 ? timestampText(origin, time) : null,
    more,
  };
}

const RANK: Record<Severity, number> = { error: 0, warning: 1, info: 2 };

/** The findings on the capture and on the selected connections: errors first, then in the order of the capture. */
export function sortedFindings(analyzer: Concluded): Finding[] {
  const all = [...analyzer.findings, ...analyzer.told.flatMap((connection) => connection.findings)];
  // How grave a finding is may have to be worked out: once for each.
  const ranked = all.map((finding) => ({ finding, rank: RANK[finding.severity] }));
  ranked.sort((a, b) => a.rank - b.rank || a.finding.frame - b.finding.frame);
  return ranked.map(({ finding }) => finding);
}
