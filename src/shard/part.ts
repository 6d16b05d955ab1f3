import type { Overview } from '../analysis.ts';
import type { Analyzer } from '../analyze.ts';
import type { ShardFacts } from '../detect/index.ts';
import type { CaptureFacts } from '../model/capture-facts.ts';
import type { LeftCounts } from '../model/left.ts';
import type { Shard } from '../model/shard.ts';
import type { DepartedFacts } from '../summary/departed.ts';
import { type ConnectionSnapshot, snapshotOf } from './snapshot.ts';

/** What one of several analyses knows when it has ended, beside its connections: plain data, but for the time of the first packet. */
export interface ShardKnowledge {
  readonly shard: Shard;
  readonly facts: CaptureFacts;
  /** What all records show: alike in all parts of a capture. */
  readonly overview: Overview;
  /** What the detectors of this shard know of the capture as a whole. */
  readonly gathered: ShardFacts;
  /** The first packet of each connection, by its number in this shard. */
  readonly openedAt: readonly number[];
  /** A filter selected packets; and those of this shard that it did not select. */
  readonly isFiltered: boolean;
  readonly filteredOut: number;
  readonly left: LeftCounts;
  readonly departed: DepartedFacts | null;
  readonly isCutShort: boolean;
}

/** The same with its connections, as a file holds it. */
export interface Part extends ShardKnowledge {
  readonly connections: readonly ConnectionSnapshot[];
}

export interface PartOptions {
  readonly isFiltered?: boolean;
  readonly departed?: DepartedFacts | null;
}

/** What a shard knows when `end` was called. */
export function knowledgeOf(
  analyzer: Analyzer,
  facts: CaptureFacts,
  shard: Shard,
  { isFiltered = false, departed = null }: PartOptions = {},
): ShardKnowledge {
  const { overview, shardFacts: gathered, openedAt, left, isCutShort, counts } = analyzer;
  return {
    shard: { index: shard.index, count: shard.count },
    facts,
    overview,
    gathered,
    openedAt,
    isFiltered,
    filteredOut: counts.filteredOut,
    left,
    departed,
    isCutShort,
  };
}

/** All that a shard knows, as a file holds it. */
export function partOf(analyzer: Analyzer, facts: CaptureFacts, shard: Shard, options?: PartOptions): Part {
  return {
    ...knowledgeOf(analyzer, facts, shard, options),
    connections: analyzer.connections.map((connection) => snapshotOf(connection, analyzer.lacksPackets(connection))),
  };
}
