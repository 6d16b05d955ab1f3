import { Worker } from 'node:worker_threads';
import { Merged } from '../shard/merge.ts';
import type { Part } from '../shard/part.ts';
import { Departed } from '../summary/departed.ts';
import type { Context } from './context.ts';
import { inputNames } from './input.ts';
import { WORKER } from './jobs-option.ts';
import { type ConcludedAnalysis, finish, readWatched } from './run.ts';
import type { ShardAnswer, ShardWork } from './shard-work.ts';

/** Packets that a thread may read between two looks at where all of them end. */
const AHEAD = 1 << 19;

/** What the threads are to do, apart from who they are. */
export type Work = Omit<ShardWork, 'index' | 'count' | 'progress' | 'views'>;

/**
 * The analysis of all captures, by several threads, and the sums of the connections that left. Null where it must be made by
 * one: the capture may have several points of view, or something went wrong that one says as usual.
 */
export async function analyzeInJobs(
  context: Context,
  jobs: number,
  work: Work,
): Promise<{ analysis: ConcludedAnalysis; departed: Departed } | null> {
  const names = inputNames(work.captures);
  context.files.reads(names);
  const progress = new Float64Array(new SharedArrayBuffer(8 * (jobs + 1)));
  progress[jobs] = Number.POSITIVE_INFINITY;
  const workers = Array.from(
    { length: jobs },
    (_, index) =>
      new Worker(WORKER, {
        workerData: { ...work, views: context.views, index, count: jobs, progress } satisfies ShardWork,
      }),
  );
  const reading = {
    names,
    isStreaming: false,
    packets: () => progress[0],
    // All of them end after the same packet, which none of them has reached.
    session: () => ({ stop: () => (progress[jobs] = Math.max(...progress.subarray(0, jobs)) + AHEAD), stopped: false }),
    live: null,
  };
  let parts: Part[] = [];
  let isInterrupted: boolean;
  try {
    isInterrupted = await readWatched(context, reading, async ({ taken }) => {
      parts = await Promise.all(workers.map((worker, index) => partOf(worker, index === 0 ? taken : () => {})));
    });
  } catch {
    await Promise.all(workers.map((worker) => worker.terminate()));
    return null;
  }
  const departed = new Departed(work.grouping);
  for (const part of parts) if (part.departed !== null) departed.join(part.departed);
  const analyzer = new Merged(parts);
  const analysis = { analyzer, facts: analyzer.facts };
  await finish(context, analysis, { isInterrupted });
  return { analysis, departed };
}

function partOf(worker: Worker, taken: (length: number) => void): Promise<Part> {
  return new Promise((resolve, reject) => {
    worker.on('message', (answer: ShardAnswer) => {
      if ('part' in answer) resolve(answer.part);
      else taken(answer.taken);
    });
    worker.on('error', reject);
    worker.on('exit', () => reject(new Error('a thread ended without its part')));
  });
}
