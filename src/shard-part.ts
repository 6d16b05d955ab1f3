import type { Overview, ShardOptions } from './analysis.ts';
import type { CaptureRecord } from './model/record.ts';
import { DecodeStatus, type SegmentView } from './model/segment.ts';
import { ShardOwner, shardOf } from './model/shard.ts';

/** Of an analysis that has the connections of one shard: which records are its own. */
export class ShardPart {
  readonly owner: ShardOwner;
  /** What all records show, where that is known beforehand; null otherwise. */
  readonly overview: Overview | null;
  /** The first packet of each connection that was opened here, by its number here. */
  readonly openedAt: number[] = [];
  private readonly options: ShardOptions;
  /** Fragments that came so far. */
  private fragments = 0;

  constructor(options: ShardOptions) {
    this.options = options;
    this.owner = new ShardOwner(options);
    this.overview = options.overview ?? null;
  }

  /** This shard takes the decoded record. Whoever divides the capture is told whose it is. `fragments`: how many came so far. */
  takes(record: CaptureRecord, status: number, view: SegmentView, fragments: number): boolean {
    const { index, count, onPacket } = this.options;
    const hasEnds = status === DecodeStatus.TCP || status === DecodeStatus.ICMP_QUOTES_TCP;
    if (onPacket !== undefined) {
      const shard = hasEnds ? shardOf(view, count) : null;
      onPacket(record, shard, status === DecodeStatus.TCP, fragments > this.fragments);
      this.fragments = fragments;
    }
    return !hasEnds || (index >= 0 && this.owner.owns(view));
  }
}
