import { CaptureReader } from '../../src/capture/reader.ts';
import { CaptureSession } from '../../src/capture/session.ts';
import type { CaptureFacts } from '../../src/model/capture-facts.ts';
import type { CaptureRecord } from '../../src/model/record.ts';

/** A record with its bytes copied. */
export interface Kept {
  number: number;
  time: number;
  data: number[];
  originalLength: number;
  linkType: number;
  interfaceId: number;
  fileOffset: number;
  direction: number;
  comment: string | null;
}

export interface Collected {
  records: Kept[];
  facts: CaptureFacts;
}

export const CHUNK_SIZES = [1, 7, 16, 4096, Number.POSITIVE_INFINITY];

export function keep(record: CaptureRecord): Kept {
  const { number, time, offset, capturedLength, originalLength, linkType, interfaceId, fileOffset, direction } = record;
  const data = Array.from(record.bytes.subarray(offset, offset + capturedLength));
  for (let i = 0; i < data.length; i += 97) {
    if (record.data.getUint8(offset + i) !== data[i]) throw new Error('`data` does not view the memory of `bytes`');
  }
  return { number, time, data, originalLength, linkType, interfaceId, fileOffset, direction, comment: record.comment };
}

/** Reads through `write`, in chunks of their own that are overwritten afterwards, as a reused buffer would be. */
export function readChunks(input: Uint8Array, chunkSize: number, bufferSize = 64): Collected {
  const session = new CaptureSession();
  const records: Kept[] = [];
  const reader = new CaptureReader({ record: (record) => records.push(keep(record)) }, session, bufferSize);
  reader.open('test');
  for (let at = 0; at < input.length; at += chunkSize) {
    const chunk = input.slice(at, at + chunkSize);
    reader.write(chunk);
    chunk.fill(0xee);
    if (chunkSize >= input.length) break;
  }
  reader.end();
  return { records, facts: session.facts };
}

/** Reads through `reserve` and `advance`, at most `chunkSize` bytes at a time. */
export function readInPlace(input: Uint8Array, chunkSize: number, bufferSize = 64): Collected {
  const session = new CaptureSession();
  const records: Kept[] = [];
  const reader = new CaptureReader({ record: (record) => records.push(keep(record)) }, session, bufferSize);
  reader.open('test');
  for (let at = 0; at < input.length; ) {
    const room = Math.min(reader.reserve(), chunkSize, input.length - at);
    reader.buffer.set(input.subarray(at, at + room), reader.writeOffset);
    reader.advance(room);
    at += room;
  }
  reader.end();
  return { records, facts: session.facts };
}

/** Reads at all chunk sizes and in both ways, which must agree, and returns what they agree on. */
export function readEveryWay(input: Uint8Array): Collected {
  const whole = readChunks(input, Number.POSITIVE_INFINITY);
  const expected = JSON.stringify(whole, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  for (const size of CHUNK_SIZES) {
    for (const [way, read] of [
      ['write', readChunks],
      ['advance', readInPlace],
    ] as const) {
      const other = JSON.stringify(read(input, size), (_, value) =>
        typeof value === 'bigint' ? String(value) : value,
      );
      if (other !== expected) throw new Error(`chunks of ${size} by ${way}:\n${other}\nwhole:\n${expected}`);
    }
  }
  return whole;
}

export const messages = (facts: CaptureFacts): string[] => facts.damages.map((damage) => damage.message);
