import type { Concluded } from '../analysis.ts';
import { type Finding, GRAVITY, type Severity, type Who } from '../model/finding.ts';
import { timestampText } from '../model/timestamp.ts';

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

/** The findings on the capture and on the selected connections: errors first, then in the order of the capture. */
export function sortedFindings(analyzer: Concluded): Finding[] {
  const all = [...analyzer.findings, ...analyzer.told.flatMap((connection) => connection.findings)];
  // How grave a finding is may have to be worked out: once for each.
  const ranked = all.map((finding) => ({ finding, gravity: GRAVITY[finding.severity] }));
  ranked.sort((a, b) => b.gravity - a.gravity || a.finding.frame - b.finding.frame);
  return ranked.map(({ finding }) => finding);
}
