import {
  type CaptureDamage,
  type CaptureFacts,
  type CaptureInterface,
  emptyCaptureFacts,
} from '../model/capture-facts.ts';
import { InterfaceList } from './interface-list.ts';
import { MAX_COMMENTS, MAX_DAMAGES } from './limits.ts';
import type { CaptureSink } from './source.ts';
import { TimeOrigin } from './time.ts';

/** What all files of one input share: the facts, the zero of time and the running frame number. */
export class CaptureSession {
  readonly facts: CaptureFacts;
  readonly origin: TimeOrigin;
  readonly interfaces: InterfaceList;
  /** Records delivered so far; the next one is number `records + 1`. */
  records = 0;
  /** Which of several sources the record that is being delivered comes from, from 0. */
  source = 0;
  /**
   * May a file use the interface of an earlier one that describes the same thing? True for files that follow one
   * another (rotation); false for files that overlap in time, which were captured at different points.
   */
  shareInterfaces = true;
  /** What is read is many captures one after the other: that another begins is no damage. */
  isSequence = false;
  /** What is read is a part of a capture, whose packets say their numbers there (`PacketId`). */
  hasPacketIds = false;
  stopped = false;

  constructor(
    facts: CaptureFacts = emptyCaptureFacts(),
    origin: TimeOrigin = new TimeOrigin(facts),
    interfaces: InterfaceList = new InterfaceList(facts),
  ) {
    this.facts = facts;
    this.origin = origin;
    this.interfaces = interfaces;
  }

  /** No more records, please: the parser that is running returns after the present one. Callable from a sink. */
  stop(): void {
    this.stopped = true;
  }

  /**
   * The index of an interface. Where interfaces may be shared it is that of number `nth` of those that are described alike
   * among the first `before`, if there is one; else the interface is added. -1 when there are too many.
   */
  interfaceFor(described: CaptureInterface, sink: CaptureSink, nth = 0, before = this.interfaces.length): number {
    const known = this.shareInterfaces ? this.interfaces.find(described, nth, before) : -1;
    return known >= 0 ? known : this.interfaces.add(described, sink);
  }

  addComment(comment: string): void {
    if (comment !== '' && this.facts.comments.length < MAX_COMMENTS) this.facts.comments.push(comment);
  }
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
