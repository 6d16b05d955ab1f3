import type { Connection } from '../model/connection.ts';
import { RST } from '../model/flags.ts';
import { ChecksumStatus, type SegmentView } from '../model/segment.ts';
import type { OverlapPolicy, StreamSink, UrgentMode } from '../model/stream.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { StreamDirection } from './stream-direction.ts';
import { StreamOutlet } from './stream-outlet.ts';

export interface ReassemblyOptions {
  overlap: OverlapPolicy;
  urgent: UrgentMode;
  /** Bytes of memory that waiting bytes of one direction may take, bookkeeping (128 bytes a piece) included. */
  limit: number;
  /** Delivered bytes of one direction that are kept to compare later copies with; a power of two. */
  history: number;
  /**
   * Nanoseconds of capture time that bytes which the receiver has acknowledged may still be captured late, before they are
   * called missing.
   */
  patience: number;
}

export const DEFAULT_REASSEMBLY: ReassemblyOptions = {
  overlap: 'linux',
  urgent: 'inline',
  limit: 1 << 24,
  history: 1 << 18,
  patience: 1e9,
};

/** Makes the two byte streams of one connection out of its segments. */
export class Reassembler {
  private readonly a: StreamDirection;
  private readonly b: StreamDirection;
  private readonly connection: Connection;

  constructor(connection: Connection, sink: StreamSink, options: Partial<ReassemblyOptions> = {}) {
    const all = { ...DEFAULT_REASSEMBLY, ...options };
    const outlet = new StreamOutlet(sink);
    this.connection = connection;
    this.a = new StreamDirection(connection.a, all, outlet);
    this.b = new StreamDirection(connection.b, all, outlet);
  }

  /** Every segment of the connection, in the order of capture, when the stages before have seen it. */
  segment(t: TrackedSegment, view: SegmentView): void {
    const { a, b } = this;
    const sends = t.sender === this.connection.a ? a : b;
    if (t.unacceptable || t.unacceptableSyn) {
      const damaged = t.unacceptable && view.tcpChecksumStatus === ChecksumStatus.BAD;
      if (view.payloadLength > 0)
        sends.exclude(t.seq, view, damaged ? 'bad-checksum' : t.unacceptableSyn ? 'stray-syn' : 'stray');
      return;
    }
    if (view.flags & RST) {
      sends.resets(t, view);
      return;
    }
    if (t.ack >= 0) (sends === a ? b : a).acknowledged(t.ack, view);
    sends.sends(t, view);
    a.lookAt(view.time);
    b.lookAt(view.time);
  }

  /** The input has ended. */
  end(): void {
    this.a.end();
    this.b.end();
  }
}
