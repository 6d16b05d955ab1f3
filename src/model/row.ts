import type { CongestionSnapshot } from './congestion.ts';
import { Connection } from './connection.ts';
import type { Endpoint } from './endpoint.ts';
import type { Finding } from './finding.ts';
import { DOUBLE_ZERO } from './packed.ts';
import { EMPTY_BYTES, EMPTY_DATA } from './record.ts';
import { copySegment, SegmentView } from './segment.ts';
import type { TrackedSegment } from './tracked.ts';
import { Fate, type Verdict } from './verdict.ts';
import type { WiresharkView } from './wireshark.ts';

/** How much of a packet's bytes a row keeps: its IP and TCP headers (for options), or the whole record (for dumps). */
export type KeepBytes = 'headers' | 'record';

/** Parts of a row that a stage of its own works out. All else comes with the packet, its place and its verdict. */
export const ROW_PARTS = ['congestion', 'findings', 'states', 'waits', 'wireshark'] as const;
export type RowPart = (typeof ROW_PARTS)[number];

/**
 * Parts of which more may become known when nothing is open about the packet any more: a later packet shows that a segment arrived sooner,
 * or what is to be found of it.
 */
export const KNOWN_LATER: readonly RowPart[] = ['findings', 'states'];

/** What was waited for until data arrived, since the data before it had: one of `TimeUse`, nanoseconds, and the exchange. */
export interface Wait {
  use: number;
  time: number;
  exchange: number;
}

const NO_WAITS: readonly Wait[] = [];

/**
 * What is still to be said of a packet: held by everyone who may have evidence, who each release it once. They keep it in place of the
 * row, which leaves with its headers when its horizon has passed.
 */
export class Question {
  private held = 0;
  private awaitsSilence = false;
  waits: readonly Wait[] = NO_WAITS;

  noteWait(wait: Wait): void {
    if (this.waits === NO_WAITS) this.waits = [wait];
    else (this.waits as Wait[]).push(wait);
  }

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

/** What a row has that is of no packet. */
const NOTHING = new Question();
const NOBODY = new Connection(0, new SegmentView(), null);
const NO_FINDINGS: Finding[] = [];

/**
 * One packet, kept until its verdict is settled, then handed on. It owns everything it refers to, and can be used again for another
 * packet when nobody looks at it any more.
 */
export class PacketRow {
  /** What is still to be said of it. */
  question = NOTHING;
  readonly view = new SegmentView();
  connection = NOBODY;
  sender: Endpoint = NOBODY.a;
  seq: number = DOUBLE_ZERO;
  end: number = DOUBLE_ZERO;
  ack: number = DOUBLE_ZERO;
  window = 0;
  windowShift = 0;
  sinceStart: number = DOUBLE_ZERO;
  sincePrevious: number = DOUBLE_ZERO;
  comment: string | null = null;
  /** The filter accepts it. */
  isSelected = false;
  verdict: Verdict | null = null;
  /** RTT figures after this packet, in nanoseconds, -1 unknown: sample, SRTT and RTO of side `a`, then of side `b`. */
  readonly rtt: number[] = [-1, -1, -1, -1, -1, -1];
  /** How many RTT samples of side `a` and of side `b` there have been. */
  readonly rttSamples: [number, number] = [0, 0];
  /** Congestion control of side `a` and of side `b` after this packet; null where nobody asks for it. */
  readonly congestion: [CongestionSnapshot | null, CongestionSnapshot | null] = [null, null];
  /** Those who find something later hold this list, not the row. */
  findings = NO_FINDINGS;
  /** What Wireshark says of it; null until its stage saw the packet, and where nobody asks for it. */
  wireshark: WiresharkView | null = null;
  private readonly headers = new HeaderRoom();

  /** The row, which is of no packet, is that of this one. `owner` is the sender, as the chosen view knows it where the segment was tracked in another. */
  becomes(
    view: SegmentView,
    t: TrackedSegment,
    keep: KeepBytes,
    comment: string | null,
    isSelected: boolean,
    owner: Endpoint,
  ): void {
    copySegment(view, this.view);
    if (keep === 'record') ownRecord(view, this.view);
    else this.headers.keep(view, this.view);
    this.question = new Question();
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
    // One by one, which takes less than a call of `fill`.
    const { rtt, rttSamples } = this;
    rtt[0] = rtt[1] = rtt[2] = rtt[3] = rtt[4] = rtt[5] = -1;
    rttSamples[0] = rttSamples[1] = 0;
    this.findings = [];
  }

  /** Nobody looks at it any more: it keeps nothing alive. */
  forget(): void {
    const { view } = this;
    view.bytes = view.recordBytes = EMPTY_BYTES;
    view.data = EMPTY_DATA;
    view.sight = null;
    this.question = NOTHING;
    this.connection = NOBODY;
    this.sender = NOBODY.a;
    this.comment = null;
    this.verdict = null;
    this.findings = NO_FINDINGS;
    this.wireshark = null;
    this.congestion[0] = this.congestion[1] = null;
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

/** A copy of `view` with its IP and TCP headers, whose bytes are its own. */
export function snapshot(view: SegmentView): SegmentView {
  const copy = new SegmentView();
  copySegment(view, copy);
  new HeaderRoom().keep(view, copy);
  return copy;
}

/** With the whole record; in front of it, where the segment came out of fragments, the reassembled packet. */
function ownRecord(view: SegmentView, copy: SegmentView): void {
  const { recordOffset, capturedLength } = view;
  copy.recordBytes = copied(view.recordBytes, recordOffset, recordOffset + capturedLength);
  copy.recordOffset = 0;
  if (view.macOffset >= 0) copy.macOffset = view.macOffset - recordOffset;
  if (view.bytes === view.recordBytes) place(copy, view, copy.recordBytes, -recordOffset);
  else {
    const end = Math.min(view.payloadOffset + view.payloadCaptured, view.bytes.length);
    place(copy, view, copied(view.bytes, view.ipOffset, end), -view.ipOffset);
  }
  copy.data = new DataView(copy.bytes.buffer);
}

/**
 * Rooms of many packets share a block: a buffer of its own costs a packet more than what is in it. A block is freed with the last of
 * them, so it is small.
 */
const BLOCK_SIZE = 0x1000;
/** IPv4 and TCP headers with all their options, or an IPv6 header, one extension and TCP. Larger ones have memory of their own. */
const ROOM_SIZE = 120;
let block = new Uint8Array(0);
let blockData = new DataView(block.buffer);
let blockUsed = 0;

/** Bytes for the IP and TCP headers of one packet, used again for the next. */
class HeaderRoom {
  private readonly bytes: Uint8Array;
  private readonly data: DataView;
  private readonly start: number;

  constructor() {
    if (blockUsed + ROOM_SIZE > block.length) {
      block = new Uint8Array(BLOCK_SIZE);
      blockData = new DataView(block.buffer);
      blockUsed = 0;
    }
    this.bytes = block;
    this.data = blockData;
    this.start = blockUsed;
    blockUsed += ROOM_SIZE;
  }

  /** `copy` gets the headers of `view`. `recordOffset + capturedLength` is still where the capture of the packet ends. */
  keep(view: SegmentView, copy: SegmentView): void {
    const { bytes, ipOffset } = view;
    const limit = bytes === view.recordBytes ? view.recordOffset + view.capturedLength : bytes.length;
    const length = Math.min(Math.max(view.payloadOffset, view.tcpOffset + 20), limit) - ipOffset;
    const fits = length <= ROOM_SIZE;
    const room = fits ? this.bytes : new Uint8Array(length);
    const start = fits ? this.start : 0;
    const data = fits ? this.data : new DataView(room.buffer);
    let i = 0;
    for (; i + 4 <= length; i += 4) data.setInt32(start + i, view.data.getInt32(ipOffset + i));
    for (; i < length; i++) room[start + i] = bytes[ipOffset + i];
    place(copy, view, room, start - ipOffset);
    copy.data = data;
    copy.recordBytes = room;
    copy.recordOffset = view.recordOffset + start - ipOffset;
    copy.macOffset = -1;
  }
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
