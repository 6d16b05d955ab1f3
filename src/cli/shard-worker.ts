import { parentPort, workerData } from 'node:worker_threads';
import { Analyzer } from '../analyze.ts';
import { CaptureSession } from '../capture/session.ts';
import type { Connection } from '../model/connection.ts';
import { partOf } from '../shard/part.ts';
import { Departed } from '../summary/departed.ts';
import { hasCosts } from '../summary/kinds.ts';
import { totalsOf } from '../summary/tally.ts';
import { KEEP_ALL } from '../tcp/eviction.ts';
import { readAsOne } from '../two-views.ts';
import { captureSources } from './input.ts';
import { heapWatch } from './memory.ts';
import type { ShardAnswer, ShardWork } from './shard-work.ts';

/*
 * One of several threads that divide a capture. Each reads all of it, and of the segments of others no more than their sockets.
 * What goes wrong here is an error of the thread: one job that reads it all says it to the user.
 */

/** Bytes from one word about the progress to the next. */
const STEP = 1 << 22;

async function work({ index, count, progress, ...options }: ShardWork): Promise<void> {
  const session = new CaptureSession();
  const departed = new Departed(options.grouping);
  const shard = { index, count };
  const analyzer = new Analyzer({
    shard,
    views: options.views,
    congestion: options.congestion,
    timeBudget: options.timeBudget,
    roundTrips: options.roundTrips,
    eviction: KEEP_ALL,
    onLeave: (connection) => departed.add(connection),
    onLeaveSyn: (syn) => departed.addFirstSyn(syn),
    isMemoryShort: heapWatch(),
  });
  const { counts } = analyzer;
  let last = Number.POSITIVE_INFINITY;
  let untold = 0;
  const sources = captureSources(options.captures, {
    mayRead: async () => {
      progress[index] = counts.total;
      last = progress[count];
      return !session.stopped;
    },
    taken: (length) => {
      untold += length;
      if (untold >= STEP) {
        answer({ taken: untold });
        untold = 0;
      }
    },
    onStop: () => {},
  });
  const sink = {
    record: (record: Parameters<Analyzer['record']>[0]) => {
      analyzer.record(record);
      if (counts.total >= last || analyzer.isCutShort) session.stop();
    },
    interfaceSeen: (id: number, described: Parameters<Analyzer['interfaceSeen']>[1]) =>
      analyzer.interfaceSeen(id, described),
  };
  await readAsOne(sources, sink, session);
  // Others may have read on: what all packets show would be different things.
  if (analyzer.isCutShort) throw new Error('the memory is nearly full');
  analyzer.end(session.facts);
  const isAlone = analyzer.selected.length <= 1;
  const hasSpans = (connection: Connection) => options.hasSpans || isAlone || hasCosts(totalsOf(connection));
  answer({ taken: untold });
  answer({ part: partOf(analyzer, session.facts, shard, { departed: departed.facts, hasSpans }) });
}

function answer(what: ShardAnswer): void {
  parentPort!.postMessage(what);
}

await work(workerData as ShardWork);
