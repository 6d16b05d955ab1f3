import { parentPort, workerData } from 'node:worker_threads';
import { CaptureSession } from '../capture/session.ts';
import { packedPart } from '../shard/share.ts';
import { hasCosts } from '../summary/kinds.ts';
import { captureSources, type InputWatch } from './input.ts';
import { analyzeShard } from './shard-run.ts';
import type { ShardAnswer, ShardWork } from './shard-work.ts';
import { handedOn } from './shared-pipe.ts';

/*
 * One of several threads that divide a capture, beside the first. What goes wrong here is an error of the thread: one job that
 * reads it all says it to the user.
 */

async function work(wanted: ShardWork): Promise<void> {
  const watch = { mayRead: async () => true, taken: () => {}, onStop: () => {} };
  const sourcesOf = (names: readonly string[], watch: InputWatch) =>
    captureSources(names, watch).map((source, i) => {
      const pipe = wanted.pipes.get(names[i]);
      return pipe === undefined ? source : handedOn(source.name, pipe, wanted.index - 1, watch);
    });
  const { analyzer, knowledge } = await analyzeShard(wanted, watch, new CaptureSession(), sourcesOf);
  const isAlone = analyzer.selected.length <= 1;
  const spansFor = (totals: ArrayLike<number>) => wanted.hasSpans || isAlone || hasCosts(totals);
  const { part, memory } = packedPart(analyzer, knowledge, spansFor);
  parentPort!.postMessage({ part } satisfies ShardAnswer, memory);
}

void work(workerData as ShardWork);
