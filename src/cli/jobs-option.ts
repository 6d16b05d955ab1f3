import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../model/errors.ts';
import { inputNames, totalSize } from './input.ts';
import { statsOf } from './stats.ts';

/** What the threads run; it is not there where all is one file. */
export const WORKER = fileURLToPath(new URL('./shard-worker.js', import.meta.url));

const MOST_JOBS = 256;

/** Files of so many bytes together are divided unless `--jobs` says otherwise: with less a thread more costs what it gains. */
const LARGE = 2 ** 30;
/** With fewer cores threads share more than they gain: what the second one takes to start and to hand over is half of its time. */
const LEAST_CORES = 4;
/** Threads unless `--jobs` says otherwise: each reads all of the files, so that further ones gain little. */
const MOST_BY_THEMSELVES = 8;

/** Adds `--jobs`. */
export function withJobs(command: Command): Command {
  return command.addOption(
    new Option(
      '-j, --jobs <number>',
      'threads that divide the connections of files (default: the cores for files of 1 GiB and more, where there are 4, else 1)',
    ).argParser((text: string) => {
      const jobs = Number(text);
      if (!/^\d+$/.test(text) || jobs < 1 || jobs > MOST_JOBS)
        throw new InvalidArgumentError(`A number from 1 to ${MOST_JOBS} is expected.`);
      return jobs;
    }),
  );
}

/** How many threads divide files of so many bytes (null: a pipe) where nobody says: `cores` can run at once. */
export function usualJobs(size: number | null, cores: number): number {
  return size === null || size < LARGE || cores < LEAST_CORES ? 1 : Math.min(cores, MOST_BY_THEMSELVES);
}

/**
 * How many threads divide the captures. `alone`: an option whose question one thread has to answer; undefined without.
 *
 * @throws UsageError where more were asked for than can be of use
 */
export function jobsFor(captures: readonly string[], wanted: number | undefined, alone: string | undefined): number {
  if (wanted === 1) return 1;
  if (wanted === undefined) {
    const names = inputNames(captures);
    // Threads that shared the place where standard input is read, were it a file, would each read pieces of it.
    if (alone !== undefined || names.includes('-') || !existsSync(WORKER)) return 1;
    return usualJobs(totalSize(names), availableParallelism());
  }
  if (alone !== undefined) throw new UsageError(`--jobs: ${alone} is answered by one thread`);
  const names = inputNames(captures);
  // What is not there is told when it is opened.
  const pipe = names.find((name) => name === '-' || isOnce(name));
  if (pipe !== undefined) {
    const what = pipe === '-' ? 'standard input' : pipe;
    throw new UsageError(`--jobs: every thread reads the capture, and ${what} can be read once: name a file`);
  }
  if (!existsSync(WORKER))
    throw new UsageError('--jobs: this executable has one thread only; the npm package has more');
  return wanted;
}

function isOnce(name: string): boolean {
  const stats = statsOf(name);
  return stats !== null && !stats.isFile() && !stats.isDirectory();
}
