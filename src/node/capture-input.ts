import { createReadStream, statSync } from 'node:fs';
import { openChunks, requireStream } from '../capture/chunks.ts';
import type { CaptureSource, OpenCapture } from '../capture/source.ts';
import { decompress } from './decompress.ts';

/** The path of a capture, its bytes, or a stream of them (a Node stream, a web stream, an async generator). */
export type CaptureInput = string | URL | Uint8Array | AsyncIterable<Uint8Array>;

/** What messages call the input: its path or URL, else `input`. */
export function inputName(input: CaptureInput): string {
  return typeof input === 'string' || input instanceof URL ? String(input) : 'input';
}

/** Opens the input for reading from its first byte. A file that cannot be opened is an error when it is read. */
export function openInput(input: CaptureInput): OpenCapture {
  if (input instanceof Uint8Array) return openChunks([input][Symbol.iterator](), decompress);
  const stream = typeof input === 'string' || input instanceof URL ? createReadStream(input) : input;
  requireStream(stream, 'a path, a URL, bytes (Uint8Array) or a stream of bytes');
  return openChunks(stream[Symbol.asyncIterator](), decompress);
}

/** As `readCaptures` takes it. A stream can be opened once, and so can a pipe. */
export function inputSource(input: CaptureInput): CaptureSource {
  const rewinds = typeof input === 'string' || input instanceof URL ? isFile(input) : input instanceof Uint8Array;
  return { name: inputName(input), rewinds, open: async () => openInput(input) };
}

function isFile(path: string | URL): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
