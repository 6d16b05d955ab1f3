import { closeSync, openSync, writeSync } from 'node:fs';
import { InputError, UsageError } from '../model/errors.ts';
import type { Output } from './output.ts';

/** Where the bytes of a stream go. Whoever takes `bytes` copies them if they are to last. */
export interface StreamTarget {
  text(text: string): void;
  bytes(bytes: Uint8Array): void;
  close(): void;
}

/** One for each side; they may be the same. */
export interface StreamTargets {
  client: StreamTarget;
  server: StreamTarget;
}

export class OutputTarget implements StreamTarget {
  private readonly output: Output;

  constructor(output: Output) {
    this.output = output;
  }

  text(text: string): void {
    this.output.write(text);
  }

  bytes(bytes: Uint8Array): void {
    this.output.bytes(bytes);
  }

  close(): void {}
}

const BATCH = 1 << 18;

/**
 * A file, made when it is first written to or closed. Written in batches and without waiting for events: what reads the
 * capture waits for the disk with it.
 */
export class FileTarget implements StreamTarget {
  private readonly name: string;
  private fd = -1;
  private readonly batch = Buffer.alloc(BATCH);
  private used = 0;

  constructor(name: string) {
    this.name = name;
  }

  text(text: string): void {
    this.bytes(Buffer.from(text));
  }

  bytes(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      if (this.used === BATCH) this.flush();
      const part = bytes.subarray(from, from + BATCH - this.used);
      this.batch.set(part, this.used);
      this.used += part.length;
      from += part.length;
    }
  }

  close(): void {
    this.flush();
    closeSync(this.fd);
  }

  private flush(): void {
    if (this.fd < 0) this.fd = this.guard(() => openSync(this.name, 'w'));
    for (let from = 0; from < this.used; ) {
      from += this.guard(() => writeSync(this.fd, this.batch, from, this.used - from));
    }
    this.used = 0;
  }

  private guard<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw new InputError(this.name, `cannot be written: ${(error as Error).message}`);
    }
  }
}

/** Keeps everything in memory, up to a bound, until it is known to be wanted. */
export class HeldTarget implements StreamTarget {
  private readonly target: StreamTarget;
  private readonly limit: number;
  private held: (string | Uint8Array)[] = [];
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

  /** Wanted after all. */
  close(): void {
    for (const part of this.held) {
      if (typeof part === 'string') this.target.text(part);
      else this.target.bytes(part);
    }
    this.held = [];
    this.target.close();
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
