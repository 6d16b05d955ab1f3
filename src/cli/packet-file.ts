import type { CaptureSession } from '../capture/session.ts';
import { PcapngWriter } from '../capture/write-pcapng.ts';
import type { PacketRow } from '../model/row.ts';
import type { SegmentView } from '../model/segment.ts';
import { absoluteTime } from '../model/timestamp.ts';
import { explainVerdict } from '../render/explain.ts';
import type { OutputFile } from './output-file.ts';
import { isPlain } from './problems.ts';
import { packageVersion } from './version.ts';

/** Packets without a verdict that wait for the rows before them, and their bytes: more than these leave before them. */
const MAX_HELD = { packets: 1 << 15, bytes: 1 << 26 };
/** Characters of one comment. */
const MAX_COMMENT = 2000;

/** A packet that is no TCP segment, and waits until those before it are written. */
interface Held {
  readonly frame: number;
  readonly record: SegmentView;
  readonly time: bigint;
}

/** The packets that are selected, as a capture file in the order of the capture. */
export class PacketFile {
  /** Packets that are written. */
  count = 0;
  private readonly file: OutputFile;
  private readonly session: CaptureSession;
  private readonly hasComments: boolean;
  private writer: PcapngWriter | null = null;
  private held: Held[] = [];
  private heldBytes = 0;

  /** `hasComments`: verdicts and findings become comments of their packets. */
  constructor(file: OutputFile, session: CaptureSession, hasComments: boolean) {
    this.file = file;
    this.session = session;
    this.hasComments = hasComments;
  }

  /** A TCP segment. Its row must have kept the record. */
  row(row: PacketRow): void {
    this.release(row.view.frame);
    const { view } = row;
    const comments = row.comment === null ? [] : [row.comment];
    if (this.hasComments) comments.push(...commentsOf(row));
    this.write(view, this.timeOf(view), comments);
  }

  /** Any other packet, which has no row to wait with. */
  other(view: SegmentView): void {
    const { recordBytes, recordOffset, capturedLength } = view;
    const copy = Object.assign(Object.create(Object.getPrototypeOf(view)), view) as SegmentView;
    copy.recordBytes = recordBytes.slice(recordOffset, recordOffset + capturedLength);
    copy.recordOffset = 0;
    this.held.push({ frame: view.frame, record: copy, time: this.timeOf(view) });
    this.heldBytes += capturedLength;
    if (this.held.length > MAX_HELD.packets || this.heldBytes > MAX_HELD.bytes) this.release(Number.POSITIVE_INFINITY);
  }

  /** There are no more. `isCut`: the rows that are wanted have come, so that packets after them are not. */
  end(isCut: boolean): void {
    if (!isCut) this.release(Number.POSITIVE_INFINITY);
    this.open();
  }

  /** Writes what came before packet `frame`. */
  private release(frame: number): void {
    if (this.held.length === 0 || this.held[0].frame > frame) return;
    let count = this.held.findIndex((held) => held.frame > frame);
    if (count < 0) count = this.held.length;
    for (const { record, time } of this.held.splice(0, count)) {
      this.heldBytes -= record.capturedLength;
      this.write(record, time, []);
    }
  }

  private write(view: SegmentView, time: bigint, comments: readonly string[]): void {
    const { recordBytes, recordOffset, capturedLength, originalLength, linkType, direction, interfaceId } = view;
    const record = {
      bytes: recordBytes,
      offset: recordOffset,
      capturedLength,
      originalLength,
      linkType,
      direction,
      interface: this.session.facts.interfaces[interfaceId],
    };
    this.open().packet(record, time, comments);
    this.count++;
  }

  /** The head of the file has the comments of the captures, which are known when their first packet comes. */
  private open(): PcapngWriter {
    const { files, comments } = this.session.facts;
    this.writer ??= new PcapngWriter(
      `tcpscope ${packageVersion()}`,
      [`Packets of ${files.join(', ')}, chosen by tcpscope`, ...comments],
      (block) => this.file.bytes(block),
    );
    return this.writer;
  }

  private timeOf({ time }: SegmentView): bigint {
    return absoluteTime(this.session.origin.base, time);
  }
}

/** The number in the capture that it comes from, then what there is to tell. */
function commentsOf(row: PacketRow): string[] {
  const said = [
    ...(isPlain(row) ? [] : [explainVerdict(row)]),
    ...row.findings.map(({ severity, text, id }) => `${severity}: ${text} [${id}]`),
  ].filter((text) => text !== '');
  if (said.length === 0) return [];
  return [`packet ${row.view.frame} of the capture`, ...said].map((text) => text.slice(0, MAX_COMMENT));
}
