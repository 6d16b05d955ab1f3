import { horizonOf, type AnalyzeOptions as PassOptions } from './analysis.ts';
import { Analyzer } from './analyze.ts';
import { Feed } from './capture/feed.ts';
import { readCaptures } from './capture/merge.ts';
import { CaptureReader } from './capture/reader.ts';
import { CaptureSession } from './capture/session.ts';
import type { CaptureSource, OpenCapture } from './capture/source.ts';
import { compileFilter } from './filter/compile.ts';
import type { Packet } from './packet.ts';
import { objectFields, packetObject } from './render/packet-json.ts';
import { buildReport, type Report } from './report/report.ts';

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
  /** The longest time that a packet waits for evidence, in seconds by the capture's clock; 10. With 0 it comes at once. */
  horizon?: number;
}

/** The analysis of one capture. The name of the source stands in the report and in messages. */
export async function analyzeCapture(source: CaptureSource, options: AnalyzeOptions): Promise<Report> {
  const session = new CaptureSession();
  const analyzer = new Analyzer({ ...passOptions(options), roundTrips: true });
  await readCaptures([source], analyzer, session);
  analyzer.end(session.facts);
  return buildReport(analyzer, session.facts);
}

/** The packets of one capture, which is opened when the first of them is wanted. */
export async function* packetsOf(
  open: () => OpenCapture,
  name: string,
  options: PacketOptions,
): AsyncGenerator<Packet> {
  const session = new CaptureSession();
  const toObject = packetObject(objectFields(() => session.origin.base));
  let settled: Packet[] = [];
  const analyzer = new Analyzer({
    ...passOptions(options),
    everyView: true,
    onRow: (row) => {
      if (row.isSelected) settled.push(toObject(row) as unknown as Packet);
    },
    ...(options.horizon === undefined ? {} : { horizon: horizonOf(options.horizon) }),
  });
  const reader = new CaptureReader(analyzer, session);
  const capture = open();
  const feed = new Feed(reader, analyzer, name, capture);
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
