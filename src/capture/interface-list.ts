import type { CaptureFacts, CaptureInterface } from '../model/capture-facts.ts';
import { MAX_INTERFACES } from './limits.ts';
import type { CaptureSink } from './source.ts';

/** The interfaces of an input: `CaptureFacts.interfaces`, and which of them are described alike. */
export class InterfaceList {
  private readonly all: CaptureInterface[];
  /** Indices of those that are described alike, rising. */
  private readonly alike = new Map<string, number[]>();

  constructor(facts: CaptureFacts) {
    this.all = facts.interfaces;
  }

  get length(): number {
    return this.all.length;
  }

  /** Adds an interface and returns its index, -1 when there are too many. */
  add(described: CaptureInterface, sink: CaptureSink): number {
    if (this.all.length >= MAX_INTERFACES) return -1;
    const id = this.all.push(described) - 1;
    const key = keyOf(described);
    const ids = this.alike.get(key);
    if (ids === undefined) this.alike.set(key, [id]);
    else ids.push(id);
    sink.interfaceSeen?.(id, described);
    return id;
  }

  /** The index of number `nth` (from 0) of those that are described so, among the first `before`; -1 without. */
  find(described: CaptureInterface, nth: number, before: number): number {
    const id = this.alike.get(keyOf(described))?.[nth];
    return id === undefined || id >= before ? -1 : id;
  }
}

/** Counts how many interfaces of one section are described alike. */
export class AlikeCounter {
  private readonly counts = new Map<string, number>();

  /** How many were described so before. */
  next(described: CaptureInterface): number {
    const key = keyOf(described);
    const count = this.counts.get(key) ?? 0;
    this.counts.set(key, count + 1);
    return count;
  }
}

/** All but the statistics, which are of one file or another. */
function keyOf({ linkType, snaplen, name, description, timeResolution }: CaptureInterface): string {
  return JSON.stringify([linkType, snaplen, name, description, timeResolution]);
}
