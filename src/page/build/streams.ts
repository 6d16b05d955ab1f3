import type { Connection } from '../../model/connection.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import type { SegmentView } from '../../model/segment.ts';
import { GAP_TYPES, type GapType, type StreamSink } from '../../model/stream.ts';
import type { TrackedSegment } from '../../model/tracked.ts';
import { Reassembler } from '../../tcp/reassembler.ts';
import type { StreamData } from '../model.ts';
import { ColumnBuilder } from './table.ts';

/** Payload of one connection that a page holds, and pieces of it. */
const MOST_BYTES = 1 << 18;
const MOST_PIECES = 1 << 14;

/** Follows both streams of a connection, up to a bound. */
export class StreamBuilder implements StreamSink {
  private readonly reassembler: Reassembler;
  private readonly rows = new ColumnBuilder(['fromClient', 'offset', 'length', 'packet', 'gap']);
  private readonly chunks: Uint8Array[] = [];
  private readonly most: number;
  private held = 0;
  private more = 0;

  constructor(connection: Connection, most = MOST_BYTES) {
    this.reassembler = new Reassembler(connection, this);
    this.most = most;
  }

  segment(t: TrackedSegment, view: SegmentView): void {
    this.reassembler.segment(t, view);
  }

  chunk(sender: Endpoint, offset: number, bytes: Uint8Array, frame: number): void {
    const room = this.rows.length < MOST_PIECES ? this.most - this.held : 0;
    const length = Math.min(room, bytes.length);
    this.more += bytes.length - length;
    if (length === 0) return;
    this.held += length;
    this.chunks.push(bytes.slice(0, length));
    this.rows.add({ fromClient: sender.isClient ? 1 : 0, offset, length, packet: frame, gap: -1 });
  }

  gap(sender: Endpoint, start: number, end: number, type: GapType): void {
    if (this.held >= this.most || this.rows.length >= MOST_PIECES) return;
    const gap = GAP_TYPES.indexOf(type);
    this.rows.add({ fromClient: sender.isClient ? 1 : 0, offset: start, length: end - start, packet: 0, gap });
  }

  build(): StreamData {
    this.reassembler.end();
    const bytes = new Uint8Array(this.held);
    let at = 0;
    for (const chunk of this.chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return { bytes, ...this.rows.build(), more: this.more };
  }
}
