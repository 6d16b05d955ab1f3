import type { Part } from '../shard/part.ts';
import type { Grouping } from '../summary/service.ts';
import type { ViewOptions } from '../views/stage.ts';

/** What one thread is to do. */
export interface ShardWork {
  readonly captures: readonly string[];
  readonly index: number;
  readonly count: number;
  readonly views: ViewOptions;
  readonly congestion: boolean;
  readonly timeBudget: boolean;
  readonly roundTrips: boolean;
  /** Spans and exchanges of all connections are wanted; else those of the few that the first screen tells of. */
  readonly hasSpans: boolean;
  readonly grouping: Grouping | undefined;
  /** By thread how many packets it has read, and last the packet after which all of them end. */
  readonly progress: Float64Array;
}

/** What a thread says: how many bytes it has read since it said so before, and in the end its part. */
export type ShardAnswer = { readonly taken: number } | { readonly part: Part };
