import { formatAddress } from '../model/address.ts';
import { ACK, SYN } from '../model/flags.ts';
import type { Dissection } from './dissection.ts';

/** Multipath TCP options (RFC 8684, and RFC 6824 for version 0) in tcpdump's words (print-mptcp.c). */

const SUBTYPES = ['capable', 'join', 'dss', 'add-addr', 'rem-addr', 'prio', 'fail', 'fast-close'];

/** Low half of the subtype octet of ADD_ADDR: the IP version in version 0, the echo bit in version 1. */
const ADD_ADDR_FORMS: Record<number, string> = { 6: 'v0-ip6', 4: 'v0-ip4', 1: 'v1-echo', 0: 'v1' };

/**
 * Writes the option of `length` bytes whose kind octet is at `at`.
 * @returns false when its length or its segment do not suit it: the caller marks a bad option
 */
export function printMptcp(d: Dissection, at: number, length: number, flags: number): boolean {
  d.protocol = 'mptcp';
  if (length < 3) return false;
  const subtype = d.u8(at + 2) >> 4;
  d.text += ` ${length} ${SUBTYPES[subtype] ?? 'unknown'}`;
  switch (subtype) {
    case 0:
      return printCapable(d, at, length, flags);
    case 1:
      return printJoin(d, at, length, flags);
    case 2:
      return printDss(d, at, length, flags);
    case 3:
      return printAddAddress(d, at, length);
    case 4:
      return printRemoveAddress(d, at, length);
    case 5:
      return printPriority(d, at, length);
    case 6:
      if (length !== 12) return false;
      d.text += ` seq ${d.u64(at + 4)}`;
      return true;
    case 7:
      if (length !== 12) return false;
      d.text += ` key ${hex64(d, at + 4)}`;
      return true;
    default:
      return true;
  }
}

const hex64 = (d: Dissection, at: number) => `0x${d.u64(at).toString(16)}`;
const hex32 = (d: Dissection, at: number) => `0x${d.u32(at).toString(16)}`;

function printCapable(d: Dissection, at: number, length: number, flags: number): boolean {
  const opens = (length === 12 || length === 4) && (flags & SYN) !== 0;
  const completes = (length === 20 || length === 22) && (flags & (SYN | ACK)) === ACK;
  if (!opens && !completes) return false;
  const version = d.u8(at + 2) & 0x0f;
  if (version > 1) {
    d.text += ` Unknown Version (${version})`;
    return true;
  }
  d.text += ` v${version}`;
  if (d.u8(at + 3) & 0x80) d.text += ' csum';
  if (length >= 12) {
    d.text += ` {${hex64(d, at + 4)}`;
    if (length >= 20) d.text += `,${hex64(d, at + 12)}`;
    d.text += '}';
  }
  return true;
}

function printJoin(d: Dissection, at: number, length: number, flags: number): boolean {
  const fits =
    (length === 12 && (flags & SYN) !== 0) ||
    (length === 16 && (flags & (SYN | ACK)) === (SYN | ACK)) ||
    (length === 24 && (flags & ACK) !== 0);
  if (!fits) return false;
  if (length === 24) {
    d.text += ` hmac 0x${d.hex(at + 4, 20)}`;
    return true;
  }
  if (d.u8(at + 2) & 0x01) d.text += ' backup';
  d.text += ` id ${d.u8(at + 3)}`;
  if (length === 12) d.text += ` token ${hex32(d, at + 4)} nonce ${hex32(d, at + 8)}`;
  else d.text += ` hmac ${hex64(d, at + 4)} nonce ${hex32(d, at + 12)}`;
  return true;
}

/** Data Sequence Signal: each number is four or eight octets by its flag. */
function printDss(d: Dissection, at: number, length: number, flags: number): boolean {
  if (length < 4 || flags & SYN) return false;
  const bits = d.u8(at + 3);
  if (bits & 0x10) d.text += ' fin';
  const end = at + length;
  at += 4;
  if (bits & 0x01) {
    d.text += ' ack ';
    const size = bits & 0x02 ? 8 : 4;
    if (end - at < size) return false;
    d.text += size === 8 ? d.u64(at) : d.u32(at);
    at += size;
  }
  if (bits & 0x04) {
    d.text += ' seq ';
    const size = bits & 0x08 ? 8 : 4;
    if (end - at < size) return false;
    d.text += size === 8 ? d.u64(at) : d.u32(at);
    at += size;
    if (end - at < 4) return false;
    d.text += ` subseq ${d.u32(at)}`;
    at += 4;
    if (end - at < 2) return false;
    d.text += ` len ${d.u16(at)}`;
    at += 2;
    if (end - at >= 2) {
      d.text += ` csum 0x${d.u16(at).toString(16)}`;
      at += 2;
    }
  }
  return at === end;
}

function printAddAddress(d: Dissection, at: number, length: number): boolean {
  const ip4 = length === 8 || length === 10 || length === 16 || length === 18;
  const ip6 = length === 20 || length === 22 || length === 28 || length === 30;
  if (!ip4 && !ip6) return false;
  d.text += ` ${ADD_ADDR_FORMS[d.u8(at + 2) & 0x0f] ?? '[bad version/echo]'} id ${d.u8(at + 3)}`;
  const size = ip4 ? 4 : 16;
  let next = at + 4 + size;
  d.text += ip4
    ? ` ${formatAddress(4, 0, 0, 0, d.u32(at + 4))}`
    : ` ${formatAddress(6, d.u32(at + 4), d.u32(at + 8), d.u32(at + 12), d.u32(at + 16))}`;
  const rest = length - 4 - size;
  if (rest === 2 || rest === 10) {
    d.text += `:${d.u16(next)}`;
    next += 2;
  }
  if (rest >= 8) d.text += ` hmac ${hex64(d, next)}`;
  return true;
}

function printRemoveAddress(d: Dissection, at: number, length: number): boolean {
  if (length < 4) return false;
  d.text += ' id';
  for (let i = 3; i < length; i++) d.text += ` ${d.u8(at + i)}`;
  return true;
}

function printPriority(d: Dissection, at: number, length: number): boolean {
  if (length !== 3 && length !== 4) return false;
  d.text += d.u8(at + 2) & 0x01 ? ' backup' : ' non-backup';
  if (length === 4) d.text += ` id ${d.u8(at + 3)}`;
  return true;
}
