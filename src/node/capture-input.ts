import { createReadStream } from 'node:fs';
import type { CaptureSource, OpenCapture } from '../capture/source.ts';
import { decompress } from './decompress.ts';

/** The path of a capture, its bytes, or a stream of them (a Node stream, a web stream, an async generator). */
export type CaptureInput = string | URL | Uint8Array | AsyncIterable<Uint8Array>;

export function inputName(input: CaptureInput): string {
  return typeof input === 'string' || input instanceof URL ? String(input) : 'input';
}

export function openInput(input: CaptureInput): OpenCapture {
  if (input instanceof Uint8Array) return chunked([input][Symbol.iterator]());
  const stream = typeof input === 'string' || input instanceof URL ? createReadStream(input) : input;
  return chunked(stream[Symbol.asyncIterator]());
}

/** As `readCaptures` takes it. A stream can be opened once. */
export function inputSource(input: CaptureInput): CaptureSource {
  const isStream = typeof input === 'object' && !(input instanceof URL) && !(input instanceof Uint8Array);
  return { name: inputName(input), rewinds: !isStream, open: async () => openInput(input) };
}

/** Hands out chunks of any size in the sizes that are asked for. */
function chunked(chunks: Iterator<Uint8Array> | AsyncIterator<Uint8Array>): OpenCapture {
  let chunk: Uint8Array = new Uint8Array(0);
  return {
    decompress,
    read: async (buffer, offset, length) => {
      while (chunk.length === 0) {
        const next = await chunks.next();
        if (next.done) return 0;
        chunk = next.value;
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
