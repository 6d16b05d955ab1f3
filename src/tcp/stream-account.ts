import type { Endpoint } from '../model/endpoint.ts';
import type { Conflict, Exclusion, GapType, LimitHit, OverlapPolicy, Stamp, StreamEnd } from '../model/stream.ts';
import { conflictOf, type Rivals } from './conflict.ts';
import type { StreamOutlet } from './stream-outlet.ts';

/** What `StreamEnd` says that is not counted here. */
type Closing = Pick<StreamEnd, 'by' | 'length' | 'unacknowledged' | 'afterReset'>;

/** Tells the events of one direction and counts them. Offsets count the stream's bytes from 0. */
export class StreamAccount {
  private readonly sender: Endpoint;
  private readonly overlap: OverlapPolicy;
  private readonly out: StreamOutlet;
  private bytes = 0;
  private urgentBytes = 0;
  private missing = 0;
  private gaps = 0;
  private conflicts = 0;
  private exclusions = 0;

  constructor(sender: Endpoint, overlap: OverlapPolicy, out: StreamOutlet) {
    this.sender = sender;
    this.overlap = overlap;
    this.out = out;
  }

  chunk(offset: number, bytes: Uint8Array, stamp: Stamp): void {
    if (bytes.length === 0) return;
    this.bytes += bytes.length;
    this.out.chunk(this.sender, offset, bytes, stamp.frame, stamp.time);
  }

  /** Of the octet that an urgent pointer names. */
  urgent(offset: number, octet: number, stamp: Stamp): void {
    this.out.urgent(this.sender, offset, octet, stamp.frame, stamp.time);
  }

  /** Such an octet was taken out of the stream. */
  tookUrgent(): void {
    this.urgentBytes++;
  }

  gap(start: number, end: number, type: GapType): void {
    this.missing += end - start;
    if (this.out.gap(this.sender, start, end, type)) this.gaps++;
  }

  /** The capture took the stream up somewhere after its beginning. */
  midstream(): void {
    this.gaps++;
    this.out.gap(this.sender, 0, 0, 'before-start');
  }

  excluded(start: number, end: number, { frame, time }: Stamp, reason: Exclusion): void {
    this.exclusions++;
    this.out.excluded({ sender: this.sender, start, end, frame, time, reason });
  }

  /** `difference` is the index of the first byte that differs. */
  conflict(rivals: Omit<Rivals, 'sender'>, difference: number, isDelivered: boolean, picks: Conflict['picks']): void {
    this.conflicts++;
    const { sender, overlap } = this;
    this.out.conflict(conflictOf({ sender, ...rivals }, difference, isDelivered, overlap, picks));
  }

  limit(what: LimitHit['what'], offset: number, frame: number): void {
    this.out.limit({ sender: this.sender, what, offset, frame });
  }

  end(closing: Closing): void {
    const { sender, bytes, urgentBytes, missing, gaps, conflicts, exclusions } = this;
    this.out.end({ sender, bytes, urgentBytes, missing, gaps, conflicts, excluded: exclusions, ...closing });
  }
}
