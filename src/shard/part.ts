import type { Analyzer, Overview } from '../analyze.ts';
import type { ShardFacts } from '../detect/index.ts';
import type { CaptureFacts } from '../model/capture-facts.ts';
import type { Connection } from '../model/connection.ts';
import type { LeftCounts } from '../model/left.ts';
import type { Shard } from '../model/shard.ts';
import type { DepartedFacts } from '../summary/departed.ts';
import { type ConnectionSnapshot, snapshotOf } from './snapshot.ts';

/** What one of several analyses knows when it has ended: plain data, but for the time of the first packet. */
export interface Part {
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
  readonly connections: readonly ConnectionSnapshot[];
}

/** What is kept of a connection beyond its totals. */
export type Detail = (connection: Connection) => boolean;

/** What a shard knows when `end` was called. `hasSpans`: of which connections every span of time is kept. */
export function partOf(
  analyzer: Analyzer,
  facts: CaptureFacts,
  shard: Shard,
  { isFiltered = false, departed = null, hasSpans = () => true }: PartOptions = {},
): Part {
  const { overview, shardFacts: gathered, openedAt, left, isCutShort, counts, connections } = analyzer;
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
    connections: connections.map((connection) =>
      snapshotOf(connection, analyzer.lacksPackets(connection), hasSpans(connection)),
    ),
  };
}

export interface PartOptions {
  readonly isFiltered?: boolean;
  readonly departed?: DepartedFacts | null;
  readonly hasSpans?: Detail;
}
