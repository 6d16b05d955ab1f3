import { setTimeout } from 'node:timers/promises';
import type { CaptureSource, OpenCapture } from '../capture/source.ts';
import { decompress } from '../node/decompress.ts';
import type { InputWatch } from './input.ts';

/*
 * A pipe can be read by one thread only: it hands on what it reads, in pieces that lie in memory which all threads share. Each of the
 * others takes them at its own pace, and the first waits for the slowest before it writes over a piece.
 */

/** Bytes of a piece, at most: as much as one read of a pipe gives. */
const PIECE = 0x10000;
/** Pieces that the first thread may be ahead of the slowest: 16 MiB at most, where each read gave a whole one. */
const PIECES = 256;
/** How often the first thread looks whether the slowest has gone on (ms). */
const LOOK = 1;

/** Places in `PipeMemory.state`. After them: how many pieces each reader has taken, by its number from 0. */
const WRITTEN = 0;
const TAKEN = 1;
/** Pieces are counted modulo 2^30, which `PIECES` divides. */
const COUNT = 2 ** 30 - 1;
/** Beside the count of pieces written: no more will come. */
const ENDED = 2 ** 30;
/** In place of pieces taken: the reader has gone, and nobody waits for it. */
const GONE = -1;

/** What threads share of one pipe. Its arrays can be handed to another thread, where they show the same memory. */
export interface PipeMemory {
  readonly bytes: Uint8Array;
  readonly lengths: Int32Array;
  readonly state: Int32Array;
}

/** Memory for one pipe and so many readers beside the first thread. */
export function pipeMemory(readers: number): PipeMemory {
  return {
    bytes: new Uint8Array(new SharedArrayBuffer(PIECE * PIECES)),
    lengths: new Int32Array(new SharedArrayBuffer(4 * PIECES)),
    state: new Int32Array(new SharedArrayBuffer(4 * (TAKEN + readers))),
  };
}

/** The pipe as the first thread reads it, which hands on what it reads. */
export function handingOn(source: CaptureSource, { bytes, lengths, state }: PipeMemory): CaptureSource {
  const isFull = (written: number): boolean => {
    for (let i = TAKEN; i < state.length; i++) {
      const taken = Atomics.load(state, i);
      if (taken !== GONE && ((written - taken) & COUNT) >= PIECES) return true;
    }
    return false;
  };
  const open = async (): Promise<OpenCapture> => {
    const capture = await source.open().catch((error: unknown) => {
      end({ state });
      throw error;
    });
    const read: OpenCapture['read'] = async (buffer, offset, length) => {
      const written = state[WRITTEN];
      while (isFull(written)) await setTimeout(LOOK);
      const taken = await capture.read(buffer, offset, Math.min(length, PIECE));
      if (taken === 0) {
        end({ state });
        return 0;
      }
      const slot = written % PIECES;
      bytes.set(buffer.subarray(offset, offset + taken), slot * PIECE);
      lengths[slot] = taken;
      tell(state, (written + 1) & COUNT);
      return taken;
    };
    const close = async (): Promise<void> => {
      // Also where it was not read to its end.
      end({ state });
      await capture.close();
    };
    return { ...capture, read, close };
  };
  return { ...source, open };
}

/** Nothing more comes through the pipe: whoever waits for it goes on. */
export function end({ state }: Pick<PipeMemory, 'state'>): void {
  tell(state, state[WRITTEN] | ENDED);
}

function tell(state: Int32Array, written: number): void {
  Atomics.store(state, WRITTEN, written);
  Atomics.notify(state, WRITTEN);
}

/** The same pipe as another thread reads it. Waiting stops the whole thread, which has nothing else to do. */
export function handedOn(
  name: string,
  { bytes, lengths, state }: PipeMemory,
  reader: number,
  watch: InputWatch,
): CaptureSource {
  const open = async (): Promise<OpenCapture> => {
    let at = 0;
    const read: OpenCapture['read'] = async (buffer, offset, length) => {
      if (!(await watch.mayRead())) return 0;
      const taken = state[TAKEN + reader];
      while (Atomics.load(state, WRITTEN) === taken) Atomics.wait(state, WRITTEN, taken);
      if (Atomics.load(state, WRITTEN) === (taken | ENDED)) return 0;
      const slot = taken % PIECES;
      const part = Math.min(length, lengths[slot] - at);
      const from = slot * PIECE + at;
      buffer.set(bytes.subarray(from, from + part), offset);
      at += part;
      if (at === lengths[slot]) {
        at = 0;
        Atomics.store(state, TAKEN + reader, (taken + 1) & COUNT);
      }
      return part;
    };
    return { decompress, read, close: async () => leave({ state }, reader) };
  };
  return { name, rewinds: false, open };
}

/** Nobody waits for this reader any more. */
export function leave({ state }: Pick<PipeMemory, 'state'>, reader: number): void {
  Atomics.store(state, TAKEN + reader, GONE);
}
