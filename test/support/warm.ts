import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { expect } from 'vitest';
import { environment, type Outcome, root } from '../cli/tcpscope.ts';

const HOST = fileURLToPath(new URL('warm-host.mjs', import.meta.url));
const MAIN = new URL('../../dist/bundle/main.cjs', import.meta.url).href;

/** The processes that run, by the most that their heap may hold (MiB, null: what V8 allows). */
const hosts = new Map<number | null, Promise<ChildProcess>>();

function open(heap: number | null): Promise<ChildProcess> {
  const child = fork(HOST, [MAIN], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: environment(),
    execArgv: heap === null ? [] : [`--max-old-space-size=${heap}`],
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('exit', () => hosts.delete(heap));
    child.once('message', () => {
      // It does not keep the tests from ending.
      child.unref();
      child.channel?.unref();
      resolve(child);
    });
  });
}

interface Surroundings {
  cwd?: string;
  env?: Record<string, string>;
  /** MiB: the command runs in a process whose heap may hold no more. */
  heap?: number | null;
  /** After so many ms the process is ended: status null. */
  patience?: number;
  /** Standard output as the shell has it of `>> FILE`, for whoever looks at it; what is printed is not written there. */
  addedTo?: string;
  /** A file that the shell opened, `/dev/fd/OPENED` among the arguments. */
  opened?: string;
}

/**
 * As `tcpscope`, in a process that is started once for a file of tests: a start takes longer than most commands. For commands
 * that read no standard input and want no terminal; one at a time.
 */
export async function warm(
  args: readonly string[],
  { cwd = root, env = {}, heap = null, patience = 25_000, ...files }: Surroundings = {},
): Promise<Outcome> {
  if (!hosts.has(heap)) hosts.set(heap, open(heap));
  const child = await hosts.get(heap)!;
  child.ref();
  child.channel?.ref();
  return await new Promise<Outcome>((resolve) => {
    const end = (outcome: Outcome) => {
      clearTimeout(timer);
      child.off('message', onMessage).off('exit', onExit);
      child.unref();
      child.channel?.unref();
      resolve(outcome);
    };
    const onMessage = (outcome: unknown) => end(outcome as Outcome);
    const onExit = () => end({ status: null, stdout: '', stderr: '' });
    const timer = setTimeout(() => child.kill('SIGKILL'), patience);
    child.once('message', onMessage).once('exit', onExit);
    child.send({ args, cwd, env: environment(env), ...files });
  });
}

/** The standard output of a run that must go well, and without a word on standard error. */
export async function warmOutput(args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await warm(args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

/** The lines of NDJSON output, read. */
export async function warmObjects(args: readonly string[]): Promise<Record<string, unknown>[]> {
  const text = await warmOutput(args);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

const asked = new Int32Array(new SharedArrayBuffer(4));
let port: MessagePort | null = null;

/**
 * As `warm`, for tests that are not asynchronous. `input` comes on standard input, as out of a file. Throws after a minute
 * without an answer.
 */
export function warmSync(
  args: readonly string[],
  {
    cwd = root,
    env = {},
    input,
  }: { cwd?: string; env?: Record<string, string>; input?: string | Uint8Array | undefined } = {},
): Outcome {
  const question = { args, cwd, env: environment(env) };
  if (input !== undefined && input.length > 0) return withFile(input, (path) => ask({ ...question, input: path }));
  return ask(question);
}

function withFile<T>(content: string | Uint8Array, use: (path: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'tcpscope-input-'));
  try {
    const path = join(folder, 'input');
    writeFileSync(path, content);
    return use(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a warm host is asked for; `input` is the file that is its standard input. */
interface Question {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly input?: string;
}

function ask(question: Question): Outcome {
  if (port === null) {
    const { port1, port2 } = new MessageChannel();
    const waiter = new Worker(new URL('warm-worker.mjs', import.meta.url), {
      workerData: { host: HOST, main: MAIN, flag: asked.buffer, port: port2 },
      execArgv: [],
      transferList: [port2],
    });
    // It does not keep the tests from ending, and its host ends with it.
    waiter.unref();
    port = port1;
  }
  Atomics.store(asked, 0, 0);
  port.postMessage(question);
  if (Atomics.wait(asked, 0, 0, 60_000) === 'timed-out') throw new Error(`no answer to ${question.args.join(' ')}`);
  // The message was sent before the thread was woken.
  return receiveMessageOnPort(port)!.message;
}

/** The words of a line of a shell that does nothing but run one command; null where the shell does more. */
export function wordsOf(line: string): string[] | null {
  const words = [...line.trim().matchAll(/(?:[^\s'"]+|'[^']*'|"[^"]*")+/g)].map(([word]) => word);
  const isPlain = words.every((word) => !/[$`\\|&;<>()*?[\]{}~#!]/.test(word.replace(/'[^']*'/g, '')));
  return isPlain ? words.map((word) => word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2')) : null;
}
