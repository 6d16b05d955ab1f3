import zlib from 'node:zlib';
import { CaptureError } from '../model/errors.ts';
import type { Compression } from './sniff.ts';

/** Bytes of output that are produced at a time; at most so many are lost before corrupt input. */
const CHUNK_SIZE = 0x10000;

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
export class Decompressor {
  /** Why the input could not be decompressed any further; null while all is well. */
  failure: string | null = null;
  private readonly stream: Inflater;
  private outputError: { error: unknown } | null = null;
  private wake: (() => void) | null = null;

  constructor(kind: Compression, output: (chunk: Uint8Array) => void) {
    this.stream = inflaterFor(kind);
    this.stream.on('data', (chunk) => {
      if (this.outputError !== null) return;
      try {
        output(chunk);
      } catch (error) {
        this.outputError = { error };
      }
    });
    this.stream.on('error', (error) => {
      this.failure ??= error.message;
      this.wake?.();
    });
    this.stream.on('end', () => this.wake?.());
  }

  /** `chunk` may be reused when the promise is settled. */
  async write(chunk: Uint8Array): Promise<void> {
    if (this.failure !== null) return;
    await this.wait((done) => this.stream.write(chunk, () => done()));
  }

  async end(): Promise<void> {
    if (this.failure !== null) return;
    await this.wait(() => this.stream.end());
  }

  destroy(): void {
    this.stream.destroy();
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
