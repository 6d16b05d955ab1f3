import { bad, hex, ipv4Text, type Reader, type TcpOptionValue } from './tcp-option-reading.ts';

/** SCPS-TP (CCSDS 714.0-B-2 section 3.2). */
export const scpsCapabilities: Reader = (source, at, length) => {
  if (length < 4) return bad(source, at, length, `length ${length}, the least is 4`);
  const flags = source.bytes[at + 2];
  const fields: Record<string, TcpOptionValue> = {
    partialReliability: (flags & 0x80) !== 0,
    shortSnack: (flags & 0x40) !== 0,
    longSnack: (flags & 0x20) !== 0,
    compression: (flags & 0x10) !== 0,
    networkTimestamps: (flags & 0x08) !== 0,
    connectionId: source.bytes[at + 3],
  };
  if (length > 4) fields.extended = hex(source, at + 4, at + length);
  return { fields };
};

export const snack: Reader = (source, at, length) => {
  if (length < 6) return bad(source, at, length, `length ${length}, the least is 6`);
  const fields: Record<string, TcpOptionValue> = {
    holeOffset: source.data.getUint16(at + 2),
    holeSize: source.data.getUint16(at + 4),
  };
  if (length > 6) fields.bits = hex(source, at + 6, at + length);
  return { fields };
};

const RIVERBED_PROBES = [
  'query',
  'response',
  'internal',
  'trace',
  'query-sh',
  'response-sh',
  'query-info',
  'response-info',
  'query-info-sh',
  'query-info-sid',
  'rst',
];

/** Undocumented by its maker; type and version are enough to recognise it. */
export const riverbedProbe: Reader = (source, at, length) => {
  if (length < 4) return bad(source, at, length, `length ${length}, the least is 4`);
  const octet = source.bytes[at + 2];
  const type = octet >>> 4;
  return {
    fields: { type: RIVERBED_PROBES[type] ?? type, version: octet & 0x0f, data: hex(source, at + 3, at + length) },
  };
};

export const riverbedTransparency: Reader = (source, at, length) => {
  if (length < 16) return bad(source, at, length, `length ${length}, the least is 16`);
  const fields: Record<string, TcpOptionValue> = {
    flags: source.data.getUint16(at + 2),
    source: ipv4Text(source, at + 4),
    destination: ipv4Text(source, at + 8),
    sourcePort: source.data.getUint16(at + 12),
    destinationPort: source.data.getUint16(at + 14),
  };
  if (length >= 18) fields.clientPort = source.data.getUint16(at + 16);
  return { fields };
};
