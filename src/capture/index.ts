export { readCapture } from './feed.ts';
export { type CaptureSource, type OpenCapture, readCaptures } from './merge.ts';
export { CaptureReader } from './reader.ts';
export { CaptureSession } from './session.ts';
export { type Compression, compressionOf, type Format } from './sniff.ts';
export type { CaptureSink, ReadInto } from './source.ts';
