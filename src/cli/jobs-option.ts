import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../model/errors.ts';
import { inputNames, statsOf } from './input.ts';

/** What the threads run; it is not there where all is one file. */
export const WORKER = fileURLToPath(new URL('./shard-worker.js', import.meta.url));

const MOST_JOBS = 256;

/** Adds `--jobs`. */
export function withJobs(command: Command): Command {
  return command.addOption(
    new Option('-j, --jobs <number>', 'divide the connections of files among so many threads (default: 1)').argParser(
      (text: string) => {
        const jobs = Number(text);
        if (!/^\d+$/.test(text) || jobs < 1 || jobs > MOST_JOBS)
          throw new InvalidArgumentError(`a number from 1 to ${MOST_JOBS} is expected.`);
        return jobs;
      },
    ),
  );
}

/**
 * How many threads divide the captures. `alone`: an option whose question one thread has to answer; undefined without.
 *
 * @throws UsageError where more were asked for than can be of use
 */
export function jobsFor(captures: readonly string[], wanted: number | undefined, alone: string | undefined): number {
  if (wanted === undefined || wanted === 1) return 1;
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
