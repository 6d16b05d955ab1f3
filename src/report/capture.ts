import type { Concluded } from '../analysis.ts';
import type { IsnChoice } from '../detect/isn.ts';
import {
  type CaptureDamage,
  type CaptureFacts,
  type CaptureInterface,
  droppedBy,
  type KnownTimes,
} from '../model/capture-facts.ts';
import type { LeftCounts } from '../model/left.ts';
import { timestampText } from '../model/timestamp.ts';
import { lossReport, type PlacedLossReport, type VantageReport, vantageReports } from '../views/report.ts';

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
