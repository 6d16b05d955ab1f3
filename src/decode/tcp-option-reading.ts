import { formatAddress } from '../model/address.ts';

/* What the readers of the options of TCP have in common. */

/** Octet strings are lower-case hex; sequence numbers of 64 bits are decimal strings. */
export type TcpOptionValue = number | string | boolean | readonly number[] | readonly (readonly number[])[];

/** What one option reader returns. */
export interface Reading {
  fields: Record<string, TcpOptionValue>;
  malformed?: string;
}

export interface Source {
  bytes: Uint8Array;
  data: DataView;
}

/** Reads the option at `at`, whose `length` octets are all there. */
export type Reader = (source: Source, at: number, length: number) => Reading;

export function hex(source: Source, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++) text += source.bytes[i].toString(16).padStart(2, '0');
  return text;
}

export function u24(source: Source, at: number): number {
  return (source.bytes[at] << 16) | source.data.getUint16(at + 1);
}

export function ipv4Text(source: Source, at: number): string {
  return formatAddress(4, 0, 0, 0, source.data.getUint32(at));
}

export function ipv6Text(source: Source, at: number): string {
  const { data } = source;
  return formatAddress(6, data.getUint32(at), data.getUint32(at + 4), data.getUint32(at + 8), data.getUint32(at + 12));
}

/** Unreadable: the octets as they are, and why. */
export function bad(source: Source, at: number, length: number, malformed: string): Reading {
  return { fields: { data: hex(source, at + 2, at + length) }, malformed };
}

/** A reader for options of exactly `required` octets. */
export function fixed(required: number, read: (source: Source, at: number) => Record<string, TcpOptionValue>): Reader {
  return (source, at, length) =>
    length === required
      ? { fields: read(source, at) }
      : bad(source, at, length, `length ${length}, must be ${required}`);
}

/** The octets after kind and length, or after `header` octets. */
export function rest(source: Source, at: number, length: number, header: number): Reading {
  const fields: Record<string, TcpOptionValue> = {};
  if (length > header) fields.data = hex(source, at + header, at + length);
  return { fields };
}

export const opaque: Reader = (source, at, length) => rest(source, at, length, 2);
