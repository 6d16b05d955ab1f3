import type { CaptureSource, OpenCapture } from '../capture/source.ts';
import { decompress } from '../node/decompress.ts';
import { captureSources, type InputWatch } from './input.ts';

/** Bytes of pipes that are kept to be read a second time, in blocks of so many. */
const MOST = 1 << 28;
const BLOCK = 1 << 16;

/** A pipe that is read for the first time. */
interface Held {
  readonly blocks: Uint8Array[];
  /** Bytes in the blocks, of which all but the last are full. */
  length: number;
  /** What is read on from where the first reading ended; null before, and when it is at its end. */
  capture: OpenCapture | null;
  /** What went wrong when it was opened or read. */
  failure: unknown;
}

/**
 * Reads captures twice. What comes through pipes the first time is kept for the second time, which reads on where the first was
 * given up.
 */
export class HeldInput {
  /** There was more than is kept: it cannot be read again. */
  isTooLong = false;
  private readonly held = new Map<string, Held>();
  private bytes = 0;
  /** Who watches at present, and how pipes that wait are ended. */
  private watch: InputWatch | null = null;
  private readonly ends: (() => void)[] = [];
  /** The first reading was given up where more may come. */
  private isGivenUp = false;
  /** The pipes were ended where they were. */
  private isEnded = false;

  /** The captures for the first reading. */
  readonly first = (names: readonly string[], watch: InputWatch): CaptureSource[] => {
    this.watch = watch;
    const watchedByBoth: InputWatch = {
      mayRead: async () => {
        const mayRead = await this.watch!.mayRead();
        this.isGivenUp = !mayRead;
        return mayRead;
      },
      taken: (length) => this.watch!.taken(length),
      onStop: (end) => {
        const ending = () => {
          this.isEnded = true;
          end();
        };
        this.ends.push(ending);
        this.watch!.onStop(ending);
      },
    };
    return captureSources(names, watchedByBoth).map((source) => (source.rewinds ? source : this.keeping(source)));
  };

  /** The captures for the second reading. */
  readonly again = (names: readonly string[], watch: InputWatch): CaptureSource[] => {
    this.watch = watch;
    for (const end of this.ends) watch.onStop(end);
    return captureSources(names, watch).map((source) => {
      const held = this.held.get(source.name);
      return held === undefined ? source : replay(source.name, held);
    });
  };

  /** There will be no second reading. */
  async close(): Promise<void> {
    for (const held of this.held.values()) await end(held);
  }

  private keeping(source: CaptureSource): CaptureSource {
    const held: Held = { blocks: [], length: 0, capture: null, failure: null };
    this.held.set(source.name, held);
    const failing = (error: unknown): never => {
      held.failure = error;
      throw error;
    };
    const open = async (): Promise<OpenCapture> => {
      const capture = await source.open().catch(failing);
      held.capture = capture;
      const read: OpenCapture['read'] = async (buffer, offset, length) => {
        const taken = await capture.read(buffer, offset, length).catch(failing);
        if (taken === 0) {
          if (this.isEnded || !this.isGivenUp) await end(held);
          return 0;
        }
        this.bytes += taken;
        if (this.bytes > MOST) {
          this.isTooLong = true;
          held.blocks.length = held.length = 0;
        } else keep(held, buffer.subarray(offset, offset + taken));
        return taken;
      };
      // Not yet, where it may be read on.
      const close = async () => (this.isTooLong || held.failure !== null ? end(held) : undefined);
      return { ...capture, read, close };
    };
    return { ...source, open };
  }
}

/** Reads may be of few bytes, and many. */
function keep(held: Held, bytes: Uint8Array): void {
  for (let from = 0; from < bytes.length; ) {
    const at = held.length % BLOCK;
    if (at === 0) held.blocks.push(new Uint8Array(BLOCK));
    const part = bytes.subarray(from, from + BLOCK - at);
    held.blocks[held.blocks.length - 1].set(part, at);
    held.length += part.length;
    from += part.length;
  }
}

/** What was kept, and then what is left. */
function replay(name: string, held: Held): CaptureSource {
  const open = async (): Promise<OpenCapture> => {
    let at = 0;
    return {
      decompress,
      read: async (buffer, offset, length) => {
        if (at === held.length) {
          if (held.failure !== null) throw held.failure;
          return held.capture === null ? 0 : held.capture.read(buffer, offset, length);
        }
        const from = at % BLOCK;
        const part = held.blocks[(at - from) / BLOCK].subarray(from, Math.min(from + length, from + held.length - at));
        buffer.set(part, offset);
        at += part.length;
        return part.length;
      },
      close: () => end(held),
    };
  };
  return { name, rewinds: false, open };
}

async function end(held: Held): Promise<void> {
  const { capture } = held;
  held.capture = null;
  await capture?.close();
}
