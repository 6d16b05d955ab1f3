import { CaptureError } from '../model/errors.ts';
import { packetBuffer } from '../model/packet-memory.ts';
import { HexdumpParser } from './hexdump.ts';
import { BUFFER_SIZE, SNIFF_LENGTH } from './limits.ts';
import { PcapParser } from './pcap.ts';
import { PcapngParser } from './pcapng.ts';
import { CaptureSession, DamageLog } from './session.ts';
import { compressionOf, type Format, formatOf } from './sniff.ts';
import type { CaptureParser, CaptureSink } from './source.ts';

/** A buffer of this size is not made larger for comfort, only for a record that does not fit. */
const LARGE_BUFFER = 0x200000;

/**
 * Reads captures, one after the other, through one reused buffer. Bytes come in one of two ways:
 *
 *     reader.open(name);
 *     for (;;) {                                     // without a copy: read into the reader's own buffer
 *       const room = reader.reserve();
 *       const n = await read(reader.buffer, reader.writeOffset, room);
 *       if (n === 0 || reader.done) break;
 *       reader.advance(n);
 *     }
 *     reader.end();
 *
 * or `reader.write(chunk)` with somebody else's chunks, of which only what straddles two of them is copied.
 *
 * Throws a CaptureError when a file is no capture at all. Damage after the first header goes to the session's facts and
 * the reading goes on where it can. Nothing is asynchronous: records are delivered before `advance` and `write` return.
 */
export class CaptureReader {
  readonly session: CaptureSession;
  /** Where to write: from `writeOffset` on, after `reserve`. Replaced when it must grow, so do not keep it. */
  buffer: Uint8Array;

  private readonly sink: CaptureSink;
  private data: DataView;
  /** The bytes that wait in the buffer. */
  private head = 0;
  private tail = 0;
  private parser: CaptureParser | null = null;
  private file = '';
  private fileIndex = -1;
  /** File offset of `head`. */
  private position = 0;
  private needed = SNIFF_LENGTH;
  /** Nothing more is wanted of this file. */
  private finished = true;

  constructor(sink: CaptureSink, session: CaptureSession = new CaptureSession(), bufferSize: number = BUFFER_SIZE) {
    this.sink = sink;
    this.session = session;
    this.buffer = packetBuffer(bufferSize);
    this.data = new DataView(this.buffer.buffer);
  }

  /** Begins a file. `compression` is what the caller took off its bytes, for the record. */
  open(file: string, compression: string | null = null): void {
    const { facts } = this.session;
    this.file = file;
    this.fileIndex = facts.files.push(file) - 1;
    facts.formats.push('unknown');
    facts.compression.push(compression);
    facts.byteOrder.push(null);
    this.head = 0;
    this.tail = 0;
    this.parser = null;
    this.position = 0;
    this.needed = SNIFF_LENGTH;
    this.finished = false;
  }

  /** True when the rest of the file need not be read: the session was stopped, or nothing can be read any more. */
  get done(): boolean {
    return this.finished || this.session.stopped;
  }

  get writeOffset(): number {
    return this.tail;
  }

  /** Makes room in the buffer after `writeOffset` and returns how many bytes fit there, at least one. */
  reserve(): number {
    const have = this.tail - this.head;
    const lacking = Math.max(this.needed - have, 1);
    // Moving fewer bytes than were freed is cheap. Otherwise it waits until there is no way around it, and then makes
    // room for more than one byte: a parser that searches takes bytes one by one and needs as many again.
    if (this.head > 0 && (have <= this.head || this.buffer.length - this.tail < lacking)) {
      this.buffer.copyWithin(0, this.head, this.tail);
      this.head = 0;
      this.tail = have;
    }
    const room = this.buffer.length - this.tail;
    if (room < lacking || (have > room * 8 && this.buffer.length < LARGE_BUFFER)) {
      // The parser bounds what it needs, and so the buffer.
      const grown = packetBuffer(Math.max(have + lacking, 2 * this.buffer.length));
      grown.set(this.buffer.subarray(this.head, this.tail));
      this.buffer = grown;
      this.data = new DataView(grown.buffer);
      this.head = 0;
      this.tail = have;
    }
    return this.buffer.length - this.tail;
  }

  /** `length` bytes were written to the buffer at `writeOffset`: handles every record that is complete now. */
  advance(length: number): void {
    this.tail += length;
    this.head += this.run(this.buffer, this.data, this.head, this.tail);
    if (this.head === this.tail) {
      this.head = 0;
      this.tail = 0;
    }
  }

  /** Handles a chunk; its memory is not used any more when this returns. */
  write(chunk: Uint8Array): void {
    let from = 0;
    while (this.tail > this.head && from < chunk.length && !this.done) {
      const lacking = Math.max(1, this.needed - (this.tail - this.head));
      const part = Math.min(lacking, chunk.length - from, this.reserve());
      this.buffer.set(chunk.subarray(from, from + part), this.tail);
      from += part;
      this.advance(part);
      // What is left over is all in this chunk: go on there, instead of copying the chunk bit by bit.
      const left = this.tail - this.head;
      if (left <= from && from < chunk.length) {
        from -= left;
        this.head = 0;
        this.tail = 0;
      }
    }
    if (from === chunk.length || this.done) return;
    const data = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    from += this.run(chunk, data, from, chunk.length);
    const rest = chunk.length - from;
    if (rest === 0) return;
    const { needed } = this;
    this.needed = Math.max(needed, rest);
    this.reserve();
    this.needed = needed;
    this.buffer.set(chunk.subarray(from), this.tail);
    this.tail += rest;
  }

  /** The file ends here. What was incomplete is reported as cut; the next file may be opened. */
  end(): void {
    if (this.done) {
      this.finished = true;
      return;
    }
    let at = this.head;
    for (;;) {
      const parser: CaptureParser = this.parser ?? this.choose(this.buffer, this.data, at, this.tail);
      this.parser = parser;
      const used = this.guard(() => parser.end(this.buffer, this.data, at, this.tail));
      at += used;
      this.position += used;
      if (!parser.nextFile) break;
      this.parser = null;
    }
    this.finished = true;
  }

  /** Runs the parser over `[start, end)` and returns how many bytes are done with. */
  private run(bytes: Uint8Array, data: DataView, start: number, end: number): number {
    let at = start;
    while (!this.done) {
      let parser = this.parser;
      if (parser === null) {
        if (end - at < SNIFF_LENGTH) {
          this.needed = SNIFF_LENGTH;
          return at - start;
        }
        parser = this.choose(bytes, data, at, end);
        this.parser = parser;
      }
      const used = this.consume(parser, bytes, data, at, end);
      at += used;
      this.position += used;
      this.needed = parser.need;
      if (parser.done) this.finished = true;
      if (!parser.nextFile) return at - start;
      // Its own end: what the parser counted is written out, and the next header is looked at afresh.
      parser.end(bytes, data, at, at);
      this.parser = null;
    }
    return end - start;
  }

  private consume(parser: CaptureParser, bytes: Uint8Array, data: DataView, at: number, end: number): number {
    try {
      return parser.consume(bytes, data, at, end);
    } catch (error) {
      throw this.named(error);
    }
  }

  private guard<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw this.named(error);
    }
  }

  private named(error: unknown): unknown {
    if (error instanceof CaptureError && error.file === null) {
      error.file = this.file;
      this.finished = true;
    }
    return error;
  }

  private choose(bytes: Uint8Array, data: DataView, at: number, end: number): CaptureParser {
    const { session, sink, file, position } = this;
    const { facts } = session;
    const continued = position > 0;
    const format = this.guard((): Format => {
      const compression = compressionOf(bytes, at, end);
      if (compression === null) return formatOf(bytes, data, at, end);
      // Inflating is asynchronous here: `Feed` does it, before the bytes come to the reader.
      throw new CaptureError(
        'compressed inside',
        position,
        `${compression} data`,
        'a capture that was decompressed once',
      );
    });
    if (!continued) facts.formats[this.fileIndex] = format;
    else this.reportConcatenated(format);
    if (format === 'text') return new HexdumpParser(session, sink, file);
    const parser =
      format === 'pcap'
        ? new PcapParser(session, sink, file, position, continued)
        : new PcapngParser(session, sink, file, position, continued);
    if (!continued) facts.byteOrder[this.fileIndex] = byteOrderOf(format, data, at);
    return parser;
  }

  /** One file header in a file is the rule: that there are more is worth a word, though all of it is read. */
  private reportConcatenated(format: Format): void {
    if (this.session.isSequence) return;
    new DamageLog(this.session, this.sink, this.file).report(
      this.position,
      'another capture begins inside of the file, which was read as well',
      `the file header of a ${format} capture`,
      'a record or the end of the file',
      { losesPackets: false },
    );
  }
}

function byteOrderOf(format: Format, data: DataView, at: number): 'little' | 'big' {
  // The most significant byte of the magic number comes first in a big-endian file: a1 of the classic ones, 1a of pcapng.
  const first = data.getUint8(format === 'pcap' ? at : at + 8);
  return first === (format === 'pcap' ? 0xa1 : 0x1a) ? 'big' : 'little';
}
