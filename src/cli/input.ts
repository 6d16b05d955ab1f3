import { closeSync, fstatSync, open, openSync, read, readSync, type Stats, statSync } from 'node:fs';
import { isatty } from 'node:tty';
import { promisify } from 'node:util';
import { type CaptureSource, type OpenCapture, type ReadInto, STANDARD_INPUT } from '../capture/source.ts';
import { InputError, UsageError } from '../model/errors.ts';
import { shellWord } from '../model/shell-word.ts';
import { decompress } from '../node/decompress.ts';
import { PipeInput } from './pipe.ts';
import { statsOf } from './stats.ts';

const STDIN = 0;
const openLater = promisify(open);
const readDescriptor = promisify(read);

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
  const unknown = names.find((name) => /^-./.test(name) && statsOf(name) === null);
  if (unknown !== undefined) throw new UsageError(`${unknown} is neither an option nor a file`);
  if (names.filter((name) => name === '-').length > 1) throw new UsageError('standard input (-) can be read only once');
  return names;
}

/** The captures as a command line names them; standard input where none was named. */
export function captureWords(names: readonly string[]): string {
  return names.length === 0 ? '-' : names.map(shellWord).join(' ');
}

/** The captures by their names, in order; `-` is standard input. */
export function captureSources(names: readonly string[], watch: InputWatch): CaptureSource[] {
  return names.map((name) => (name === '-' ? stdinSource(watch) : fileSource(name, watch)));
}

/** Bytes of all inputs together; null when one of them has no length (a pipe). */
export function totalSize(names: readonly string[]): number | null {
  let sum = 0;
  for (const name of names) {
    const stats = name === '-' ? fstatSync(STDIN) : statsOf(name);
    if (!stats?.isFile()) return null;
    sum += stats.size;
  }
  return sum;
}

/** Files can be read once more; pipes and standard input, whatever it is, cannot. */
export function canBeRepeated(names: readonly string[]): boolean {
  return !inputNames(names).includes('-') && totalSize(names) !== null;
}

function stdinSource(watch: InputWatch): CaptureSource {
  return {
    name: STANDARD_INPUT,
    rewinds: false,
    open: async () => {
      const stats = fstatSync(STDIN);
      if (stats.isDirectory()) throw new InputError(STANDARD_INPUT, 'is a directory, not a capture');
      if (stats.isFile()) return watched(STANDARD_INPUT, readNow(STDIN), async () => {}, watch);
      if (stats.isCharacterDevice() && !isatty(STDIN))
        return watched(STANDARD_INPUT, readLater(STDIN), async () => {}, watch);
      return pipe(STANDARD_INPUT, STDIN, watch);
    },
  };
}

function fileSource(name: string, watch: InputWatch): CaptureSource {
  return {
    name,
    rewinds: statsOf(name)?.isFile() ?? false,
    open: async () => {
      const { fd, stats } = await openFile(name);
      if (stats.isFIFO()) return pipe(name, fd, watch);
      return watched(name, stats.isFile() ? readNow(fd) : readLater(fd), async () => closeSync(fd), watch);
    },
  };
}

async function openFile(name: string): Promise<{ fd: number; stats: Stats }> {
  try {
    // Before the opening, which waits for the other end when it is a pipe.
    const stats = statSync(name);
    if (stats.isDirectory()) throw new InputError(name, directoryReason(name));
    if (stats.isSocket()) throw new InputError(name, 'is a socket, not a capture');
    return { fd: stats.isFile() ? openSync(name, 'r') : await openLater(name, 'r'), stats };
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(name, reasonOf(error as NodeJS.ErrnoException, name));
  }
}

function directoryReason(name: string): string {
  return `is a directory; name the captures in it, such as ${name.replace(/\/+$/, '')}/*.pcap`;
}

/** `name`: of what was to be opened. */
function reasonOf(error: NodeJS.ErrnoException, name = ''): string {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      // Node.js puts it in place of bytes that are no UTF-8.
      return name.includes('\ufffd')
        ? 'no such file (names must be UTF-8; any file can be read with: tcpscope - < FILE)'
        : 'no such file';
    case 'EACCES':
    case 'EPERM':
      return 'may not be read: permission denied (a capture written by root? try sudo chmod a+r)';
    case 'EISDIR':
      return 'is a directory, not a capture';
    default:
      return `cannot be read: ${error.message}`;
  }
}

/**
 * Reads a regular file. It waits for nothing but the disk, which reads ahead by itself, and handing every chunk to another
 * thread and back takes longer than copying it does.
 */
function readNow(fd: number): ReadInto {
  return async (buffer, offset, length) => readSync(fd, buffer, offset, length, null);
}

/** Reads what may take its time, such as a terminal, and leaves the event loop free meanwhile. */
function readLater(fd: number): ReadInto {
  return async (buffer, offset, length) => (await readDescriptor(fd, buffer, offset, length, null)).bytesRead;
}

function pipe(name: string, fd: number, watch: InputWatch): OpenCapture {
  // Bun makes a socket of a descriptor that never says anything.
  if (process.versions.bun !== undefined) return watched(name, readLater(fd), async () => {}, watch);
  const input = new PipeInput(fd);
  watch.onStop(() => input.abandon());
  return watched(name, input.read, () => input.close(), watch);
}

function watched(name: string, read: ReadInto, close: () => Promise<void>, watch: InputWatch): OpenCapture {
  return {
    decompress,
    read: async (buffer, offset, length) => {
      if (!(await watch.mayRead())) return 0;
      try {
        const taken = await read(buffer, offset, length);
        watch.taken(taken);
        return taken;
      } catch (error) {
        throw new InputError(name, reasonOf(error as NodeJS.ErrnoException));
      }
    },
    close,
  };
}
