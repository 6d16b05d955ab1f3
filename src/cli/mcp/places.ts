import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError, UsageError } from '../../model/errors.ts';
import { isWithin, realOf } from '../../node/within.ts';
import { statsOf } from '../stats.ts';

/** A capture that may be read. */
export interface AllowedFile {
  /** All links followed. */
  readonly path: string;
  /** As the client calls it. */
  readonly shown: string;
  /** Changes when the file does. */
  readonly version: string;
}

/**
 * Which files may be read: regular ones inside `roots`, the folders that the client gave, and, where the command line names
 * folders, inside one of these as well. `roots` is null for a client that gives none: then those of the command line count.
 */
export class Places {
  private readonly roots: readonly string[] | null;
  private readonly folders: readonly string[];

  /** `folders`: paths. `roots`: URIs; what is no file: URI is no folder here. */
  constructor(roots: readonly string[] | null, folders: readonly string[]) {
    this.roots = roots === null ? null : roots.flatMap((uri) => pathOf(uri) ?? []);
    this.folders = folders.map((folder) => resolve(folder));
  }

  /**
   * The file that the client means: a path, absolute or inside one of the folders, or a file: URI. Throws an InputError that
   * tells nothing of files outside, not even whether they are there.
   */
  file(name: string): AllowedFile {
    const bases = this.roots ?? this.folders;
    if (bases.length === 0)
      throw new UsageError(
        'there is no folder to read from: let the client give roots, or start tcpscope mcp with the names of folders',
      );
    const path = name.startsWith('file:') ? pathOf(name) : name;
    if (path === null) throw new InputError(name, 'is not the URI of a file');
    const candidates = bases.map((base) => resolve(base, path)).filter((file) => this.allows(file));
    const outside = new InputError(name, `lies outside the folders that may be read: ${bases.join(', ')}`);
    if (candidates.length === 0) throw outside;
    const found = candidates.find((file) => statsOf(file) !== null);
    if (found === undefined) throw new InputError(name, 'no such file');
    const real = realpathSync(found);
    if (!this.allows(real)) throw outside;
    const stats = statsOf(real);
    if (!stats?.isFile()) throw new InputError(name, 'is not a regular file');
    return { path: real, shown: name, version: `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}` };
  }

  /** A folder may be named by a link: both names of it count. */
  private allows(file: string): boolean {
    const isInOneOf = (places: readonly string[]) =>
      places.some((place) => isWithin(file, place) || isWithin(file, realOf(place)));
    return (this.roots === null || isInOneOf(this.roots)) && (this.folders.length === 0 || isInOneOf(this.folders));
  }
}

function pathOf(uri: string): string | null {
  try {
    return fileURLToPath(uri);
  } catch {
    return null;
  }
}
