/** The types that the library's answers are made of, wherever it runs. */
export type { SpanReport, TimeBudgetReport } from './budget/report.ts';
export type { CongestionReport } from './congestion/report.ts';
export type { TcpOption } from './decode/tcp-option-list.ts';
export type { TcpOptionValue } from './decode/tcp-option-reading.ts';
export type { IsnChoice } from './detect/isn.ts';
export type { AnalyzeOptions, PacketOptions } from './library.ts';
export type { Failure, Place, TimesWorth, Trust } from './messages/answer.ts';
export type { OwnerAndCause } from './model/budget.ts';
export type { CaptureDamage, CaptureInterface, KnownTimes } from './model/capture-facts.ts';
export type { Who } from './model/finding.ts';
export type { CauseName } from './model/verdict.ts';
export type * from './packet.ts';
export type { CaptureReport, EvictedReport } from './report/capture.ts';
export type { ConnectionReport, EndpointReport, RoundTripsReport } from './report/connection.ts';
export type { FindingReport } from './report/finding.ts';
export type { Report } from './report/report.ts';
export type { KindReport, StatementReport, SummaryReport, TimeReport, WorstReport } from './summary/report.ts';
export type { PlacedLossReport, VantageReport, ViewsReport } from './views/report.ts';
