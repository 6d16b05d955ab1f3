import { readCaptures } from '../../src/capture/merge.ts';
import { CaptureSession } from '../../src/capture/session.ts';
import type { CaptureSource } from '../../src/capture/source.ts';
import { decompress } from '../../src/node/decompress.ts';
import { type Collected, keep } from './collect.ts';

/** A file in memory, with a count of how often it is open. */
export class MemorySource implements CaptureSource {
  readonly name: string;
  readonly rewinds: boolean;
  openNow = 0;
  opened = 0;
  private readonly bytes: Uint8Array;
  private readonly chunk: number;
  private at = 0;

  constructor(name: string, bytes: Uint8Array, { rewinds = true, chunk = 1000 } = {}) {
    this.name = name;
    this.bytes = bytes;
    this.rewinds = rewinds;
    this.chunk = chunk;
  }

  async open() {
    if (this.rewinds) this.at = 0;
    else if (this.opened > 0) throw new Error('a pipe cannot be opened twice');
    this.openNow++;
    this.opened++;
    return {
      decompress,
      read: async (buffer: Uint8Array, offset: number, length: number) => {
        const part = this.bytes.subarray(this.at, this.at + Math.min(length, this.chunk));
        buffer.set(part, offset);
        this.at += part.length;
        return part.length;
      },
      close: async () => {
        this.openNow--;
      },
    };
  }
}

export async function readSources(sources: CaptureSource[], stopAfter = Number.POSITIVE_INFINITY): Promise<Collected> {
  const session = new CaptureSession();
  const collected: Collected = { records: [], facts: session.facts };
  const sink = {
    record(record: Parameters<typeof keep>[0]) {
      collected.records.push(keep(record));
      if (collected.records.length >= stopAfter) session.stop();
    },
  };
  await readCaptures(sources, sink, session);
  return collected;
}
