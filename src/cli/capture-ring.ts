import { closeSync, fstatSync, openSync, readdirSync, readSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CaptureSource, ReadInto } from '../capture/source.ts';
import { InputError } from '../model/errors.ts';
import type { InputWatch } from './input.ts';
import { statsOf } from './stats.ts';

/** How often it is looked whether something came (ms). */
const TICK = 200;

/** Bytes at the beginning of a file that tell whether it is another: headers, and the time of the first packet. */
const HEAD = 1024;

/** A file of the ring: read from `position` on until a later one is there. */
interface RingFile {
  readonly fd: number;
  readonly ino: number;
  position: number;
  /** Its beginning, as far as it was read. */
  head: Uint8Array;
}

/** What was read of a file, when a later one was there. */
interface ReadFile {
  readonly size: number;
  readonly head: Uint8Array;
  changed: number;
}

/**
 * The files that `tcpdump -G` or `-C` writes one after the other, as one endless capture: `DIR/PATTERN` with `*` and `?` in
 * its last part. The oldest file is read first, and each to its end; when there is nothing more and no later file, the
 * ring is waited for, and looked at every `tick` ms. A file is later when it was changed later and has not been read, by whatever name, or has begun anew since (`-W`).
 */
export function ringSource(pattern: string, watch: InputWatch, tick: number = TICK): CaptureSource {
  const ring = new Ring(pattern, watch, tick);
  const read: ReadInto = (buffer, offset, length) => ring.read(buffer, offset, length);
  return { name: pattern, rewinds: false, open: async () => ({ read, close: () => ring.close() }) };
}

/** The files of a ring, and how far they were read. */
class Ring {
  private readonly pattern: string;
  private readonly watch: InputWatch;
  private readonly tick: number;
  private readonly folder: string;
  private readonly name: RegExp;
  private isOver = false;
  /** By their inodes: a file that gets another name stays the one that was read. */
  private readonly done = new Map<number, ReadFile>();
  private current: RingFile | null = null;

  constructor(pattern: string, watch: InputWatch, tick: number) {
    this.pattern = pattern;
    this.watch = watch;
    this.tick = tick;
    this.folder = dirname(pattern);
    this.name = nameFilter(basename(pattern));
    watch.onStop(() => {
      this.isOver = true;
    });
  }

  async read(buffer: Uint8Array, offset: number, length: number): Promise<number> {
    while (!this.isOver && (await this.watch.mayRead())) {
      const taken = this.readOn(buffer, offset, length);
      if (taken > 0) {
        this.watch.taken(taken);
        return taken;
      }
      if (!this.openNext()) await sleep(this.tick);
    }
    return 0;
  }

  async close(): Promise<void> {
    if (this.current !== null) closeSync(this.current.fd);
    this.current = null;
  }

  /** Bytes that were read of the present file: 0 where there are no more of it now. */
  private readOn(buffer: Uint8Array, offset: number, length: number): number {
    const { current } = this;
    if (current === null) return 0;
    const { fd, position, head } = current;
    // The same file begins anew.
    if (Buffer.compare(headOf(fd, head.length), head) !== 0 || fstatSync(fd).size < position) {
      current.position = 0;
      current.head = head.subarray(0, 0);
    }
    const taken = readSync(fd, buffer, offset, length, current.position);
    current.position += taken;
    if (taken > 0 && current.head.length < HEAD) current.head = headOf(fd, current.position);
    return taken;
  }

  /** Goes on to the next file. False where there is nothing to read now. */
  private openNext(): boolean {
    const { current } = this;
    const [next] = this.unread();
    if (next === undefined) return false;
    // What was written before its writer began the next file.
    if (current !== null && fstatSync(current.fd).size > current.position) return true;
    const opened = openIfThere(next.path);
    if (opened === null) return false;
    if (current !== null) {
      const { fd, ino, position: size, head } = current;
      this.done.set(ino, { size, head, changed: fstatSync(fd).mtimeMs });
      closeSync(fd);
    }
    this.current = { fd: opened, ino: fstatSync(opened).ino, position: 0, head: new Uint8Array(0) };
    return true;
  }

  /** Files with something to read, beside the present one; the oldest first. */
  private unread(): { path: string; stats: Stats }[] {
    const there = this.names()
      .filter((file) => this.name.test(file))
      .map((file) => join(this.folder, file))
      .map((path) => ({ path, stats: statsOf(path) }))
      .filter((file): file is { path: string; stats: Stats } => file.stats?.isFile() === true);
    // A ring of days deletes its files.
    const inodes = new Set(there.map(({ stats: { ino } }) => ino));
    for (const ino of this.done.keys()) if (!inodes.has(ino)) this.done.delete(ino);
    const found = there
      .filter(({ stats }) => stats.size > 0 && stats.ino !== this.current?.ino)
      .filter(({ path, stats }) => !isAsRead(path, stats, this.done.get(stats.ino)));
    return found.sort((one, other) => one.stats.mtimeMs - other.stats.mtimeMs || (one.path < other.path ? -1 : 1));
  }

  private names(): string[] {
    try {
      return readdirSync(this.folder);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw new InputError(
        this.pattern,
        code === 'ENOENT' ? `there is no folder ${this.folder}` : `cannot be followed: ${message}`,
      );
    }
  }
}

/** The file is still the one that was read: it was not written since, or its beginning is the same. */
function isAsRead(path: string, stats: Stats, known: ReadFile | undefined): boolean {
  if (known === undefined || stats.size < known.size) return false;
  if (stats.mtimeMs === known.changed) return true;
  const fd = openIfThere(path);
  if (fd === null) return true;
  const isSame = Buffer.compare(headOf(fd, known.size), known.head) === 0;
  closeSync(fd);
  if (isSame) known.changed = stats.mtimeMs;
  return isSame;
}

/** Null where the file has gone: a ring deletes its files. */
function openIfThere(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new InputError(path, `cannot be followed: ${(error as Error).message}`);
  }
}

/** The first bytes of a file of which so many were read. */
function headOf(fd: number, size: number): Uint8Array {
  const head = new Uint8Array(Math.min(HEAD, size));
  return head.subarray(0, readSync(fd, head, 0, head.length, 0));
}

/** `*` and `?` as in a shell. */
function nameFilter(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}
