import type { Connection, Endpoint } from './connection.ts';
import type { Finding } from './finding.ts';
import { SegmentView } from './segment.ts';
import type { TrackedSegment } from './tracked.ts';
import type { Verdict } from './verdict.ts';

/** How much of a packet's bytes a row keeps: its IP and TCP headers (for options), or the whole record (for dumps). */
export type KeepBytes = 'headers' | 'record';

/** One packet, kept until its verdict is settled, then handed on. It owns everything it refers to. */
export class PacketRow {
  /** Questions that are still open; the row leaves when there are none, or when its horizon has passed. */
  open = 0;
  readonly view: SegmentView;
  readonly connection: Connection;
  readonly sender: Endpoint;
  readonly seq: number;
  readonly end: number;
  readonly ack: number;
  readonly window: number;
  readonly windowShift: number;
  readonly sinceStart: number;
  readonly sincePrevious: number;
  readonly comment: string | null;
  verdict: Verdict | null = null;
  /** RTT figures after this packet, in nanoseconds, -1 unknown: sample, SRTT and RTO of side `a`, then of side `b`. */
  readonly rtt = new Float64Array(6).fill(-1);
  readonly findings: Finding[] = [];

  constructor(view: SegmentView, t: TrackedSegment, keep: KeepBytes, comment: string | null) {
    this.view = snapshot(view, keep);
    this.connection = t.connection;
    this.sender = t.sender;
    this.seq = t.seq;
    this.end = t.end;
    this.ack = t.ack;
    this.window = t.window;
    this.windowShift = t.windowShift;
    this.sinceStart = t.sinceStart;
    this.sincePrevious = t.sincePrevious;
    this.comment = comment;
  }
}

/** A copy of `view` whose bytes are its own. */
function snapshot(view: SegmentView, keep: KeepBytes): SegmentView {
  const copy = new SegmentView();
  const { sack } = copy;
  Object.assign(copy, view, { sack });
  sack.set(view.sack);
  const start = keep === 'record' && view.bytes === view.recordBytes ? view.recordOffset : view.ipOffset;
  const captured = view.payloadOffset + (keep === 'record' ? view.payloadCaptured : 0);
  const end =
    keep === 'record' && view.bytes === view.recordBytes
      ? view.recordOffset + view.capturedLength
      : Math.min(Math.max(captured, view.tcpOffset + 20), view.bytes.length);
  const bytes = view.bytes.slice(start, end);
  copy.bytes = bytes;
  copy.data = new DataView(bytes.buffer);
  copy.ipOffset -= start;
  copy.tcpOffset -= start;
  copy.payloadOffset -= start;
  if (copy.mptcpOffset >= 0) copy.mptcpOffset -= start;
  if (keep === 'record') {
    if (view.bytes === view.recordBytes) {
      copy.recordBytes = bytes;
      copy.recordOffset = 0;
    } else {
      copy.recordBytes = view.recordBytes.slice(view.recordOffset, view.recordOffset + view.capturedLength);
      copy.recordOffset = 0;
    }
    if (copy.macOffset >= 0) copy.macOffset -= view.recordOffset;
  } else {
    copy.recordBytes = bytes;
    copy.recordOffset = 0;
    copy.macOffset = -1;
  }
  return copy;
}
