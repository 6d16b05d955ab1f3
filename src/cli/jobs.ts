import { Worker } from 'node:worker_threads';
import { CaptureSession } from '../capture/session.ts';
import { type CaptureSource, STANDARD_INPUT } from '../capture/source.ts';
import { InputError } from '../model/errors.ts';
import type { LeftCounts } from '../model/left.ts';
import { Merged } from '../shard/merge.ts';
import { ownShare, type PackedPart, packedShare, type Share } from '../shard/share.ts';
import { Departed } from '../summary/departed.ts';
import type { Context } from './context.ts';
import { HeldInput } from './held-input.ts';
import { captureSources, type InputWatch, inputNames, totalSize } from './input.ts';
import { isReadOnce, WORKER } from './jobs-option.ts';
import { type ConcludedAnalysis, finish, readWatched } from './run.ts';
import { analyzeShard, type ShardAnalysis } from './shard-run.ts';
import type { ShardAnswer, ShardWork } from './shard-work.ts';
import { end, handingOn, leave, type PipeMemory, pipeMemory } from './shared-pipe.ts';

/** Packets that a thread may read between two looks at where all of them end. */
const AHEAD = 1 << 19;

/** What the threads are to do, apart from who they are. */
export interface Work extends Omit<ShardWork, 'index' | 'count' | 'progress' | 'views' | 'pipes'> {
  /** Whether the sums of those who left are enough. */
  readonly isEnough: (left: LeftCounts) => boolean;
}

/** What several threads made; or else how one thread, which has to make it in their place, reads the captures. */
export type Divided =
  | { readonly analysis: ConcludedAnalysis; readonly departed: Departed }
  | { readonly analysis: null; readonly sourcesOf: SourcesOf };

type SourcesOf = (names: readonly string[], watch: InputWatch) => CaptureSource[];

/**
 * The analysis of all captures by several threads, this one among them, and the sums of the connections that left. One thread must
 * make it where the capture may have several points of view, or where something went wrong that one says as usual.
 *
 * @throws InputError where one thread must make it, and a pipe cannot be read from its beginning any more
 */
export async function analyzeInJobs(context: Context, jobs: number, { isEnough, ...toDo }: Work): Promise<Divided> {
  const names = inputNames(toDo.captures);
  const once = names.filter(isReadOnce);
  const pipes = new Map(once.map((name) => [name, pipeMemory(jobs - 1)]));
  // Named twice, it is read by who comes first.
  if (pipes.size < once.length) return { analysis: null, sourcesOf: captureSources };
  const held = pipes.size === 0 ? null : new HeldInput();
  const byOne = (why: string): Divided => {
    if (held?.isTooLong) throw readBefore([...pipes.keys()], why);
    return { analysis: null, sourcesOf: held === null ? captureSources : held.again };
  };
  context.files.reads(names);
  const read = await readShares(context, jobs, { ...toDo, captures: names, views: context.views, pipes }, held);
  if (read instanceof Error) return byOne(read.message);
  const departed = new Departed(toDo.grouping);
  for (const { knowledge } of read.shares) if (knowledge.departed !== null) departed.join(knowledge.departed);
  const analyzer = new Merged(read.shares);
  const analysis = { analyzer, facts: analyzer.facts };
  // Of those that left only sums are known.
  if (!isEnough(analyzer.left)) return byOne('connections left for want of memory');
  await held?.close();
  // A pipe is often ended so, and then it was read to its end.
  await finish(context, analysis, { isInterrupted: read.isInterrupted && totalSize(names) !== null });
  return { analysis, departed };
}

/** What each thread knows when all have read the captures, or what went wrong. */
async function readShares(
  context: Context,
  jobs: number,
  toDo: Omit<ShardWork, 'index' | 'count' | 'progress'>,
  held: HeldInput | null,
): Promise<{ readonly shares: readonly Share[]; readonly isInterrupted: boolean } | Error> {
  const { captures, pipes } = toDo;
  const progress = new Float64Array(new SharedArrayBuffer(8 * (jobs + 1)));
  progress[jobs] = Number.POSITIVE_INFINITY;
  const workOf = (index: number): ShardWork => ({ ...toDo, index, count: jobs, progress });
  const workers = Array.from({ length: jobs - 1 }, (_, i) => new Worker(WORKER, { workerData: workOf(i + 1) }));
  const sourcesOf: SourcesOf = (names, watch) =>
    (held === null ? captureSources(names, watch) : held.first(names, watch)).map((source, i) => {
      const pipe = pipes.get(names[i]);
      return pipe === undefined ? source : handingOn(source, pipe);
    });
  const session = new CaptureSession();
  const reading = {
    names: captures,
    isStreaming: false,
    packets: () => progress[0],
    // All of them end after the same packet, which none of them has reached.
    session: () => ({ stop: () => (progress[jobs] = Math.max(...progress.subarray(0, jobs)) + AHEAD), stopped: false }),
    live: null,
  };
  let own: ShardAnalysis | null = null;
  let parts: PackedPart[] = [];
  try {
    const isInterrupted = await readWatched(context, reading, async (watch) => {
      const others = Promise.all(workers.map((worker, i) => partOf(worker, i, pipes)));
      others.catch(() => session.stop());
      own = await analyzeShard(workOf(0), watch, session, sourcesOf);
      for (const pipe of pipes.values()) end(pipe);
      parts = await others;
    });
    return { shares: [ownShare(own!.analyzer, own!.knowledge), ...parts.map(packedShare)], isInterrupted };
  } catch (error) {
    await Promise.all(workers.map((worker) => worker.terminate()));
    return error as Error;
  }
}

/** The part of the thread of this number, from 0. Where it ends without, nobody waits for it to read on. */
function partOf(worker: Worker, number: number, pipes: ReadonlyMap<string, PipeMemory>): Promise<PackedPart> {
  return new Promise((resolve, reject) => {
    worker.on('message', ({ part }: ShardAnswer) => resolve(part));
    worker.on('error', reject);
    worker.on('exit', () => {
      for (const pipe of pipes.values()) leave(pipe, number);
      reject(new Error('a thread ended without its part'));
    });
  });
}

function readBefore(names: readonly string[], why: string): InputError {
  const which = names.map((name) => (name === '-' ? STANDARD_INPUT : name)).join(', ');
  return new InputError(
    which,
    `one thread has to read it (${why}), and it is too long to be read twice: leave out --jobs, or write it to a file`,
  );
}
