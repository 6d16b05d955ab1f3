import { Analyzer, horizonOf, type AnalyzeOptions as PassOptions } from './analyze.ts';
import { Feed, readCapture } from './capture/feed.ts';
import { CaptureReader } from './capture/reader.ts';
import { CaptureSession } from './capture/session.ts';
import { compileFilter } from './filter/compile.ts';
import { type CaptureInput, inputName, openInput } from './node/capture-input.ts';
import type { Packet } from './packet.ts';
import { objectFields, packetObject } from './render/packet-json.ts';
import { buildReport, type Report } from './report.ts';

export type { CongestionReport } from './congestion/report.ts';
export type { CaptureDamage, CaptureInterface } from './model/capture-facts.ts';
export { CaptureError, InputError, UsageError } from './model/errors.ts';
export type { CaptureInput } from './node/capture-input.ts';
export {
  type AssertionResult,
  type Case,
  type CheckOptions,
  type CheckReport,
  check,
  type ExpectedScript,
  type FoundItem,
  type Outcome,
  RulesError,
} from './node/check.ts';
export type * from './packet.ts';
export type { CaptureReport, ConnectionReport, EndpointReport, FindingReport, Report } from './report.ts';

export interface AnalyzeOptions {
  /**
   * Selects packets by a pcap-filter(7) expression, and the connections that have one. The whole capture is analysed all the
   * same. A wrong expression throws a UsageError.
   */
  filter?: string;
  /** Whether to verify the checksums of IPv4 and TCP; true. */
  verifyChecksums?: boolean;
}

export interface PacketOptions extends AnalyzeOptions {
  /** Seconds of the capture's time that a packet waits for evidence at the most; 10. With 0 it comes at once. */
  horizon?: number;
}

/**
 * Analyses a capture: its connections, their states at the end, and what is worth telling about them.
 *
 * Throws a CaptureError when the input is no capture. Damage further on does not throw: it is in `capture.damages`, and
 * what could be read is analysed.
 */
export async function analyze(input: CaptureInput, options: AnalyzeOptions = {}): Promise<Report> {
  const session = new CaptureSession();
  const analyzer = new Analyzer({ ...passOptions(options), roundTrips: true });
  const capture = openInput(input);
  try {
    await readCapture(capture, new CaptureReader(analyzer, session), analyzer, inputName(input));
  } finally {
    await capture.close();
  }
  analyzer.end(session.facts);
  return buildReport(analyzer, session.facts);
}

/**
 * The TCP packets of a capture in its order, each as soon as its verdict is settled. Reads on only as fast as they are
 * taken. Throws as `analyze` does.
 */
export async function* readPackets(input: CaptureInput, options: PacketOptions = {}): AsyncGenerator<Packet> {
  const session = new CaptureSession();
  const toObject = packetObject(objectFields(() => session.origin.base));
  let settled: Packet[] = [];
  const analyzer = new Analyzer({
    ...passOptions(options),
    onRow: (row) => {
      if (row.isSelected) settled.push(toObject(row) as unknown as Packet);
    },
    ...(options.horizon === undefined ? {} : { horizon: horizonOf(options.horizon) }),
  });
  const reader = new CaptureReader(analyzer, session);
  const capture = openInput(input);
  const feed = new Feed(reader, analyzer, inputName(input), capture);
  try {
    while (await feed.step()) {
      yield* settled;
      settled = [];
    }
    analyzer.end(session.facts);
    yield* settled;
  } finally {
    feed.abandon();
    await capture.close();
  }
}

function passOptions({ filter, verifyChecksums }: AnalyzeOptions): PassOptions {
  return {
    ...(filter === undefined ? {} : { filter: compileFilter(filter) }),
    ...(verifyChecksums === undefined ? {} : { verifyChecksums }),
  };
}
