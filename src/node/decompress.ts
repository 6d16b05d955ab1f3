import zlib from 'node:zlib';
import type { Decompress, Decompressor } from '../capture/compression.ts';
import type { Compression } from '../capture/sniff.ts';
import { CaptureError } from '../model/errors.ts';

/** Bytes of output that are produced at a time; in a large file at most so many are lost before corrupt input. */
const CHUNK_SIZE = 0x10000;
/** Input that is kept for a second attempt, in which nothing is lost. */
const MAX_KEPT = 0x800000;

interface Inflater {
  write(chunk: Uint8Array, done: (error?: Error | null) => void): boolean;
  end(): void;
  destroy(): void;
  on(event: 'data', listener: (chunk: Uint8Array) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  on(event: 'end', listener: () => void): void;
}

/**
 * Takes off gzip (all members of a concatenation) or zstd. Output goes to `output` while `write` is pending.
 *
 * An error of `output` is rethrown by the `write` or `end` that caused it. Bad input is not thrown: it ends the output and
 * is left in `failure`.
 */
class ZlibDecompressor implements Decompressor {
  failure: string | null = null;
  private readonly kind: Compression;
  private readonly give: (chunk: Uint8Array) => void;
  private readonly stream: Inflater;
  /** All input so far; null when it has become too much. */
  private kept: Uint8Array[] | null = [];
  private keptBytes = 0;
  private given = 0;
  private outputError: { error: unknown } | null = null;
  private wake: (() => void) | null = null;

  constructor(kind: Compression, output: (chunk: Uint8Array) => void) {
    this.kind = kind;
    this.give = (chunk) => {
      this.given += chunk.length;
      if (this.outputError !== null) return;
      try {
        output(chunk);
      } catch (error) {
        this.outputError = { error };
      }
    };
    this.stream = inflaterFor(kind);
    this.stream.on('data', this.give);
    this.stream.on('error', (error) => {
      this.failure ??= error.message;
      this.wake?.();
    });
    this.stream.on('end', () => this.wake?.());
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.failure !== null) return;
    this.keep(chunk);
    await this.wait((done) => this.stream.write(chunk, () => done()));
    if (this.failure !== null) await this.retry();
  }

  async end(): Promise<void> {
    if (this.failure !== null) return;
    await this.wait(() => this.stream.end());
  }

  destroy(): void {
    this.stream.destroy();
  }

  private keep(chunk: Uint8Array): void {
    this.keptBytes += chunk.length;
    if (this.keptBytes > MAX_KEPT) this.kept = null;
    this.kept?.push(new Uint8Array(chunk));
  }

  /**
   * zlib drops what it made of a piece of input that turns out to be damaged further on: the same again, with the last
   * piece octet by octet, so that only the damaged octet has nothing to show.
   */
  private async retry(): Promise<void> {
    const { kept } = this;
    this.kept = null;
    if (kept === null) return;
    const last = kept.pop()!;
    const inflater = inflaterFor(this.kind);
    let skip = this.given;
    inflater.on('data', (chunk) => {
      if (chunk.length > skip) this.give(chunk.subarray(skip));
      skip = Math.max(0, skip - chunk.length);
    });
    let isOver = false;
    const over = new Promise<void>((resolve) => {
      inflater.on('error', () => {
        isOver = true;
        resolve();
      });
    });
    const write = (part: Uint8Array) =>
      Promise.race([over, new Promise<void>((resolve) => inflater.write(part, () => resolve()))]);
    for (const part of kept) await write(part);
    for (let i = 0; i < last.length && !isOver; i++) await write(last.subarray(i, i + 1));
    inflater.destroy();
    if (this.outputError !== null) throw this.outputError.error;
  }

  private async wait(start: (done: () => void) => void): Promise<void> {
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      start(resolve);
    });
    this.wake = null;
    if (this.outputError !== null) throw this.outputError.error;
  }
}

export const decompress: Decompress = (kind, output) => new ZlibDecompressor(kind, output);

function inflaterFor(kind: Compression): Inflater {
  if (kind === 'gzip') return zlib.createGunzip({ chunkSize: CHUNK_SIZE }) as Inflater;
  // Node has zstd from 22.15 on.
  const { createZstdDecompress } = zlib as unknown as { createZstdDecompress?: (options: object) => Inflater };
  if (createZstdDecompress === undefined) {
    const advice = 'zstd -dc FILE | tcpscope -';
    throw new CaptureError('compressed capture', 0, 'zstd data', 'a Node.js with zstd (22.15 or later)', advice);
  }
  return createZstdDecompress({ chunkSize: CHUNK_SIZE });
}
