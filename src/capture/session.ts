import {
  type CaptureDamage,
  type CaptureFacts,
  type CaptureInterface,
  emptyCaptureFacts,
} from '../model/capture-facts.ts';
import { MAX_COMMENTS, MAX_DAMAGES } from './limits.ts';
import type { CaptureSink } from './source.ts';
import { TimeOrigin } from './time.ts';

/** What all files of one input share: the facts, the zero of time and the running frame number. */
export class CaptureSession {
  readonly facts: CaptureFacts;
  readonly origin: TimeOrigin;
  /** Records delivered so far; the next one is number `records + 1`. */
  records = 0;
  /**
   * May a file use the interface of an earlier one that describes the same thing? True for files that follow one
   * another (rotation); false for files that overlap in time, which were captured at different points.
   */
  shareInterfaces = true;
  stopped = false;

  constructor(facts: CaptureFacts = emptyCaptureFacts(), origin: TimeOrigin = new TimeOrigin(facts)) {
    this.facts = facts;
    this.origin = origin;
  }

  /** No more records, please: the parser that is running returns after the present one. Callable from a sink. */
  stop(): void {
    this.stopped = true;
  }

  /**
   * Adds an interface and returns its index. Where interfaces may be shared, the index of an equal one among the first
   * `earlier` is returned instead, unless it is in `taken`.
   */
  addInterface(
    described: CaptureInterface,
    sink: CaptureSink,
    earlier: number = this.facts.interfaces.length,
    taken: readonly number[] = [],
  ): number {
    if (this.shareInterfaces) {
      const known = this.facts.interfaces.findIndex(
        (other, id) => id < earlier && !taken.includes(id) && isSameInterface(other, described),
      );
      if (known >= 0) return known;
    }
    const id = this.facts.interfaces.push(described) - 1;
    sink.interfaceSeen?.(id, described);
    return id;
  }

  addComment(comment: string): void {
    if (comment !== '' && this.facts.comments.length < MAX_COMMENTS) this.facts.comments.push(comment);
  }
}

/** The same but for the statistics, which are of one file or another. */
function isSameInterface(a: CaptureInterface, b: CaptureInterface): boolean {
  return (
    a.linkType === b.linkType &&
    a.snaplen === b.snaplen &&
    a.name === b.name &&
    a.description === b.description &&
    a.timeResolution === b.timeResolution
  );
}

/** What a damage did, and its kind for flaws that are counted by `DamageLog.first`. */
interface DamageEffect {
  fatal?: boolean;
  losesPackets?: boolean;
  kind?: string;
}

/**
 * The damages of one file. Flaws that repeat themselves from record to record are written out once and counted, so that
 * a capture with a million of them costs neither memory nor time.
 */
export class DamageLog {
  private readonly session: CaptureSession;
  private readonly sink: CaptureSink;
  private readonly file: string;
  private readonly counted = new Map<string, { count: number; damage: CaptureDamage | null }>();

  constructor(session: CaptureSession, sink: CaptureSink, file: string) {
    this.session = session;
    this.sink = sink;
    this.file = file;
  }

  /** Counts a flaw of that kind; true the first time, when the caller is to `report` it under the same kind. */
  first(kind: string): boolean {
    const seen = this.counted.get(kind);
    if (seen === undefined) this.counted.set(kind, { count: 1, damage: null });
    else seen.count++;
    return seen === undefined;
  }

  /** `offset` in the (decompressed) file, null for a file that was not read at all. */
  report(
    offset: number | null,
    message: string,
    found: string,
    expected: string,
    { fatal = false, losesPackets = true, kind = '' }: DamageEffect = {},
  ): void {
    const damages = this.session.facts.damages;
    // Only what stops the reading is worth more than the bound.
    if (damages.length >= MAX_DAMAGES && !fatal) return;
    if (damages.length === MAX_DAMAGES - 1) message += '; further damage is not listed';
    const damage: CaptureDamage = { file: this.file, offset, message, found, expected, fatal, losesPackets };
    const seen = this.counted.get(kind);
    if (seen !== undefined) seen.damage = damage;
    damages.push(damage);
    this.sink.damage?.(damage);
  }

  /** At the end of the file: says how often each repeated flaw was met. */
  finish(): void {
    for (const { count, damage } of this.counted.values()) {
      if (damage !== null && count > 1) damage.message += ` (${count} times in this file)`;
    }
    this.counted.clear();
  }
}

/** Up to 16 bytes as text for an error message. */
export function hexBytes(bytes: Uint8Array, start: number, end: number): string {
  const stop = Math.min(end, start + 16);
  if (stop <= start) return 'nothing';
  let text = '';
  for (let i = start; i < stop; i++) text += `${text === '' ? '' : ' '}${bytes[i].toString(16).padStart(2, '0')}`;
  return text;
}
