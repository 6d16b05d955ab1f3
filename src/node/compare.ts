import { CaptureSession } from '../capture/session.ts';
import { Comparison } from '../compare/comparison.ts';
import { named, requirePlaces } from '../compare/place-names.ts';
import { PlacesReader, readPlaces } from '../compare/places.ts';
import type { Point } from '../compare/point.ts';
import { type CompareReport, compareReport } from '../compare/report.ts';
import { type ComparedPacket, comparedPacket } from '../compare/row.ts';
import { UsageError } from '../model/errors.ts';
import { type CaptureInput, inputSource } from './capture-input.ts';

export type { UncertaintyBasis } from '../compare/comparison.ts';
export type { Distribution, WayReport } from '../compare/delays.ts';
export type { CompareNote } from '../compare/notes.ts';
export type { ClockReport, ComparedConnection, ComparedFile, CompareReport, LinkReport } from '../compare/report.ts';
export type { ComparedPacket } from '../compare/row.ts';
export type { ChangeCode } from '../views/changes.ts';

export interface CompareOptions {
  /** Both directions take the same least time: what is told of the clocks may rest on that. Default false. */
  readonly symmetric?: boolean;
  /** What each capture is called, in their order; without, the path, or `input 1`, `input 2`. */
  readonly names?: readonly string[];
}

/** Captures of the same traffic at several places, as one. */
export interface CaptureComparison {
  /** What `tcpscope compare --json` prints. */
  readonly report: CompareReport;
  /** What `tcpscope compare --ndjson` prints: each packet at all places, in the order of time. */
  packets(): Generator<ComparedPacket>;
}

/**
 * Compares captures of the same traffic that were made at several places (in any order), or the points of view of one: where
 * packets were lost, how long each took, what was changed on the way, how the clocks stand.
 *
 * Throws a UsageError where there are not two places (or more than 16), a CaptureError when an input is no capture. Damage
 * further on does not throw: `report.notes` says what is missing, and what could be read is compared.
 */
export async function compare(
  captures: CaptureInput | readonly CaptureInput[],
  options: CompareOptions = {},
): Promise<CaptureComparison> {
  const inputs: readonly CaptureInput[] = isList(captures) ? captures : [captures];
  const { names = inputs.map(nameOf), symmetric = false } = options;
  if (names.length !== inputs.length) throw new UsageError(`names: ${names.length} for ${inputs.length} captures`);
  const double = names.find((name, i) => names.indexOf(name) !== i);
  if (double !== undefined) throw new UsageError(`${double} is named twice: a capture is not compared with itself`);
  const points: Point[] = [];
  for (const [i, input] of inputs.entries()) {
    const places = await readPlaces({ ...inputSource(input), name: names[i] }, (isOnePlace) => {
      const session = new CaptureSession();
      return { session, reader: new PlacesReader(names[i], session, { isOnePlace }) };
    });
    points.push(...places.points);
  }
  requirePlaces(points);
  const comparison = new Comparison(named(points), { isSymmetric: symmetric });
  return {
    report: compareReport(comparison),
    *packets() {
      for (const row of comparison.order) yield comparedPacket(comparison, row);
    },
  };
}

function nameOf(input: CaptureInput, i: number): string {
  return typeof input === 'string' || input instanceof URL ? String(input) : `input ${i + 1}`;
}

function isList(captures: CaptureInput | readonly CaptureInput[]): captures is readonly CaptureInput[] {
  return Array.isArray(captures);
}
