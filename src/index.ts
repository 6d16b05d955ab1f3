import { type AnalyzeOptions, analyzeCapture, type PacketOptions, packetsOf } from './library.ts';
import { type CaptureInput, inputName, inputSource, openInput } from './node/capture-input.ts';
import type { Packet } from './packet.ts';
import type { Report } from './report/report.ts';

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
  type Incomplete,
  type Location,
  type Outcome,
  type Problem,
  RulesError,
} from './node/check.ts';
export {
  type CaptureComparison,
  type ChangeCode,
  type ClockReport,
  type ComparedConnection,
  type ComparedFile,
  type ComparedPacket,
  type CompareNote,
  type CompareOptions,
  type CompareReport,
  compare,
  type Distribution,
  type LinkReport,
  type UncertaintyBasis,
  type WayReport,
} from './node/compare.ts';
export type * from './public-types.ts';

/**
 * Analyses a capture: its connections, their states at the end, and what is worth telling about them.
 *
 * Throws a CaptureError when the input is no capture. Damage further on does not throw: it is in `capture.damages`, and
 * what could be read is analysed.
 */
export async function analyze(input: CaptureInput, options: AnalyzeOptions = {}): Promise<Report> {
  return analyzeCapture(inputSource(input), options);
}

/**
 * The TCP packets of a capture in its order, each as soon as its verdict is settled. Reads on only as fast as they are
 * taken. Throws as `analyze` does.
 */
export function readPackets(input: CaptureInput, options: PacketOptions = {}): AsyncGenerator<Packet> {
  return packetsOf(() => openInput(input), inputName(input), options);
}
