import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';

/**
 * What a detector remembers of some endpoints or connections, made when first asked for. Owners live until the analysis forgets
 * them, so nothing is gained by holding them weakly, which costs the garbage collector dear.
 */
export class Memory<K extends Connection | Endpoint, T> {
  private readonly entries = new Map<K, T>();
  private readonly make: (key: K) => T;

  constructor(make: (key: K) => T) {
    this.make = make;
  }

  /** The entry, made if there is none. */
  of(key: K): T {
    let entry = this.entries.get(key);
    if (entry === undefined) {
      entry = this.make(key);
      this.entries.set(key, entry);
      remember(key);
    }
    return entry;
  }

  find(key: K): T | undefined {
    return this.entries.get(key);
  }

  forget(key: K): void {
    if (this.entries.size > 0) this.entries.delete(key);
  }
}

/** The object stays that of its connection: whoever holds it beyond a packet says so. */
export function remember(key: Connection | Endpoint): void {
  const connection = 'connection' in key ? key.connection : key;
  connection.isRemembered = true;
}

/** Most frames that a finding names. */
const MOST_FRAMES = 16;

/** Adds a frame to the evidence, which stays bounded. */
export function note(frames: number[], frame: number): void {
  if (frames.length < MOST_FRAMES && !frames.includes(frame)) frames.push(frame);
}

/** The first of several lists of frames together. */
export function firstFrames(lists: readonly (readonly number[])[]): number[] {
  return lists
    .flat()
    .sort((one, other) => one - other)
    .slice(0, MOST_FRAMES);
}
