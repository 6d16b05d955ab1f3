import { Worker } from 'node:worker_threads';
import { CaptureSession } from '../capture/session.ts';
import { Merged } from '../shard/merge.ts';
import { ownShare, type PackedPart, packedShare } from '../shard/share.ts';
import { Departed } from '../summary/departed.ts';
import type { Context } from './context.ts';
import { inputNames } from './input.ts';
import { WORKER } from './jobs-option.ts';
import { type ConcludedAnalysis, finish, readWatched } from './run.ts';
import { analyzeShard, type ShardAnalysis } from './shard-run.ts';
import type { ShardAnswer, ShardWork } from './shard-work.ts';

/** Packets that a thread may read between two looks at where all of them end. */
const AHEAD = 1 << 19;

/** What the threads are to do, apart from who they are. */
export interface Work extends Omit<ShardWork, 'index' | 'count' | 'progress' | 'views'> {
  /** The sums of connections that left are not enough. */
  readonly needsAll: boolean;
}

/**
 * The analysis of all captures by several threads, this one among them, and the sums of the connections that left. Null where it
 * must be made by one: the capture may have several points of view, or something went wrong that one says as usual.
 */
export async function analyzeInJobs(
  context: Context,
  jobs: number,
  { needsAll, ...toDo }: Work,
): Promise<{ analysis: ConcludedAnalysis; departed: Departed } | null> {
  const names = inputNames(toDo.captures);
  const progress = new Float64Array(new SharedArrayBuffer(8 * (jobs + 1)));
  progress[jobs] = Number.POSITIVE_INFINITY;
  const workOf = (index: number): ShardWork => ({ ...toDo, views: context.views, index, count: jobs, progress });
  const workers = Array.from({ length: jobs - 1 }, (_, i) => new Worker(WORKER, { workerData: workOf(i + 1) }));
  context.files.reads(names);
  const session = new CaptureSession();
  const reading = {
    names,
    isStreaming: false,
    packets: () => progress[0],
    // All of them end after the same packet, which none of them has reached.
    session: () => ({ stop: () => (progress[jobs] = Math.max(...progress.subarray(0, jobs)) + AHEAD), stopped: false }),
    live: null,
  };
  let own: ShardAnalysis | null = null;
  let parts: PackedPart[] = [];
  let isInterrupted: boolean;
  try {
    isInterrupted = await readWatched(context, reading, async (watch) => {
      const others = Promise.all(workers.map(partOf));
      others.catch(() => session.stop());
      own = await analyzeShard(workOf(0), watch, session);
      parts = await others;
    });
  } catch {
    await Promise.all(workers.map((worker) => worker.terminate()));
    return null;
  }
  const shares = [ownShare(own!.analyzer, own!.knowledge), ...parts.map(packedShare)];
  const departed = new Departed(toDo.grouping);
  for (const { knowledge } of shares) if (knowledge.departed !== null) departed.join(knowledge.departed);
  const analyzer = new Merged(shares);
  const analysis = { analyzer, facts: analyzer.facts };
  // Of those that left only sums are known.
  if (needsAll && analyzer.left.connections > 0) return null;
  await finish(context, analysis, { isInterrupted });
  return { analysis, departed };
}

function partOf(worker: Worker): Promise<PackedPart> {
  return new Promise((resolve, reject) => {
    worker.on('message', ({ part }: ShardAnswer) => resolve(part));
    worker.on('error', reject);
    worker.on('exit', () => reject(new Error('a thread ended without its part')));
  });
}
