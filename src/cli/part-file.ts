import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { InputError } from '../model/errors.ts';
import { type Division, readManifest } from '../shard/division.ts';
import type { Part } from '../shard/part.ts';
import { BEGIN, NOT_A_PART, PartError, partLines, type ReadPart, readPart } from '../shard/part-lines.ts';
import type { Context } from './context.ts';
import type { OutputFile } from './output-file.ts';

const CHUNK = 1 << 20;
const LINE_FEED = 10;
/** A line is a connection: longer ones are no part. */
const LONGEST = 1 << 28;

/** Writes a part, with a line at the end that vouches for all others. */
export async function writePart(context: Context, file: OutputFile, part: Part, division: string): Promise<void> {
  const digest = createHash('sha256');
  for (const line of partLines(part, division)) {
    const bytes = Buffer.from(`${line}\n`);
    digest.update(bytes);
    file.bytes(bytes);
    await file.flush();
  }
  file.text(`{"sha256":"${digest.digest('hex')}"}\n`);
  await context.files.commit(file);
}

/** Reads a part. Throws an InputError that says what is wrong with the file. */
export function readPartFile(name: string): ReadPart {
  return named(name, () => readPart(vouchedLines(name)));
}

/** Reads the manifest of a division. */
export function readManifestFile(name: string): Division {
  return named(name, () => readManifest(readFileSync(name, 'utf8')));
}

function named<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof PartError) throw new InputError(name, error.message);
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new InputError(name, code === 'ENOENT' ? 'no such file' : `cannot be read: ${(error as Error).message}`);
  }
}

/** All lines but the last, which says what the others add up to. */
function* vouchedLines(name: string): Generator<string> {
  const digest = createHash('sha256');
  let held: Buffer | null = null;
  for (const line of linesOf(name)) {
    if (held !== null) {
      digest.update(held).update('\n');
      yield held.toString();
    }
    held = line;
  }
  const found = held === null ? null : /^\{"sha256":"([0-9a-f]{64})"\}$/.exec(held.toString('latin1', 0, 100))?.[1];
  if (held !== null && found === undefined) {
    digest.update(held);
    yield held.toString();
    throw new PartError('it is cut short: its last line, which vouches for the others, is missing');
  }
  if (found !== null && found !== digest.digest('hex'))
    throw new PartError('it is damaged: its lines are not those that were written');
}

function* linesOf(name: string): Generator<Buffer> {
  const fd = openSync(name, 'r');
  try {
    /** What was read of a line that has not ended. */
    let begun: Buffer[] = [];
    let length = 0;
    for (let line = 1; ; ) {
      const buffer = Buffer.allocUnsafe(CHUNK);
      const chunk = buffer.subarray(0, readSync(fd, buffer));
      if (chunk.length === 0) break;
      // Of what is no part at all no more is read.
      if (line === 1 && length === 0) {
        const begin = chunk.toString('latin1', 0, BEGIN.length);
        if (begin !== BEGIN.slice(0, begin.length)) throw new PartError(NOT_A_PART);
      }
      let from = 0;
      for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
        begun.push(chunk.subarray(from, end));
        yield begun.length === 1 ? begun[0] : Buffer.concat(begun);
        begun = [];
        length = 0;
        line++;
        from = end + 1;
      }
      if (from === chunk.length) continue;
      begun.push(chunk.subarray(from));
      length += chunk.length - from;
      if (length > LONGEST) throw new PartError(`line ${line} is damaged: longer than any connection`);
    }
    if (length > 0) yield Buffer.concat(begun);
  } finally {
    closeSync(fd);
  }
}
