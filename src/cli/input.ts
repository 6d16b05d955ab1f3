import { fstatSync, read as readCallback, statSync } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { isatty } from 'node:tty';
import { promisify } from 'node:util';
import type { CaptureSource, OpenCapture } from '../capture/merge.ts';
import type { ReadInto } from '../capture/source.ts';
import { UsageError } from '../model/errors.ts';
import { InputError } from './exit.ts';
import { PipeInput } from './pipe.ts';

const STDIN = 0;
const STDIN_NAME = 'standard input';
const readDescriptor = promisify(readCallback);

/** Watches the reading of all inputs, and can end it. */
export interface InputWatch {
  /** Awaited before every read: the place to let output drain. False ends the input where it is. */
  mayRead(): Promise<boolean>;
  /** So many bytes were read. */
  taken(length: number): void;
  /** What to call when the reading shall end while a pipe is waited for. */
  onStop(end: () => void): void;
}

/** The inputs of a command line: files, or standard input for `-` and for nothing at all. */
export function inputNames(names: readonly string[]): readonly string[] {
  if (names.length === 0) {
    if (isatty(STDIN)) throw new UsageError('no capture given: name a file, or - to read standard input');
    return ['-'];
  }
  if (names.filter((name) => name === '-').length > 1) throw new UsageError('standard input (-) can be read only once');
  return names;
}

export function captureSources(names: readonly string[], watch: InputWatch): CaptureSource[] {
  return names.map((name) => (name === '-' ? stdinSource(watch) : fileSource(name, watch)));
}

/** Bytes of all inputs together; null when one of them has no length (a pipe). */
export function totalSize(names: readonly string[]): number | null {
  let sum = 0;
  for (const name of names) {
    const stats = name === '-' ? fstatSync(STDIN) : statSync(name, { throwIfNoEntry: false });
    if (!stats?.isFile()) return null;
    sum += stats.size;
  }
  return sum;
}

function stdinSource(watch: InputWatch): CaptureSource {
  return {
    name: STDIN_NAME,
    rewinds: false,
    open: async () => {
      const stats = fstatSync(STDIN);
      if (stats.isDirectory()) throw new InputError('standard input is a directory, not a capture');
      if (stats.isFile() || (stats.isCharacterDevice() && !isatty(STDIN))) {
        return watched(readFrom(STDIN), async () => {}, watch);
      }
      return pipe(STDIN, watch);
    },
  };
}

function fileSource(name: string, watch: InputWatch): CaptureSource {
  return {
    name,
    rewinds: statSync(name, { throwIfNoEntry: false })?.isFile() ?? false,
    open: async () => {
      const { handle, isPipe } = await openFile(name);
      if (isPipe) return pipe(handle.fd, watch);
      return { ...watched(readFrom(handle.fd), () => handle.close(), watch), readsAhead: true };
    },
  };
}

async function openFile(name: string): Promise<{ handle: FileHandle; isPipe: boolean }> {
  try {
    // Before the opening, which waits for the other end when it is a pipe.
    const stats = await stat(name);
    if (stats.isDirectory()) throw new InputError(directoryMessage(name));
    if (stats.isSocket()) throw new InputError(`${name}: is a socket, not a capture`);
    const handle = await open(name, 'r');
    return { handle, isPipe: stats.isFIFO() };
  } catch (error) {
    if (error instanceof InputError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new InputError(`${name}: ${reasonOf(error as NodeJS.ErrnoException)}`, code === 'ENOENT' ? name : null);
  }
}

function directoryMessage(name: string): string {
  return `${name}: is a directory; name the captures in it, such as ${name.replace(/\/+$/, '')}/*.pcap`;
}

function reasonOf(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'no such file';
    case 'EACCES':
    case 'EPERM':
      return 'may not be read: permission denied (a capture written by root? try sudo chmod a+r)';
    case 'EISDIR':
      return 'is a directory, not a capture';
    default:
      return `cannot be read: ${error.message}`;
  }
}

function readFrom(fd: number): ReadInto {
  return async (buffer, offset, length) => (await readDescriptor(fd, buffer, offset, length, null)).bytesRead;
}

function pipe(fd: number, watch: InputWatch): OpenCapture {
  const input = new PipeInput(fd);
  watch.onStop(() => input.abandon());
  return watched(input.read, () => input.close(), watch);
}

function watched(read: ReadInto, close: () => Promise<void>, watch: InputWatch): OpenCapture {
  return {
    read: async (buffer, offset, length) => {
      if (!(await watch.mayRead())) return 0;
      const taken = await read(buffer, offset, length);
      watch.taken(taken);
      return taken;
    },
    close,
  };
}
