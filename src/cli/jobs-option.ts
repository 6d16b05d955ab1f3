import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Context } from './context.ts';
import { inputNames, totalSize } from './input.ts';
import { statsOf } from './stats.ts';

/** What the threads run; it is not there where all is one file. */
export const WORKER = fileURLToPath(new URL('./shard-worker.cjs', import.meta.url));

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
      'threads that divide the connections (default: the cores for files of 1 GiB and more, where there are 4, else 1)',
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
 * How many threads divide the captures. `alone`: an option whose question one thread has to answer, which is said where more
 * were asked for; undefined without.
 */
export function jobsFor(
  captures: readonly string[],
  wanted: number | undefined,
  alone: string | undefined,
  context: Context,
): number {
  if (wanted === 1) return 1;
  if (wanted === undefined) {
    const names = inputNames(captures);
    if (alone !== undefined || !existsSync(WORKER)) return 1;
    return usualJobs(names.some(isReadOnce) ? null : totalSize(names), availableParallelism());
  }
  const why = alone === undefined ? lacksThreads() : `${alone} is answered by one thread`;
  if (why === null) return wanted;
  context.note(`--jobs: ${why}`);
  return 1;
}

/** The first of the options that was given, as it is written; undefined for none. */
export function givenOf<Name extends string>(
  options: { readonly [name in Name]?: unknown },
  names: readonly Name[],
): string | undefined {
  const given = names.find((name) => options[name] !== undefined);
  return given === undefined ? undefined : `--${given}`;
}

function lacksThreads(): string | null {
  return existsSync(WORKER) ? null : 'this executable has one thread only; the npm package has more';
}

/** What only one thread can read, and only once. What is not there is told when it is opened. */
export function isReadOnce(name: string): boolean {
  if (name === '-') return true;
  const stats = statsOf(name);
  return stats !== null && !stats.isFile() && !stats.isDirectory();
}
