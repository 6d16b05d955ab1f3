import { type Command, InvalidArgumentError } from 'commander';
import { UsageError } from '../model/errors.ts';
import { BYTE_UNITS } from './byte-units.ts';
import type { Context } from './context.ts';
import { timeOf } from './eviction.ts';
import type { OutputFile } from './output-file.ts';

export interface LinesOptions {
  output?: string;
  rotate?: Rotation;
}

/** When the next file begins: after so many bytes, or so many nanoseconds of the capture's clock. */
export interface Rotation {
  readonly bytes: number;
  readonly time: number;
}

/** Adds `-o` and `--rotate`. */
export function withLines(command: Command): Command {
  return withRotation(command.option('-o, --output <file>', 'write the lines there'));
}

/** Adds `--rotate`. */
export function withRotation(command: Command, lines = ''): Command {
  return command.option(
    '--rotate <when>',
    `${lines}begin a new file after this time of the capture (1h) or size (100M): with -o log.ndjson log.00001.ndjson and so on`,
    parseRotation,
  );
}

function parseRotation(text: string): Rotation {
  const size = /^(\d+)([KMG])$/.exec(text);
  if (size !== null && Number(size[1]) > 0)
    return { bytes: Number(size[1]) * BYTE_UNITS[size[2]], time: Number.POSITIVE_INFINITY };
  const time = timeOf(text);
  if (!(time > 0)) throw new InvalidArgumentError('It must be more than nothing.');
  return { bytes: Number.POSITIVE_INFINITY, time };
}

/** Lines to standard output, to a file, or to one file after the other, each of which is whole when its name is there. */
export class LineOutput {
  private readonly context: Context;
  private readonly name: string | null;
  private readonly rotation: Rotation | null;
  /** The first line of every file. */
  private readonly head: string | null;
  private file: OutputFile | null = null;
  private written = 0;
  private begun = Number.NaN;
  private files = 0;
  /** Lines that came while the next file was opened. */
  private waiting: string[] = [];
  private work: Promise<void> = Promise.resolve();
  private failure: unknown = null;

  constructor(context: Context, { output, rotate }: LinesOptions, head: string | null) {
    if (rotate !== undefined && (output === undefined || output === '-'))
      throw new UsageError('--rotate needs the name of a file: -o FILE');
    this.context = context;
    this.name = output === undefined || output === '-' ? null : output;
    this.rotation = rotate ?? null;
    this.head = head;
  }

  /** Claims the first file, so that a mistake is told before anything is read. */
  async open(): Promise<void> {
    if (this.name !== null) await this.next();
    else if (this.head !== null) this.context.output.line(this.head);
  }

  /** `time`: nanoseconds of the capture. */
  line(text: string, time: number): void {
    if (this.failure !== null) throw this.failure;
    if (this.name === null) {
      this.context.output.line(text);
      return;
    }
    if (Number.isNaN(this.begun)) this.begun = time;
    const { rotation } = this;
    if (rotation !== null && (this.written >= rotation.bytes || time - this.begun >= rotation.time)) {
      this.begun = time;
      this.written = 0;
      const full = this.file;
      this.file = null;
      this.work = this.work
        .then(() => this.turn(full))
        .catch((error) => {
          this.failure = error;
        });
    }
    this.written += text.length + 1;
    if (this.file === null) this.waiting.push(text);
    else this.file.text(`${text}\n`);
  }

  /** All lines are there. */
  async end(): Promise<void> {
    await this.work;
    if (this.failure !== null) throw this.failure;
    if (this.file !== null) await this.context.files.commit(this.file);
  }

  private async turn(full: OutputFile | null): Promise<void> {
    if (full !== null) await this.context.files.commit(full);
    await this.next();
  }

  private async next(): Promise<void> {
    this.files++;
    const file = await this.context.files.claim(this.rotation === null ? this.name! : numbered(this.name!, this.files));
    if (this.head !== null) file.text(`${this.head}\n`);
    for (const line of this.waiting) file.text(`${line}\n`);
    this.waiting = [];
    this.file = file;
  }
}

/** `log.00001.ndjson` of `log.ndjson`. */
function numbered(name: string, number: number): string {
  const digits = String(number).padStart(5, '0');
  const dot = name.lastIndexOf('.');
  return dot > name.lastIndexOf('/') + 1 ? `${name.slice(0, dot)}.${digits}${name.slice(dot)}` : `${name}.${digits}`;
}
