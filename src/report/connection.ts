import { type TimeBudgetReport, timeBudgetReport } from '../budget/report.ts';
import { type CongestionReport, congestionReport } from '../congestion/report.ts';
import { congestionOf } from '../congestion/stage.ts';
import { measuredPart, type PathPart } from '../detect/capture-position.ts';
import { budgetOf } from '../model/budget.ts';
import { type Connection, ROLE_REASON_NAMES } from '../model/connection.ts';
import { ending } from '../model/ending.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { RoundTrips } from '../model/round-trips.ts';
import { BASIS_NAMES, type BasisName, STATE_NAMES, type StateName } from '../model/state.ts';
import { timestampText } from '../model/timestamp.ts';
import { finiteOrNull } from '../model/units.ts';
import { type ViewsReport, viewsReport } from '../views/report.ts';
import { type FindingReport, findingReport } from './finding.ts';

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
