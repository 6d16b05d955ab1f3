import { realpathSync, type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { InputError } from '../model/errors.ts';
import { isWithin, realOf } from './within.ts';

/**
 * The path of a control capture, when rules may read it. Rules may come from anywhere, so they read regular files only (a
 * pipe or a device would keep the reader waiting), and only inside `folder`, where the rules file is, inside the current folder,
 * or inside `allowed`: folders, or single files, that the user names. Symbolic links are followed before places are compared.
 *
 * Throws an InputError that says which of this does not hold, and nothing of what is in the file.
 */
export function controlFile(path: string, folder: string, allowed: readonly string[]): string {
  const file = resolve(folder, path);
  const places = [folder, '.', ...allowed].map((place) => resolve(place));
  const outside = new InputError(
    path,
    'lies outside the folder of the rules file and the current folder; --controls FOLDER allows to read it',
  );
  if (!places.some((place) => isWithin(file, place))) throw outside;
  const stats = statsOf(path, file);
  const real = realpathSync(file);
  if (!places.some((place) => isWithin(real, realOf(place)))) throw outside;
  if (!stats.isFile()) throw new InputError(path, 'is not a regular file');
  return real;
}

function statsOf(path: string, file: string): Stats {
  try {
    return statSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InputError(path, code === 'ENOENT' ? 'no such file' : `cannot be read (${code})`);
  }
}
