import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';
import type { OpenCapture } from '../capture/source.ts';

/** As much as a pipe of Linux holds. */
const PIPE_BUFFER = 0x10000;

/**
 * Reads a pipe or socket through one reused buffer. Unlike fs.read, which leaves a thread waiting that even exit() waits
 * for, this can be given up at any time: `abandon` ends the input where it is.
 */
export class PipeInput implements OpenCapture {
  private readonly socket: Socket;
  private readonly buffer = new Uint8Array(PIPE_BUFFER);
  private from = 0;
  private to = 0;
  private ended = false;
  private failure: Error | null = null;
  private wake: (() => void) | null = null;

  constructor(fd: number) {
    const onread: OnReadOpts = {
      buffer: this.buffer,
      callback: (length) => {
        this.from = 0;
        this.to = length;
        this.wake?.();
        return false; // no more until these are taken
      },
    };
    // The types know `onread` of connect() only; the constructor takes it as well.
    this.socket = new Socket({ fd, readable: true, writable: false, onread } as SocketConstructorOpts);
    this.socket.on('end', () => this.abandon());
    this.socket.on('close', () => this.abandon());
    this.socket.on('error', (error) => {
      this.failure = error;
      this.abandon();
    });
  }

  readonly read = async (target: Uint8Array, offset: number, length: number): Promise<number> => {
    while (this.from === this.to && !this.ended) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        this.socket.resume();
      });
      this.wake = null;
    }
    if (this.failure !== null) throw this.failure;
    const part = Math.min(length, this.to - this.from);
    target.set(this.buffer.subarray(this.from, this.from + part), offset);
    this.from += part;
    return part;
  };

  abandon(): void {
    this.ended = true;
    this.wake?.();
  }

  async close(): Promise<void> {
    this.socket.destroy();
  }
}
