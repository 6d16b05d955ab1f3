import type { Dissection } from './dissection.ts';

/** The options of the IPv4 header in tcpdump's words (print-ip.c). */

const IP_OPTIONS: Record<number, string> = {
  0: 'EOL',
  1: 'NOP',
  7: 'RR',
  68: 'timestamp',
  82: 'traceroute',
  130: 'security',
  131: 'LSRR',
  137: 'SSRR',
  148: 'RA',
};

/** Writes so many bytes of them, separated by commas. Returns false when one is cut by the capture. */
export function printIp4Options(d: Dissection, at: number, left: number): boolean {
  for (let isFirst = true; left > 0; isFirst = false) {
    if (!isFirst) d.text += ',';
    const kind = d.u8(at);
    d.text += IP_OPTIONS[kind] ?? `unknown ${kind}`;
    const size = kind <= 1 ? 1 : d.u8(at + 1);
    if ((kind > 1 && size < 2) || size > left) {
      d.text += ` [bad length ${size}]`;
      return true;
    }
    if (!d.has(at, size)) return false;
    if (kind === 0) return true;
    if (kind === 68) {
      if (!printTimestamps(d, at, size)) return false;
    } else if (kind === 7 || kind === 131 || kind === 137) {
      if (!printRoute(d, at, size)) return false;
    } else if (kind === 148) {
      if (size < 4) d.text += ` [bad length ${size}]`;
      else if (d.u16(at + 2) !== 0) d.text += ` value ${d.u16(at + 2)}`;
    }
    at += size;
    left -= size;
  }
  return true;
}

/**
 * Record route, loose and strict source route (RFC 791): the slots before the pointer are followed by a comma.
 * A last slot that a wrong length leaves incomplete may lie beyond the capture: false then.
 */
function printRoute(d: Dissection, at: number, size: number): boolean {
  if (size < 3) {
    d.text += ` [bad length ${size}]`;
    return true;
  }
  if ((size + 1) & 3) d.text += ` [bad length ${size}]`;
  const pointer = (d.u8(at + 2) - 1) >>> 0;
  if (pointer < 3 || (pointer + 1) & 3 || pointer > size + 1) d.text += ` [bad ptr ${d.u8(at + 2)}]`;
  for (let i = 3; i < size; i += 4) {
    if (!d.has(at + i, 4)) return false;
    d.text += ` ${d.ip4(at + i)}`;
    if (pointer > i) d.text += ',';
  }
  return true;
}

/** Internet timestamp (RFC 791). */
function printTimestamps(d: Dissection, at: number, size: number): boolean {
  if (size < 4) {
    d.text += `[bad length ${size}]`;
    return true;
  }
  d.text += ' TS{';
  const form = d.u8(at + 3) & 0x0f;
  const step = form === 0 ? 4 : 8;
  if ((size - 4) & (step - 1)) d.text += `[bad length ${size}]`;
  const pointer = (d.u8(at + 2) - 1) >>> 0;
  if (pointer < 4 || (pointer - 4) & (step - 1) || pointer > size + 1) d.text += `[bad ptr ${d.u8(at + 2)}]`;
  let i = 0;
  if (form === 0 || form === 1 || form === 3) {
    d.text += form === 0 ? 'TSONLY' : form === 1 ? 'TS+ADDR' : 'PRESPEC';
    for (i = 4; i < size; i += step) {
      if (!d.has(at + i, step)) return false;
      const address = step === 8 ? d.ip4(at + i) : '';
      d.text += `${pointer === i ? ' ^ ' : ' '}${d.u32(at + i + step - 4)}@${address}`;
    }
  } else {
    d.text += `[bad ts type ${form}]`;
  }
  if (pointer === i) d.text += ' ^ ';
  const missed = d.u8(at + 3) >> 4;
  d.text += missed > 0 ? ` [${missed} hops not recorded]} ` : '}';
  return true;
}
