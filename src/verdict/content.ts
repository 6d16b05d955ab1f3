import { ChecksumStatus, type SegmentView } from '../model/segment.ts';

/** Offset of the checksum in the TCP header (RFC 9293 section 3.1). */
const TCP_CHECKSUM = 16;
const TCP_PROTOCOL = 6;

/**
 * The one's complement sum of the payload alone, 0..65534, or -1 where the checksum does not vouch for it. It falls out of the
 * verified checksum by taking the headers off again (RFC 1071 section 2), so the payload is not read a second time. Equal
 * payloads have equal sums; payloads that were changed hardly ever do.
 */
export function payloadSum(view: SegmentView): number {
  if (view.tcpChecksumStatus !== ChecksumStatus.GOOD || view.payloadLength === 0) return -1;
  const { data, tcpOffset } = view;
  let headers = TCP_PROTOCOL + view.headerLength + view.payloadLength;
  headers += words(view.src0) + words(view.src1) + words(view.src2) + words(view.src3);
  headers += words(view.dst0) + words(view.dst1) + words(view.dst2) + words(view.dst3);
  const end = tcpOffset + view.headerLength;
  for (let i = tcpOffset; i < end; i += 2) if (i !== tcpOffset + TCP_CHECKSUM) headers += data.getUint16(i);
  // All words and the checksum together are 0 modulo 65535.
  const sum = (0xffff * 0x10000 - view.tcpChecksumFound - headers) % 0xffff;
  return sum < 0 ? sum + 0xffff : sum;
}

function words(word: number): number {
  return (word >>> 16) + (word & 0xffff);
}
