import { ChecksumStatus, type SegmentView } from '../model/segment.ts';
import { CUT, type Dissection, hex } from './dissection.ts';
import { printIp4Options } from './tcpdump-ip4-options.ts';
import { printAuthenticationHeader, printOptionsHeader, printRouting } from './tcpdump-ip6-headers.ts';

/** The network layer in tcpdump's words (print-ip.c, print-ip6.c, print-frag6.c). */

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
  view.ipVersion === 4 ? d.ip4(view.ipOffset + 12) : d.ip6(view.ipOffset + 8);
export const destinationOf = (d: Dissection, view: SegmentView) =>
  view.ipVersion === 4 ? d.ip4(view.ipOffset + 16) : d.ip6(view.ipOffset + 24);

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
