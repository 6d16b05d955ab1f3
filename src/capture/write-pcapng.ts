import type { CaptureInterface } from '../model/capture-facts.ts';
import { NANOS_PER_SECOND } from '../model/timestamp.ts';
import { Block } from './pcapng-block.ts';
import { Option } from './pcapng-options.ts';

/** Of a section header: the application that wrote it. */
const SHB_USERAPPL = 4;
/** The format's own word for "the length of this section is not known". */
const UNKNOWN_LENGTH = 0xffffffffffffffffn;
const NANOSECONDS = 9;
/** Binary resolutions from here on are finer than the nanosecond, in which times are kept. */
const FINE_BINARY = 30;
/** Bytes that one option can hold. */
const MAX_OPTION = 0xffff;

const encoder = new TextEncoder();

/** A record as it is to be written; its bytes are copied. */
export interface WrittenRecord {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly capturedLength: number;
  readonly originalLength: number;
  readonly linkType: number;
  /** 0 unknown, 1 inbound, 2 outbound. */
  readonly direction: number;
  /** That of the capture that it comes from; the same object for all packets of it. */
  readonly interface: CaptureInterface;
}

/**
 * Where a packet of one part of a capture stands in it: its number (48 bits), and how many segments of other parts came since
 * the last of this part, as far as 16 bits go.
 */
export interface PacketId {
  readonly number: number;
  readonly passed: number;
}

/** More than these are said to be these. */
export const MOST_PASSED = 0xffff;

function octetsOf({ number, passed }: PacketId): Uint8Array {
  const octets = new Uint8Array(8);
  const view = new DataView(octets.buffer);
  view.setUint32(0, ((number % 65536) * 65536 + Math.min(passed, MOST_PASSED)) >>> 0, true);
  view.setUint32(4, Math.floor(number / 65536), true);
  return octets;
}

type Options = [code: number, value: Uint8Array][];

/**
 * Writes a pcapng file (draft-ietf-opsawg-pcapng), little-endian, block by block. An interface of the input gets its
 * description when its first packet comes: its name, link type, snaplen and the resolution of its times.
 */
export class PcapngWriter {
  private readonly write: (block: Uint8Array) => void;
  private readonly interfaces = new Map<CaptureInterface, Map<number, number>>();
  private count = 0;

  /** `write` gets each block when it is whole. */
  constructor(application: string, comments: readonly string[], write: (block: Uint8Array) => void) {
    this.write = write;
    const head = new Uint8Array(16);
    const view = new DataView(head.buffer);
    view.setUint32(0, 0x1a2b3c4d, true);
    view.setUint16(4, 1, true);
    view.setBigUint64(8, UNKNOWN_LENGTH, true);
    this.block(Block.SECTION, head, [...texts(Option.COMMENT, comments), ...texts(SHB_USERAPPL, [application])]);
  }

  /** `time`: nanoseconds since 1970. `id`: what `epb_packetid` says. */
  packet(record: WrittenRecord, time: bigint, comments: readonly string[], id: PacketId | null = null): void {
    const { bytes, offset, capturedLength, originalLength, direction } = record;
    const stamp = unitsOf(time, record.interface.timeResolution);
    const body = new Uint8Array(20 + capturedLength);
    const view = new DataView(body.buffer);
    view.setUint32(0, this.interfaceOf(record), true);
    view.setUint32(4, Number((stamp >> 32n) & 0xffffffffn), true);
    view.setUint32(8, Number(stamp & 0xffffffffn), true);
    view.setUint32(12, capturedLength, true);
    view.setUint32(16, originalLength, true);
    body.set(bytes.subarray(offset, offset + capturedLength), 20);
    const options = texts(Option.COMMENT, comments);
    if (direction > 0) options.push([Option.EPB_FLAGS, Uint8Array.of(direction, 0, 0, 0)]);
    if (id !== null) options.push([Option.EPB_PACKETID, octetsOf(id)]);
    this.block(Block.ENHANCED_PACKET, body, options);
  }

  private interfaceOf({ interface: described, linkType }: WrittenRecord): number {
    let ids = this.interfaces.get(described);
    if (ids === undefined) {
      ids = new Map();
      this.interfaces.set(described, ids);
    }
    const known = ids.get(linkType);
    if (known !== undefined) return known;
    const id = this.count++;
    ids.set(linkType, id);
    const { name, description, snaplen, timeResolution } = described;
    const body = new Uint8Array(8);
    const view = new DataView(body.buffer);
    view.setUint16(0, linkType, true);
    view.setUint32(4, snaplen, true);
    this.block(Block.INTERFACE, body, [
      ...texts(Option.IF_NAME, name === null ? [] : [name]),
      ...texts(Option.IF_DESCRIPTION, description === null ? [] : [description]),
      [Option.IF_TSRESOL, Uint8Array.of(octetOf(timeResolution))],
    ]);
    return id;
  }

  private block(type: number, body: Uint8Array, options: Options): void {
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
    this.write(block);
  }
}

/** Without the letters that do not fit: a cut in the middle of one would be no UTF-8. */
function texts(code: number, values: readonly string[]): Options {
  return values.map((value) => {
    const whole = encoder.encode(value);
    if (whole.length <= MAX_OPTION) return [code, whole];
    let end = MAX_OPTION;
    while ((whole[end] & 0xc0) === 0x80) end--;
    return [code, whole.subarray(0, end)];
  });
}

/** `1e-6` or `2^-10`, where times of the nanosecond can be written in it. */
function resolutionOf(text: string): { isBinary: boolean; exponent: number } {
  const [, decimal, binary] = /^(?:1e-(\d+)|2\^-(\d+))$/.exec(text) ?? [];
  if (binary !== undefined && Number(binary) < FINE_BINARY) return { isBinary: true, exponent: Number(binary) };
  if (decimal !== undefined && Number(decimal) < NANOSECONDS) return { isBinary: false, exponent: Number(decimal) };
  return { isBinary: false, exponent: NANOSECONDS };
}

/** As if_tsresol has it. */
function octetOf(resolution: string): number {
  const { isBinary, exponent } = resolutionOf(resolution);
  return (isBinary ? 0x80 : 0) | exponent;
}

/** Units that were rounded down to nanoseconds are found again by rounding up. */
function unitsOf(time: bigint, resolution: string): bigint {
  const { isBinary, exponent } = resolutionOf(resolution);
  if (!isBinary) return time / 10n ** BigInt(NANOSECONDS - exponent);
  const scaled = time << BigInt(exponent);
  return (scaled + NANOS_PER_SECOND - 1n) / NANOS_PER_SECOND;
}

function padded(length: number): number {
  return (length + 3) & ~3;
}
