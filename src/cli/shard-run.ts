import { Analyzer } from '../analyze.ts';
import type { CaptureSession } from '../capture/session.ts';
import type { CaptureSink, CaptureSource } from '../capture/source.ts';
import { knowledgeOf, type ShardKnowledge } from '../shard/part.ts';
import { Departed } from '../summary/departed.ts';
import { KEEP_ALL } from '../tcp/eviction.ts';
import { readAsOne } from '../two-views.ts';
import type { InputWatch } from './input.ts';
import { heapWatch } from './memory.ts';
import type { ShardWork } from './shard-work.ts';
import { filterOf, startFilter } from './time-window.ts';

/** The analysis of one shard that has ended. */
export interface ShardAnalysis {
  readonly analyzer: Analyzer;
  readonly knowledge: ShardKnowledge;
}

/**
 * Analyses one of the shards of captures that several threads divide among them: reads all of them, and of the segments of
 * others no more than their sockets. `session`: whoever stops it gets an error. `sourcesOf`: the captures by their names.
 */
export async function analyzeShard(
  { index, count, progress, ...options }: ShardWork,
  watch: InputWatch,
  session: CaptureSession,
  sourcesOf: (names: readonly string[], watch: InputWatch) => CaptureSource[],
): Promise<ShardAnalysis> {
  const departed = new Departed(options.grouping);
  const shard = { index, count };
  const isFiltered = options.filter !== undefined;
  const filter = startFilter(options.filter && filterOf(options.filter), session.origin);
  const analyzer = new Analyzer({
    shard,
    views: options.views,
    congestion: options.congestion,
    timeBudget: options.timeBudget,
    roundTrips: options.roundTrips,
    eviction: KEEP_ALL,
    onLeave: (connection) => {
      if (connection.isSelected) departed.add(connection);
    },
    onLeaveSyn: (syn) => departed.addFirstSyn(syn),
    ...(filter === undefined ? {} : { filter }),
    isMemoryShort: heapWatch(),
  });
  const { counts } = analyzer;
  const most = options.limit ?? Number.POSITIVE_INFINITY;
  let last = most;
  let isAtEnd = false;
  const sources = sourcesOf(options.captures, {
    ...watch,
    mayRead: async () => {
      progress[index] = counts.total;
      last = Math.min(most, progress[count]);
      return (await watch.mayRead()) && !session.stopped;
    },
  });
  const sink: CaptureSink = {
    record: (record) => {
      analyzer.record(record);
      if (counts.total >= last) isAtEnd = true;
      if (isAtEnd || analyzer.isCutShort) session.stop();
    },
    interfaceSeen: (id, described) => analyzer.interfaceSeen(id, described),
  };
  await readAsOne(sources, sink, session);
  // Others may have read on: what all packets show would be different things.
  if (session.stopped && !isAtEnd) throw new Error('the shard was not read to the end of all');
  analyzer.end(session.facts);
  return { analyzer, knowledge: knowledgeOf(analyzer, session.facts, shard, { isFiltered, departed: departed.facts }) };
}
