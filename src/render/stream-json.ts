import type { Endpoint } from '../model/endpoint.ts';
import type { Conflict, ConflictCopy, Excluded, GapType, LimitHit, StreamEnd, StreamSink } from '../model/stream.ts';
import { timestampText } from '../model/timestamp.ts';
import { base64 } from './base64.ts';
import { jsonOf } from './json.ts';

export interface StreamJsonOptions {
  /** Absolute time of the first record; asked for when something is written. */
  origin: () => bigint;
  marksGaps: boolean;
}

/** One JSON object a line for everything that reassembly tells; `type` says what it is. Bytes are base64. */
export class StreamJson implements StreamSink {
  private readonly write: (text: string) => void;
  private readonly options: StreamJsonOptions;

  constructor(write: (text: string) => void, options: StreamJsonOptions) {
    this.write = write;
    this.options = options;
  }

  chunk(sender: Endpoint, offset: number, bytes: Uint8Array, frame: number, time: number): void {
    const data = base64(bytes);
    this.line('chunk', sender, { offset, length: bytes.length, frames: [frame], timestamp: this.time(time), data });
  }

  gap(sender: Endpoint, start: number, end: number, reason: GapType): void {
    if (this.options.marksGaps) this.line('gap', sender, { offset: start, length: end - start, reason });
  }

  urgent(sender: Endpoint, offset: number, octet: number, frame: number, time: number): void {
    this.line('urgent', sender, { offset, octet, frames: [frame], timestamp: this.time(time) });
  }

  conflict({ sender, start, end, differsAt, contentStart, earlier, later, kept, delivered, picks }: Conflict): void {
    const copy = ({ frame, time, ttl, ipId, bytes }: ConflictCopy) => ({
      frame,
      timestamp: this.time(time),
      ttl,
      ipId: ipId < 0 ? null : ipId,
      data: base64(bytes),
    });
    const place = { offset: start, length: end - start, differsAt, contentStart };
    this.line('conflict', sender, { ...place, kept, delivered, picks, earlier: copy(earlier), later: copy(later) });
  }

  excluded({ sender, start, end, frame, time, reason }: Excluded): void {
    const timestamp = this.time(time);
    this.line('excluded', sender, { offset: start, length: end - start, reason, frames: [frame], timestamp });
  }

  limit({ sender, what, offset, frame }: LimitHit): void {
    this.line('limit', sender, { offset, what, frames: [frame] });
  }

  end({ sender, unacknowledged, ...rest }: StreamEnd): void {
    this.line('end', sender, { ...rest, unacknowledged: unacknowledged < 0 ? null : unacknowledged });
  }

  private time(time: number): string {
    return timestampText(this.options.origin(), time);
  }

  private line(type: string, sender: Endpoint, fields: object): void {
    this.write(`${jsonOf({ type, stream: sender.connection.id, side: sender.role, ...fields })}\n`);
  }
}
