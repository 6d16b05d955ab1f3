import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import type { Decompressor } from '../capture/compression.ts';
import { compressionOf } from '../capture/sniff.ts';
import { STANDARD_INPUT } from '../capture/source.ts';
import { InputError } from '../model/errors.ts';
import { decompress } from '../node/decompress.ts';
import { type Division, readManifest } from '../shard/division.ts';
import type { Part } from '../shard/part.ts';
import { BEGIN, NOT_A_PART, PartError, partLines, type ReadPart, readPart } from '../shard/part-lines.ts';
import type { Context } from './context.ts';
import type { OutputFile } from './output-file.ts';

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

/** Reads a part, compressed or not; `-` is standard input. Throws an InputError that says what is wrong with it. */
export async function readPartFile(name: string): Promise<ReadPart> {
  try {
    return await readPart(vouchedLines(name));
  } catch (error) {
    throw inputError(name === '-' ? STANDARD_INPUT : name, error);
  }
}

/** Reads the manifest of a division. */
export function readManifestFile(name: string): Division {
  try {
    return readManifest(readFileSync(name, 'utf8'));
  } catch (error) {
    throw inputError(name, error);
  }
}

/** What is to be told of an error of reading `name`; the error itself where it is none of the input's. */
function inputError(name: string, error: unknown): unknown {
  if (error instanceof PartError) return new InputError(name, error.message);
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  return new InputError(name, code === 'ENOENT' ? 'no such file' : `cannot be read: ${(error as Error).message}`);
}

/** All lines but the last, which says what the others add up to. */
async function* vouchedLines(name: string): AsyncGenerator<string> {
  const digest = createHash('sha256');
  let held: Buffer | null = null;
  for await (const line of linesOf(name)) {
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

async function* linesOf(name: string): AsyncGenerator<Buffer> {
  /** What was read of a line that has not ended. */
  let begun: Buffer[] = [];
  let length = 0;
  let line = 1;
  for await (const chunk of chunksOf(name)) {
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
}

/** The bytes of a file or of standard input, with the compression taken off that its first bytes show. */
async function* chunksOf(name: string): AsyncGenerator<Buffer> {
  const given: Uint8Array[] = [];
  let inflater: Decompressor | null = null;
  let begins = true;
  for await (const chunk of fromFourBytesOn(name === '-' ? process.stdin : createReadStream(name))) {
    const compression = begins ? compressionOf(chunk, 0, chunk.length) : null;
    begins = false;
    if (compression !== null) inflater = decompress(compression, (part) => given.push(part));
    if (inflater === null) yield chunk;
    else {
      await inflater.write(chunk);
      yield* buffersOf(given.splice(0));
      requireWhole(inflater);
    }
  }
  if (inflater === null) return;
  await inflater.end();
  yield* buffersOf(given.splice(0));
  requireWhole(inflater);
}

/** Chunks of which the first has four bytes, if there are so many: they tell a compression. */
async function* fromFourBytesOn(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let first: Buffer | null = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (first === null) yield chunk;
    else {
      first = Buffer.concat([first, chunk]);
      if (first.length < 4) continue;
      yield first;
      first = null;
    }
  }
  if (first !== null && first.length > 0) yield first;
}

function buffersOf(parts: readonly Uint8Array[]): Buffer[] {
  return parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength));
}

function requireWhole({ failure }: Decompressor): void {
  if (failure !== null) throw new PartError(`the compressed data is damaged or cut: ${failure}`);
}
