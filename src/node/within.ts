import { realpathSync } from 'node:fs';
import { isAbsolute, relative, sep } from 'node:path';

/** Whether a path is that of a place, or of something in it. Nothing is looked up: links are not followed. */
export function isWithin(file: string, place: string): boolean {
  const way = relative(place, file);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** The path of a place with all links followed; a place that is not there holds nothing, and stays as it is. */
export function realOf(place: string): string {
  try {
    return realpathSync(place);
  } catch {
    return place;
  }
}
