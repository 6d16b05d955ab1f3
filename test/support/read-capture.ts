import { Feed, type Readable } from '../../src/capture/feed.ts';
import type { CaptureReader } from '../../src/capture/reader.ts';
import type { CaptureSink } from '../../src/capture/source.ts';

/** Reads one capture from start to end. Resolves when its last record was delivered or the session was stopped. */
export async function readCapture(
  capture: Readable,
  reader: CaptureReader,
  sink: CaptureSink,
  file: string,
): Promise<void> {
  const feed = new Feed(reader, sink, file, capture);
  while (await feed.step());
}
