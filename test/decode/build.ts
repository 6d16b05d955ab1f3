import { expect } from 'vitest';
import { Decoder, type DecoderOptions } from '../../src/decode/decoder.ts';
import { CaptureRecord } from '../../src/model/record.ts';
import { SegmentView } from '../../src/model/segment.ts';

/** Packets made by hand for the tests, and a checksum that shares nothing with the one under test. */
export type Bytes = Uint8Array;

export function join(...parts: (Bytes | number[])[]): Bytes {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

export function hex(text: string): Bytes {
  const digits = text.replace(/[^0-9a-f]/gi, '');
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export const u16 = (value: number): number[] => [(value >>> 8) & 255, value & 255];
export const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value)];
export const u24 = (value: number): number[] => [(value >>> 16) & 255, ...u16(value)];
export const zeros = (count: number): number[] => new Array<number>(count).fill(0);
export const ramp = (count: number, from = 0): Bytes => Uint8Array.from({ length: count }, (_, i) => (i + from) & 255);

/** RFC 1071 as its text says it: add 16-bit words, carry around at once, complement. */
export function naiveChecksum(bytes: Bytes): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) {
    sum += bytes[i] * 256 + (i + 1 < bytes.length ? bytes[i + 1] : 0);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return 0xffff - sum;
}

/** `192.0.2.1` or `2001:db8::1`. */
export function address(text: string): Bytes {
  if (!text.includes(':')) return Uint8Array.from(text.split('.').map(Number));
  const [head, tail] = text.split('::');
  const groups = (part: string | undefined) => (part ? part.split(':').map((g) => Number.parseInt(g, 16)) : []);
  const left = groups(head);
  const right = groups(tail);
  const all = text.includes('::') ? [...left, ...zeros(8 - left.length - right.length), ...right] : left;
  return join(...all.map(u16));
}

/** A payload that needs the pseudo-header of the packet around it. */
export type Upper = Bytes | ((source: Bytes, destination: Bytes) => Bytes);

export interface TcpFields {
  srcPort?: number;
  dstPort?: number;
  seq?: number;
  ack?: number;
  flags?: number;
  window?: number;
  urgent?: number;
  options?: Bytes | number[];
  payload?: Bytes | number[];
  /** In words; default what the options need. */
  dataOffset?: number;
  /** Default the right one. */
  checksum?: number | 'partial' | 'partial-without-length';
  /** Length for the pseudo-header, when it is not that of the bytes. */
  length?: number;
}

export const ACK_PSH = 0x018;

export function tcpSegment(fields: TcpFields = {}): (source: Bytes, destination: Bytes) => Bytes {
  return (source, destination) => {
    const options = [...(fields.options ?? [])];
    const dataOffset = fields.dataOffset ?? 5 + options.length / 4;
    const segment = join(
      u16(fields.srcPort ?? 40000),
      u16(fields.dstPort ?? 443),
      u32(fields.seq ?? 0xfffffff0),
      u32(fields.ack ?? 0x80000001),
      u16((dataOffset << 12) | (fields.flags ?? ACK_PSH)),
      u16(fields.window ?? 501),
      u16(0),
      u16(fields.urgent ?? 0),
      options,
      [...(fields.payload ?? [])],
    );
    const length = fields.length ?? segment.length;
    const pseudo = join(source, destination, u32(length), u32(6));
    let checksum = naiveChecksum(join(pseudo, segment));
    if (fields.checksum === 'partial') checksum = 0xffff - naiveChecksum(pseudo);
    else if (fields.checksum === 'partial-without-length') {
      checksum = 0xffff - naiveChecksum(join(source, destination, u32(0), u32(6)));
    } else if (fields.checksum !== undefined) checksum = fields.checksum;
    segment.set(u16(checksum), 16);
    return segment;
  };
}

export function resolve(upper: Upper, source: Bytes, destination: Bytes): Bytes {
  return typeof upper === 'function' ? upper(source, destination) : upper;
}

export interface Ipv4Fields {
  src?: string;
  dst?: string;
  protocol?: number;
  ttl?: number;
  tos?: number;
  id?: number;
  /** The 16 bits of flags and fragment offset. */
  fragment?: number;
  options?: Bytes | number[];
  totalLength?: number;
  checksum?: number;
  version?: number;
  headerWords?: number;
}

export function ipv4(fields: Ipv4Fields = {}, upper: Upper = tcpSegment()): Bytes {
  const source = address(fields.src ?? '192.0.2.1');
  const destination = address(fields.dst ?? '198.51.100.2');
  const payload = resolve(upper, source, destination);
  const options = [...(fields.options ?? [])];
  const words = fields.headerWords ?? 5 + options.length / 4;
  const header = join(
    [((fields.version ?? 4) << 4) | words, fields.tos ?? 0],
    u16(fields.totalLength ?? 20 + options.length + payload.length),
    u16(fields.id ?? 0x1234),
    u16(fields.fragment ?? 0x4000),
    [fields.ttl ?? 64, fields.protocol ?? 6],
    u16(0),
    source,
    destination,
    options,
  );
  header.set(u16(fields.checksum ?? naiveChecksum(header)), 10);
  return join(header, payload);
}

export interface Ipv6Fields {
  src?: string;
  dst?: string;
  next?: number;
  hopLimit?: number;
  trafficClass?: number;
  payloadLength?: number;
  /** Extension headers, already in place before the payload. */
  extensions?: Bytes | number[];
  /** Destination for the pseudo-header, when a routing header has the last one. */
  finalDst?: string;
  homeSrc?: string;
}

export function ipv6(fields: Ipv6Fields = {}, upper: Upper = tcpSegment()): Bytes {
  const source = address(fields.src ?? '2001:db8::1');
  const destination = address(fields.dst ?? '2001:db8:ffff::2');
  const payload = resolve(
    upper,
    fields.homeSrc === undefined ? source : address(fields.homeSrc),
    fields.finalDst === undefined ? destination : address(fields.finalDst),
  );
  const extensions = fields.extensions ?? [];
  return join(
    u32((6 << 28) | ((fields.trafficClass ?? 0) << 20) | 0xabcde),
    u16(fields.payloadLength ?? extensions.length + payload.length),
    [fields.next ?? 6, fields.hopLimit ?? 64],
    source,
    destination,
    extensions,
    payload,
  );
}

export function ethernet(payload: Bytes, type = payload[0] >>> 4 === 6 ? 0x86dd : 0x0800, tags: number[] = []): Bytes {
  return join(hex('02aabbccdd01 02aabbccdd02'), tags, u16(type), payload);
}

export function udp(destinationPort: number, payload: Bytes, length = payload.length + 8): Bytes {
  return join(u16(50000), u16(destinationPort), u16(length), u16(0), payload);
}

/** Options padded to words with end-of-list. */
export function options(...parts: (number[] | Bytes)[]): Bytes {
  const all = join(...parts);
  return join(all, zeros((4 - (all.length % 4)) % 4));
}

export const LINK_ETHERNET = 1;
export const LINK_RAW = 101;

export interface RecordFields {
  linkType?: number;
  originalLength?: number;
  /** Octets captured of `bytes`; the rest is overwritten with poison. */
  captured?: number;
  time?: number;
  number?: number;
  direction?: number;
  interfaceId?: number;
  /** Octets in front of the record in its buffer. */
  offset?: number;
  poison?: number;
}

const POISON_TAIL = 80;

/** A record in a buffer of poison. The buffer has a byteOffset, as readers' buffers may. */
export function record(bytes: Bytes, fields: RecordFields = {}): CaptureRecord {
  const offset = fields.offset ?? 5;
  const captured = fields.captured ?? bytes.length;
  const buffer = new ArrayBuffer(3 + offset + captured + POISON_TAIL);
  const memory = new Uint8Array(buffer, 3);
  memory.fill(fields.poison ?? 0x5a);
  memory.set(bytes.subarray(0, captured), offset);
  const made = new CaptureRecord();
  made.number = fields.number ?? 1;
  made.time = fields.time ?? 0;
  made.bytes = memory;
  made.data = new DataView(buffer, 3);
  made.offset = offset;
  made.capturedLength = captured;
  made.originalLength = fields.originalLength ?? bytes.length;
  made.linkType = fields.linkType ?? LINK_ETHERNET;
  made.direction = fields.direction ?? 0;
  made.interfaceId = fields.interfaceId ?? 0;
  return made;
}

/**
 * Decodes one record with a new decoder, into a view that an earlier packet left dirty, and once more into a new view
 * with other octets after the capture: neither may make a difference.
 */
export function decode(bytes: Bytes, fields: RecordFields = {}, options: DecoderOptions = {}): SegmentView {
  const view = dirtyView();
  new Decoder(options).decode(record(bytes, fields), view);
  const other = new SegmentView();
  new Decoder(options).decode(record(bytes, { ...fields, poison: 0xa5 }), other);
  expect(snapshot(view)).toEqual(snapshot(other));
  return view;
}

/** A view with a wrong value in every field. */
export function dirtyView(): SegmentView {
  const view = new SegmentView();
  const fields = view as unknown as Record<string, unknown>;
  for (const [key, value] of Object.entries(fields)) {
    if (typeof value === 'number') fields[key] = 0xdead;
    else if (typeof value === 'boolean') fields[key] = true;
  }
  view.sack.fill(0xdead);
  return view;
}

/** Every field but the buffers, comparable with `toEqual`. */
export function snapshot(view: SegmentView): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(view)) {
    if (typeof value === 'number' || typeof value === 'boolean') fields[key] = value;
  }
  fields.sack = [...view.sack.subarray(0, 2 * view.sackCount)];
  return fields;
}
