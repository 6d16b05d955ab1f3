import type { CaptureSource, OpenCapture } from '../capture/source.ts';
import { decompress } from './decompress.ts';

/** The bytes of a capture, a file that the user chose, or a stream of bytes (the body of a response). */
export type CaptureInput = Uint8Array | Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

export function inputName(input: CaptureInput): string {
  const name = input instanceof Blob ? (input as Blob & { readonly name?: string }).name : undefined;
  return name ?? 'input';
}

export function openInput(input: CaptureInput): OpenCapture {
  if (input instanceof Uint8Array) return openBytes(input);
  if (input instanceof Blob) return openBlob(input);
  return openChunks(input instanceof ReadableStream ? chunksOf(input) : input[Symbol.asyncIterator]());
}

/** As `readCaptures` takes it: a file can be opened again. `taken` is told how many bytes were read. */
export function blobSource(name: string, blob: Blob, taken: (length: number) => void): CaptureSource {
  const open = async () => {
    const capture = openBlob(blob);
    const read: OpenCapture['read'] = async (buffer, offset, length) => {
      const count = await capture.read(buffer, offset, length);
      taken(count);
      return count;
    };
    return { ...capture, read };
  };
  return { name, rewinds: true, open };
}

function openBytes(bytes: Uint8Array): OpenCapture {
  let at = 0;
  return {
    decompress,
    read: async (buffer, offset, length) => {
      const part = bytes.subarray(at, at + length);
      buffer.set(part, offset);
      at += part.length;
      return part.length;
    },
    close: async () => {},
  };
}

/** Bytes that are read of a file at a time: each reading takes its way through the browser. */
const PIECE = 1 << 22;

function openBlob(blob: Blob): OpenCapture {
  const pieces = async function* () {
    for (let at = 0; at < blob.size; at += PIECE) yield new Uint8Array(await blob.slice(at, at + PIECE).arrayBuffer());
  };
  return openChunks(pieces());
}

/** Hands out chunks of any size in the sizes that are asked for. */
function openChunks(chunks: AsyncIterator<Uint8Array>): OpenCapture {
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

/** Not every browser lets one loop over a stream. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}
