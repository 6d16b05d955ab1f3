import type { CaptureSession } from '../capture/session.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Conflict, Excluded, GapType, LimitHit, StreamEnd, StreamSink } from '../model/stream.ts';
import { formatBytes, formatNumberOf } from '../model/units.ts';
import { StreamHex } from '../render/stream-hex.ts';
import { StreamJson } from '../render/stream-json.ts';
import { conflictText, excludedText, gapText, limitText } from '../render/stream-notes.ts';
import { StreamText } from '../render/stream-text.ts';
import { PLAIN } from '../render/style.ts';
import type { Context } from './context.ts';
import type { StreamTargets } from './stream-target.ts';

/** Notes of one kind that are written out. */
const MAX_NOTES = 10;

export interface FollowerOptions {
  side: 'client' | 'server' | 'both';
  as: 'text' | 'hex' | 'raw' | 'ndjson';
  output?: string;
  urgent: 'inline' | 'oob' | 'drop';
  gap?: 'skip' | 'marker' | 'zero' | 'fail';
  /** Bytes of zeros that `--gap zero` writes at most. */
  maxZeros: number;
}

/** Hands what is wanted of a connection's streams to the form that is wanted, and remembers what the user should know. */
export class Follower implements StreamSink {
  /** The first gap that is not to be, in words. */
  failure: string | null = null;
  private readonly options: FollowerOptions;
  private readonly context: Context;
  private readonly form: StreamSink;
  private readonly notes = new Map<string, { count: number; texts: string[] }>();
  private session: CaptureSession | null = null;
  private isSilent = false;
  /** What is delivered now is within the time that is wanted; else something was not. */
  private isShown = true;
  private isWhole = true;
  private zeros = 0;

  constructor(options: FollowerOptions, targets: StreamTargets, context: Context) {
    this.options = options;
    this.context = context;
    this.form = this.formOf(targets);
  }

  /** The reading begins. */
  runs(session: CaptureSession): void {
    this.session = session;
  }

  /** Nothing more is to be printed. */
  silence(): void {
    this.isSilent = true;
  }

  /** Whether what is delivered from now on is within the time that is wanted. */
  shows(isShown: boolean): void {
    this.isShown = isShown;
    if (!isShown) this.isWhole = false;
  }

  chunk(sender: Endpoint, offset: number, bytes: Uint8Array, frame: number, time: number): void {
    if (this.isNow(sender)) this.form.chunk(sender, offset, bytes, frame, time);
  }

  gap(sender: Endpoint, start: number, end: number, type: GapType): void {
    if (!this.isNow(sender)) return;
    const place = `the stream of the ${sender.role} has a gap at byte ${start}: ${gapText(start, end, type)}`;
    if (this.options.gap === 'fail') {
      this.fail(place);
      return;
    }
    if (this.options.gap === 'zero') {
      // The few bytes of a capture can claim gigabytes between them.
      this.zeros += end - start;
      const { maxZeros } = this.options;
      if (this.zeros > maxZeros) {
        this.fail(`${place}; --gap zero writes up to ${formatBytes(maxZeros)} of zeros, --max-zeros BYTES allows more`);
        return;
      }
    }
    this.form.gap(sender, start, end, type);
  }

  private fail(reason: string): void {
    this.failure = reason;
    this.isSilent = true;
    this.session?.stop();
  }

  urgent(sender: Endpoint, offset: number, octet: number, frame: number, time: number): void {
    if (this.isNow(sender)) this.form.urgent?.(sender, offset, octet, frame, time);
  }

  conflict(conflict: Conflict): void {
    if (!this.isNow(conflict.sender)) return;
    this.form.conflict?.(conflict);
    this.note('conflicts', () => conflictText(conflict));
  }

  excluded(excluded: Excluded): void {
    if (!this.isNow(excluded.sender)) return;
    this.form.excluded?.(excluded);
    this.note('exclusions', () => excludedText(excluded));
  }

  limit(hit: LimitHit): void {
    if (!this.wants(hit.sender)) return;
    this.form.limit?.(hit);
    this.note('bounds', () => limitText(hit));
  }

  end(end: StreamEnd): void {
    if (this.failure !== null) this.form.end?.(end);
    if (!this.wants(end.sender)) return;
    this.form.end?.(end);
    // These count the whole stream.
    if (!this.isWhole) return;
    const { sender, missing, gaps, afterReset } = end;
    if (gaps > 0 && this.gapHandling() === 'skip') {
      const how = missing === 0 ? 'the beginning' : formatNumberOf(missing, 'byte');
      this.note('gaps', () => `${how} of the ${sender.role} missing in ${formatNumberOf(gaps, 'gap')}, not marked`);
    }
    if (afterReset > 0) {
      this.note('resets', () => `${formatNumberOf(afterReset, 'byte')} of the ${sender.role} after its own reset`);
    }
  }

  /** Says on stderr what the form does not say by itself. */
  report(): void {
    if (this.options.as === 'ndjson') return;
    for (const { count, texts } of this.notes.values()) {
      for (const text of texts) this.context.warn(text);
      if (count > texts.length)
        this.context.warn(`... and ${count - texts.length} more of this kind; --as ndjson lists all`);
    }
  }

  private note(kind: string, text: () => string): void {
    const seen = this.notes.get(kind) ?? { count: 0, texts: [] };
    this.notes.set(kind, seen);
    if (seen.count++ < MAX_NOTES) seen.texts.push(text());
  }

  private isNow(sender: Endpoint): boolean {
    return this.isShown && this.wants(sender);
  }

  private wants(sender: Endpoint): boolean {
    return !this.isSilent && (this.options.side === 'both' || sender.role === this.options.side);
  }

  private gapHandling(): 'skip' | 'marker' | 'zero' | 'fail' {
    return this.options.gap ?? (this.options.as === 'raw' ? 'skip' : 'marker');
  }

  private formOf(targets: StreamTargets): StreamSink {
    const { as, side, urgent, output } = this.options;
    const handling = this.gapHandling();
    const write = (text: string) => targets.client.text(text);
    const marksGaps = handling === 'marker';
    if (as === 'raw') return rawForm(targets, handling);
    if (as === 'ndjson') return new StreamJson(write, { origin: () => this.session?.origin.base ?? 0n, marksGaps });
    const style = output === undefined ? this.context.stdout.style : PLAIN;
    const options = { style, marksSides: side === 'both', marksGaps, marksUrgent: urgent === 'oob' };
    return as === 'hex' ? new StreamHex(write, options) : new StreamText(write, options);
  }
}

/** The bytes and nothing else, but for what `--gap` puts in the place of missing ones. */
function rawForm(targets: StreamTargets, handling: 'skip' | 'marker' | 'zero' | 'fail'): StreamSink {
  return {
    chunk: (sender, _offset, bytes) => targets[sender.role].bytes(bytes),
    gap: (sender, start, end, type) => {
      const target = targets[sender.role];
      if (handling === 'marker') target.text(gapText(start, end, type));
      if (handling !== 'zero') return;
      target.zeros(end - start);
    },
  };
}
