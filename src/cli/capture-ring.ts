import { closeSync, fstatSync, openSync, readdirSync, readSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CaptureSource } from '../capture/source.ts';
import { InputError } from '../model/errors.ts';
import type { InputWatch } from './input.ts';
import { statsOf } from './stats.ts';

/** How often it is looked whether something came (ms). */
const TICK = 200;

/** A file of the ring: read from `position` on until a later one is there. */
interface RingFile {
  readonly path: string;
  readonly fd: number;
  readonly ino: number;
  position: number;
}

/**
 * The files that `tcpdump -G` or `-C` writes one after the other, as one endless capture: `DIR/PATTERN` with `*` and `?` in
 * its last part. The oldest file is read first, and each to its end; when there is nothing more and no later file, the
 * ring is waited for. A file is later when it was changed later and has not been read, or has begun anew since (`-W`).
 */
export function ringSource(pattern: string, watch: InputWatch): CaptureSource {
  const folder = dirname(pattern);
  const name = nameFilter(basename(pattern));
  let isOver = false;
  watch.onStop(() => {
    isOver = true;
  });
  /** What was read of each file: its inode and the bytes. */
  const read = new Map<string, { ino: number; size: number }>();
  let current: RingFile | null = null;

  const unread = (): { path: string; stats: Stats }[] => {
    let names: string[];
    try {
      names = readdirSync(folder);
    } catch (error) {
      throw new InputError(pattern, `cannot be followed: ${(error as Error).message}`);
    }
    const found = names
      .filter((file) => name.test(file))
      .map((file) => join(folder, file))
      .map((path) => ({ path, stats: statsOf(path) }))
      .filter((file): file is { path: string; stats: Stats } => file.stats?.isFile() === true)
      .filter(({ path, stats }) => {
        const known = read.get(path);
        return path !== current?.path && stats.size > 0 && !(known?.ino === stats.ino && stats.size >= known.size);
      });
    return found.sort((one, other) => one.stats.mtimeMs - other.stats.mtimeMs || (one.path < other.path ? -1 : 1));
  };

  const openNext = (): boolean => {
    const [next] = unread();
    if (next === undefined) return false;
    if (current !== null) {
      read.set(current.path, { ino: current.ino, size: current.position });
      closeSync(current.fd);
    }
    const fd = openSync(next.path, 'r');
    current = { path: next.path, fd, ino: fstatSync(fd).ino, position: 0 };
    return true;
  };

  const readSome = async (buffer: Uint8Array, offset: number, length: number): Promise<number> => {
    while (!isOver && (await watch.mayRead())) {
      if (current !== null) {
        const taken = readSync(current.fd, buffer, offset, length, current.position);
        if (taken > 0) {
          current.position += taken;
          watch.taken(taken);
          return taken;
        }
        // The same file begins anew.
        if (fstatSync(current.fd).size < current.position) {
          current.position = 0;
          continue;
        }
      }
      if (!openNext()) await sleep(TICK);
    }
    return 0;
  };

  return {
    name: pattern,
    rewinds: false,
    open: async () => ({
      read: readSome,
      close: async () => {
        if (current !== null) closeSync(current.fd);
        current = null;
      },
    }),
  };
}

/** `*` and `?` as in a shell. */
function nameFilter(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}
