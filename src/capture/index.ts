export { readCapture } from './feed.ts';
export { readCaptures } from './merge.ts';
export { CaptureReader } from './reader.ts';
export { CaptureSession } from './session.ts';
export { type Compression, compressionOf, type Format } from './sniff.ts';
export type { CaptureSink, CaptureSource, OpenCapture, ReadInto } from './source.ts';
