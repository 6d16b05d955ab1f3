import type { CaptureDamage, CaptureInterface } from '../model/capture-facts.ts';
import type { CaptureRecord } from '../model/record.ts';
import type { Decompress } from './compression.ts';

/** The name of a source that has none. */
export const STANDARD_INPUT = 'standard input';

/** Who takes the records. Every call is synchronous: the record is valid until it returns. */
export interface CaptureSink {
  /** The one reused record. Whoever keeps its bytes copies them. */
  record(record: CaptureRecord): void;
  /** An interface that was not known before, at index `id` of `CaptureFacts.interfaces`. Its statistics may come later. */
  interfaceSeen?(id: number, described: CaptureInterface): void;
  /** Called when the damage is met, that is before the first record after it. */
  damage?(damage: CaptureDamage): void;
}

/** The framing of one format: bytes in, records out, no memory of its own. */
export interface CaptureParser {
  /** Bytes that must be there, from where `consume` stopped, before it can do anything more. A feeder may offer fewer. */
  readonly need: number;
  /** Nothing can be read any more (fatal damage): the rest of the file need not be read at all. */
  readonly done: boolean;
  /** The parser stopped before the file header of another capture (`cat a.pcap b.pcap`). */
  readonly nextFile: boolean;
  /**
   * Handles every complete record in `[start, end)` and returns how many bytes it is done with. The feeder offers the rest
   * again, followed by more. `data` is a view over the same memory as `bytes`, index for index.
   */
  consume(bytes: Uint8Array, data: DataView, start: number, end: number): number;
  /** As `consume`, with the knowledge that nothing follows `end`: what stays incomplete is reported as cut. */
  end(bytes: Uint8Array, data: DataView, start: number, end: number): number;
}

/** Reads up to `length` bytes to `buffer[offset]`, 0 at the end: the shape of fs.read without its file. */
export type ReadInto = (buffer: Uint8Array, offset: number, length: number) => Promise<number>;

/** A file, or a pipe, as this module sees one. */
export interface CaptureSource {
  /** For messages and for `CaptureFacts.files`. */
  readonly name: string;
  /** True when a second `open` begins at the start again. False for a pipe, which is then kept open. */
  readonly rewinds: boolean;
  open(): Promise<OpenCapture>;
}

export interface OpenCapture {
  readonly read: ReadInto;
  /** For a capture that is compressed; without it such a capture is refused. */
  readonly decompress?: Decompress;
  close(): Promise<void>;
}
