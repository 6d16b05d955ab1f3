import type { CaptureSource, OpenCapture } from '../capture/source.ts';
import { decompress } from '../node/decompress.ts';

/** Bytes of pipes that are kept to be read a second time. */
const MOST = 1 << 28;

/** Keeps what comes through pipes while it is read, so that it can be read once more. */
export class HeldInput {
  /** There was more than is kept: it cannot be read again. */
  isTooLong = false;
  private readonly held = new Map<string, Uint8Array[]>();
  private bytes = 0;

  /** The first reading: what cannot be opened twice is kept. */
  readonly keep = (sources: CaptureSource[]): CaptureSource[] =>
    sources.map((source) => (source.rewinds ? source : this.keeping(source)));

  /** The second reading. */
  readonly again = (sources: CaptureSource[]): CaptureSource[] =>
    sources.map((source) => (this.held.has(source.name) ? this.replay(source.name) : source));

  private keeping(source: CaptureSource): CaptureSource {
    const chunks: Uint8Array[] = [];
    this.held.set(source.name, chunks);
    const open = async (): Promise<OpenCapture> => {
      const capture = await source.open();
      const read: OpenCapture['read'] = async (buffer, offset, length) => {
        const taken = await capture.read(buffer, offset, length);
        this.bytes += taken;
        if (this.bytes > MOST) {
          this.isTooLong = true;
          chunks.length = 0;
        } else if (taken > 0) chunks.push(new Uint8Array(buffer.subarray(offset, offset + taken)));
        return taken;
      };
      return { ...capture, read };
    };
    return { ...source, open };
  }

  private replay(name: string): CaptureSource {
    const chunks = this.held.get(name)!;
    const open = async (): Promise<OpenCapture> => {
      let index = 0;
      let at = 0;
      return {
        decompress,
        read: async (buffer, offset, length) => {
          if (index === chunks.length) return 0;
          const part = chunks[index].subarray(at, at + length);
          buffer.set(part, offset);
          at += part.length;
          if (at === chunks[index].length) {
            index++;
            at = 0;
          }
          return part.length;
        },
        close: async () => {},
      };
    };
    return { name, rewinds: true, open };
  }
}
