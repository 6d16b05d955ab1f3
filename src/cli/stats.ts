import { type Stats, statSync } from 'node:fs';

/** The status of the file, symbolic links followed; null for what cannot be looked at: opening it tells why. */
export function statsOf(name: string): Stats | null {
  try {
    return statSync(name);
  } catch {
    return null;
  }
}
