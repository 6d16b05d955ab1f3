import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { InputError } from '../model/errors.ts';
import { type Division, readManifest } from '../shard/division.ts';
import type { Part } from '../shard/part.ts';
import { PartError, partLines, type ReadPart, readPart } from '../shard/part-lines.ts';
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
    let rest: Buffer = Buffer.alloc(0);
    for (;;) {
      const chunk = Buffer.alloc(CHUNK);
      const length = readSync(fd, chunk);
      if (length === 0) break;
      const all: Buffer =
        rest.length === 0 ? chunk.subarray(0, length) : Buffer.concat([rest, chunk.subarray(0, length)]);
      let from = 0;
      for (let end = all.indexOf(LINE_FEED); end >= 0; end = all.indexOf(LINE_FEED, from)) {
        yield all.subarray(from, end);
        from = end + 1;
      }
      rest = all.subarray(from);
      if (rest.length > LONGEST) throw new PartError('it is no part of an analysis (tcpscope part makes them)');
    }
    if (rest.length > 0) yield rest;
  } finally {
    closeSync(fd);
  }
}
