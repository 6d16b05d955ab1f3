import type { CaptureRecord } from '../model/record.ts';
import { Block } from './pcapng-block.ts';
import { Option } from './pcapng-options.ts';

/** Of a section header: the application that wrote it. */
const SHB_USERAPPL = 4;
/** The format's own word for "the length of this section is not known". */
const UNKNOWN_LENGTH = 0xffffffffffffffffn;
const NANOSECONDS = 9;

const encoder = new TextEncoder();

/**
 * Writes a pcapng file (draft-ietf-opsawg-pcapng), little-endian, with times in nanoseconds. An interface of the input gets
 * its description when its first packet comes.
 */
export class PcapngWriter {
  private readonly parts: Uint8Array[] = [];
  private readonly interfaces = new Map<string, number>();

  constructor(application: string, comment: string) {
    const head = new Uint8Array(16);
    const view = new DataView(head.buffer);
    view.setUint32(0, 0x1a2b3c4d, true);
    view.setUint16(4, 1, true);
    view.setBigUint64(8, UNKNOWN_LENGTH, true);
    this.block(Block.SECTION, head, [
      [Option.COMMENT, encoder.encode(comment)],
      [SHB_USERAPPL, encoder.encode(application)],
    ]);
  }

  /** `time`: nanoseconds since 1970. Copies the record's bytes. */
  packet(record: CaptureRecord, time: bigint, comments: readonly string[]): void {
    const { bytes, offset, capturedLength, originalLength } = record;
    const body = new Uint8Array(20 + capturedLength);
    const view = new DataView(body.buffer);
    view.setUint32(0, this.interfaceOf(record), true);
    view.setUint32(4, Number((time >> 32n) & 0xffffffffn), true);
    view.setUint32(8, Number(time & 0xffffffffn), true);
    view.setUint32(12, capturedLength, true);
    view.setUint32(16, originalLength, true);
    body.set(bytes.subarray(offset, offset + capturedLength), 20);
    this.block(
      Block.ENHANCED_PACKET,
      body,
      comments.map((comment) => [Option.COMMENT, encoder.encode(comment)]),
    );
  }

  /** The whole file. */
  bytes(): Uint8Array {
    const length = this.parts.reduce((sum, part) => sum + part.length, 0);
    const file = new Uint8Array(length);
    let at = 0;
    for (const part of this.parts) {
      file.set(part, at);
      at += part.length;
    }
    return file;
  }

  private interfaceOf({ interfaceId, linkType }: CaptureRecord): number {
    const key = `${interfaceId} ${linkType}`;
    let id = this.interfaces.get(key);
    if (id === undefined) {
      id = this.interfaces.size;
      this.interfaces.set(key, id);
      const body = new Uint8Array(8);
      new DataView(body.buffer).setUint16(0, linkType, true);
      this.block(Block.INTERFACE, body, [[Option.IF_TSRESOL, Uint8Array.of(NANOSECONDS)]]);
    }
    return id;
  }

  private block(type: number, body: Uint8Array, options: readonly [code: number, value: Uint8Array][]): void {
    const optionsLength =
      options.length === 0 ? 0 : options.reduce((sum, [, value]) => sum + 4 + padded(value.length), 4);
    const length = 12 + padded(body.length) + optionsLength;
    const block = new Uint8Array(length);
    const view = new DataView(block.buffer);
    view.setUint32(0, type, true);
    view.setUint32(4, length, true);
    block.set(body, 8);
    let at = 8 + padded(body.length);
    for (const [code, value] of options) {
      view.setUint16(at, code, true);
      view.setUint16(at + 2, value.length, true);
      block.set(value, at + 4);
      at += 4 + padded(value.length);
    }
    view.setUint32(length - 4, length, true);
    this.parts.push(block);
  }
}

function padded(length: number): number {
  return (length + 3) & ~3;
}
