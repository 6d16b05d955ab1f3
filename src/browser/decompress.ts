import type { Decompress, Decompressor } from '../capture/compression.ts';
import type { Compression } from '../capture/sniff.ts';
import { CaptureError } from '../model/errors.ts';

/** How every member of a gzip file begins (RFC 1952 section 2.3.1). */
const MAGIC = [0x1f, 0x8b, 0x08];

/**
 * Takes off gzip, and zstd where the platform knows it. Output goes to `output` while `write` or `end` is pending.
 *
 * DecompressionStream refuses what follows the end of its member, and does not say where that was. So input is written in parts
 * that begin where a member could: where such a part is refused, it is the first of the next member.
 *
 * An error of `output` is rethrown by the `write` or `end` that caused it. Bad input is not thrown: it ends the output and is left
 * in `failure`.
 */
class StreamDecompressor implements Decompressor {
  failure: string | null = null;
  private readonly kind: Compression;
  private readonly give: (chunk: Uint8Array) => void;
  private member: Member;
  private outputError: { readonly error: unknown } | null = null;

  constructor(kind: Compression, output: (chunk: Uint8Array) => void) {
    this.kind = kind;
    this.give = (chunk) => {
      if (this.outputError !== null) return;
      try {
        output(chunk);
      } catch (error) {
        this.outputError = { error };
      }
    };
    this.member = new Member(kind, this.give);
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (const { bytes, mayBegin } of this.kind === 'gzip' ? parts(chunk) : [{ bytes: chunk, mayBegin: false }]) {
      if (this.failure !== null) break;
      // The chunk may be used again before the stream has looked at it.
      const own = new Uint8Array(bytes);
      if (await this.member.write(own)) continue;
      if (mayBegin && this.member.hasOutput) {
        this.member = new Member(this.kind, this.give);
        if (await this.member.write(own)) continue;
      }
      this.failure = this.member.failure;
    }
    this.rethrow();
  }

  async end(): Promise<void> {
    if (this.failure === null && !(await this.member.end())) this.failure = this.member.failure;
    this.rethrow();
  }

  destroy(): void {
    this.member.destroy();
  }

  private rethrow(): void {
    if (this.outputError !== null) throw this.outputError.error;
  }
}

/** One stream of compressed data. */
class Member {
  failure: string | null = null;
  hasOutput = false;
  private readonly writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  private readonly read: Promise<void>;

  constructor(kind: Compression, give: (chunk: Uint8Array) => void) {
    const stream = new DecompressionStream(kind as 'gzip');
    this.writer = stream.writable.getWriter();
    this.read = this.drain(stream.readable.getReader(), give);
  }

  /** False when the stream refuses it. */
  async write(bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
    try {
      await this.writer.write(bytes);
      return this.failure === null;
    } catch (error) {
      this.failure ??= reasonOf(error);
      await this.read;
      return false;
    }
  }

  async end(): Promise<boolean> {
    try {
      await this.writer.close();
    } catch (error) {
      this.failure ??= reasonOf(error);
    }
    await this.read;
    return this.failure === null;
  }

  destroy(): void {
    this.writer.abort().catch(() => {});
  }

  private async drain(
    reader: ReadableStreamDefaultReader<Uint8Array>,
    give: (chunk: Uint8Array) => void,
  ): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        this.hasOutput = true;
        give(value);
      }
    } catch (error) {
      this.failure ??= reasonOf(error);
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The chunk in parts: every place at which a member could begin begins one. */
function* parts(chunk: Uint8Array): Generator<{ readonly bytes: Uint8Array; readonly mayBegin: boolean }> {
  let from = 0;
  for (let at = chunk.indexOf(MAGIC[0], 1); at > 0; at = chunk.indexOf(MAGIC[0], at + 1)) {
    // At the edge of a chunk the rest of the magic is in the next one.
    const isMagic =
      (at + 1 >= chunk.length || chunk[at + 1] === MAGIC[1]) && (at + 2 >= chunk.length || chunk[at + 2] === MAGIC[2]);
    if (!isMagic) continue;
    yield { bytes: chunk.subarray(from, at), mayBegin: mayBegin(chunk, from) };
    from = at;
  }
  yield { bytes: chunk.subarray(from), mayBegin: mayBegin(chunk, from) };
}

function mayBegin(chunk: Uint8Array, at: number): boolean {
  return chunk[at] === MAGIC[0];
}

export const decompress: Decompress = (kind, output) => {
  try {
    return new StreamDecompressor(kind, output);
  } catch {
    // This platform does not know the format.
    const advice = `take it off first: ${kind} -d FILE`;
    throw new CaptureError(
      'compressed capture',
      0,
      `${kind} data`,
      'gzip data or a capture that is not compressed',
      advice,
    );
  }
};
