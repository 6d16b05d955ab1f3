import { readFileSync } from 'node:fs';
import { CaptureReader } from '../../src/capture/reader.ts';
import { CaptureRecord } from '../../src/model/record.ts';

/** The records of a capture file, each with bytes of its own. */
export function recordsOf(path: string): CaptureRecord[] {
  const records: CaptureRecord[] = [];
  const record = (seen: CaptureRecord) => {
    const bytes = Uint8Array.from(seen.bytes.subarray(seen.offset, seen.offset + seen.capturedLength));
    const data = new DataView(bytes.buffer);
    records.push(Object.assign(new CaptureRecord(), seen, { bytes, data, offset: 0 }));
  };
  const reader = new CaptureReader({ record });
  reader.open(path);
  reader.write(readFileSync(path));
  reader.end();
  return records;
}
