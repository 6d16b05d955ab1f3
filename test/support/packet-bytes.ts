/**
 * Makes packets byte by byte. Written naively and apart from src/, so that no mistake can hide by being made twice.
 */

export interface Address {
  version: 4 | 6;
  bytes: Uint8Array;
}

export interface Endpoint {
  address: Address;
  port: number;
}

/** How the checksum field of a segment comes about; a number goes in as it is. */
export type ChecksumRule = 'right' | 'wrong' | 'offload' | number;

export interface SegmentFields {
  source: Endpoint;
  destination: Endpoint;
  seq: number;
  ack: number;
  flags: number;
  window: number;
  urgent: number;
  /** Whole 32-bit words. */
  options: Uint8Array;
  payload: Uint8Array;
  checksum: ChecksumRule;
}

export interface IpFields {
  source: Address;
  destination: Address;
  protocol: number;
  id: number;
  ttl: number;
  tos: number;
  dontFragment: boolean;
  /** Writes 0 as the length, as captures of segmentation offload do. */
  lengthZero: boolean;
  /** The header checksum as it shall stand; null is the right one. */
  headerChecksum: number | null;
  payload: Uint8Array;
}

export const u16 = (n: number): number[] => [(n >>> 8) & 255, n & 255];
export const u32 = (n: number): number[] => [...u16(n >>> 16), ...u16(n)];

export function join(...parts: ArrayLike<number>[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function fromHex(text: string): Uint8Array {
  const digits = text.replace(/\s/g, '');
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new Error(`not hexadecimal: ${text}`);
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** One's complement sum of the 16-bit words, an odd last byte filled up with 0 (RFC 1071). */
function onesComplementSum(bytes: Uint8Array): number {
  let sum = 0;
  const even = bytes.length & ~1;
  for (let i = 0; i < even; i += 2) {
    sum += bytes[i] * 256 + bytes[i + 1];
    if (sum > 0xffff) sum -= 0xffff;
  }
  if (even < bytes.length) sum += bytes[even] * 256;
  return sum > 0xffff ? sum - 0xffff : sum;
}

export const internetChecksum = (bytes: Uint8Array): number => 0xffff - onesComplementSum(bytes);

export function parseAddress(text: string): Address {
  if (!text.includes(':')) {
    const octets = text.split('.').map(Number);
    if (octets.length !== 4 || octets.some((o) => !(o >= 0 && o <= 255))) throw new Error(`not an address: ${text}`);
    return { version: 4, bytes: Uint8Array.from(octets) };
  }
  const [head, tail] = text.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - (tail?.length ?? 0);
  const groups = [...head, ...Array(tail === undefined ? 0 : missing).fill('0'), ...(tail ?? [])];
  if (groups.length !== 8 || groups.some((g) => !/^[0-9a-f]{1,4}$/i.test(g)))
    throw new Error(`not an address: ${text}`);
  return { version: 6, bytes: Uint8Array.from(groups.flatMap((g) => u16(Number.parseInt(g, 16)))) };
}

/** `10.0.0.1:80` or `[2001:db8::1]:80`. */
export function parseEndpoint(text: string): Endpoint {
  const found = /^\[?(.+?)\]?:(\d+)$/.exec(text);
  if (!found || Number(found[2]) > 0xffff) throw new Error(`not an address with a port: ${text}`);
  return { address: parseAddress(found[1]), port: Number(found[2]) };
}

/** The pseudo-header that the checksum covers too (RFC 9293 section 3.1, RFC 8200 section 8.1). */
function pseudoHeader(source: Address, destination: Address, protocol: number, length: number): Uint8Array {
  return source.version === 4
    ? join(source.bytes, destination.bytes, [0, protocol], u16(length))
    : join(source.bytes, destination.bytes, u32(length), [0, 0, 0, protocol]);
}

/** A TCP segment: header, options, payload (RFC 9293 section 3.1). */
export function tcpSegment(fields: SegmentFields): Uint8Array {
  const { source, destination, options, payload } = fields;
  const words = 5 + options.length / 4;
  if (!Number.isInteger(words) || words > 15) throw new Error(`${options.length} bytes of options do not fit`);
  const segment = join(
    u16(source.port),
    u16(destination.port),
    u32(fields.seq),
    u32(fields.ack),
    [(words << 4) | (fields.flags >>> 8), fields.flags & 255],
    u16(fields.window),
    u16(0),
    u16(fields.urgent),
    options,
    payload,
  );
  const pseudo = pseudoHeader(source.address, destination.address, 6, segment.length);
  const right = internetChecksum(join(pseudo, segment));
  let value = right;
  if (fields.checksum === 'wrong') value = right ^ 0x5555;
  else if (fields.checksum === 'offload') value = onesComplementSum(pseudo);
  else if (fields.checksum !== 'right') value = fields.checksum;
  segment.set(u16(value), 16);
  return segment;
}

/** An IP packet of the version of its addresses (RFC 791, RFC 8200). */
export function ipPacket(fields: IpFields): Uint8Array {
  const { source, destination, payload } = fields;
  const length = (headerLength: number): number[] => {
    const total = headerLength + payload.length;
    if (total > 0xffff && !fields.lengthZero) throw new Error(`${total} bytes do not fit in an IP packet`);
    return u16(fields.lengthZero ? 0 : total);
  };
  if (source.version === 6) {
    return join(
      u32(0x60000000 | (fields.tos << 20)),
      length(0),
      [fields.protocol, fields.ttl],
      source.bytes,
      destination.bytes,
      payload,
    );
  }
  const header = join(
    [0x45, fields.tos],
    length(20),
    u16(fields.id),
    u16(fields.dontFragment ? 0x4000 : 0),
    [fields.ttl, fields.protocol, 0, 0],
    source.bytes,
    destination.bytes,
  );
  header.set(u16(fields.headerChecksum ?? internetChecksum(header)), 10);
  return join(header, payload);
}

/** An ICMP or ICMPv6 error: four bytes that depend on the type, then the start of the packet it speaks of. */
export function icmpError(
  source: Address,
  destination: Address,
  type: number,
  code: number,
  rest: number,
  quoted: Uint8Array,
): Uint8Array {
  const message = join([type, code, 0, 0], u32(rest), quoted);
  const summed = source.version === 6 ? join(pseudoHeader(source, destination, 58, message.length), message) : message;
  message.set(u16(internetChecksum(summed)), 2);
  return message;
}

/** An Ethernet frame, with an 802.1Q tag if `vlan` is not null. */
export function ethernetFrame(
  source: Uint8Array,
  destination: Uint8Array,
  vlan: number | null,
  ipVersion: 4 | 6,
  payload: Uint8Array,
): Uint8Array {
  const tag = vlan === null ? [] : [...u16(0x8100), ...u16(vlan)];
  return join(destination, source, tag, u16(ipVersion === 6 ? 0x86dd : 0x0800), payload);
}
