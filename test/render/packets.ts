/** Builds packets and captures for comparisons: odd ones, that no live host would send. */

/** A small generator of pseudo-random numbers (mulberry32): the same packets every time. */
export function randomNumbers(seed: number): (below: number) => number {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

export interface CapturedPacket {
  bytes: number[];
  /** Length on the wire; that of `bytes` when left out. */
  originalLength?: number;
  /** Nanoseconds since 1970. */
  time?: bigint;
}

/** A classic capture file, little-endian, with nanoseconds. */
export function pcapFile(linkType: number, packets: CapturedPacket[]): Uint8Array {
  const size = 24 + packets.reduce((sum, packet) => sum + 16 + packet.bytes.length, 0);
  const bytes = new Uint8Array(size);
  const data = new DataView(bytes.buffer);
  data.setUint32(0, 0xa1b23c4d, true);
  data.setUint16(4, 2, true);
  data.setUint16(6, 4, true);
  data.setUint32(16, 262144, true);
  data.setUint32(20, linkType, true);
  let at = 24;
  for (const packet of packets) {
    const time = packet.time ?? 1_000_000_000_000_000_000n;
    data.setUint32(at, Number(time / 1_000_000_000n), true);
    data.setUint32(at + 4, Number(time % 1_000_000_000n), true);
    data.setUint32(at + 8, packet.bytes.length, true);
    data.setUint32(at + 12, packet.originalLength ?? packet.bytes.length, true);
    bytes.set(packet.bytes, at + 16);
    at += 16 + packet.bytes.length;
  }
  return bytes;
}

export const u16 = (value: number) => [(value >>> 8) & 255, value & 255];
export const u32 = (value: number) => [...u16(value >>> 16), ...u16(value & 0xffff)];

function checksum(bytes: number[]): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

export interface Tcp {
  source?: number;
  destination?: number;
  seq?: number;
  ack?: number;
  flags?: number;
  window?: number;
  urgent?: number;
  options?: number[];
  payload?: number[];
  /** In words of four octets; what the options need when left out. */
  dataOffset?: number;
}

export function tcp(fields: Tcp): number[] {
  const options = [...(fields.options ?? [])];
  while (options.length % 4 !== 0) options.push(0);
  const dataOffset = fields.dataOffset ?? 5 + options.length / 4;
  return [
    ...u16(fields.source ?? 1024),
    ...u16(fields.destination ?? 2048),
    ...u32(fields.seq ?? 1),
    ...u32(fields.ack ?? 0),
    ...u16((dataOffset << 12) | (fields.flags ?? 0x10)),
    ...u16(fields.window ?? 1000),
    ...u16(0),
    ...u16(fields.urgent ?? 0),
    ...options,
    ...(fields.payload ?? []),
  ];
}

/** Puts the right checksum into a segment of the given pseudo-header. */
function sealed(pseudoHeader: number[], segment: number[]): number[] {
  const sum = checksum([...pseudoHeader, ...segment]);
  return [...segment.slice(0, 16), ...u16(sum), ...segment.slice(18)];
}

export interface Ip4 {
  source?: number;
  destination?: number;
  tos?: number;
  id?: number;
  fragment?: number;
  ttl?: number;
  protocol?: number;
  options?: number[];
  totalLength?: number;
  badChecksum?: boolean;
}

export function ip4(fields: Ip4, payload: number[], isTcp = true): number[] {
  const options = [...(fields.options ?? [])];
  while (options.length % 4 !== 0) options.push(0);
  const source = u32(fields.source ?? 0x0a000001);
  const destination = u32(fields.destination ?? 0x0a000002);
  const body = isTcp ? sealed([...source, ...destination, 0, 6, ...u16(payload.length)], payload) : payload;
  const header = [
    0x45 + options.length / 4,
    fields.tos ?? 0,
    ...u16(fields.totalLength ?? 20 + options.length + body.length),
    ...u16(fields.id ?? 7),
    ...u16(fields.fragment ?? 0x4000),
    fields.ttl ?? 64,
    fields.protocol ?? 6,
    ...u16(0),
    ...source,
    ...destination,
    ...options,
  ];
  const sum = checksum(header) ^ (fields.badChecksum ? 0x1234 : 0);
  return [...header.slice(0, 10), ...u16(sum), ...header.slice(12), ...body];
}

export interface Ip6 {
  source?: number[];
  destination?: number[];
  trafficClass?: number;
  flow?: number;
  hops?: number;
  /** Extension headers, each with its own number; the next header octet is put in. */
  extensions?: { number: number; bytes: number[] }[];
  payloadLength?: number;
}

export function ip6(fields: Ip6, segment: number[]): number[] {
  const source = fields.source ?? [...u32(0x20010db8), ...u32(0), ...u32(0), ...u32(1)];
  const destination = fields.destination ?? [...u32(0x20010db8), ...u32(0), ...u32(0), ...u32(2)];
  const body = sealed([...source, ...destination, ...u32(segment.length), ...u32(6)], segment);
  const extensions = fields.extensions ?? [];
  const numbers = [...extensions.map((extension) => extension.number), 6];
  const chain = extensions.flatMap((extension, i) => [numbers[i + 1], ...extension.bytes.slice(1)]);
  const length = fields.payloadLength ?? chain.length + body.length;
  const first = (0x60000000 | ((fields.trafficClass ?? 0) << 20) | (fields.flow ?? 0)) >>> 0;
  return [...u32(first), ...u16(length), numbers[0], fields.hops ?? 64, ...source, ...destination, ...chain, ...body];
}

export const ethernet = (etherType: number, packet: number[]) => [
  ...[2, 0, 0, 0, 0, 2],
  ...[2, 0, 0, 0, 0, 1],
  ...u16(etherType),
  ...packet,
];
