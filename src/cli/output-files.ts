import {
  accessSync,
  appendFileSync,
  constants,
  fstatSync,
  lstatSync,
  readlinkSync,
  type Stats,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../model/errors.ts';
import type { Output } from './output.ts';
import {
  DeviceFile,
  type OutputFile,
  PipeFile,
  ReplacementFile,
  StandardOutputFile,
  writeError,
} from './output-file.ts';
import { statsOf } from './stats.ts';

const [STDIN, STDOUT] = [0, 1];
/** Symbolic links that are followed, as Linux has it. */
const MAX_LINKS = 40;

/**
 * The one way to write a file. An output never is one of the inputs, whatever it is called; it is written beside its
 * target and renamed when it is whole; and when the reading is broken off, what was there stays.
 */
export class OutputFiles {
  private readonly output: Output;
  /** What the command reads, by device and inode. */
  private readonly inputs = new Map<string, string>();
  /** What it writes, by the path without links. */
  private readonly targets = new Map<string, string>();
  private readonly open = new Set<OutputFile>();

  constructor(output: Output) {
    this.output = output;
  }

  /** These are read: no output may be one of them. `-` is standard input. */
  reads(names: readonly string[]): void {
    for (const name of names) {
      const stats = name === '-' ? statsOfDescriptor(STDIN) : statsOf(name);
      if (stats?.isFile()) this.inputs.set(identityOf(stats), name === '-' ? 'standard input' : name);
    }
    const stats = statsOfDescriptor(STDOUT);
    const input = stats?.isFile() ? this.inputs.get(identityOf(stats)) : undefined;
    if (input !== undefined) throw new UsageError(`${input} is also standard output: it would grow while it is read`);
  }

  /**
   * Claims a file for output, before the inputs are read, so that a mistake is told at once. `-` and what leads to
   * standard output is standard output. Nothing is touched until something is written.
   *
   * @throws UsageError for an input, and for two outputs of one name; InputError for what cannot be written
   */
  async claim(name: string): Promise<OutputFile> {
    const file = name === '-' ? new StandardOutputFile(name, this.output) : await this.fileOf(name);
    this.open.add(file);
    return file;
  }

  /** Claims a file anew that was written: what comes next takes its place. */
  async reclaim({ name }: OutputFile): Promise<OutputFile> {
    for (const [target, owner] of this.targets) if (owner === name) this.targets.delete(target);
    return await this.claim(name);
  }

  /** Writes all of a claimed file. */
  async write(file: OutputFile, content: string | Uint8Array): Promise<void> {
    if (typeof content === 'string') file.text(content);
    else file.bytes(content);
    await this.commit(file);
  }

  async commit(file: OutputFile): Promise<void> {
    // It may have become one meanwhile: rules name more captures.
    this.refuseInput(file.name);
    await file.commit();
    this.open.delete(file);
  }

  /** Files are claimed and not yet whole. */
  get isWriting(): boolean {
    return this.open.size > 0;
  }

  /** Adds to the end of a file that others write too. */
  append(name: string, text: string): void {
    this.refuseInput(name);
    try {
      appendFileSync(name, text);
    } catch (error) {
      throw writeError(name, error);
    }
  }

  /** Waits for the readers of pipes. */
  async flush(): Promise<void> {
    for (const file of this.open) await file.flush();
  }

  /** Leaves what was there before, of all files that are not committed. Their names. */
  discardAll(): string[] {
    const names = [...this.open].filter((file) => !file.isStandardOutput).map(({ name }) => name);
    for (const file of this.open) file.discard();
    this.open.clear();
    return names;
  }

  private async fileOf(name: string): Promise<OutputFile> {
    this.refuseInput(name);
    const stats = statsOf(name);
    if (stats?.isDirectory()) throw writeError(name, { code: 'EISDIR' });
    const own = statsOfDescriptor(STDOUT);
    const isStandard =
      stats !== null && own !== null && identityOf(own) === identityOf(stats) && !own.isCharacterDevice();
    if (isStandard || /^\/dev\/(stdout|fd\/1)$/.test(name)) return new StandardOutputFile(name, this.output);
    const target = targetOf(name);
    const other = this.targets.get(target);
    if (other !== undefined) throw new UsageError(`${name}: two outputs would be written there`);
    if (stats?.isFIFO()) return PipeFile.open(name);
    try {
      if (stats !== null) accessSync(name, constants.W_OK);
      if ((stats !== null && !stats.isFile()) || isDescriptor(name)) return new DeviceFile(name);
      if (!statSync(dirname(target)).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
      accessSync(dirname(target), constants.W_OK | constants.X_OK);
    } catch (error) {
      throw writeError(name, error, stats?.isFile() ? basename(target) : undefined);
    }
    this.targets.set(target, name);
    return new ReplacementFile(name, target, stats);
  }

  private refuseInput(name: string): void {
    const stats = statsOf(name);
    const input = stats?.isFile() ? this.inputs.get(identityOf(stats)) : undefined;
    if (input === undefined) return;
    const also = input === name ? '' : `${input}, which is `;
    throw new UsageError(`${name} is ${also}an input: writing the output there would destroy it`);
  }
}

/** The path that a name leads to: a symbolic link stays, what it names is replaced, also when it is not there yet. */
function targetOf(name: string): string {
  let path = resolve(name);
  for (let i = 0; i < MAX_LINKS; i++) {
    try {
      if (!lstatSync(path).isSymbolicLink()) break;
      path = resolve(dirname(path), readlinkSync(path));
    } catch {
      break;
    }
  }
  return join(dirname(path), basename(path));
}

/** A file that is open already, and has no name to rename to. */
function isDescriptor(name: string): boolean {
  return /^\/(dev|proc\/(self|\d+))\/(fd|stdout|stderr)(\/|$)/.test(resolve(name));
}

function identityOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}

function statsOfDescriptor(fd: number): Stats | null {
  try {
    return fstatSync(fd);
  } catch {
    return null;
  }
}
