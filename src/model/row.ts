import type { CongestionSnapshot } from './congestion.ts';
import type { Connection } from './connection.ts';
import type { Endpoint } from './endpoint.ts';
import type { Finding } from './finding.ts';
import type { SegmentView } from './segment.ts';
import type { TrackedSegment } from './tracked.ts';
import { Fate, type Verdict } from './verdict.ts';
import type { WiresharkView } from './wireshark.ts';

/** How much of a packet's bytes a row keeps: its IP and TCP headers (for options), or the whole record (for dumps). */
export type KeepBytes = 'headers' | 'record';

/** Parts of a row that a stage of its own works out. All else comes with the packet, its place and its verdict. */
export const ROW_PARTS = ['congestion', 'findings', 'waits', 'wireshark'] as const;
export type RowPart = (typeof ROW_PARTS)[number];

/** What was waited for until data arrived, since the data before it had: one of `TimeUse`, nanoseconds, and the exchange. */
export interface Wait {
  use: number;
  time: number;
  exchange: number;
}

/**
 * What is still to be said of a packet: held by everyone who may have evidence, who each release it once. They keep it in place of the
 * row, which leaves with its headers when its horizon has passed.
 */
export class Question {
  private held = 0;
  private awaitsSilence = false;
  readonly waits: Wait[] = [];

  hold(): void {
    this.held++;
  }

  release(): void {
    this.held--;
  }

  /** Only that nothing comes until its horizon is evidence. */
  awaitSilence(): void {
    this.awaitsSilence = true;
  }

  /** Evidence may still come: the packet leaves when there is none to wait for, or when its horizon has passed. */
  get isOpen(): boolean {
    return this.held > 0 || this.awaitsSilence;
  }

  /** All who held it have released it. */
  get isAnswered(): boolean {
    return this.held === 0;
  }
}

/** One packet, kept until its verdict is settled, then handed on. It owns everything it refers to. */
export class PacketRow {
  /** What is still to be said of it. */
  readonly question = new Question();
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
  /** The filter accepts it. */
  readonly isSelected: boolean;
  verdict: Verdict | null = null;
  /** RTT figures after this packet, in nanoseconds, -1 unknown: sample, SRTT and RTO of side `a`, then of side `b`. */
  readonly rtt: number[] = [-1, -1, -1, -1, -1, -1];
  /** How many RTT samples of side `a` and of side `b` there have been. */
  readonly rttSamples: [number, number] = [0, 0];
  /** Congestion control of side `a` and of side `b` after this packet; null where nobody asks for it. */
  readonly congestion: [CongestionSnapshot | null, CongestionSnapshot | null] = [null, null];
  readonly findings: Finding[] = [];
  /** What Wireshark says of it; null until its stage saw the packet, and where nobody asks for it. */
  wireshark: WiresharkView | null = null;

  /** `owner` is the sender where the segment was tracked as another view of its connection. */
  constructor(
    view: SegmentView,
    t: TrackedSegment,
    keep: KeepBytes,
    comment: string | null,
    isSelected: boolean,
    owner: Endpoint = t.sender,
  ) {
    this.view = snapshot(view, keep);
    this.connection = owner.connection;
    this.sender = owner;
    this.seq = t.seq;
    this.end = t.end;
    this.ack = t.ack;
    this.window = t.window;
    this.windowShift = t.windowShift;
    this.sinceStart = t.sinceStart;
    this.sincePrevious = t.sincePrevious;
    this.comment = comment;
    this.isSelected = isSelected;
  }

  /** What became of it: one of `Fate`. That the next vantage did not see it shows its loss as well as what is sent again. */
  get fate(): number {
    return this.view.sight?.lostBetween ? Fate.LOST : (this.verdict?.fate ?? Fate.UNKNOWN);
  }

  /** What was waited for until its data arrived. */
  get waits(): readonly Wait[] {
    return this.question.waits;
  }

  /** It waits: of a connection that left nothing comes any more. */
  get isOpen(): boolean {
    return this.question.isOpen && !this.connection.hasLeft;
  }

  /** The analysis runs on another view of the connection. */
  get isOtherView(): boolean {
    const { sight } = this.view;
    return sight !== null && !sight.isChosen;
  }

  /** Index in an end's timeline of what was so before this packet, -1 before the first entry. */
  entryBefore({ timeline }: Endpoint): number {
    const { frame, time, sight } = this.view;
    if (sight === null) return timeline.indexAt(frame - 1);
    return sight.isChosen
      ? timeline.indexAtTime(time, frame - 1)
      : timeline.indexAtTime(time, Number.POSITIVE_INFINITY);
  }

  /** The same after it. */
  entryAfter({ timeline }: Endpoint): number {
    const { frame, time, sight } = this.view;
    return sight === null ? timeline.indexAt(frame) : timeline.indexAtTime(time, frame);
  }
}

/** A copy of `view` whose bytes are its own. */
export function snapshot(view: SegmentView, keep: KeepBytes): SegmentView {
  return keep === 'record' ? withRecord(view) : withHeaders(view);
}

/** With the whole record; in front of it, where the segment came out of fragments, the reassembled packet. */
function withRecord(view: SegmentView): SegmentView {
  const { recordOffset, capturedLength } = view;
  const copy = clone(view);
  copy.recordBytes = copied(view.recordBytes, recordOffset, recordOffset + capturedLength);
  copy.recordOffset = 0;
  if (view.macOffset >= 0) copy.macOffset = view.macOffset - recordOffset;
  if (view.bytes === view.recordBytes) place(copy, view, copy.recordBytes, -recordOffset);
  else {
    const end = Math.min(view.payloadOffset + view.payloadCaptured, view.bytes.length);
    place(copy, view, copied(view.bytes, view.ipOffset, end), -view.ipOffset);
  }
  copy.data = new DataView(copy.bytes.buffer);
  return copy;
}

/**
 * Headers of many rows share a block: a buffer of its own costs a row more than what is in it. A block is freed with the
 * last of its rows, so it is small: what a connection that never ended still has in flight keeps its rows.
 */
const BLOCK_SIZE = 0x1000;
let block = new Uint8Array(0);
let blockData = new DataView(block.buffer);
let blockUsed = 0;

/** With the IP and TCP headers. `recordOffset + capturedLength` is still where the capture of the packet ends. */
function withHeaders(view: SegmentView): SegmentView {
  const { bytes, ipOffset } = view;
  const limit = bytes === view.recordBytes ? view.recordOffset + view.capturedLength : bytes.length;
  const end = Math.min(Math.max(view.payloadOffset, view.tcpOffset + 20), limit);
  const length = end - ipOffset;
  if (blockUsed + length > block.length) {
    block = new Uint8Array(Math.max(BLOCK_SIZE, length));
    blockData = new DataView(block.buffer);
    blockUsed = 0;
  }
  for (let i = 0; i < length; i++) block[blockUsed + i] = bytes[ipOffset + i];
  const copy = clone(view);
  place(copy, view, block, blockUsed - ipOffset);
  copy.data = blockData;
  copy.recordBytes = block;
  copy.recordOffset = view.recordOffset + blockUsed - ipOffset;
  copy.macOffset = -1;
  blockUsed += length;
  return copy;
}

const NO_SACK = new Uint32Array(0);

function clone(view: SegmentView): SegmentView {
  // A spread is several times faster than Object.assign; the class has no methods that would be lost.
  return { ...view, sack: view.sackCount === 0 ? NO_SACK : view.sack.slice() };
}

/** Sets where the packet lies in its new memory, `shift` from where it was. */
function place(copy: SegmentView, view: SegmentView, bytes: Uint8Array, shift: number): void {
  copy.bytes = bytes;
  copy.ipOffset = view.ipOffset + shift;
  copy.tcpOffset = view.tcpOffset + shift;
  copy.payloadOffset = view.payloadOffset + shift;
  if (view.mptcpOffset >= 0) copy.mptcpOffset = view.mptcpOffset + shift;
}

/** Uint8Array's own slice: that of a Buffer would share the memory. */
function copied(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return Uint8Array.prototype.slice.call(bytes, start, end);
}
