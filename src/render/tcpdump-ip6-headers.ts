import { type Dissection, hex } from './dissection.ts';

/** The headers between IPv6's and TCP's in tcpdump's words (print-ip6opts.c, print-rt6.c, print-ah.c). */

/**
 * Hop-by-hop or destination options (RFC 8200 section 4.2); what is wrong with the former is said in any case. `hasLength`: the IPv6
 * header has one. Returns the bytes of the header, -1 where nothing more can be read.
 */
export function printOptionsHeader(
  d: Dissection,
  at: number,
  name: 'HBH' | 'DSTOPT',
  verbose: boolean,
  hasLength: boolean,
): number {
  d.protocol = name === 'HBH' ? 'hbhopt' : 'dstopt';
  const isHopByHop = name === 'HBH';
  const size = (d.u8(at + 1) + 1) * 8;
  let isWhole = d.has(at, size);
  if (isWhole) {
    d.text += `${name} `;
    if (verbose || isHopByHop) isWhole = printIp6Options(d, at + 2, size - 2, isHopByHop, verbose, hasLength);
  }
  if (!isWhole) {
    d.text += ` [|${d.protocol}]`;
    return -1;
  }
  if (verbose) d.text += ' ';
  return size;
}

/** Whole sizes of options: router alert (RFC 2711), jumbo payload (RFC 2675), home address (RFC 6275; at least). */
const SIZES: Record<number, readonly [name: string, size: number]> = {
  5: ['rtalert', 4],
  194: ['jumbo', 6],
  201: ['homeaddr', 18],
};

/** @returns false when an option does not fit its header */
function printIp6Options(
  d: Dissection,
  at: number,
  length: number,
  isHopByHop: boolean,
  verbose: boolean,
  hasLength: boolean,
): boolean {
  const end = at + length;
  let isJumbo = false;
  while (at < end) {
    const kind = d.u8(at);
    const size = kind === 0 ? 1 : at + 1 < end ? d.u8(at + 1) + 2 : Number.POSITIVE_INFINITY;
    if (at + size > end) return false;
    let text: string;
    if (kind === 0) text = '(pad1)';
    else if (kind === 1) text = '(padn)';
    else if (Object.hasOwn(SIZES, kind)) {
      const [name, wanted] = SIZES[kind];
      if (kind === 0xc9 ? size < wanted : size !== wanted) {
        d.text += `(${name}: invalid len ${size - 2})`;
        return false;
      }
      if (kind === 5) text = `(rtalert: 0x${hex(d.u16(at + 2), 4)}) `;
      else if (kind === 0xc9) text = `(homeaddr: ${d.ip6(at + 2)})`;
      else {
        const jumbo = d.u32(at + 2);
        const flaw = isJumbo
          ? ' - already seen'
          : !isHopByHop
            ? ' - not a hop-by-hop option'
            : hasLength
              ? ' - payload len != 0'
              : jumbo < 65536
                ? ' - < 65536'
                : '';
        text = `(jumbo: ${jumbo}${flaw}) `;
        isJumbo = true;
      }
    } else {
      text = `(opt_type 0x${hex(kind, 2)}: len=${size - 2})`;
    }
    if (verbose) d.text += text;
    at += size;
  }
  return true;
}

/** Routing header types 0, 2 (RFC 6275) and 4 (RFC 8754). Returns its bytes, -1 where nothing more can be read. */
export function printRouting(d: Dissection, at: number, verbose: boolean): number {
  d.protocol = 'rt6';
  const length = d.u8(at + 1);
  const type = d.u8(at + 2);
  d.text += `RT6 (len=${length}, type=${type}${type === 0 ? ' [Deprecated]' : ''}, segleft=${d.u8(at + 3)}`;
  if (type === 0 || type === 2) {
    const reserved = d.u32(at + 4);
    if (reserved !== 0 || verbose) d.text += `, rsv=0x${hex(reserved)}`;
  } else if (type === 4) {
    d.text += `, last-entry=${d.u8(at + 4)}`;
    const flags = d.u8(at + 5);
    if (flags !== 0 || verbose) d.text += `, flags=0x${hex(flags)}`;
    d.text += `, tag=${hex(d.u16(at + 6))}`;
  } else {
    d.text += ' (unknown type) (invalid)';
    return -1;
  }
  if (length % 2 === 1) {
    d.text += type === 4 ? ` (invalid length ${length}) (invalid)` : ` [length ${length}] (invalid)`;
    return -1;
  }
  for (let i = 0; i < length / 2; i++) {
    d.text += `, [${i}]${d.ip6(at + 8 + 16 * i)}`;
  }
  d.text += ') ';
  return (length + 1) * 8;
}

/** RFC 4302. Returns its bytes. */
export function printAuthenticationHeader(d: Dissection, at: number, verbose: boolean): number {
  d.protocol = 'ah';
  const units = d.u8(at + 1);
  const icvLength = (units - 1) * 4;
  d.text += 'AH(';
  if (verbose) d.text += `length=${units}(${(units + 2) * 4}-bytes),`;
  const reserved = d.u16(at + 2);
  if (reserved !== 0) d.text += `reserved=0x${hex(reserved)}[MustBeZero],`;
  d.text += `spi=0x${hex(d.u32(at + 4), 8)},`;
  d.text += `seq=0x${hex(d.u32(at + 8))},icv=0x${d.hex(at + 12, Math.max(icvLength, 0))}): `;
  return (units + 2) * 4;
}
