import type { CaptureSink } from './capture/source.ts';
import { Decoder } from './decode/decoder.ts';
import type { Connection } from './model/connection.ts';
import type { CaptureRecord } from './model/record.ts';
import { type KeepBytes, PacketRow } from './model/row.ts';
import { DecodeStatus, SegmentView } from './model/segment.ts';
import type { TrackedSegment } from './model/tracked.ts';
import { Kind, type Verdict } from './model/verdict.ts';
import { type Horizon, RowQueue } from './row-queue.ts';
import { noteHistory } from './tcp/history.ts';
import { StateReplay } from './tcp/states.ts';
import { advance, Tracker } from './tcp/tracker.ts';
import { concludeFlight } from './verdict/acks.ts';
import { Classifier } from './verdict/classify.ts';

export interface AnalyzeOptions {
  /** Takes every TCP packet's row, in the order of capture, when its verdict is settled. Without it no rows are kept. */
  onRow?: (row: PacketRow) => void;
  /** What rows keep of the bytes; `headers` unless dumps are wanted. */
  keep?: KeepBytes;
  horizon?: Horizon;
  verifyChecksums?: boolean;
  /** Only packets that it accepts are analysed. */
  filter?: (view: SegmentView) => boolean;
}

/** Ten seconds of capture time and 2^17 rows: longer than the usual timeouts, and a bounded amount of memory. */
export const DEFAULT_HORIZON: Horizon = { time: 10e9, rows: 1 << 17 };

/** How many packets of each sort the capture holds. */
export interface PacketCounts {
  total: number;
  tcp: number;
  icmpErrors: number;
  fragments: number;
  notTcp: number;
  cutShort: number;
  malformed: number;
  unknownLink: number;
  /** Bytes on the wire and in the file. */
  wireBytes: number;
  capturedBytes: number;
  /** Packets of which the capture holds less than there was. */
  snapped: number;
  /** Nanoseconds since the first record. */
  firstTime: number;
  lastTime: number;
}

/**
 * The one pass: record, segment, connection, verdict, states, row. The only file that knows the order of the stages.
 */
export class Analyzer implements CaptureSink {
  readonly counts: PacketCounts = {
    total: 0,
    tcp: 0,
    icmpErrors: 0,
    fragments: 0,
    notTcp: 0,
    cutShort: 0,
    malformed: 0,
    unknownLink: 0,
    wireBytes: 0,
    capturedBytes: 0,
    snapped: 0,
    firstTime: 0,
    lastTime: 0,
  };

  private readonly view = new SegmentView();
  private readonly decoder: Decoder;
  private readonly tracker = new Tracker();
  private readonly classifier = new Classifier();
  private readonly states = new StateReplay();
  private readonly queue: RowQueue | null;
  private readonly keep: KeepBytes;
  private readonly filter: ((view: SegmentView) => boolean) | null;

  constructor(options: AnalyzeOptions = {}) {
    this.decoder = new Decoder({ verifyChecksums: options.verifyChecksums ?? true });
    this.queue = options.onRow === undefined ? null : new RowQueue(options.horizon ?? DEFAULT_HORIZON, options.onRow);
    this.keep = options.keep ?? 'headers';
    this.filter = options.filter ?? null;
  }

  get connections(): readonly Connection[] {
    return this.tracker.flows.connections;
  }

  record(record: CaptureRecord): void {
    const { counts, view } = this;
    counts.total++;
    counts.wireBytes += record.originalLength;
    counts.capturedBytes += record.capturedLength;
    if (record.capturedLength < record.originalLength) counts.snapped++;
    if (counts.total === 1) counts.firstTime = record.time;
    counts.lastTime = record.time;
    switch (this.decoder.decode(record, view)) {
      case DecodeStatus.TCP:
        if (this.filter !== null && !this.filter(view)) return;
        counts.tcp++;
        this.segment(view, record.comment);
        return;
      case DecodeStatus.ICMP_QUOTES_TCP:
        counts.icmpErrors++;
        return;
      case DecodeStatus.FRAGMENT:
        counts.fragments++;
        return;
      case DecodeStatus.CUT_SHORT:
        counts.cutShort++;
        return;
      case DecodeStatus.MALFORMED:
        counts.malformed++;
        return;
      case DecodeStatus.UNKNOWN_LINK:
        counts.unknownLink++;
        return;
      default:
        counts.notTcp++;
    }
  }

  private segment(view: SegmentView, comment: string | null): void {
    const t = this.tracker.track(view);
    const { queue } = this;
    let row: PacketRow | null = null;
    if (queue !== null) {
      row = new PacketRow(view, t, this.keep, comment);
      queue.push(row);
    }
    const verdict = this.classifier.classify(t, view, row);
    noteHistory(t, view);
    if (!isRepeat(verdict) && !t.stray) {
      this.states.replay(t, view, row, this.classifier.acks.news);
      advance(t, view);
    }
    if (row !== null) noteRtt(row, t);
    if (queue !== null) queue.release(view.time);
  }

  /** The input has ended: the rows that still wait are released as they stand. */
  end(): void {
    if (this.queue === null) return;
    for (const { a, b } of this.connections) {
      for (const { flight, peer } of [a, b]) if (flight !== null) concludeFlight(flight, Math.max(peer.mss, 536));
    }
    this.queue.flush();
  }
}

/** A second copy of a packet, and a packet that its receiver drops, have no effect of their own. */
function isRepeat(verdict: Verdict | null): boolean {
  return verdict !== null && verdict.kind === Kind.DUPLICATE;
}

function noteRtt(row: PacketRow, t: TrackedSegment): void {
  const { a, b } = t.connection;
  let i = 0;
  for (const { flight } of [a, b]) {
    if (flight !== null && flight.srtt >= 0) {
      row.rtt[i] = flight.sample;
      row.rtt[i + 1] = flight.srtt;
      row.rtt[i + 2] = flight.rto;
    }
    i += 3;
  }
}
