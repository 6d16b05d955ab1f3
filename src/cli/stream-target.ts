import { UsageError } from '../model/errors.ts';

/** Where the bytes of a stream go. Whoever takes `bytes` copies them if they are to last. */
export interface StreamTarget {
  text(text: string): void;
  bytes(bytes: Uint8Array): void;
  /** So many zeros. */
  zeros(count: number): void;
}

/** One for each side; they may be the same. */
export interface StreamTargets {
  client: StreamTarget;
  server: StreamTarget;
}

/** Keeps everything in memory, up to a bound, until it is known to be wanted. */
export class HeldTarget implements StreamTarget {
  private readonly target: StreamTarget;
  private readonly limit: number;
  private held: (string | Uint8Array | number)[] = [];
  private size = 0;

  constructor(target: StreamTarget, limit: number) {
    this.target = target;
    this.limit = limit;
  }

  text(text: string): void {
    this.keep(text);
  }

  bytes(bytes: Uint8Array): void {
    this.keep(new Uint8Array(bytes));
  }

  zeros(count: number): void {
    this.held.push(count);
  }

  /** Wanted after all. */
  release(): void {
    for (const part of this.held) {
      if (typeof part === 'string') this.target.text(part);
      else if (typeof part === 'number') this.target.zeros(part);
      else this.target.bytes(part);
    }
    this.held = [];
  }

  private keep(part: string | Uint8Array): void {
    this.size += part.length;
    if (this.size > this.limit) {
      throw new UsageError(
        'the first stream is too long to wait for the end of the input, which may hold others: choose it with --stream 0',
      );
    }
    this.held.push(part);
  }
}
