import { formatAddress } from '../model/address.ts';
import { ChecksumStatus, type SegmentView } from '../model/segment.ts';
import { CUT, type Dissection } from './dissection.ts';

/** The network layer in tcpdump's words (print-ip.c, print-ip6.c, print-ip6opts.c, print-rt6.c, print-frag6.c, print-ah.c). */

const TCP = 6;

const PROTOCOLS: Record<number, string> = {
  0: 'Options',
  4: 'IPIP',
  6: 'TCP',
  41: 'IPv6',
  43: 'Routing',
  44: 'Fragment',
  47: 'GRE',
  50: 'ESP',
  51: 'AH',
};

/** Where the TCP header begins and how long the segment is by its IP length; null when the line ends before it. */
export interface Payload {
  at: number;
  length: number;
  /** Part of a fragmented datagram: its checksum cannot be verified. */
  isFragment: boolean;
  /** The addresses stand in the line already, because other headers were named between them and the ports. */
  areAddressesWritten: boolean;
}

/** The addresses of the IP header itself: the view's are those of the connection, beyond source routes and mobility. */
export const sourceOf = (d: Dissection, view: SegmentView) =>
  view.ipVersion === 4 ? ip4At(d, view.ipOffset + 12) : ip6At(d, view.ipOffset + 8);
export const destinationOf = (d: Dissection, view: SegmentView) =>
  view.ipVersion === 4 ? ip4At(d, view.ipOffset + 16) : ip6At(d, view.ipOffset + 24);

const ip4At = (d: Dissection, at: number) => formatAddress(4, 0, 0, 0, d.u32(at));
const ip6At = (d: Dissection, at: number) => formatAddress(6, d.u32(at), d.u32(at + 4), d.u32(at + 8), d.u32(at + 12));

/** Positive when the source address is the higher one. */
export function compareAddresses(d: Dissection, view: SegmentView): number {
  const size = view.ipVersion === 4 ? 4 : 16;
  const at = view.ipOffset + (view.ipVersion === 4 ? 12 : 8);
  for (let i = at; i < at + size; i++) {
    const difference = d.u8(i) - d.u8(i + size);
    if (difference !== 0) return difference;
  }
  return 0;
}

const hex = (value: number, digits = 1) => value.toString(16).padStart(digits, '0');

/** Writes the IP header as tcpdump does; returns what follows it, null where nothing more can be read. */
export function printIp(d: Dissection, view: SegmentView, verbose: boolean, checksums: boolean): Payload | null {
  return view.ipVersion === 4 ? printIp4(d, view, verbose, checksums) : printIp6(d, view, verbose);
}

const ECN = ['', ',ECT(1)', ',ECT(0)', ',CE'];

function fragmentFlags(field: number): string {
  const names: string[] = [];
  if (field & 0x2000) names.push('+');
  if (field & 0x4000) names.push('DF');
  if (field & 0x8000) names.push('rsvd');
  return names.length > 0 ? names.join(', ') : 'none';
}

function printIp4(d: Dissection, view: SegmentView, verbose: boolean, checksums: boolean): Payload | null {
  d.protocol = 'ip';
  const at = view.ipOffset;
  const headerLength = view.ipHeaderLength;
  const total = view.ipLengthIsZero || view.reassembled ? view.ipTotalLength : d.u16(at + 2);
  if (headerLength < 20) {
    d.text += `bad-hlen ${headerLength}`;
    return null;
  }
  if (view.ipMissing > 0) d.text += `truncated-ip - ${view.ipMissing} bytes missing! `;
  if (total < headerLength) {
    d.text += `bad-len ${total}`;
    return null;
  }
  const captured = d.end;
  d.end = Math.min(captured, at + total);

  const tos = d.u8(at + 1);
  const field = d.u16(at + 6);
  const protocol = d.u8(at + 9);
  if (verbose) {
    const ttl = d.u8(at + 8);
    d.text += `(tos 0x${hex(tos)}${ECN[tos & 3]}${ttl > 0 ? `, ttl ${ttl}` : ''}, id ${d.u16(at + 4)}`;
    d.text += `, offset ${(field & 0x1fff) * 8}, flags [${fragmentFlags(field)}]`;
    d.text += `, proto ${PROTOCOLS[protocol] ?? 'unknown'} (${protocol}), length ${total}`;
    // Later versions of tcpdump presume offload where 4.99.3 gives up with "bad-len 0"; the analysis presumes it too.
    if (view.ipLengthIsZero) d.text += ' [was 0, presumed TSO]';
    let isCut = false;
    if (headerLength > 20) {
      d.text += ', options (';
      isCut = !printIp4Options(d, at + 20, headerLength - 20);
      d.text += isCut ? ' [truncated-option])' : ')';
    }
    const status = view.ipChecksumStatus;
    if (checksums && (status === ChecksumStatus.BAD || status === ChecksumStatus.OFFLOAD)) {
      d.text += `, bad cksum ${hex(view.ipChecksumFound)} (->${hex(view.ipChecksumExpected)})!`;
    }
    d.text += ')\n    ';
    if (isCut) {
      d.text += `${sourceOf(d, view)} > ${destinationOf(d, view)}:  [|ip]`;
      return null;
    }
  }
  const addresses = `${sourceOf(d, view)} > ${destinationOf(d, view)}:`;
  if ((field & 0x1fff) !== 0 && !view.reassembled) {
    d.text += `${addresses} ip-proto-${protocol}`;
    return null;
  }
  if (protocol !== TCP) d.text += `${addresses} `;
  if (!d.has(at, headerLength)) {
    d.text += ` [remaining caplen(${d.end - at}) < header length(${headerLength})]`;
    throw CUT;
  }
  const isFragment = (field & 0x2000) !== 0 && !view.reassembled;
  return findTcp(d, at + headerLength, total - headerLength, protocol, isFragment, protocol !== TCP, verbose, true);
}

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

/** @returns false when an option is cut by the capture */
function printIp4Options(d: Dissection, at: number, left: number): boolean {
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
    d.text += ` ${ip4At(d, at + i)}`;
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
      const address = step === 8 ? ip4At(d, at + i) : '';
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

function printIp6(d: Dissection, view: SegmentView, verbose: boolean): Payload | null {
  d.protocol = 'ip6';
  const at = view.ipOffset;
  const declared = d.u16(at + 4);
  const total = view.ipLengthIsZero || view.reassembled ? view.ipTotalLength : declared + 40;
  if (view.ipMissing > 0) d.text += `truncated-ip6 - ${view.ipMissing} bytes missing!`;
  const next = d.u8(at + 6);
  if (verbose) {
    const flow = d.u32(at);
    d.text += '(';
    if (flow & 0x0ff00000) d.text += `class 0x${hex((flow >>> 20) & 0xff, 2)}, `;
    if (flow & 0x000fffff) d.text += `flowlabel 0x${hex(flow & 0xfffff, 5)}, `;
    d.text += `hlim ${d.u8(at + 7)}, next-header ${PROTOCOLS[next] ?? 'unknown'} (${next}) payload length: `;
    d.text += view.ipLengthIsZero ? `${total - 40} [was 0, presumed BIG TCP]) ` : `${declared}) `;
  }
  d.end = Math.min(d.end, at + total);
  if (next !== TCP) d.text += `${sourceOf(d, view)} > ${destinationOf(d, view)}: `;
  return findTcp(d, at + 40, total - 40, next, false, next !== TCP, verbose, declared !== 0);
}

/** Names the headers between the IP header and TCP's, and finds the latter. */
function findTcp(
  d: Dissection,
  at: number,
  length: number,
  next: number,
  isFragment: boolean,
  areAddressesWritten: boolean,
  verbose: boolean,
  hasLength: boolean,
): Payload | null {
  let isBehindAuthentication = false;
  for (;;) {
    let size: number;
    if (next === TCP) return { at, length, isFragment, areAddressesWritten };
    if (isBehindAuthentication && next !== 51) {
      // tcpdump looks for no more extension headers there.
      d.text += ` ip-proto-${next} ${length}`;
      return null;
    }
    if (next === 0 || next === 60) {
      size = printOptionsHeader(d, at, next === 0 ? 'HBH' : 'DSTOPT', verbose, hasLength);
    } else if (next === 43) {
      size = printRouting(d, at, verbose);
    } else if (next === 44) {
      const field = d.u16(at + 2);
      const range = `${field & 0xfff8}|${length - 8}`;
      d.text += verbose ? `frag (0x${hex(d.u32(at + 4), 8)}:${range})` : `frag (${range})`;
      if ((field & 0xfff8) !== 0) return null;
      d.text += ' ';
      isFragment = true;
      size = 8;
    } else if (next === 51) {
      size = printAuthenticationHeader(d, at, verbose);
      isBehindAuthentication = true;
    } else {
      return null;
    }
    if (size < 0) return null;
    next = d.u8(at);
    at += size;
    length -= size;
  }
}

/** Hop-by-hop or destination options (RFC 8200 section 4.2); what is wrong with the former is said in any case. */
function printOptionsHeader(
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
      else if (kind === 0xc9) text = `(homeaddr: ${ip6At(d, at + 2)})`;
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

/** Routing header types 0, 2 (RFC 6275) and 4 (RFC 8754). */
function printRouting(d: Dissection, at: number, verbose: boolean): number {
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
    d.text += `, [${i}]${ip6At(d, at + 8 + 16 * i)}`;
  }
  d.text += ') ';
  return (length + 1) * 8;
}

/** RFC 4302. */
function printAuthenticationHeader(d: Dissection, at: number, verbose: boolean): number {
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
