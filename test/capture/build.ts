/**
 * Writers of captures for the tests: every field can be set to what no real writer would put there.
 * Written from the two drafts, apart from the readers they test.
 */

export interface PcapOptions {
  big?: boolean;
  nano?: boolean;
  modified?: boolean;
  snaplen?: number;
  link?: number;
  major?: number;
  minor?: number;
}

export interface PcapPacket {
  seconds: number;
  /** Microseconds or nanoseconds, as the file has it. */
  fraction: number;
  data: Uint8Array;
  /** Default: the length of the data. */
  original?: number;
  /** What the header claims; default: the length of the data. */
  captured?: number;
  /** For the modified format. */
  packetType?: number;
}

/** Appends numbers and bytes. */
export class Writer {
  private parts = new Uint8Array(64);
  private used = 0;
  private readonly big: boolean;

  constructor(big = false) {
    this.big = big;
  }

  get length(): number {
    return this.used;
  }

  /** Where so many more bytes go. */
  private grow(length: number): number {
    const at = this.used;
    this.used += length;
    if (this.used > this.parts.length) {
      const larger = new Uint8Array(2 * this.used);
      larger.set(this.parts);
      this.parts = larger;
    }
    return at;
  }

  u8(value: number): this {
    this.parts[this.grow(1)] = value;
    return this;
  }

  u16(value: number): this {
    return this.big ? this.u8(value >>> 8).u8(value) : this.u8(value).u8(value >>> 8);
  }

  u32(value: number): this {
    return this.big ? this.u16(value >>> 16).u16(value) : this.u16(value).u16(value >>> 16);
  }

  u64(value: bigint): this {
    const low = Number(BigInt.asUintN(32, value));
    const high = Number(BigInt.asUintN(32, value >> 32n));
    return this.big ? this.u32(high).u32(low) : this.u32(low).u32(high);
  }

  bytes(data: Uint8Array): this {
    const at = this.grow(data.length);
    this.parts.set(data, at);
    return this;
  }

  pad(): this {
    while (this.used % 4 !== 0) this.u8(0);
    return this;
  }

  done(): Uint8Array {
    return this.parts.slice(0, this.used);
  }
}

export function concat(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** `length` bytes that differ from packet to packet. */
export function payload(length: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + seed * 31 + 3) & 255);
}

export function pcapHeader(options: PcapOptions = {}): Uint8Array {
  const { big = false, nano = false, modified = false, snaplen = 262144, link = 1, major = 2, minor = 4 } = options;
  return new Writer(big)
    .u32(modified ? 0xa1b2cd34 : nano ? 0xa1b23c4d : 0xa1b2c3d4)
    .u16(major)
    .u16(minor)
    .u32(0)
    .u32(0)
    .u32(snaplen)
    .u32(link)
    .done();
}

export function pcapRecord(packet: PcapPacket, options: PcapOptions = {}): Uint8Array {
  const { seconds, fraction, data, captured = data.length, original = data.length, packetType = 0 } = packet;
  const writer = new Writer(options.big ?? false).u32(seconds).u32(fraction).u32(captured).u32(original);
  if (options.modified) writer.u32(1).u16(0x800).u8(packetType).u8(0);
  return writer.bytes(data).done();
}

export function pcap(packets: PcapPacket[], options: PcapOptions = {}): Uint8Array {
  return concat(pcapHeader(options), ...packets.map((packet) => pcapRecord(packet, options)));
}

export interface PcapngOption {
  code: number;
  value: Uint8Array;
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Blocks of one byte order. Lengths are right unless said otherwise. */
export class Pcapng {
  private readonly big: boolean;

  constructor(big = false) {
    this.big = big;
  }

  writer(): Writer {
    return new Writer(this.big);
  }

  u32(value: number): Uint8Array {
    return this.writer().u32(value).done();
  }

  u64(value: bigint): Uint8Array {
    return this.writer().u64(value).done();
  }

  block(type: number, body: Uint8Array, lengths: { first?: number; last?: number } = {}): Uint8Array {
    const padded = this.writer().bytes(body).pad().done();
    const total = padded.length + 12;
    return this.writer()
      .u32(type)
      .u32(lengths.first ?? total)
      .bytes(padded)
      .u32(lengths.last ?? total)
      .done();
  }

  options(list: PcapngOption[], end = true): Uint8Array {
    const writer = this.writer();
    for (const { code, value } of list) writer.u16(code).u16(value.length).bytes(value).pad();
    if (end && list.length > 0) writer.u32(0);
    return writer.done();
  }

  section(options: PcapngOption[] = [], major = 1, minor = 0, length = -1n): Uint8Array {
    const body = this.writer().u32(0x1a2b3c4d).u16(major).u16(minor).u64(length).bytes(this.options(options));
    return this.block(0x0a0d0d0a, body.done());
  }

  interface(link = 1, snaplen = 0, options: PcapngOption[] = []): Uint8Array {
    return this.block(1, this.writer().u16(link).u16(0).u32(snaplen).bytes(this.options(options)).done());
  }

  enhanced(
    time: bigint,
    data: Uint8Array,
    more: { id?: number; original?: number; captured?: number; options?: PcapngOption[] } = {},
  ): Uint8Array {
    const { id = 0, original = data.length, captured = data.length, options = [] } = more;
    return this.block(6, this.packetBody(time, data, captured, original, this.writer().u32(id).done(), options));
  }

  /** The obsolete packet block. */
  packet(
    time: bigint,
    data: Uint8Array,
    more: { id?: number; drops?: number; original?: number; options?: PcapngOption[] } = {},
  ): Uint8Array {
    const { id = 0, drops = 0xffff, original = data.length, options = [] } = more;
    const head = this.writer().u16(id).u16(drops).done();
    return this.block(2, this.packetBody(time, data, data.length, original, head, options));
  }

  private packetBody(
    time: bigint,
    data: Uint8Array,
    captured: number,
    original: number,
    head: Uint8Array,
    options: PcapngOption[],
  ): Uint8Array {
    return this.writer()
      .bytes(head)
      .u32(Number(time >> 32n))
      .u32(Number(BigInt.asUintN(32, time)))
      .u32(captured)
      .u32(original)
      .bytes(data)
      .pad()
      .bytes(this.options(options))
      .done();
  }

  simple(data: Uint8Array, original = data.length): Uint8Array {
    return this.block(3, this.writer().u32(original).bytes(data).done());
  }

  statistics(id: number, options: PcapngOption[]): Uint8Array {
    return this.block(5, this.writer().u32(id).u64(0n).bytes(this.options(options)).done());
  }
}
