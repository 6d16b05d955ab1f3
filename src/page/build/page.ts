import type { Analyzer } from '../../analyze.ts';
import type { CaptureFacts } from '../../model/capture-facts.ts';
import type { Connection } from '../../model/connection.ts';
import { listOf } from '../../model/connection-list.ts';
import { formatNumberOf } from '../../model/units.ts';
import { captureText, damageText } from '../../render/capture-text.ts';
import { PLAIN } from '../../render/style.ts';
import { captureReport } from '../../report/capture.ts';
import { findingReport, sortedFindings } from '../../report/finding.ts';
import { summaryReport } from '../../summary/report.ts';
import { summarize } from '../../summary/summary.ts';
import type { PageData } from '../model.ts';
import { connectionTable } from './connections.ts';

/** Findings about the capture as a whole that a page lists. */
const MOST_FINDINGS = 1000;
/** Damages of the files that are told at its head; `capture` has all of them. */
const MOST_DAMAGES = 8;

export interface PageOptions {
  readonly version: string;
  /** The captures as a command line names them. */
  readonly names: string;
  /** Those that are wanted; without it, all that the filter of the analysis selects. */
  readonly connections?: readonly Connection[];
  /** Those of them that have a row; without it, all. */
  readonly listed?: readonly Connection[];
  readonly leftOut?: readonly string[];
}

/** What a page shows at first, when the input has ended: all but the connections in full. */
export function pageData(analyzer: Analyzer, facts: CaptureFacts, options: PageOptions): PageData {
  const { connections = analyzer.selected, listed = connections, leftOut = [] } = options;
  const origin = facts.firstTimestamp ?? 0n;
  const capture = captureReport(analyzer, facts);
  const wanted = new Set(connections.map(({ id }) => id));
  const findings = sortedFindings(analyzer).filter(({ stream }) => stream < 0 || wanted.has(stream));
  const summary = summarize(listOf(connections), findings, capture);
  const general = findings.filter(({ stream }) => stream < 0);
  const unlisted = general.length - MOST_FINDINGS;
  return {
    version: options.version,
    capture,
    captureLines: [...captureText(capture, null, PLAIN), ...facts.damages.slice(0, MOST_DAMAGES).map(damageText)],
    summary: summaryReport(summary, origin),
    connections: connectionTable(listed, summary),
    findings: general.slice(0, MOST_FINDINGS).map((finding) => findingReport(finding, origin)),
    leftOut: unlisted > 0 ? [...leftOut, `${formatNumberOf(unlisted, 'finding')} about the capture.`] : leftOut,
    names: options.names,
  };
}
