import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { build } from '../support/built.ts';
import { warmSync } from '../support/warm.ts';

build();

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const bin = fileURLToPath(new URL('../../bin/tcpscope.js', import.meta.url));

export const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));

export interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

interface Options {
  input?: string | Uint8Array | undefined;
  env?: Record<string, string>;
  cwd?: string;
}

/** Nothing of the environment of the tests shall decide on colours, widths or times of day. */
export function environment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }), TZ: 'UTC', ...extra };
}

/**
 * Runs the built command line, from the root of the project, so that fixtures have short names: in a process that has run
 * before, where `input` is a file that the shell opened; `cold` has a process of its own and a pipe.
 */
export function tcpscope(args: readonly string[], options: Options = {}): Outcome {
  return options.env?.NODE_OPTIONS === undefined ? warmSync(args, options) : cold(args, options);
}

/** The same in a process of its own, which takes five times as long; `input` comes through a pipe. */
export function cold(args: readonly string[], { input = '', env = {}, cwd = root }: Options = {}): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    cwd,
    encoding: 'utf8',
    input,
    env: environment(env),
    maxBuffer: 1 << 28,
  });
  return { status, stdout, stderr };
}

/** The standard output of a run that must go well, and without a word on standard error. */
export function output(args: readonly string[], options: Options = {}): string {
  const { status, stdout, stderr } = tcpscope(args, options);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

/** The lines of NDJSON output, read. */
export function objects(args: readonly string[], options: Options = {}): Record<string, unknown>[] {
  return output(args, options)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

export function start(args: readonly string[], options: SpawnOptions = {}): ChildProcess {
  return spawn(process.execPath, [bin, ...args], { cwd: root, env: environment(), ...options });
}

/**
 * Resolves when a process has taken all that it was given and waits for more: it has slept for 300 ms. Where the system does not
 * say so (no /proc) after two seconds, in which any is that far.
 */
export async function waiting(child: ChildProcess): Promise<void> {
  const taskOf = (): string => {
    try {
      // State, and the ticks that it ran for in user and kernel mode (proc(5)).
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return [fields[0], fields[11], fields[12]].join(' ');
    } catch {
      return '';
    }
  };
  if (taskOf() === '') return await setTimeout(2000);
  for (let same = 0, before = ''; same < 6; ) {
    await setTimeout(50);
    const now = taskOf();
    same = now === before && now.startsWith('S') ? same + 1 : 0;
    before = now;
  }
}

/** Resolves when a process has read so many bytes of anything; where the system does not say so (no /proc), after half a second. */
export async function reading(child: ChildProcess, bytes: number): Promise<void> {
  const soFar = () => {
    try {
      return Number(/^rchar: (\d+)/m.exec(readFileSync(`/proc/${child.pid}/io`, 'utf8'))?.[1]);
    } catch {
      return Number.NaN;
    }
  };
  if (Number.isNaN(soFar())) return await setTimeout(500);
  while (soFar() < bytes) await setTimeout(10);
}

/** Everything that the process writes until it ends, and how it ends. */
export async function ending(child: ChildProcess): Promise<Outcome> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { status, stdout, stderr };
}

/**
 * Compares with the whole file `golden/NAME`. UPDATE_GOLDEN=1 writes it anew; what changed is then read in review, against
 * tcpdump and tshark.
 */
export function expectGolden(name: string, text: string): void {
  const file = new URL(`golden/${name}`, import.meta.url);
  if (process.env.UPDATE_GOLDEN) writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, 'utf8'));
}
