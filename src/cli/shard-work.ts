import type { CongestionOptions } from '../congestion/stage.ts';
import type { PackedPart } from '../shard/share.ts';
import type { Grouping } from '../summary/service.ts';
import type { ViewOptions } from '../views/stage.ts';
import type { PipeMemory } from './shared-pipe.ts';
import type { FilterWords } from './time-window.ts';

/** What one thread is to do. */
export interface ShardWork {
  readonly captures: readonly string[];
  /** The captures among them that the first thread alone can read, and what it hands on of each. */
  readonly pipes: ReadonlyMap<string, PipeMemory>;
  /** Read at most so many packets. */
  readonly limit: number | undefined;
  readonly index: number;
  readonly count: number;
  readonly views: ViewOptions;
  readonly congestion: boolean | CongestionOptions;
  readonly timeBudget: boolean;
  readonly roundTrips: boolean;
  /** Spans and exchanges of all connections are wanted; else those of the few that the first screen tells of. */
  readonly hasSpans: boolean;
  readonly grouping: Grouping | undefined;
  readonly filter: FilterWords | undefined;
  /** By thread how many packets it has read, and last the packet after which all of them end. */
  readonly progress: Float64Array;
}

/** What a thread says in the end. */
export interface ShardAnswer {
  readonly part: PackedPart;
}
