import { UsageError } from '../model/errors.ts';
import type { Decompress } from './compression.ts';
import type { OpenCapture } from './source.ts';

/** A capture whose bytes come in chunks of any size: they are handed out in the sizes that are asked for. */
export function openChunks(
  chunks: Iterator<Uint8Array> | AsyncIterator<Uint8Array>,
  decompress: Decompress,
): OpenCapture {
  let chunk: Uint8Array = new Uint8Array(0);
  return {
    decompress,
    read: async (buffer, offset, length) => {
      while (chunk.length === 0) {
        const next = await chunks.next();
        if (next.done) return 0;
        chunk = bytesOf(next.value);
      }
      const part = chunk.subarray(0, length);
      buffer.set(part, offset);
      chunk = chunk.subarray(part.length);
      return part.length;
    },
    close: async () => {
      await chunks.return?.();
    },
  };
}

/** The stream of a caller without types may give anything: UsageError. */
function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new UsageError(`the stream of a capture gives ${kindOf(chunk)}: bytes (Uint8Array) are expected`);
}

/** UsageError where `input`, which a caller without types gave, is no stream. `expected`: what may be given. */
export function requireStream(input: unknown, expected: string): void {
  if (typeof input === 'object' && input !== null && Symbol.asyncIterator in input) return;
  const advice = input instanceof ArrayBuffer ? ': new Uint8Array(buffer)' : '';
  throw new UsageError(`a capture is ${expected}; found ${kindOf(input)}${advice}`);
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}
