import type { Connection } from '../model/connection.ts';
import { RST } from '../model/flags.ts';
import { ChecksumStatus, type SegmentView } from '../model/segment.ts';
import type { StreamSink } from '../model/stream.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { DEFAULT_REASSEMBLY, type ReassemblyOptions } from './reassembly-options.ts';
import { StreamDirection } from './stream-direction.ts';
import { StreamOutlet } from './stream-outlet.ts';

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
