import type { Dissection } from './dissection.ts';
import { printMptcp } from './tcpdump-mptcp.ts';

/** How the list of options ended; tcpdump leaves the line differently each time. */
export const OptionsEnd = { WHOLE: 0, BAD: 1, CUT: 2 } as const;

const NAMES: Record<number, string> = {
  0: 'eol',
  1: 'nop',
  2: 'mss',
  3: 'wscale',
  4: 'sackOK',
  5: 'sack',
  6: 'echo',
  7: 'echoreply',
  8: 'TS',
  11: 'cc',
  12: 'ccnew',
  // tcpdump has no name for CC.ECHO either.
  13: '',
  19: 'md5',
  20: 'scps',
  28: 'uto',
  29: 'tcp-ao',
  30: 'mptcp',
  34: 'tfo',
  254: 'exp',
};

/** Experiment identifier of TCP Fast Open before it had its own kind (RFC 6994, RFC 7413 section 4.1.1). */
const EXPERIMENT_FAST_OPEN = 0xf989;

/** What an option's writer found: the bytes of value it accounts for, or that the list cannot go on. */
const BAD_OPTION = -1;
const CUT_OPTION = -2;

/**
 * Writes `, options [...]` as tcpdump does (print-tcp.c, "Handle any options").
 *
 * The list is walked by what each kind is meant to hold, not by its length octet: a length that disagrees is
 * written after the value as `[len N]` and the walk goes on right after the value, so a wrong length garbles what follows as it does in
 * tcpdump. A value that does not fit into the header is a bad option; one that does not fit into the capture is cut.
 */
export function printTcpOptions(
  d: Dissection,
  at: number,
  length: number,
  flags: number,
  sackBase: number,
  payloadEnd: number,
): number {
  d.text += ', options [';
  let left = length;
  let isFirst = true;
  while (left > 0) {
    if (!isFirst) d.text += ',';
    const kind = d.u8(at++);
    let size = 1;
    if (kind > 1) {
      size = d.u8(at++);
      if (size < 2 || size > left) return endBad(d, isFirst);
      left--;
    }
    left--;
    d.text += NAMES[kind] ?? `unknown-${kind}`;
    const used = printValue(d, kind, at, size, left, flags, sackBase, payloadEnd);
    if (used === BAD_OPTION) return endBad(d, isFirst);
    if (used === CUT_OPTION) {
      d.text += ` [|${d.protocol}]${isFirst ? '' : '>'}`;
      return OptionsEnd.CUT;
    }
    at += used;
    left -= used;
    if (used + (kind > 1 ? 2 : 1) !== size) d.text += `[len ${size}]`;
    isFirst = false;
    if (kind === 0) break;
  }
  d.text += ']';
  return OptionsEnd.WHOLE;
}

/** The bracket is closed only after a good option: tcpdump's own slip. */
function endBad(d: Dissection, isFirst: boolean): number {
  d.text += `[bad opt]${isFirst ? '' : ']'}`;
  return OptionsEnd.BAD;
}

function printValue(
  d: Dissection,
  kind: number,
  at: number,
  size: number,
  left: number,
  flags: number,
  sackBase: number,
  payloadEnd: number,
): number {
  /** 0 when `count` bytes of value are in the header and in the capture, else why not. */
  const lacks = (count: number) => (count > left ? BAD_OPTION : d.has(at, count) ? 0 : CUT_OPTION);
  const declared = size - 2;
  let lack = 0;
  switch (kind) {
    case 0:
    case 1:
    case 4:
      return 0;

    case 2:
      lack = lacks(2);
      if (lack) return lack;
      d.text += ` ${d.u16(at)}`;
      return 2;

    case 3:
      lack = lacks(1);
      if (lack) return lack;
      d.text += ` ${d.u8(at)}`;
      return 1;

    case 5:
      if (declared % 8 !== 0) {
        d.text += ' invalid sack';
        return declared;
      }
      d.text += ` ${declared / 8} `;
      for (let i = 0; i < declared; i += 8) {
        lack = lacks(i + 8);
        if (lack) return lack;
        d.text += `{${(d.u32(at + i) - sackBase) >>> 0}:${(d.u32(at + i + 4) - sackBase) >>> 0}}`;
      }
      return declared;

    case 6:
    case 7:
    case 11:
    case 12:
    case 13:
      lack = lacks(4);
      if (lack) return lack;
      d.text += ` ${d.u32(at)}`;
      return 4;

    case 8:
      lack = lacks(8);
      if (lack) return lack;
      d.text += ` val ${d.u32(at)} ecr ${d.u32(at + 4)}`;
      return 8;

    case 19: {
      lack = lacks(16);
      if (lack) return lack;
      // The digest needs the shared secret (tcpdump -M), which is not asked for here.
      const why = d.has(at, payloadEnd - at) ? 'shared secret not supplied with -M' : 'snaplen too short';
      d.text += ` ${why}, can't check - ${d.hex(at, 16)}`;
      return 16;
    }

    case 20:
      lack = lacks(2);
      if (lack) return lack;
      d.text += ` cap ${d.hex(at, 1)} id ${d.u8(at + 1)}`;
      return 2;

    case 28: {
      lack = lacks(2);
      if (lack) return lack;
      const timeout = d.u16(at);
      d.text += ` 0x${timeout.toString(16)} ${(timeout >> 1) * (timeout & 1 ? 60 : 1)}`;
      return 2;
    }

    case 29:
      return printAuthentication(d, at, declared, lacks);

    case 30: {
      lack = lacks(declared);
      if (lack) return lack;
      const fence = d.end;
      d.end = Math.min(fence, at + declared);
      const isGood = printMptcp(d, at - 2, size, flags);
      d.end = fence;
      return isGood ? declared : BAD_OPTION;
    }

    case 34:
      lack = lacks(declared);
      if (lack) return lack;
      d.text += ' ';
      printFastOpen(d, at, declared);
      return declared;

    case 254: {
      lack = lacks(declared);
      if (lack) return lack;
      if (declared < 2) return BAD_OPTION;
      const experiment = d.u16(at);
      d.text += '-';
      if (experiment === EXPERIMENT_FAST_OPEN) {
        d.text += 'tfo';
        printFastOpen(d, at + 2, declared - 2);
      } else {
        d.text += d.hex(at, 2);
      }
      return declared;
    }

    default:
      if (declared > 0) d.text += ' 0x';
      return printDigits(d, at, 0, declared, lacks);
  }
}

/** Digits byte by byte, so that those before the end of the capture are shown. */
function printDigits(
  d: Dissection,
  at: number,
  from: number,
  length: number,
  lacks: (count: number) => number,
): number {
  for (let i = from; i < length; i++) {
    const lack = lacks(i + 1);
    if (lack) return lack;
    d.text += d.hex(at + i, 1);
  }
  return length;
}

/** TCP-AO (RFC 5925 section 2.2). */
function printAuthentication(d: Dissection, at: number, length: number, lacks: (count: number) => number): number {
  if (length < 2) {
    d.text += ' (invalid)';
    return length;
  }
  let lack = lacks(1);
  if (lack) return lack;
  d.text += ` keyid ${d.u8(at)}`;
  lack = lacks(2);
  if (lack) return lack;
  d.text += ` rnextkeyid ${d.u8(at + 1)}`;
  if (length > 2) d.text += ' mac 0x';
  return printDigits(d, at, 2, length, lacks);
}

/** Fast Open cookie (RFC 7413 section 4.1.1): empty is a request, otherwise 4 to 16 bytes, an even number of them. */
function printFastOpen(d: Dissection, at: number, length: number): void {
  if (length === 0) d.text += ' cookiereq';
  else if (length % 2 !== 0 || length < 4 || length > 16) d.text += ' (invalid)';
  else d.text += ` cookie ${d.hex(at, length)}`;
}
