import { type CaptureError, InputError } from '../model/errors.ts';
import { type Decompress, type Decompressor, noDecompression } from './compression.ts';
import type { CaptureReader } from './reader.ts';
import { DamageLog } from './session.ts';
import { type Compression, compressionOf } from './sniff.ts';
import type { CaptureSink, ReadInto } from './source.ts';

const COMPRESSED_READ = 0x8000;
/** After so many milliseconds of work the event loop gets a turn, for signals, timers and whoever else waits. */
const WORK = 20;

/** The event loop's next turn: at once where there is setImmediate (Node), after a timer elsewhere. */
const later: (wake: () => void) => unknown = globalThis.setImmediate ?? ((wake) => setTimeout(wake, 0));

/** What is wanted of an open capture: its bytes, and for a compressed one what takes the compression off. */
export interface Readable {
  readonly read: ReadInto;
  readonly decompress?: Decompress;
}

/** Moves one file through a reader, a buffer at a time, and takes off a compression that its first bytes show. */
export class Feed {
  private readonly reader: CaptureReader;
  private readonly sink: CaptureSink;
  private readonly file: string;
  private readonly capture: Readable;
  private started = false;
  private inflater: Decompressor | null = null;
  private compressed: Uint8Array | null = null;
  /** Bytes that were read, of a compressed file the compressed ones. */
  private taken = 0;
  private turnAt = performance.now() + WORK;

  constructor(reader: CaptureReader, sink: CaptureSink, file: string, capture: Readable) {
    this.reader = reader;
    this.sink = sink;
    this.file = file;
    this.capture = capture;
  }

  /** Reads once and delivers what is complete. False when the file is finished. Throws as the reader does. */
  async step(): Promise<boolean> {
    if (performance.now() > this.turnAt) {
      await new Promise<void>((wake) => later(wake));
      this.turnAt = performance.now() + WORK;
    }
    if (!this.started) return this.start();
    const { reader } = this;
    if (this.inflater !== null) return this.inflate(this.inflater);
    if (reader.done) return this.finish();
    const room = reader.reserve();
    const length = await this.readOn(reader.buffer, reader.writeOffset, room);
    if (length === 0) return this.finish();
    reader.advance(length);
    return true;
  }

  /** Reads after the beginning: a file that cannot be read any more ends there, and what it gave counts. */
  private async readOn(buffer: Uint8Array, offset: number, length: number): Promise<number> {
    try {
      const taken = await this.capture.read(buffer, offset, length);
      this.taken += taken;
      return taken;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.report('the file cannot be read on', error.reason, 'the rest of it', true);
      return 0;
    }
  }

  private report(message: string, found: string, expected: string, fatal = false): void {
    const log = new DamageLog(this.reader.session, this.sink, this.file);
    log.report(this.taken, message, found, expected, { fatal });
  }

  /** Drops the file where it is. */
  abandon(): void {
    this.inflater?.destroy();
    this.inflater = null;
  }

  private async start(): Promise<boolean> {
    this.started = true;
    const head = new Uint8Array(COMPRESSED_READ);
    let have = 0;
    while (have < 4) {
      const length = await this.capture.read(head, have, head.length - have);
      if (length === 0) break;
      have += length;
    }
    this.taken = have;
    const compression = compressionOf(head, 0, have);
    this.reader.open(this.file, compression);
    if (compression !== null) {
      this.inflater = this.inflaterFor(compression);
      this.compressed = head;
      await this.inflater.write(head.subarray(0, have));
      return true;
    }
    if (have === 0) return this.finish();
    this.reader.write(head.subarray(0, have));
    return true;
  }

  private inflaterFor(compression: Compression): Decompressor {
    try {
      const { decompress = noDecompression } = this.capture;
      return decompress(compression, (chunk) => this.reader.write(chunk));
    } catch (error) {
      (error as CaptureError).file = this.file;
      throw error;
    }
  }

  private async inflate(inflater: Decompressor): Promise<boolean> {
    const buffer = this.compressed!;
    const length = this.reader.done || inflater.failure !== null ? 0 : await this.readOn(buffer, 0, buffer.length);
    if (length > 0) {
      await inflater.write(buffer.subarray(0, length));
      return true;
    }
    if (!this.reader.done) {
      await inflater.end();
      const { failure } = inflater;
      if (failure !== null) {
        this.report('the compressed data is damaged or cut', failure, 'the end of the compressed data');
      }
    }
    this.abandon();
    return this.finish();
  }

  private finish(): boolean {
    this.reader.end();
    return false;
  }
}
