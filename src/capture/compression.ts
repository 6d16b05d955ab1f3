import { CaptureError } from '../model/errors.ts';
import type { Compression } from './sniff.ts';

/** Takes off a compression. */
export interface Decompressor {
  /** Why the input could not be decompressed any further; null while all is well. */
  readonly failure: string | null;
  /** `chunk` may be reused when the promise is settled. Rejects with what the taker of the output threw. */
  write(chunk: Uint8Array): Promise<void>;
  /** There is no more input: the rest of the output comes. Rejects as `write` does. */
  end(): Promise<void>;
  /** Nothing more is wanted. */
  destroy(): void;
}

/**
 * Begins to take off a compression: what comes out goes to `output` while `write` or `end` is pending. Throws a CaptureError
 * when this compression cannot be taken off. Whoever opens captures brings it along, since each platform has its own.
 */
export type Decompress = (kind: Compression, output: (chunk: Uint8Array) => void) => Decompressor;

/** Where no decompression was brought along. */
export const noDecompression: Decompress = (kind) => {
  const advice = `${kind} -dc FILE | tcpscope -`;
  throw new CaptureError('compressed capture', 0, `${kind} data`, 'a capture that is not compressed', advice);
};
