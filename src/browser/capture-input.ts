import { openChunks, requireStream } from '../capture/chunks.ts';
import type { CaptureSource, OpenCapture } from '../capture/source.ts';
import { decompress } from './decompress.ts';

/** The bytes of a capture, a file that the user chose, or a stream of bytes (the body of a response). */
export type CaptureInput = Uint8Array | Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** What messages call the input: the name of a file that the user chose, else `input`. */
export function inputName(input: CaptureInput): string {
  const name = input instanceof Blob ? (input as Blob & { readonly name?: string }).name : undefined;
  return name ?? 'input';
}

/** Opens the input for reading from its first byte. */
export function openInput(input: CaptureInput): OpenCapture {
  if (input instanceof Uint8Array) return openChunks([input][Symbol.iterator](), decompress);
  if (input instanceof Blob) return openBlob(input);
  if (input instanceof ReadableStream) return openChunks(chunksOf(input), decompress);
  requireStream(input, 'bytes (Uint8Array), a file (Blob) or a stream of bytes');
  return openChunks(input[Symbol.asyncIterator](), decompress);
}

/** As `readCaptures` takes it. A stream can be opened once. */
export function inputSource(input: CaptureInput): CaptureSource {
  const rewinds = input instanceof Uint8Array || input instanceof Blob;
  return { name: inputName(input), rewinds, open: async () => openInput(input) };
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

/** Bytes that are read of a file at a time: each reading takes its way through the browser. */
const PIECE = 1 << 22;

function openBlob(blob: Blob): OpenCapture {
  const pieces = async function* () {
    for (let at = 0; at < blob.size; at += PIECE) yield new Uint8Array(await blob.slice(at, at + PIECE).arrayBuffer());
  };
  return openChunks(pieces(), decompress);
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
