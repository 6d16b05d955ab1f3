import type { Dissection } from './dissection.ts';
import { printMptcp } from './tcpdump-mptcp.ts';

/** What the writer of a value returns instead of how many bytes it accounts for: the list of options cannot go on. */
export const BAD_OPTION = -1;
export const CUT_OPTION = -2;

/** Experiment identifier of TCP Fast Open before it had its own kind (RFC 6994, RFC 7413 section 4.1.1). */
const EXPERIMENT_FAST_OPEN = 0xf989;

/** The option whose value is written next, and what is around it. */
export class OptionPlace {
  readonly d: Dissection;
  readonly flags: number;
  /** Edges of SACK blocks are written relative to it. */
  readonly sackBase: number;
  /** Offset of the first byte after the segment. */
  readonly payloadEnd: number;
  /** Offset of the value. */
  at = 0;
  /** What the length octet says, with kind and length. */
  size = 1;
  /** Bytes of the header that are left for it and for those after it. */
  left = 0;

  constructor(d: Dissection, flags: number, sackBase: number, payloadEnd: number) {
    this.d = d;
    this.flags = flags;
    this.sackBase = sackBase;
    this.payloadEnd = payloadEnd;
  }

  /** Bytes of value by the length octet. */
  get declared(): number {
    return this.size - 2;
  }

  /** 0 when `count` bytes of value are in the header and in the capture, else why not. */
  lacks(count: number): number {
    return count > this.left ? BAD_OPTION : this.d.has(this.at, count) ? 0 : CUT_OPTION;
  }
}

/** Writes a value; returns how many bytes it accounts for, `BAD_OPTION` or `CUT_OPTION`. */
type ValuePrinter = (option: OptionPlace) => number;

/** By the kind of the option. Kinds without a writer are written as digits. */
const PRINTERS: Readonly<Record<number, ValuePrinter>> = {
  0: () => 0,
  1: () => 0,
  2: fixed(2, ({ d, at }) => ` ${d.u16(at)}`),
  3: fixed(1, ({ d, at }) => ` ${d.u8(at)}`),
  4: () => 0,
  5: printSack,
  6: fixed(4, word),
  7: fixed(4, word),
  8: fixed(8, ({ d, at }) => ` val ${d.u32(at)} ecr ${d.u32(at + 4)}`),
  11: fixed(4, word),
  12: fixed(4, word),
  13: fixed(4, word),
  19: fixed(16, md5Text),
  20: fixed(2, ({ d, at }) => ` cap ${d.hex(at, 1)} id ${d.u8(at + 1)}`),
  28: fixed(2, userTimeoutText),
  29: printAuthentication,
  30: printMultipath,
  34: printFastOpenOption,
  254: printExperiment,
};

export function printOptionValue(kind: number, option: OptionPlace): number {
  return (PRINTERS[kind] ?? printUnknown)(option);
}

/** A value that always has `length` bytes, whatever the length octet says. */
function fixed(length: number, text: (option: OptionPlace) => string): ValuePrinter {
  return (option) => {
    const lack = option.lacks(length);
    if (lack) return lack;
    option.d.text += text(option);
    return length;
  };
}

function word({ d, at }: OptionPlace): string {
  return ` ${d.u32(at)}`;
}

/** The digest needs the shared secret (`tcpdump -M`), which is not asked for here. */
function md5Text({ d, at, payloadEnd }: OptionPlace): string {
  const why = d.has(at, payloadEnd - at) ? 'shared secret not supplied with -M' : 'snaplen too short';
  return ` ${why}, can't check - ${d.hex(at, 16)}`;
}

/** RFC 5482: the first bit says that the other 15 count minutes, not seconds. */
function userTimeoutText({ d, at }: OptionPlace): string {
  const timeout = d.u16(at);
  return ` 0x${timeout.toString(16)} ${(timeout >> 1) * (timeout & 1 ? 60 : 1)}`;
}

function printSack(option: OptionPlace): number {
  const { d, at, declared, sackBase } = option;
  if (declared % 8 !== 0) {
    d.text += ' invalid sack';
    return declared;
  }
  d.text += ` ${declared / 8} `;
  for (let i = 0; i < declared; i += 8) {
    const lack = option.lacks(i + 8);
    if (lack) return lack;
    d.text += `{${(d.u32(at + i) - sackBase) >>> 0}:${(d.u32(at + i + 4) - sackBase) >>> 0}}`;
  }
  return declared;
}

/** TCP-AO (RFC 5925 section 2.2). */
function printAuthentication(option: OptionPlace): number {
  const { d, at, declared } = option;
  if (declared < 2) {
    d.text += ' (invalid)';
    return declared;
  }
  let lack = option.lacks(1);
  if (lack) return lack;
  d.text += ` keyid ${d.u8(at)}`;
  lack = option.lacks(2);
  if (lack) return lack;
  d.text += ` rnextkeyid ${d.u8(at + 1)}`;
  if (declared > 2) d.text += ' mac 0x';
  return printDigits(option, 2);
}

function printMultipath(option: OptionPlace): number {
  const { d, at, size, declared, flags } = option;
  const lack = option.lacks(declared);
  if (lack) return lack;
  const fence = d.end;
  d.end = Math.min(fence, at + declared);
  const isGood = printMptcp(d, at - 2, size, flags);
  d.end = fence;
  return isGood ? declared : BAD_OPTION;
}

function printFastOpenOption(option: OptionPlace): number {
  const { d, at, declared } = option;
  const lack = option.lacks(declared);
  if (lack) return lack;
  d.text += ` ${cookieText(d, at, declared)}`;
  return declared;
}

/** An option for experiments (RFC 6994): its first two bytes say which. */
function printExperiment(option: OptionPlace): number {
  const { d, at, declared } = option;
  const lack = option.lacks(declared);
  if (lack) return lack;
  if (declared < 2) return BAD_OPTION;
  const isFastOpen = d.u16(at) === EXPERIMENT_FAST_OPEN;
  d.text += `-${isFastOpen ? `tfo${cookieText(d, at + 2, declared - 2)}` : d.hex(at, 2)}`;
  return declared;
}

function printUnknown(option: OptionPlace): number {
  if (option.declared > 0) option.d.text += ' 0x';
  return printDigits(option, 0);
}

/** The value from there on, byte by byte, so that those before the end of the capture are shown. */
function printDigits(option: OptionPlace, from: number): number {
  const { d, at, declared } = option;
  for (let i = from; i < declared; i++) {
    const lack = option.lacks(i + 1);
    if (lack) return lack;
    d.text += d.hex(at + i, 1);
  }
  return declared;
}

/** Fast Open cookie (RFC 7413 section 4.1.1): empty is a request, otherwise 4 to 16 bytes, an even number of them. */
function cookieText(d: Dissection, at: number, length: number): string {
  if (length === 0) return ' cookiereq';
  if (length % 2 !== 0 || length < 4 || length > 16) return ' (invalid)';
  return ` cookie ${d.hex(at, length)}`;
}
