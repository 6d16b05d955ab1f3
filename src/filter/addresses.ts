/** Addresses as pcap-filter expressions write them. */

/** An IPv4 address of one to four octets, as far as it was written: `10.1` is 10.1.0.0 with a mask of 16 bits. */
export interface Ip4Prefix {
  value: number;
  mask: number;
}

/** An IPv4 address, or the first octets of one, as pcap-filter(7) takes it; null when it is none. */
export function parseIp4(text: string): Ip4Prefix | null {
  const parts = text.split('.');
  if (parts.length > 4) return null;
  let value = 0;
  for (const part of parts) {
    if (!/^[0-9]{1,3}$/.test(part) || Number(part) > 255) return null;
    value = value * 256 + Number(part);
  }
  const missing = 8 * (4 - parts.length);
  return { value: (value * 2 ** missing) >>> 0, mask: prefixMask(32 - missing) };
}

/** The 32-bit mask with `bits` leading ones. */
export function prefixMask(bits: number): number {
  return bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0;
}

/** Four 32-bit words of an IPv6 address (RFC 4291 section 2.2), null when `text` is none. */
export function parseIp6(text: string): [number, number, number, number] | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const front = groups(halves[0]);
  const back = halves.length === 2 ? groups(halves[1]) : [];
  if (front === null || back === null) return null;
  const missing = 8 - front.length - back.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const all = [...front, ...new Array<number>(missing).fill(0), ...back];
  const word = (i: number) => ((all[2 * i] << 16) | all[2 * i + 1]) >>> 0;
  return [word(0), word(1), word(2), word(3)];
}

/** The 16-bit groups of one side of `::`; the last may be a dotted quad. */
function groups(text: string): number[] | null {
  if (text === '') return [];
  const parts = text.split(':');
  const result: number[] = [];
  for (const [i, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) {
      result.push(Number.parseInt(part, 16));
      continue;
    }
    const quad = i === parts.length - 1 && part.split('.').length === 4 ? parseIp4(part) : null;
    if (quad === null) return null;
    result.push(quad.value >>> 16, quad.value & 0xffff);
  }
  return result;
}

/** Six octets of `1:2:3:4:5:6`, `01-02-...`, `1.2.3.4.5.6` or `0102.0304.0506`. */
export function parseMac(text: string): number[] | null {
  const parts = text.split(/[:.-]/);
  if (parts.length === 3 && parts.every((part) => /^[0-9a-f]{4}$/i.test(part)) && text.includes('.')) {
    return parts.flatMap((part) => [Number.parseInt(part.slice(0, 2), 16), Number.parseInt(part.slice(2), 16)]);
  }
  const separators = new Set(text.replace(/[0-9a-f]/gi, ''));
  if (parts.length !== 6 || separators.size !== 1 || !parts.every((part) => /^[0-9a-f]{1,2}$/i.test(part))) return null;
  return parts.map((part) => Number.parseInt(part, 16));
}
