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
