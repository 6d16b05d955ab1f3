import type { Concluded } from '../analysis.ts';
import type { CaptureFacts } from '../model/capture-facts.ts';
import { listOf } from '../model/connection-list.ts';
import { type SummaryReport, summaryReport } from '../summary/report.ts';
import { summarize } from '../summary/summary.ts';
import { type CaptureReport, captureReport } from './capture.ts';
import { type ConnectionReport, connectionReport } from './connection.ts';
import { type FindingReport, findingReport, sortedFindings } from './finding.ts';

/** Raised when a field of the documents is taken away or changes its meaning; new fields do not raise it. */
export const SCHEMA_VERSION = 1;

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
