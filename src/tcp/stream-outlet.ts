import type { Endpoint } from '../model/endpoint.ts';
import type { Conflict, Excluded, GapType, LimitHit, StreamEnd, StreamSink } from '../model/stream.ts';

/** Passes the events of both directions on in their order, with gaps that adjoin each other joined into one. */
export class StreamOutlet {
  private readonly sink: StreamSink;
  private gapSender: Endpoint | null = null;
  private gapStart = 0;
  private gapEnd = 0;
  private gapType: GapType = 'lost';

  constructor(sink: StreamSink) {
    this.sink = sink;
  }

  chunk(sender: Endpoint, offset: number, bytes: Uint8Array, frame: number, time: number): void {
    this.flush();
    this.sink.chunk(sender, offset, bytes, frame, time);
  }

  /** True when it begins a new gap, false when it makes the latest one longer. */
  gap(sender: Endpoint, start: number, end: number, type: GapType): boolean {
    if (this.gapSender === sender && this.gapType === type && this.gapEnd === start) {
      this.gapEnd = end;
      return false;
    }
    this.flush();
    this.gapSender = sender;
    this.gapStart = start;
    this.gapEnd = end;
    this.gapType = type;
    return true;
  }

  urgent(sender: Endpoint, offset: number, octet: number, frame: number, time: number): void {
    this.flush();
    this.sink.urgent?.(sender, offset, octet, frame, time);
  }

  conflict(conflict: Conflict): void {
    this.sink.conflict?.(conflict);
  }

  excluded(excluded: Excluded): void {
    this.sink.excluded?.(excluded);
  }

  limit(hit: LimitHit): void {
    this.sink.limit?.(hit);
  }

  end(end: StreamEnd): void {
    this.flush();
    this.sink.end?.(end);
  }

  private flush(): void {
    const sender = this.gapSender;
    if (sender === null) return;
    this.gapSender = null;
    this.sink.gap(sender, this.gapStart, this.gapEnd, this.gapType);
  }
}
