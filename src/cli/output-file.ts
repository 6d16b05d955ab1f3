import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '../model/errors.ts';
import { Output } from './output.ts';
import { addTemporary, forgetTemporary } from './temporaries.ts';

/** A file of the user's that is being written. What `bytes` takes is copied or written before it returns. */
export interface OutputFile {
  readonly name: string;
  /** It is standard output: what is written comes there, in order with everything else. */
  readonly isStandardOutput: boolean;
  text(text: string): void;
  bytes(bytes: Uint8Array): void;
  /** So many zeros. Whoever asks for many has a regular file, where they take no room. */
  zeros(count: number): void;
  /** Waits until the reader of a pipe has caught up. */
  flush(): Promise<void>;
  /** All is written: only now does it take the place of what was there. */
  commit(): Promise<void>;
  /** What was there stays, and what comes from now on is not written. */
  discard(): void;
}

const ZEROS = new Uint8Array(1 << 16);

function writeZeros(count: number, write: (bytes: Uint8Array) => void): void {
  for (let left = count; left > 0; left -= ZEROS.length) write(ZEROS.subarray(0, left));
}

/** What goes out through an `Output`: nothing is replaced, and what was written stays. */
abstract class StreamedFile implements OutputFile {
  readonly name: string;
  abstract readonly isStandardOutput: boolean;
  protected readonly output: Output;

  constructor(name: string, output: Output) {
    this.name = name;
    this.output = output;
  }

  text(text: string): void {
    this.output.write(text);
  }

  bytes(bytes: Uint8Array): void {
    this.output.bytes(bytes);
  }

  zeros(count: number): void {
    writeZeros(count, (bytes) => this.bytes(bytes));
  }

  flush(): Promise<void> {
    return this.output.flush();
  }

  abstract commit(): Promise<void>;
  abstract discard(): void;
}

/** Standard output under another name: `-`, `/dev/stdout`. */
export class StandardOutputFile extends StreamedFile {
  readonly isStandardOutput = true;

  commit(): Promise<void> {
    return this.flush();
  }

  discard(): void {}
}

/** Bytes that are gathered before they are written. */
const BATCH = 1 << 18;
let serial = 0;

/**
 * A regular file: written beside its target under a name of its own, and renamed when it is whole. Without waiting for
 * events: what reads the capture waits for the disk with it.
 */
export class ReplacementFile implements OutputFile {
  readonly name: string;
  readonly isStandardOutput = false;
  private readonly target: string;
  private readonly former: Stats | null;
  private temporary: string | null = null;
  private fd = -1;
  private isOver = false;
  private readonly batch = Buffer.alloc(BATCH);
  private used = 0;
  /** Where in the file the batch belongs. */
  private position = 0;

  /** `target` is what `name` leads to, without symbolic links; `former` is what is there now. */
  constructor(name: string, target: string, former: Stats | null) {
    this.name = name;
    this.target = target;
    this.former = former;
  }

  text(text: string): void {
    this.bytes(Buffer.from(text));
  }

  bytes(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      if (this.used === BATCH) this.push();
      const part = bytes.subarray(from, from + BATCH - this.used);
      this.batch.set(part, this.used);
      this.used += part.length;
      from += part.length;
    }
  }

  zeros(count: number): void {
    this.push();
    this.position += count;
  }

  async flush(): Promise<void> {}

  async commit(): Promise<void> {
    if (this.isOver) return;
    this.push();
    this.guard(() => {
      this.keepOwner();
      // Zeros at the end were not written.
      ftruncateSync(this.fd, this.position);
      fsyncSync(this.fd);
      closeSync(this.fd);
      this.fd = -1;
      renameSync(this.temporary!, this.target);
      this.forget();
    });
    this.isOver = true;
  }

  discard(): void {
    this.isOver = true;
    try {
      if (this.fd >= 0) closeSync(this.fd);
      if (this.temporary !== null) unlinkSync(this.temporary);
    } catch {
      // It is gone already, or somebody else's folder now: nothing more can be done.
    }
    this.fd = -1;
    this.forget();
  }

  private forget(): void {
    if (this.temporary !== null) forgetTemporary(this.temporary);
    this.temporary = null;
  }

  private push(): void {
    if (this.isOver) this.used = 0;
    else this.guard(() => this.pushNow());
  }

  private pushNow(): void {
    if (this.fd < 0) this.open();
    for (let from = 0; from < this.used; ) {
      const written = writeSync(this.fd, this.batch, from, this.used - from, this.position);
      from += written;
      this.position += written;
    }
    this.used = 0;
  }

  private open(): void {
    const name = join(dirname(this.target), `.tcpscope-${process.pid}-${++serial}.tmp`);
    // Nobody else reads it before it has the permissions of the file that it replaces.
    this.fd = openSync(name, 'wx', this.former === null ? 0o666 : 0o600);
    this.temporary = name;
    addTemporary(name);
  }

  private keepOwner(): void {
    if (this.former === null) return;
    const { uid, gid, mode } = this.former;
    const own = fstatSync(this.fd);
    try {
      if (own.uid !== uid || own.gid !== gid) fchownSync(this.fd, uid, gid);
    } catch {
      // Only root may give files away.
    }
    fchmodSync(this.fd, mode & 0o7777);
  }

  private guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.discard();
      throw writeError(this.name, error, basename(this.target));
    }
  }
}

/** A device, or a file that somebody opened for this program (`/dev/fd/3`): nothing to rename. */
export class DeviceFile implements OutputFile {
  readonly name: string;
  readonly isStandardOutput = false;
  private fd = -1;
  private isOver = false;

  constructor(name: string) {
    this.name = name;
  }

  text(text: string): void {
    this.bytes(Buffer.from(text));
  }

  bytes(bytes: Uint8Array): void {
    if (this.isOver) return;
    try {
      if (this.fd < 0) this.fd = openSync(this.name, constants.O_WRONLY);
      for (let from = 0; from < bytes.length; ) from += writeSync(this.fd, bytes, from, bytes.length - from);
    } catch (error) {
      throw writeError(this.name, error);
    }
  }

  zeros(count: number): void {
    writeZeros(count, (bytes) => this.bytes(bytes));
  }

  async flush(): Promise<void> {}

  async commit(): Promise<void> {
    this.discard();
  }

  discard(): void {
    this.isOver = true;
    if (this.fd >= 0) closeSync(this.fd);
    this.fd = -1;
  }
}

/** Milliseconds between two looks whether a pipe has a reader. */
const PIPE_POLL = 20;

/** A pipe that has a name. Written without waiting, so that signals are heard while its reader takes its time. */
export class PipeFile extends StreamedFile {
  readonly isStandardOutput = false;
  private readonly socket: Socket;
  private failure: Error | null = null;

  /** Waits until somebody reads it. */
  static async open(name: string): Promise<PipeFile> {
    for (;;) {
      try {
        return new PipeFile(name, openSync(name, constants.O_WRONLY | constants.O_NONBLOCK));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw writeError(name, error);
        await sleep(PIPE_POLL);
      }
    }
  }

  private constructor(name: string, fd: number) {
    const socket = new Socket({ fd, readable: false, writable: true });
    super(name, new Output(socket));
    this.socket = socket;
    socket.on('error', (error) => {
      this.failure = error;
    });
  }

  override async flush(): Promise<void> {
    await super.flush();
    // A reader that has had enough is no error, as with standard output.
    if (this.failure !== null && (this.failure as NodeJS.ErrnoException).code !== 'EPIPE')
      throw writeError(this.name, this.failure);
  }

  async commit(): Promise<void> {
    await this.flush();
    await new Promise<void>((resolve) => (this.socket.destroyed ? resolve() : this.socket.end(resolve)));
  }

  discard(): void {
    this.socket.destroy();
  }
}

/** In words what hinders writing. `base` is the file that was to be replaced. */
export function writeError(name: string, error: unknown, base?: string): InputError {
  return new InputError(name, `cannot be written: ${reasonOf(error as NodeJS.ErrnoException, base)}`);
}

function reasonOf({ code, message }: NodeJS.ErrnoException, base: string | undefined): string {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'its folder does not exist';
    case 'EACCES':
    case 'EPERM':
      return base === undefined ? 'permission denied' : 'permission denied (a new file is made in its folder)';
    case 'EISDIR':
      return 'it is a directory';
    case 'ENOSPC':
      return 'the disk is full';
    case 'EROFS':
      return 'the file system is read-only';
    case 'EBUSY':
      return 'it cannot be replaced (a mount point?)';
    default:
      return message;
  }
}
